"""A host's own firewall as rules: what of nft's ruleset lets somebody in. Pure.

Whoever misreads a rule calls something closed that is open. So what is not understood whole (a set by name, an interface,
a chain that branches) is told as not known, and never guessed.
"""

import ipaddress
from collections.abc import Iterator, Mapping, Sequence

from vedette.instruments.audit.firewall.ruleset import Chain, chains, families, objects, refuses
from vedette.instruments.audit.types import NotApplicable, Untold
from vedette.instruments.live.types import Live
from vedette.wire import jsons
from vedette.wire.infra import Rule

ANY4, ANY6 = "0.0.0.0/0", "::/0"
_FAMILIES = frozenset({"ip", "ip6"})
_SILENT = {"counter", "log", "limit", "comment"}  # say nothing of who gets in
_ICMP = {"icmp", "icmpv6", "ipv6-icmp"}
_KNOWN = ("icmp", "tcp", "udp")
_PROTOCOL_KEYS = {"l4proto", "nfproto", "protocol"}
_MOST_DEEP = 8
_INSIDE = ("docker", "br-", "veth", "virbr", "cni")  # what interfaces to containers are called
Raw = Mapping[str, object]


class NotUnderstood(Exception):
    """A rule says something that is not understood here."""


def wall(live: Live) -> tuple[bool | None, tuple[Rule, ...]]:
    """Return whether a host drops what no rule lets in (None: not known), and what its rules let in."""
    try:
        found = [chain for chain in chains(live, "input") if chain.rules or chain.policy != "accept"]
        dropping = [chain for chain in found if refuses(chain)]
        covered = frozenset[str]().union(*(families(chain) for chain in dropping))
        if not dropping:
            return False, ()
        if covered != _FAMILIES or len(found) > len(dropping) or any(_doubled(dropping)):
            return None, ()
        told = objects(live)
        return True, tuple(dict.fromkeys(rule for chain in dropping for rule in _let_in(chain, told)))
    except NotApplicable:
        return False, ()
    except (NotUnderstood, Untold):
        return None, ()


def _doubled(found: Sequence[Chain]) -> Iterator[str]:
    """Yield families that two chains judge: what one lets in the other may not."""
    for family in _FAMILIES:
        if sum(family in families(chain) for chain in found) > 1:
            yield family


def _let_in(chain: Chain, told: Sequence[Raw]) -> Iterator[Rule]:
    peers = sorted({ANY4, ANY6} if len(families(chain)) > 1 else {ANY4 if "ip" in families(chain) else ANY6})
    last = len(chain.rules) - 1
    for number, rule in enumerate(chain.rules):
        yield from _rule(rule, chain, told, peers, is_last=number == last, depth=0)


def _rule(
    rule: Raw, chain: Chain, told: Sequence[Raw], peers: Sequence[str], *, is_last: bool, depth: int
) -> Iterator[Rule]:
    parts = [each for each in jsons.records(rule, "expr") if not set(each) & _SILENT]
    if not parts:
        return
    *conditions, verdict = parts
    if "accept" in verdict:
        yield from _accepted(conditions, peers)
    elif set(verdict) & {"jump", "goto"} and not conditions and depth < _MOST_DEEP:
        name = jsons.text(verdict, "jump", "target") or jsons.text(verdict, "goto", "target")
        for each in _of(name, chain, told):
            yield from _rule(each, chain, told, peers, is_last=False, depth=depth + 1)
    elif set(verdict) & {"drop", "reject"}:
        alike = _is_of_state(conditions, "invalid") or _is_of_loopback(conditions)
        if not (is_last and not conditions) and not alike:
            raise NotUnderstood("something is dropped before the end")
    elif not _is_of_replies(verdict):
        raise NotUnderstood(f"a rule ends with {', '.join(verdict)}")


def _of(name: str, chain: Chain, told: Sequence[Raw]) -> list[Raw]:
    """Return the rules of a chain of the same table."""
    rules = [jsons.record(each, "rule") for each in told if "rule" in each]
    return [
        each
        for each in rules
        if (each.get("family"), each.get("table"), each.get("chain")) == (chain.family, chain.table, name)
    ]


def _accepted(conditions: Sequence[Raw], peers: Sequence[str]) -> Iterator[Rule]:
    """Yield what a rule lets in; replies and what comes from the host itself let nobody in."""
    if any(
        _is_of_state([each], "established", "related", "untracked") or _is_local(each) for each in conditions
    ):
        return
    who = _Who(peers)
    for each in conditions:
        if jsons.text(each, "match", "op") not in {"==", "in"}:
            raise NotUnderstood("a rule says what is not")
        who.narrow(jsons.record(each, "match", "left"), _set(jsons.at(each, "match", "right")))
    for protocol in (each for each in who.protocols if each in _KNOWN):
        yield from (Rule(protocol=protocol, port=port, peers=tuple(sorted(who.peers))) for port in who.ports)


