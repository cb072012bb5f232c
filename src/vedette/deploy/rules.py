"""Rules of firewalls as people write them: `tcp/443 from any # the shop`. Pure."""

import ipaddress
import re
from collections.abc import Mapping

from vedette.core.errors import Invalid
from vedette.deploy.suggesting import no_such
from vedette.wire.infra import Rule

ANY = ("0.0.0.0/0", "::/0")
EVERY_PORT = "1-65535"
WITH_PORTS = ("tcp", "udp")
PROTOCOLS = (*WITH_PORTS, "icmp", "esp", "gre")
MOST_PEERS = 100
LONGEST_TEXT = 255
_WORDS = {"from": "in", "to": "out"}
_RULE = re.compile(r"(?P<protocol>[a-z]+)(?:/(?P<ports>[0-9*,\-]+))?\s+(?P<word>from|to)\s+(?P<peers>[^#]+)")
Groups = Mapping[str, tuple[str, ...]]


def parse(text: str, direction: str, groups: Groups) -> tuple[Rule, ...]:
    """Return the rules that one line says, one for each port; `groups` are networks by name.

    Raises `Invalid` with what to write.
    """
    said, _, told = text.partition("#")
    found = _RULE.fullmatch(said.strip())
    word = "from" if direction == "in" else "to"
    if found is None or _WORDS[found["word"]] != direction:
        raise Invalid(
            f"{text!r} is no rule; write tcp/443 {word} any, udp/53 {word} 10.0.0.0/8, icmp {word} any."
        )
    if found["protocol"] not in PROTOCOLS:
        raise Invalid(no_such(found["protocol"], PROTOCOLS, "A rule"))
    if len(told.strip()) > LONGEST_TEXT:
        raise Invalid(f"The text beside a rule is {LONGEST_TEXT} characters at most.")
    peers = _peers(found["peers"], groups)
    return tuple(
        Rule(direction=direction, protocol=found["protocol"], port=port, peers=peers, text=told.strip())
        for port in _ports(found["protocol"], found["ports"])
    )


def written(rule: Rule, groups: Groups) -> str:
    """Return a rule as people write it, with the names of groups where they fit."""
    port = f"/{'*' if rule.port == EVERY_PORT else rule.port}" if rule.port else ""
    word = "from" if rule.direction == "in" else "to"
    text = f" # {' '.join(rule.text.split())}" if rule.text.strip() else ""
    return f"{rule.protocol}{port} {word} {', '.join(_named(rule.peers, groups))}{text}"


def key(rule: Rule) -> tuple[str, str, int, str, tuple[str, ...], str]:
    """Return by what rules are ordered: what enters first, then protocol and port; Hetzner's own order means nothing."""
    first = int(rule.port.partition("-")[0]) if rule.port else 0
    return rule.direction, rule.protocol, first, rule.port, rule.peers, rule.text


def network(text: str) -> str:
    """Return a network or an address as CIDR in its short form; raises `Invalid` that says what it should be."""
    try:
        return str(ipaddress.ip_network(text.strip()))
    except ValueError:
        pass
    try:
        meant = ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        raise Invalid(
            f"{text!r} is no network; write 203.0.113.0/24, 203.0.113.7 or 2001:db8::/32."
        ) from None
    raise Invalid(f"{text!r} has bits beside its network; did you mean {meant}?")


def table(rule: Rule) -> dict[str, object]:
    """Return a rule as a field of a firewall: JSON values."""
    return {
        "direction": rule.direction, "protocol": rule.protocol, "port": rule.port, "peers": list(rule.peers), "text": rule.text,
    }  # fmt: skip


def _peers(text: str, groups: Groups) -> tuple[str, ...]:
    found: list[str] = []
    for each in (part.strip() for part in text.split(",")):
        if each == "any":
            found += ANY
        elif each in groups:
            found += groups[each]
        elif re.search(r"[./:]", each):
            found.append(network(each))
        else:
            raise Invalid(_no_group(each, groups))
    if len(found) > MOST_PEERS:
        raise Invalid(f"A rule names {MOST_PEERS} networks at most; this one has {len(found)}.")
    return tuple(sorted(set(found)))


def _no_group(name: str, groups: Groups) -> str:
    return no_such(name, [*groups, "any"], "[groups]")


def _ports(protocol: str, text: str | None) -> tuple[str, ...]:
    if protocol not in WITH_PORTS:
        if text:
            raise Invalid(f"{protocol} has no ports; write {protocol} alone.")
        return ("",)
    if not text:
        raise Invalid(f"{protocol} needs a port: {protocol}/443, {protocol}/8000-8010, {protocol}/*.")
    return tuple(port(each) for each in text.split(","))


def port(text: str) -> str:
    """Return a port or a range of them as Hetzner writes it (`*`: every one); raises `Invalid`."""
    if text == "*":
        return EVERY_PORT
    ends = text.split("-")
    if not all(each.isdecimal() and 1 <= int(each) <= 65535 for each in ends) or len(ends) > 2:
        raise Invalid(f"{text!r} is no port; write 443, 8000-8010 or *.")
    low, high = int(ends[0]), int(ends[-1])
    if low > high:
        raise Invalid(f"The range {text} goes backwards; did you mean {high}-{low}?")
    return str(low) if low == high else f"{low}-{high}"


def _named(peers: tuple[str, ...], groups: Groups) -> list[str]:
    """Return peers by names: `any` for both families' whole, then groups that are in it as a whole, the largest first."""
    left, found = set(peers), list[str]()
    if set(ANY) <= left:
        found.append("any")
        left -= set(ANY)
    for name, networks in sorted(groups.items(), key=lambda one: (-len(one[1]), one[0])):
        if networks and set(networks) <= left:
            found.append(name)
            left -= set(networks)
    return [*found, *(each for each in peers if each in left)]
