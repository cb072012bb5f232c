"""The host's own firewall: what no rule lets in stays out, also at the ports of containers, which never pass `input`.

The rules live in a table of their own, so that those of others (bans of the agent, Docker's) stay as they are.
"""

import ipaddress
import re
from collections.abc import Iterator

from vedette.instruments.harden.areas.kernel import routes
from vedette.instruments.harden.reading import installed, sshd, with_line
from vedette.instruments.harden.types import Enabled, Facts, Measure, Note, Put, Service, Wanted, Yielded
from vedette.wire.infra import Rule

TABLE = "inet vedette_host"
FILE = "/etc/nftables.d/60-vedette.nft"
MAIN = "/etc/nftables.conf"
ANY = ("0.0.0.0/0", "::/0")
_INCLUDE = 'include "/etc/nftables.d/*.nft"'
_MAIN = f"#!/usr/sbin/nft -f\n# Written by Vedette.\nflush ruleset\n\n{_INCLUDE}\n"
_WEB = (80, 443)
_NUMBERS = {"tcp": 6, "udp": 17}  # names are in /etc/protocols, which a small host has not
_INSIDE = '{ "lo", "docker*", "br-*", "veth*", "virbr*", "cni*" }'
_TEXT = """\
# Written by Vedette. In a table of its own: what others keep stays.
table {table}
delete table {table}
table {table} {{
\tchain allowed {{
{allowed}
\t}}
\tchain input {{
\t\ttype filter hook input priority filter; policy drop;
\t\tct state established,related accept
\t\tct state invalid drop
\t\tiif "lo" accept
\t\tiifname {inside} accept
\t\tip saddr 127.0.0.0/8 drop
\t\tip6 saddr ::1 drop
\t\tmeta l4proto {{ 1, 58 }} accept
\t\tudp sport 67 udp dport 68 accept
\t\tip6 saddr fe80::/10 udp sport 547 udp dport 546 accept
\t\tjump allowed
\t}}
\tchain published {{
\t\ttype filter hook prerouting priority mangle; policy accept;
\t\tct state established,related accept
\t\tiifname {inside} accept
\t\tmeta l4proto != {{ 6, 17, 132 }} accept
\t\tudp dport {{ 68, 546 }} accept
\t\tfib daddr type != local accept
\t\tjump allowed
\t\tdrop
\t}}
\tchain forward {{
\t\ttype filter hook forward priority filter; policy {forward};
\t}}
\tchain output {{
\t\ttype filter hook output priority filter; policy accept;
\t}}
}}
"""


def ruleset(rules: tuple[Rule, ...], ports: tuple[int, ...], *, routed: bool) -> str:
    """Return the table as nft reads it: rules that let in, and sshd's ports where no rule speaks of them."""
    incoming = [rule for rule in rules if rule.direction == "in" and rule.protocol in _NUMBERS]
    open_ports = [
        Rule(protocol="tcp", port=str(port), peers=ANY) for port in ports if not _spoken(port, incoming)
    ]
    lines = dict.fromkeys(line for rule in (*incoming, *open_ports) for line in _lines(rule))
    return _TEXT.format(
        table=TABLE,
        inside=_INSIDE,
        allowed="\n".join(f"\t\t{line}" for line in lines),
        forward="accept" if routed else "drop",
    )


def _lines(rule: Rule) -> Iterator[str]:
    port = "" if rule.port in {"", "1-65535"} else rule.port
    of = f"{rule.protocol} dport {port}" if port else f"meta l4proto {_NUMBERS[rule.protocol]}"
    if set(ANY) <= set(rule.peers):
        yield f"{of} accept"
        return
    for family, peers in (
        ("ip", [p for p in rule.peers if ":" not in p]),
        ("ip6", [p for p in rule.peers if ":" in p]),
    ):
        if peers:
            yield f"{family} saddr {{ {', '.join(peers)} }} {of} accept"


def _spoken(port: int, rules: list[Rule]) -> bool:
    return any(rule.protocol == "tcp" and _holds(rule.port, port) for rule in rules)


def _holds(ports: str, port: int) -> bool:
    low, _, high = ports.partition("-")
    return not ports or int(low) <= port <= int(high or low)


