"""What a page shows at an instant: its components as their monitors stand, their days, what was announced."""

import threading
from collections.abc import Collection, Mapping, Sequence

from vedette.monitors import service as monitors
from vedette.monitors.types import Watched
from vedette.plumbing.db.faults import guarded
from vedette.status import days, keeping, showing
from vedette.status.showing import Seen
from vedette.status.store import notices
from vedette.status.types import (
    AHEAD,
    DAY,
    DAYS,
    Component,
    PageIncident,
    ShownComponent,
    ShownDay,
    ShownPage,
    ShownWindow,
    StatusPage,
)

PAST = 365 * DAY
MOST_PAST = 200
MOST_REMEMBERED = 1_000  # monitors; the days of others are read each time
_SETTLED = -2  # of the days shown, the last so many may yet change: the present one, and the one before


class History:
    """The days that are over for a day or more, remembered by monitor: until then changes can be dated back into them.

    Any thread may ask: what is remembered of a monitor is replaced as a whole, never changed.
    """

    def __init__(self, most: int = MOST_REMEMBERED) -> None:
        self._most = most
        self._known: dict[int, Mapping[float, ShownDay]] = {}
        self._lock = threading.Lock()

    def days(self, ids: Collection[int], now: float) -> Mapping[int, tuple[ShownDay, ...]]:
        """Return the last days of monitors (ids), oldest first, the present one last."""
        starts = days.starts(now, DAYS)
        known = {one: self._known.get(one, {}) for one in ids}
        unread: dict[float, list[int]] = {}
        for one, there in known.items():
            first = next((at for at in starts[:_SETTLED] if at not in there), starts[_SETTLED])
            unread.setdefault(first, []).append(one)
        for first, some in unread.items():
            found = monitors.changes_of(some, first, now)
            fresh = [at for at in starts if at >= first]
            for one in some:
                known[one] = {**known[one], **days.split(found.get(one, ()), fresh, now)}
        self._remember(known, starts)
        return {one: tuple(there[at] for at in starts) for one, there in known.items()}

    def _remember(self, found: Mapping[int, Mapping[float, ShownDay]], starts: Sequence[float]) -> None:
        """Keep the settled days of monitors; beyond the most, those that were not asked for today make room, or nobody does."""
        settled = starts[:_SETTLED]
        with self._lock:
            if len(self._known.keys() | found.keys()) > self._most:
                self._known = {one: there for one, there in self._known.items() if settled[-1] in there}
            for one, there in found.items():
                if one in self._known or len(self._known) < self._most:
                    self._known[one] = {at: there[at] for at in settled}


def shown(page: StatusPage, history: History, now: float) -> ShownPage:
    """Return all that a page shows."""
    current = notices.current(page.id, now)
    in_force = [one for one in current if one.starts <= now]
    there = watched([page])
    past = history.days(there.keys(), now)
    components = [
        _component(page, one, there.get(one.monitor), in_force, now, past=past.get(one.monitor, ()))
        for one in page.components
    ]
    return ShownPage(
        page=page, url=keeping.url(page), at=now, components=tuple(components), open=tuple(in_force),
        planned=tuple(one for one in current if one.starts > now),
        past=notices.past(page.id, now, now - PAST, MOST_PAST), windows=_windows(page, there, now),
    )  # fmt: skip


def silent(page: StatusPage, now: float) -> ShownPage:
    """Return a page that shows nothing, as one that is switched off."""
    return ShownPage(page=page, url=keeping.url(page), at=now, components=(), open=(), planned=(), past=())


def standings(pages: Sequence[StatusPage], now: float) -> Mapping[int, tuple[ShownComponent, ...]]:
    """Return for each page (its id) its components as they stand, without their days; costs five queries for all."""
    there, current = watched(pages), notices.current_of([page.id for page in pages], now)
    found = {}
    for page in pages:
        in_force = [one for one in current.get(page.id, ()) if one.starts <= now]
        found[page.id] = tuple(
            _component(page, one, there.get(one.monitor), in_force, now) for one in page.components
        )
    return found


@guarded()
def watched(pages: Sequence[StatusPage]) -> Mapping[int, Watched]:
    """Return the monitors of pages by their ids; costs two queries for all."""
    ids = {one.monitor for page in pages for one in page.components}
    found = monitors.watched(list(monitors.some(ids).values()))
    return {one.monitor.id: one for one in found}


def pulse(page: StatusPage, there: Mapping[int, Watched], now: float) -> object:
    """Return what changes whenever one of the monitors of a page (`there`, by id) stands otherwise."""
    return tuple(
        (one.monitor, _seen(page, there[one.monitor], now) if one.monitor in there else None)
        for one in page.components
    )


def next_edge(page: StatusPage, now: float) -> float | None:
    """Return when the next announced maintenance of a page begins or ends."""
    current = notices.current(page.id, now)
    edges = [at for one in current for at in (one.starts, one.ends) if at is not None and at > now]
    return min(edges, default=None)


def _windows(page: StatusPage, there: Mapping[int, Watched], now: float) -> tuple[ShownWindow, ...]:
    if not page.windows:
        return ()
    spans = (
        (span, one.id)
        for one in page.components
        if one.monitor in there
        for span in monitors.coming_work(there[one.monitor].monitor, now, now + AHEAD)
    )
    return showing.together(spans)


def _component(
    page: StatusPage,
    one: Component,
    found: Watched | None,
    in_force: Sequence[PageIncident],
    now: float,
    *,
    past: tuple[ShownDay, ...] = (),
) -> ShownComponent:
    about = [each for each in in_force if one.id in each.components]
    seen = _seen(page, found, now) if found is not None else None
    standing = showing.standing(seen, about, now)
    return ShownComponent(
        id=one.id, name=one.name, section=one.section, state=standing.state, since=standing.since, until=standing.until,
        days=past, uptime=days.share(past),
    )  # fmt: skip


def _seen(page: StatusPage, found: Watched, now: float) -> Seen:
    standing, monitor = found.known.standing, found.monitor
    until = monitors.hushed_until(monitor, now) if page.windows else None
    return Seen(state=standing.state, since=standing.since or None, paused=monitor.paused, until=until)
