"""Many monitors at a glance: the list, and the worst of all. What is asked of the database is bounded by what is shown."""

from collections.abc import Mapping, Sequence

import msgspec

from vedette.monitors import listing, maintenance, objectives
from vedette.monitors.listing import TROUBLE, By, Count, Group, Sentence, Shown, Wanted
from vedette.monitors.store import lists, monitors, standings
from vedette.monitors.store.lists import Place
from vedette.monitors.tallying import Tally
from vedette.monitors.types import DAY, Change, Glance, Watched
from vedette.projects import service as projects
from vedette.ui import pager
from vedette.wire.sketch import Sketch

MOST_ROWS, MOST_TAGGED = 30, 15  # who has several tags is drawn several times
MOST_GROUPS = 30
MONTH = 30 * DAY
# What stands beside monitors at `/monitors/…/`: a monitor of this name is found by its id.
RESERVED = frozenset({"new", "maintenance", "trials", "times", "locations"})


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """The list: its sentence, how many are in each state (whatever state is wanted), groups with the rows that are shown.

    `left` are the troubled ones that are not; `more` the groups that are not; `cursor` leads to the next rows of one state.
    `every` counts all monitors there are, for what can be chosen.
    """

    sentence: Sentence
    states: Mapping[Shown, int]
    groups: tuple[Group, ...]
    every: tuple[Count, ...]
    left: int = 0
    more: int = 0
    cursor: str | None = None


def listed(wanted: Wanted, by: By, cursor: str | None, now: float) -> Listing:
    """Return the list; raises `Invalid` for a cursor nobody gave out."""
    every = lists.counts(wanted.text)
    counts = [one for one in every if listing.meets(one, wanted)]
    states = listing.states(counts)
    asked = _asked(wanted, states)
    most = MOST_TAGGED if by is By.TAG else MOST_ROWS
    place = pager.decode(cursor, tuple[int, str, int]) if cursor else None
    found = lists.worst(wanted, asked, place, most + 1) if asked else []
    rows = glances(_watched(found[:most]), now)
    seen = [one for one in counts if wanted.shown in {None, one.shown}]
    names = {one.id: one.name for one in projects.projects()}
    groups = listing.groups(seen, rows, by, names)
    groups = groups if wanted.shown is None else tuple(one for one in groups if one.rows)
    return Listing(
        sentence=listing.sentence(states, _leading(rows)), states=states, groups=groups[:MOST_GROUPS],
        every=tuple(every), more=max(0, len(groups) - MOST_GROUPS),
        left=max(0, sum(states.get(one, 0) for one in TROUBLE) - most) if wanted.shown is None else 0,
        cursor=pager.encode(*found[most - 1]) if wanted.shown is not None and len(found) > most else None,
    )  # fmt: skip


def worst(now: float, n: int) -> tuple[Glance, ...]:
    """Return up to `n` monitors, worst first, those that are paused left out."""
    asked = [one for one in Shown if one is not Shown.PAUSED]
    return glances(_watched(lists.worst(Wanted(), asked, None, n)), now)


def glances(found: Sequence[Watched], now: float) -> tuple[Glance, ...]:
    """Return monitors at a glance, in the same order."""
    if not found:
        return ()
    ids = [one.monitor.id for one in found]
    changes = lists.changes(ids, now - MONTH, now)
    hours = lists.hours(ids, now - DAY)
    shared = lists.shared_slugs([one.monitor.slug for one in found])
    return tuple(
        _glance(one, changes.get(one.monitor.id, ()), hours.get(one.monitor.id, {}), shared, now)
        for one in found
    )


def href(watched: Watched) -> str:
    """Return the path of a monitor's page, by its slug where no other monitor has it."""
    return _href(watched, lists.shared_slugs([watched.monitor.slug]))


def _asked(wanted: Wanted, states: Mapping[Shown, int]) -> list[Shown]:
    """Return the states whose rows are shown: the one that is wanted, all of a short list, else those in trouble."""
    if wanted.shown is not None:
        return [wanted.shown]
    return list(Shown) if sum(states.values()) <= listing.FEW else list(TROUBLE)


def _watched(found: Sequence[Place]) -> list[Watched]:
    known = monitors.by_ids([number for _, _, number in found])
    watched = standings.load(known)
    return [watched[number] for _, _, number in found if number in watched]


def _glance(
    one: Watched, changes: Sequence[Change], hours: Mapping[int, Tally], shared: frozenset[str], now: float
) -> Glance:
    medians = [found.ms.quantile(0.5) for _, found in sorted(hours.items())]
    last = one.known.last.ms if one.known.last is not None else None
    hush = maintenance.in_force(one.monitor.config.maintenance, now)
    return Glance(
        watched=one, href=_href(one, shared), beats=listing.beats(changes, now - DAY, now),
        day=objectives.uptime(changes, now - DAY, now), month=objectives.uptime(changes, now - MONTH, now),
        pace=tuple(ms for ms in (*medians, last) if ms is not None),
        p95=Sketch.union(found.ms for found in hours.values()).quantile(0.95) if hours else last, hushed=hush.reason if hush else "",
    )  # fmt: skip


def _href(one: Watched, shared: frozenset[str]) -> str:
    slug = one.monitor.slug
    return f"/monitors/{one.monitor.id if slug in shared or slug in RESERVED else slug}/"


def _leading(rows: Sequence[Glance]) -> str:
    first = next((row for row in rows if listing.shown(row.watched) in TROUBLE), None)
    if first is None:
        return ""
    monitor, standing = first.watched.monitor, first.watched.known.standing
    return f"{monitor.name}: {standing.reason}" if standing.reason else monitor.name
