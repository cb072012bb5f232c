"""Which packages of a host others can get at: those whose program listens on a port that answers from outside. Pure."""

import ipaddress
from collections.abc import Collection, Iterable, Mapping, Sequence

import msgspec

from vedette.instruments.live.types import Listener
from vedette.wire.finding import Finding
from vedette.wire.scan import Component


def opened(facts: Mapping[str, str]) -> frozenset[int] | None:
    """Return the ports that a look from outside saw open, None where it was no look from outside: at loopback, or at nothing."""
    addresses = [each.strip() for each in facts.get("addresses", "").split(",") if each.strip()]
    if "open" not in facts or not addresses or all(map(_is_loopback, addresses)):
        return None
    return frozenset(int(each) for each in facts["open"].replace(",", " ").split() if each.isdecimal())


def answering(listeners: Iterable[Listener], ports: Collection[int]) -> Mapping[str, bool]:
    """Return for each package whose program listens whether it does so on a port that answers from outside."""
    found: dict[str, bool] = {}
    for one in listeners:
        if one.package and one.protocol == "tcp":
            answers = not one.local and one.port in ports
            found[one.package] = found.get(one.package, False) or answers
    return found


def marked(
    findings: Sequence[Finding], components: Iterable[Component], packages: Mapping[str, bool]
) -> tuple[Finding, ...]:
    """Return the findings with what is known of who gets there; advisories name source packages, programs come in binary ones."""
    told: dict[str, bool] = {}
    for one in components:
        if one.name in packages:
            source = one.source or one.name
            told[source] = told.get(source, False) or packages[one.name]
    return tuple(
        msgspec.structs.replace(each, exposed=told[each.subject]) if each.subject in told else each
        for each in findings
    )


def _is_loopback(text: str) -> bool:
    try:
        return ipaddress.ip_address(text).is_loopback
    except ValueError:
        return False
