"""What a page shows at an instant: its components as their monitors stand, their days, what was announced."""

from collections.abc import Mapping, Sequence

from vedette.monitors import service as monitors
from vedette.monitors.types import Monitor, Watched
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
MOST_REMEMBERED = 100_000


class History:
    """The days that are over, remembered by monitor and day: they change no more."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, float], ShownDay] = {}

    def days(self, monitor: Monitor, now: float) -> tuple[ShownDay, ...]:
        """Return the last days of a monitor, oldest first, the present one last."""
        starts = days.starts(now, DAYS)
        missing = [at for at in starts[:-1] if (monitor.id, at) not in self._known]
        if missing:
            self._read(monitor, missing)
        today = days.day_of(monitors.changes(monitor, starts[-1], now), starts[-1], now)
        return (*(self._known[monitor.id, at] for at in starts[:-1]), today)

    def _read(self, monitor: Monitor, starts: Sequence[float]) -> None:
        if len(self._known) + len(starts) > MOST_REMEMBERED:
            self._known.clear()
            starts = [starts[-1] - k * DAY for k in reversed(range(DAYS - 1))]
        found = monitors.changes(monitor, starts[0], starts[-1] + DAY)
        for at in starts:
            before = [one for one in found if one.at <= at][-1:]
            within = [one for one in found if at < one.at < at + DAY]
            self._known[monitor.id, at] = days.day_of([*before, *within], at, at + DAY)


def shown(page: StatusPage, history: History, now: float) -> ShownPage:
    """Return all that a page shows."""
    current = notices.current(page.id, now)
    in_force = [one for one in current if one.starts <= now]
    there = watched([page])
    components = [
        _component(one, there.get(one.monitor), in_force, history, page=page, now=now)
        for one in page.components
    ]
    return ShownPage(
        page=page, url=keeping.url(page), at=now, components=tuple(components), open=tuple(in_force),
        planned=tuple(one for one in current if one.starts > now),
        past=notices.past(page.id, now, now - PAST, MOST_PAST), windows=_windows(page, there, now),
    )  # fmt: skip


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
    one: Component,
    found: Watched | None,
    in_force: Sequence[PageIncident],
    history: History,
    *,
    page: StatusPage,
    now: float,
) -> ShownComponent:
    about = [each for each in in_force if one.id in each.components]
    seen = _seen(page, found, now) if found is not None else None
    standing = showing.standing(seen, about, now)
    past = history.days(found.monitor, now) if found is not None else ()
    return ShownComponent(
        id=one.id, name=one.name, section=one.section, state=standing.state, since=standing.since, until=standing.until,
        days=past, uptime=days.share(past),
    )  # fmt: skip


def _seen(page: StatusPage, found: Watched, now: float) -> Seen:
    standing, monitor = found.known.standing, found.monitor
    until = monitors.hushed_until(monitor, now) if page.windows else None
    return Seen(state=standing.state, since=standing.since or None, paused=monitor.paused, until=until)