class _Who:
    """Whom a rule lets in, narrowed by one condition after the other."""

    def __init__(self, peers: Sequence[str]) -> None:
        self.protocols: list[str] = list(_KNOWN)
        self.ports, self.peers = [""], list(peers)

    def narrow(self, left: Raw, values: Sequence[object]) -> None:
        """Take a condition in; raises `NotUnderstood`."""
        field, protocol = jsons.text(left, "payload", "field"), jsons.text(left, "payload", "protocol")
        if jsons.text(left, "meta", "key") in _PROTOCOL_KEYS or field in {"protocol", "nexthdr"}:
            self._of_protocols({str(one) for one in values})
        elif field == "dport" and protocol in {"tcp", "udp"}:
            self.protocols, self.ports = [protocol], [_port(one) for one in values]
        elif field == "saddr" and protocol in {"ip", "ip6"}:
            self.peers = [_network(one) for one in values]
        elif protocol in _ICMP:
            self.protocols = ["icmp"]
        elif field != "sport":  # anybody may send from any port
            raise NotUnderstood("a rule asks for something else")

    def _of_protocols(self, named: set[str]) -> None:
        if named <= {"ipv4", "ip"}:
            self.peers = [one for one in self.peers if ":" not in one]
        elif named <= {"ipv6", "ip6"}:
            self.peers = [one for one in self.peers if ":" in one]
        else:
            self.protocols = sorted({"icmp" if one in _ICMP else one for one in named})


def _is_local(condition: Raw) -> bool:
    """Tell whether a condition is that it comes from the host itself: by `lo`, or by a bridge to its own containers."""
    key = jsons.text(condition, "match", "left", "meta", "key")
    named = _set(jsons.at(condition, "match", "right"))
    positive = jsons.text(condition, "match", "op") in {"==", "in"}
    return (
        positive
        and key in {"iif", "iifname"}
        and all(str(one).startswith(_INSIDE) or one == "lo" for one in named)
    )


def _is_of_loopback(conditions: Sequence[Raw]) -> bool:
    """Tell whether conditions are of nobody but who pretends to be this host: dropping those shuts nobody else out."""
    if len(conditions) != 1 or jsons.text(conditions[0], "match", "left", "payload", "field") != "saddr":
        return False
    try:
        named = [
            ipaddress.ip_network(_network(one)) for one in _set(jsons.at(conditions[0], "match", "right"))
        ]
    except NotUnderstood:
        return False
    return jsons.text(conditions[0], "match", "op") in {"==", "in"} and all(one.is_loopback for one in named)


def _is_of_state(conditions: Sequence[Raw], *states: str) -> bool:
    """Tell whether a rule is about connections in these states alone."""
    if len(conditions) != 1 or jsons.text(conditions[0], "match", "left", "ct", "key") != "state":
        return False
    return {str(one) for one in _set(jsons.at(conditions[0], "match", "right"))} <= set(states)


def _is_of_replies(verdict: Raw) -> bool:
    """Tell whether a map of states (`ct state vmap {…}`) lets nothing in but what belongs to connections there are."""
    if jsons.text(verdict, "vmap", "key", "ct", "key") != "state":
        return False
    pairs = [
        each
        for each in jsons.items(verdict, "vmap", "data", "set")
        if isinstance(each, list) and len(each) == 2
    ]
    accepted = {str(state) for state, then in pairs if isinstance(then, Mapping) and "accept" in then}
    refused = {
        str(state) for state, then in pairs if isinstance(then, Mapping) and set(then) & {"drop", "reject"}
    }
    return accepted <= {"established", "related", "untracked"} and refused <= {"invalid"}


def _set(right: object) -> list[object]:
    """Return the values of one, or of a set that is written out."""
    if isinstance(right, Mapping) and "set" in right:
        right = right["set"]
    if isinstance(right, list | tuple):
        return list(right)
    return [right]


def _port(one: object) -> str:
    ends = jsons.items(one, "range") if isinstance(one, Mapping) else (one, one)
    if len(ends) != 2 or not all(isinstance(each, int) for each in ends):
        raise NotUnderstood("a port has a name or stands in a set with one")
    return str(ends[0]) if ends[0] == ends[1] else f"{ends[0]}-{ends[1]}"


def _network(one: object) -> str:
    prefix = jsons.record(one, "prefix") if isinstance(one, Mapping) else {}
    text = f"{jsons.text(prefix, 'addr')}/{jsons.number(prefix, 'len')}" if prefix else str(one)
    try:
        return str(ipaddress.ip_network(text, strict=False))
    except ValueError:
        raise NotUnderstood("an address stands in a set with a name, or is a range") from None
