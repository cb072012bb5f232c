"""What is known of who gets at a host's packages: its listening programs beside what was last seen of its ports from outside."""

from collections.abc import Mapping, Sequence

import msgspec

from vedette.scans import exposing
from vedette.scans.store import listening
from vedette.scans.store import targets as store
from vedette.scans.types import Target
from vedette.wire.finding import Finding
from vedette.wire.scan import Component

HOST, PORTS = "host", "ports"
_LOOKED_BACK = 5  # scans: one that could not know does not undo what the one before saw


def marked(one: Target, findings: Sequence[Finding], components: Sequence[Component]) -> tuple[Finding, ...]:
    """Return the findings of a host's packages with what is known of who gets there; those of other targets as they are."""
    if one.scanner != HOST or not one.host:
        return tuple(findings)
    return exposing.marked(findings, components, _packages(one.host))


def seen_open(one: Target) -> frozenset[int] | None:
    """Return the ports that the last scan of a target saw open from outside, None where it is no such scan."""
    scans = store.scans(one.id, _LOOKED_BACK) if one.scanner == PORTS else []
    return next((found for each in scans if (found := exposing.opened(each.facts)) is not None), None)


def seen(one: Target, before: frozenset[int] | None) -> None:
    """Have the packages of the host whose ports a target is compared anew where other ports answer than `before`."""
    if one.scanner == PORTS and seen_open(one) != before:
        name = _named(one)
        for each in store.every():
            if each.scanner == HOST and each.host and name in listening.names_of(each.host):
                look_anew(each.host)


def look_anew(host: int) -> None:
    """Have the packages of a host compared anew, by what is known of its ports now."""
    for each in store.of_host(host):
        if each.scanner == HOST:
            store.put(msgspec.structs.replace(each, matched=None))


def _packages(host: int) -> Mapping[str, bool]:
    names = listening.names_of(host)
    looks = [seen_open(each) for each in store.every() if each.scanner == PORTS and _named(each) in names]
    told = [each for each in looks if each is not None]
    listeners = listening.of(names[0]) if names else None
    if not told or listeners is None:
        return {}
    return exposing.answering(listeners, frozenset().union(*told))


def _named(one: Target) -> str:
    return one.target.strip("[]").lower()
