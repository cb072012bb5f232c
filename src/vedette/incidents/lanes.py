"""What lies where on one time axis? Pure: the window an incident is drawn in, and a lane of marks for each kind of event."""

from collections import Counter
from collections.abc import Callable, Sequence

import msgspec

from vedette.incidents.types import Entry, EntryKind, Incident

BEFORE, AFTER = 900.0, 600.0
MOST_MARKS = 60
_STEPS = (60.0, 300.0, 900.0, 3_600.0, 6 * 3_600.0, 86_400.0)
_SHOWN = (
    (EntryKind.DEPLOY, "deploy", "info"),
    (EntryKind.ALERT, "alert", "crit"),
    (EntryKind.CHECK, "check", "warn"),
    (EntryKind.ISSUE, "issue", "crit"),
    (EntryKind.HOST, "host", ""),
    (EntryKind.PAGE, "page", ""),
    (EntryKind.BAN, "ban", ""),
)


class Window(msgspec.Struct, frozen=True):
    """From when to when (instants), and the seconds of one value of the chart above."""

    start: float
    end: float
    step: float

    def share(self, at: float) -> float:
        """Return where an instant lies, from 0 (left) to 1."""
        return (at - self.start) / max(self.end - self.start, 1.0)


class Lane(msgspec.Struct, frozen=True, kw_only=True):
    """Marks of one kind: (place from 0 to 1, how many), and the same in a sentence."""

    name: str
    tone: str
    marks: tuple[tuple[float, int], ...]
    sentence: str


def window(incident: Incident, entries: Sequence[Entry], now: float) -> Window:
    """Return the window of an incident, whose entries come newest first: from before its first event to its end, in at most some sixty steps."""
    told = next(
        (entry.at for entry in reversed(entries) if entry.kind is not EntryKind.BAN), incident.started_at
    )
    first = min(incident.started_at, told)
    start = max(first, incident.started_at - 1_800.0) - 120.0
    start = min(start, incident.started_at - BEFORE)
    end = now if incident.is_open else min(now, (incident.resolved_at or now) + AFTER)
    step = next((each for each in _STEPS if (end - start) / each <= 70), _STEPS[-1])
    start -= start % step
    return Window(start, max(end - end % step + step, start + 5 * step), step)


def lanes(entries: Sequence[Entry], seen: Window, clock: Callable[[float], str]) -> tuple[Lane, ...]:
    """Return a lane for each kind of which something happened in the window; close marks become one, with their number.

    Entries come newest first.
    """
    ats: dict[EntryKind, list[float]] = {kind: [] for kind, _, _ in _SHOWN}
    for entry in reversed(entries):
        if (
            entry.kind in ats
            and entry.tone != "ok"
            and not entry.hidden
            and seen.start <= entry.at < seen.end
        ):
            ats[entry.kind].append(entry.at)
    return tuple(
        Lane(name=name, tone=tone, marks=_marks(ats[kind], seen), sentence=_sentence(name, ats[kind], clock))
        for kind, name, tone in _SHOWN if ats[kind]
    )  # fmt: skip


def _marks(ats: Sequence[float], seen: Window) -> tuple[tuple[float, int], ...]:
    places = Counter(int(seen.share(at) * MOST_MARKS) for at in ats)
    return tuple(((place + 0.5) / MOST_MARKS, n) for place, n in sorted(places.items()))


def _sentence(name: str, ats: Sequence[float], clock: Callable[[float], str]) -> str:
    times = ", ".join(dict.fromkeys(clock(at) for at in ats[:20]))
    more = f" and {len(ats) - 20} more" if len(ats) > 20 else ""
    return f"{len(ats)} {name}{'' if len(ats) == 1 else 's'}: {times}{more}"
