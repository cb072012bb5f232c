"""Makes digests, one at a time: each asks the rooms for a while, and nothing waits for it."""

from vedette.accounts import service as accounts
from vedette.projects import service as projects
from vedette.reports import periods, registry, store
from vedette.reports.types import Digest, Period, Stretch

ALL = 0  # in the place of a project: all of them
MOST_ZONES = 12
_SETTLES = 120.0  # seconds after midnight until what happened before it has arrived


def make_next(now: float) -> Digest | None:
    """Make one digest that is missing, None when none is: of all projects first, then of each, in every zone there is."""
    for zone in store.zones()[:MOST_ZONES] or ("UTC",):
        for period in Period:
            start, end = periods.last_whole(period, now, zone)
            missing = _missing(period, zone, start, end)
            if now >= end + _SETTLES and missing:
                return make(period, zone, start, end, missing[0], now)
    return None


def make(period: Period, zone: str, start: float, end: float, project: int, now: float) -> Digest:  # noqa: PLR0917 - what a digest is of
    """Make and keep the digest of a time; the one that is there stays as it is."""
    stretch = Stretch(start=start, end=end, project=project or None)
    told = (teller.tell(stretch, now) for teller in registry.tellers())
    made = Digest(
        period=period, start=start, end=end, zone=zone, project=project or None, made_at=now,
        sections=tuple(section for section in told if section is not None),
    )  # fmt: skip
    return store.keep(made)


def _missing(period: Period, zone: str, start: float, end: float) -> list[int]:
    """Return the projects whose digest is not made; a time in which nobody was there yet has none."""
    made = store.made(period, zone, start)
    there = [one.id for one in projects.projects() if one.created_at < end]
    whole = [ALL] if there or any(one.created_at < end for one in accounts.users()) else []
    return [project for project in (*whole, *there) if project not in made]
