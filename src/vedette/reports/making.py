"""Makes digests, one at a time: each asks the rooms for a while, and nothing waits for it."""

import logging

from vedette.accounts import service as accounts
from vedette.projects import service as projects
from vedette.reports import composing, periods, registry, store
from vedette.reports.types import Digest, Period, Section, Stretch, Teller

_LOG = logging.getLogger("vedette.reports")
ALL = 0  # in the place of a project: all of them
MOST_ZONES = 12
_SETTLES = 120.0  # seconds after midnight until what happened before it has arrived


def make_next(now: float) -> Digest | None:
    """Make one digest that is missing, None when none is: of all projects first, then of each, in every zone there is."""
    for zone in store.zones()[:MOST_ZONES] or ("UTC",):
        for period in Period:
            start, end = periods.last_whole(period, now, zone)
            missing = _missing(period, zone, start, end) if now >= end + _SETTLES else []
            if missing:
                return make(period, zone, start, end, missing[0], now)
    return None


def is_settled(period: Period, zone: str, now: float) -> bool:
    """Tell whether what happened in the last whole day or week has arrived."""
    return now >= periods.last_whole(period, now, zone)[1] + _SETTLES


def make(period: Period, zone: str, start: float, end: float, project: int, now: float) -> Digest:  # noqa: PLR0917 - what a digest is of
    """Make and keep the digest of a time; the one that is there stays as it is."""
    stretch = Stretch(start=start, end=end, project=project or None)
    told = (_section(teller, stretch, now) for teller in registry.tellers())
    made = Digest(
        period=period, start=start, end=end, zone=zone, project=project or None, made_at=now,
        sections=composing.worst_first([section for section in told if section is not None]),
    )  # fmt: skip
    return store.keep(made)


def _section(teller: Teller, stretch: Stretch, now: float) -> Section | None:
    """Return a section; one that cannot be told says so, and the others are told all the same."""
    try:
        return teller.tell(stretch, now)
    except Exception as error:  # noqa: BLE001 - one section must not keep the others from being told
        _LOG.exception("The section %s of a digest could not be made: %s", teller.key, error)
        sentence = "This could not be read; the server's log says why."
        return Section(key=teller.key, title=teller.key.capitalize(), sentence=sentence, tone="warn")


def _missing(period: Period, zone: str, start: float, end: float) -> list[int]:
    """Return the projects whose digest is not made; a time in which nobody was there yet has none."""
    made = store.made(period, zone, start)
    there = [one.id for one in projects.projects() if one.created_at < end]
    whole = [ALL] if there or any(one.created_at < end for one in accounts.users()) else []
    return [project for project in (*whole, *there) if project not in made]
