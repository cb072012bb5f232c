"""Ports that containers publish: the engine leads them past the rules for what comes in (by DNAT, into FORWARD). Pure.

Where hardening put its own rules before addresses are rewritten, those hold for these ports, too.
"""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from vedette.core.address import parse
from vedette.instruments.audit.containers.engine import containers, part
from vedette.instruments.audit.firewall.ruleset import chains, refuses
from vedette.instruments.audit.types import NotApplicable
from vedette.instruments.hardened.types import TABLE
from vedette.instruments.live.types import Live
from vedette.instruments.witness.walls import ANY4, ANY6
from vedette.wire.infra import Rule


def published(live: Live) -> tuple[Rule, ...]:
    """Return the ports of containers that somebody else than the host reaches; none without an engine."""
    try:
        running = containers(live)
    except NotApplicable:
        return ()
    return tuple(dict.fromkeys(rule for one in running for rule in _ports(one)))


def _ports(one: Mapping[str, object]) -> Iterator[Rule]:
    for inside, bindings in part(part(one, "NetworkSettings"), "Ports").items():
        protocol = inside.partition("/")[2] or "tcp"
        for binding in bindings if isinstance(bindings, list) else ():
            address, port = str(binding.get("HostIp") or "0.0.0.0"), str(binding.get("HostPort", ""))  # noqa: S104
            found = parse(address)
            if port.isdecimal() and not (found is not None and found.is_loopback):
                yield Rule(protocol=protocol, port=port, peers=(ANY4, ANY6))


def let_in(ports: Sequence[Rule], rules: Sequence[Rule], live: Live) -> tuple[Rule, ...]:
    """Return which ports of containers are reached, and from where: all, unless our own rules stand before them."""
    if not any(one.table == TABLE[1] and refuses(one) for one in chains(live, "prerouting")):
        return tuple(ports)
    pairs = ((port, rule) for port in ports for rule in rules if _holds(rule, port))
    return tuple(dict.fromkeys(msgspec.structs.replace(port, peers=rule.peers) for port, rule in pairs))


def _holds(rule: Rule, port: Rule) -> bool:
    low, _, high = rule.port.partition("-")
    return rule.protocol == port.protocol and (not low or int(low) <= int(port.port) <= int(high or low))
