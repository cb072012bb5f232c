"""The moments a copy can be restored to: what it listed last, with what was stored since, on an axis of time. Pure."""

from collections.abc import Iterable, Sequence

import msgspec

from vedette.backups.types import Listing
from vedette.ui import words
from vedette.wire.backup import BackupRun, Stage

DAY = 86_400.0


class Moment(msgspec.Struct, frozen=True):
    """A backup that can be restored: its name in the repository, when it was made, how much it holds."""

    name: str
    at: float
    files: int
    bytes: int
    whole: bool = True


class Day(msgspec.Struct, frozen=True):
    """A day with its moments, newest first."""

    name: str
    moments: Sequence[Moment]


def of_copy(copy: str, listing: Listing | None, runs: Iterable[object]) -> list[Moment]:
    """Return the moments of a copy, newest first: as it was listed, with what good runs stored after that."""
    found = (
        {
            each.name: Moment(each.name, each.at, each.files, each.bytes, each.whole)
            for each in listing.snapshots
        }
        if listing
        else {}
    )
    since = listing.at if listing else 0.0
    for run in runs:
        if (
            isinstance(run, BackupRun)
            and run.copy == copy
            and run.stage is Stage.DONE
            and run.snapshot
            and (run.ended_at or 0.0) > since
        ):
            found.setdefault(run.snapshot, Moment(run.snapshot, run.began_at, run.files, run.read))
    return sorted(found.values(), key=lambda each: -each.at)


def days(found: Sequence[Moment], zone: str) -> list[Day]:
    """Return moments under their days, in a time zone, newest first."""
    kept: dict[str, list[Moment]] = {}
    for each in found:
        at = words.local(each.at, zone)
        kept.setdefault(f"{at.day} {at:%b %Y}", []).append(each)
    return [Day(name, under) for name, under in kept.items()]


def places(found: Sequence[Moment], now: float) -> list[tuple[float, int]]:
    """Return where moments lie between the oldest and now (0 to 1), and how many at each of some 200 places."""
    if not found:
        return []
    start = min(each.at for each in found)
    span = max(1.0, now - start)
    counts: dict[int, int] = {}
    for each in found:
        place = round((each.at - start) / span * 200)
        counts[place] = counts.get(place, 0) + 1
    return [(place / 200, n) for place, n in sorted(counts.items())]


def nearest(found: Sequence[Moment], at: float) -> Moment | None:
    """Return the newest moment that is not after an instant: what was known then."""
    return next((each for each in found if each.at <= at), None)