def _rules(facts: Facts, wanted: Wanted) -> Iterator[Yielded]:
    other = sorted(installed(facts) & {"ufw", "firewalld", "shorewall", "iptables-persistent"})
    if other:
        yield Note(
            text=f"{other[0]} keeps this host's firewall, so its rules are left alone: purge it, and harden again."
        )
        return
    ports = tuple(int(each) for each in sshd(facts, "port") if each.isdigit()) or (22,)
    rules = wanted.rules if wanted.rules is not None else _listening(facts)
    yield Put(path=FILE, text=ruleset(rules, ports, routed=routes(facts)), mode=0o600)
    yield from _main(facts)
    yield Enabled(unit="nftables.service", link="/etc/systemd/system/sysinit.target.wants/nftables.service")
    yield from _told(facts, rules, ports)


def _main(facts: Facts) -> Iterator[Put]:
    """Debian's own file holds an empty table; what somebody wrote is kept, and reads ours as well."""
    text = facts.text(MAIN)
    if not re.search(r"(?m)^[^#\n]*\b(accept|drop|reject|include|set|map)\b", text):
        yield Put(path=MAIN, text=_MAIN, mode=0o600)
    else:
        yield Put(path=MAIN, text=with_line(text, _INCLUDE), mode=facts.files[MAIN].mode)


def _listening(facts: Facts) -> tuple[Rule, ...]:
    """Without anybody's word, the web stays open where something listens to it."""
    here = {port for _, _, port in listeners(facts)}
    return tuple(Rule(protocol="tcp", port=str(port), peers=ANY) for port in _WEB if port in here)


def _told(facts: Facts, rules: tuple[Rule, ...], ports: tuple[int, ...]) -> Iterator[Note]:
    kept = {*ports}
    for protocol, address, port in listeners(facts):
        open_ = port in kept or any(
            r.direction == "in" and r.protocol == protocol and _holds(r.port, port) for r in rules
        )
        if not open_ and not address.startswith(("127.", "[::1]", "::1")) and port not in {68, 546}:
            yield Note(
                text=f"{protocol}/{port} listens on {address} and no rule lets it in: it is closed to other hosts."
            )
    if _shuts_out(facts.peer, rules, ports):
        yield Note(
            text=f"You come from {facts.peer} and no rule lets that in to sshd: this run would be taken back."
        )
    for port in published(facts):
        open_ = any(r.direction == "in" and _holds(r.port, port) for r in rules)
        yield Note(
            text=f"A container publishes port {port} past what input drops; it is {'let in by a rule' if open_ else 'closed before it is forwarded'}."
        )


def _shuts_out(peer: str, rules: tuple[Rule, ...], ports: tuple[int, ...]) -> bool:
    """Where no rule speaks of sshd's port, it stays open to all."""
    spoken = [port for port in ports if _spoken(port, list(rules))]
    return bool(peer and len(spoken) == len(ports)) and not any(
        _lets_in(rule, peer, port) for rule in rules for port in ports
    )


def _lets_in(rule: Rule, peer: str, port: int) -> bool:
    networks = (ipaddress.ip_network(each) for each in rule.peers)
    told = rule.direction == "in" and rule.protocol == "tcp" and _holds(rule.port, port)
    return told and any(ipaddress.ip_address(peer) in each for each in networks)


def listeners(facts: Facts) -> list[tuple[str, str, int]]:
    """Return what listens (`ss -Hltun`): protocol, address and port."""
    found = []
    for row in (line.split() for line in facts.says.get("ss -Hltun", "").splitlines()):
        address, _, port = row[4].rpartition(":") if len(row) > 4 else ("", "", "")
        if port.isdigit():
            found.append((row[0], address.split("%")[0], int(port)))
    return sorted(set(found))


def published(facts: Facts) -> list[int]:
    """Return the ports that rules of others hand on to another address: those that containers publish."""
    pairs = re.findall(r"\b(?:tcp|udp) dport (\d+)[^\n]*\bdnat to\b", facts.says.get("nft list ruleset", ""))
    return sorted({int(port) for port in pairs})


MEASURES: tuple[Measure, ...] = (
    Measure(id="firewall", title="What no rule lets in stays out, also before containers", steps=_rules, reload=Service.RULES,
            proof="rules_are_well",
            checks=("firewall-input-4", "firewall-input-6", "firewall-both", "firewall-established", "firewall-loopback", "firewall-kept")),
)  # fmt: skip
