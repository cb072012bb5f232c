"""What are visitors told of a component, and of all of them in one sentence? Pure.

Only public names and states go in: no cause, no address and no word of a monitor can come out.
"""

import re
from collections.abc import Collection, Iterable, Sequence

import msgspec

from vedette.core.clock import to_datetime
from vedette.monitors.types import State
from vedette.status.types import (
    ComponentState,
    Impact,
    NoticeKind,
    PageIncident,
    ShownComponent,
    ShownWindow,
)

MOST_WINDOWS = 50
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")

_OF = {
    State.UP: ComponentState.WORKS,
    State.DEGRADED: ComponentState.SLOW,
    State.DOWN: ComponentState.DOWN,
}
_OF_IMPACT = {Impact.SLOW: ComponentState.SLOW, Impact.DOWN: ComponentState.DOWN}
_RANK = {
    ComponentState.WORKS: 0,
    ComponentState.UNKNOWN: 1,
    ComponentState.MAINTENANCE: 2,
    ComponentState.SLOW: 3,
    ComponentState.DOWN: 4,
}
WORDS = {
    ComponentState.WORKS: "Works",
    ComponentState.SLOW: "Slow",
    ComponentState.DOWN: "Down",
    ComponentState.MAINTENANCE: "Maintenance",
    ComponentState.UNKNOWN: "No data",
}
TONES = {
    ComponentState.WORKS: "ok",
    ComponentState.SLOW: "warn",
    ComponentState.DOWN: "crit",
    ComponentState.MAINTENANCE: "info",
    ComponentState.UNKNOWN: "off",
}


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a component: its monitor's state and since when, until when its windows keep it (None: they do not)."""

    state: State
    since: float | None
    paused: bool = False
    until: float | None = None


class Standing(msgspec.Struct, frozen=True):
    """What visitors are told of a component, since when, until when a maintenance lasts, and why it is told so."""

    state: ComponentState
    since: float | None
    until: float | None
    reason: str


class Sentence(msgspec.Struct, frozen=True):
    """What a page opens with, the state it speaks of, and its tone."""

    text: str
    state: ComponentState

    @property
    def tone(self) -> str:
        """Return ok, warn, crit, info or off."""
        return TONES[self.state]


def standing(seen: Seen | None, notices: Collection[PageIncident], now: float) -> Standing:
    """Return what visitors are told of a component that its notices in force are about.

    A maintenance goes before all else: what is worked on is not down. Else the worse of what the monitor found and what
    an incident says by hand.
    """
    ends = [one.ends for one in notices if one.kind is NoticeKind.MAINTENANCE and one.ends is not None]
    if seen is not None and seen.until is not None:
        ends.append(seen.until)
    if ends:
        return Standing(ComponentState.MAINTENANCE, None, max(ends), "It is being worked on.")
    found = _found(seen)
    said = [
        (_OF_IMPACT[one.impact], one.starts)
        for one in notices
        if one.impact in _OF_IMPACT and one.starts <= now
    ]
    worst = max((state for state, _ in said), key=_RANK.__getitem__, default=ComponentState.WORKS)
    if said and _RANK[worst] > _RANK[found]:
        began = min(at for state, at in said if state is worst)
        return Standing(worst, began, None, "An incident says so.")
    since = seen.since if seen is not None and found is not ComponentState.UNKNOWN else None
    return Standing(found, since, None, "Its monitor found it so.")


def sentence(components: Sequence[ShownComponent], now: float) -> Sentence:
    """Return the sentence a page opens with; the worst state is told, with the earliest it began."""
    if not components:
        return Sentence("Nothing is shown here yet.", ComponentState.UNKNOWN)
    worst = max((one.state for one in components), key=_RANK.__getitem__)
    there = [one for one in components if one.state is worst]
    if worst is ComponentState.WORKS:
        return Sentence("All systems work.", worst)
    who = there[0].name if len(there) == 1 else f"{len(there)} systems"
    one = len(there) == 1
    if worst is ComponentState.UNKNOWN:
        return Sentence(f"Nothing is known of {who} now.", worst)
    if worst is ComponentState.MAINTENANCE:
        until = [at.until for at in there if at.until is not None]
        ends = f" until {clock(max(until), now)}" if until else ""
        return Sentence(f"{who} {'is' if one else 'are'} being worked on{ends}.", worst)
    since = [at.since for at in there if at.since]
    began = f" since {clock(min(since), now)}" if since else ""
    return Sentence(f"{who} {'is' if one else 'are'} {worst}{began}.", worst)


def together(found: Iterable[tuple[tuple[float, float], int]]) -> tuple[ShownWindow, ...]:
    """Return times of maintenance (from and to, and the component's id) with all components of one time together."""
    by_time: dict[tuple[float, float], list[int]] = {}
    for span, component in found:
        by_time.setdefault(span, []).append(component)
    return tuple(
        ShownWindow(starts=starts, ends=ends, components=tuple(dict.fromkeys(there)))
        for (starts, ends), there in sorted(by_time.items())[:MOST_WINDOWS]
    )


def clock(at: float, now: float) -> str:
    """Return a time as visitors read it: `14:05 UTC`, with its day when that is another one."""
    moment = to_datetime(at)
    day = "" if moment.date() == to_datetime(now).date() else f"{moment.day} {moment:%b} "
    return f"{day}{moment:%H:%M} UTC"


def instant(at: float) -> str:
    """Return an instant in full: `5 Nov 2026, 02:00 UTC`."""
    moment = to_datetime(at)
    return f"{moment.day} {moment:%b %Y, %H:%M} UTC"


def printable(text: str) -> str:
    """Return a text without what XML 1.0 cannot hold (2.2), and without control characters; lines stay."""
    return _UNPRINTABLE.sub("", text)


def _found(seen: Seen | None) -> ComponentState:
    if seen is None or seen.paused:
        return ComponentState.UNKNOWN
    return _OF.get(seen.state, ComponentState.UNKNOWN)
