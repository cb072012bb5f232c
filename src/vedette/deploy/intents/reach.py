"""Whether rules let something through: arithmetic with networks and ports. Pure.

"All" asks whether every address and port is let in, "any" whether a single one is: what must reach needs the first, what
must not the second.
"""

import ipaddress
from collections.abc import Iterable, Sequence

import msgspec

from vedette.deploy.rules import ANY, EVERY_PORT, WITH_PORTS
from vedette.wire.infra import Rule

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_PORTS = (1, 65535)


class Traffic(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked of: a protocol (empty: every one) and a range of ports; `all` asks for every address and port, else for any."""

    protocol: str
    low: int
    high: int
    all: bool

    @property
    def told(self) -> str:
        """Return it as rules write it."""
        if self.protocol not in {"", *WITH_PORTS}:
            return self.protocol
        port = (
            "*"
            if (self.low, self.high) == _PORTS
            else str(self.low)
            if self.low == self.high
            else f"{self.low}-{self.high}"
        )
        return f"{self.protocol or 'any'}/{port}" if self.protocol or port != "*" else "anything"


def traffic(protocol: str, port: str, *, all_of_it: bool) -> Traffic:
    """Return what a protocol and a port (`*`: every one) mean; where everything must pass, that is TCP."""
    low, high = _PORTS if port in {"*", "", EVERY_PORT} else ends(port)
    return Traffic(protocol=protocol or ("tcp" if all_of_it else ""), low=low, high=high, all=all_of_it)


def ends(port: str) -> tuple[int, int]:
    """Return the first and last port of `443`, `8000-8010` or nothing (every one)."""
    if not port:
        return _PORTS
    first, _, last = port.partition("-")
    return int(first), int(last or first)


def letting(rules: Iterable[Rule], of: Traffic, sources: Sequence[Network]) -> Rule | None:
    """Return the rule that lets any of the traffic from (or to) some of these networks pass."""
    for rule in rules:
        if _fits(rule, of) and any(
            one.overlaps(peer) for peer in peers(rule) for one in sources if one.version == peer.version
        ):
            return rule
    return None


def letting_others(rules: Iterable[Rule], of: Traffic, known: Sequence[Network]) -> tuple[Rule, str] | None:
    """Return the rule, and its network, that lets any of the traffic pass from somewhere outside of the known networks."""
    for rule in rules:
        if _fits(rule, of):
            for peer in peers(rule):
                if not within(peer, known):
                    return rule, str(peer)
    return None


def lets_all(rules: Sequence[Rule], of: Traffic, source: Network) -> bool:
    """Tell whether all of the traffic from a whole network passes, by whichever rules together."""
    fit = [rule for rule in rules if _fits(rule, of)]
    if of.protocol not in WITH_PORTS:
        return within(source, [peer for rule in fit for peer in peers(rule)])
    cuts = sorted({of.low, *(low for low, _ in map(_ends, fit)), *(high + 1 for _, high in map(_ends, fit))})
    starts = [cut for cut in cuts if of.low <= cut <= of.high]
    return bool(fit) and all(
        within(
            source,
            [peer for rule in fit if _ends(rule)[0] <= start <= _ends(rule)[1] for peer in peers(rule)],
        )
        for start in starts
    )


def peers(rule: Rule) -> list[Network]:
    """Return the networks of a rule."""
    return [ipaddress.ip_network(each, strict=False) for each in rule.peers]


def within(network: Network, others: Iterable[Network]) -> bool:
    """Tell whether a network lies in others taken together."""
    if isinstance(network, ipaddress.IPv4Network):
        four = ipaddress.collapse_addresses(one for one in others if isinstance(one, ipaddress.IPv4Network))
        return any(network.subnet_of(one) for one in four)
    six = ipaddress.collapse_addresses(one for one in others if isinstance(one, ipaddress.IPv6Network))
    return any(network.subnet_of(one) for one in six)


def collapsed(networks: Iterable[Network]) -> tuple[Network, ...]:
    """Return networks without those that lie in others, neighbours as one."""
    found = list(networks)
    four = ipaddress.collapse_addresses(one for one in found if isinstance(one, ipaddress.IPv4Network))
    six = ipaddress.collapse_addresses(one for one in found if isinstance(one, ipaddress.IPv6Network))
    return (*four, *six)


def networks(texts: Iterable[str]) -> list[Network]:
    """Return networks from their texts."""
    return [ipaddress.ip_network(each, strict=False) for each in texts]


EVERYWHERE = tuple(networks(ANY))
INSIDE = tuple(
    networks(
        (
            "10.0.0.0/8",
            "172.16.0.0/12",
            "192.168.0.0/16",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "fc00::/7",
            "fe80::/10",
        )
    )
)


def _fits(rule: Rule, of: Traffic) -> bool:
    low, high = _ends(rule)
    if of.protocol and rule.protocol != of.protocol:
        return False
    return rule.protocol not in WITH_PORTS or (low <= of.high and high >= of.low)


def _ends(rule: Rule) -> tuple[int, int]:
    return ends(rule.port)
