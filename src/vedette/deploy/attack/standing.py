"""How a host stands against floods, by what it was ordered and told. Pure; what it did not tell is unknown."""

from collections.abc import Sequence

import msgspec

from vedette.core.errors import Invalid
from vedette.deploy.attack import listing
from vedette.deploy.types import Asked, Defence, FloodHost, Shield, Stand
from vedette.hosts.types import Action, ActionState
from vedette.instruments.attack import offering, reading
from vedette.instruments.attack.reading import HostTold
from vedette.wire.infra import Live

_OPEN = frozenset({ActionState.ASKED, ActionState.RUNNING})
_ON_THE_PAGE = Asked(
    cloud="No project at Hetzner that is watched here has a server of this name.",
    guard="An agent does not read the policy of a guard; its application tells.",
    live="Hetzner's API, when the project was read",
    host="told by its agent",
    ends="the kernel, and the agent removes what is left",
)
_SILENT = "The host has not been asked how it stands, or did not answer."


class Orders(msgspec.Struct, frozen=True, kw_only=True):
    """What was ordered last on a host: of the switch itself, and to tell how it stands."""

    switch: Action | None = None
    look: Action | None = None

    def last(self) -> Action | None:
        """Return what was ordered last of both."""
        found = [each for each in (self.switch, self.look) if each is not None]
        return max(found, key=lambda each: each.asked_at, default=None)


def of_host(
    host: tuple[int, str], offers: Sequence[str], orders: Orders, live: Live | None, now: float
) -> FloodHost:
    """Return how a host (its number and name) stands now."""
    told, at = _told(orders)
    until = _until(told, at, now)
    last = orders.last()
    passed = max(0.0, now - at) if at else 0.0
    seen = msgspec.structs.replace(told, now=told.now + passed) if told else None
    return FloodHost(
        host=host[0], name=host[1], lengths=offering.lengths(offers), until=until, by=_by(orders.switch) if until else "",
        told_at=at, waits=last is not None and last.state in _OPEN,
        problem=last.why or _SILENT if last is not None and last.state is ActionState.FAILED else "",
        defences=tuple(_aged(each, seen) for each in listing.defences(Shield(), seen, live, _ON_THE_PAGE)),
    )  # fmt: skip


def is_over(orders: Orders, now: float) -> float:
    """Return when a switch went off by itself of which nobody asked since whether it did, 0 where there is none."""
    switch, look = orders.switch, orders.look
    if switch is None or switch.state is not ActionState.DONE or not offering.minutes(switch.name):
        return 0.0
    end = _end(switch)
    if not 0 < end <= now or (look is not None and look.asked_at >= end):
        return 0.0
    return end


def rank(one: FloodHost) -> tuple[bool, bool, int, str]:
    """Return by what hosts are ordered: under attack first, then what went wrong, then by what stands open."""
    is_open = sum(each.stand is Stand.OPEN for each in one.defences)
    return not one.until, not one.problem, -is_open, one.name


def _told(orders: Orders) -> tuple[HostTold | None, float | None]:
    """Return what a host told last of itself, and when."""
    done = [
        each for each in (orders.switch, orders.look) if each is not None and each.state is ActionState.DONE
    ]
    for each in sorted(done, key=lambda one: -one.changed_at):
        try:
            return reading.read(each.output), each.changed_at
        except Invalid:
            continue
    return None, None


def _aged(one: Defence, seen: HostTold | None) -> Defence:
    """Return a line as it is once the time of a switch is over and the host has told nothing since: the kernel ended it, nobody saw that."""
    if one.layer not in listing.SWITCHED or seen is None or not 0 < seen.until <= seen.now:
        return one
    return Defence(
        layer=one.layer, stand=Stand.UNKNOWN, known="by its clock",
        sentence="Its time is over, and the kernel lets the rules do nothing from then on; the host has not told since.",
    )  # fmt: skip


def _until(told: HostTold | None, at: float | None, now: float) -> float:
    """Return when the switch goes off, by our clock."""
    if told is None or at is None or not told.until:
        return 0.0
    end = at + told.until - told.now
    return end if end > now else 0.0


def _end(switch: Action) -> float:
    try:
        told = reading.read(switch.output)
    except Invalid:
        return 0.0
    return switch.changed_at + told.until - told.now if told.until else 0.0


def _by(switch: Action | None) -> str:
    return switch.by if switch is not None and offering.minutes(switch.name) else ""
