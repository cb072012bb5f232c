"""How on-call schedules read to a person: covers as moments of the story, gaps as signals."""

from collections.abc import Mapping

from vedette.accounts.types import UserRef
from vedette.core.clock import iso
from vedette.oncall.types import ROOM, Cover, CoverKind, Schedule
from vedette.oncall.walls import told
from vedette.signals.types import Moment, Severity, Signal, SignalState

GAP, COVER = "oncall.gap", "cover"
Gap = tuple[float, float]


def link(schedule: Schedule) -> str:
    """Return the path of a schedule's page."""
    return f"/on-call/schedules/{schedule.id}/"


def covered(schedule: Schedule, one: Cover, people: Mapping[int, UserRef], now: float) -> Moment:
    """Return that somebody takes over, or listens along."""
    who, until = name(people, one.user), told(one.ends, now, schedule.zone)
    if one.kind is CoverKind.SHADOW:
        text = f"{who} listens along in {schedule.name} until {until}"
    elif one.instead is None:
        text = f"{who} takes over {schedule.name} until {until}"
    else:
        text = f"{who} stands for {name(people, one.instead)} in {schedule.name} until {until}"
    return Moment(at=now, room=ROOM, kind=COVER, subject=schedule.name, text=text, link=link(schedule))


def swapped(schedule: Schedule, half: Cover, people: Mapping[int, UserRef], now: float) -> Moment:
    """Return that two people swapped."""
    text = f"{name(people, half.user)} and {name(people, half.instead)} swapped in {schedule.name}"
    return Moment(at=now, room=ROOM, kind=COVER, subject=schedule.name, text=text, link=link(schedule))


def of_gap(schedule: Schedule, gap: Gap, now: float, *, closed: bool = False) -> Signal:
    """Return that nobody is on call in a time to come, or that this gap is closed or over."""
    starts, ends = (told(at, now, schedule.zone) for at in gap)
    title = f"{schedule.name}: nobody is on call from {starts} to {ends}"
    return Signal(
        room=ROOM, kind=GAP, subject=schedule.name, severity=Severity.HIGH, at=now, link=link(schedule),
        state=SignalState.RESOLVED if closed else SignalState.FIRING,
        title=f"{schedule.name}: the gap from {starts} is closed" if closed else title,
        text="" if closed else "Put somebody into a layer, or take over: what is paged then reaches nobody.",
        labels={"schedule": schedule.name, "starts": iso(gap[0])},
    )  # fmt: skip


def name(people: Mapping[int, UserRef], user: int | None) -> str:
    """Return the name of a person; one that is gone is told so."""
    found = people.get(user) if user is not None else None
    return found.name if found else "somebody who left"
