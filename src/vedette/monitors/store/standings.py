"""SQL of where monitors stand, and of how that changed."""

from collections.abc import Collection, Iterable, Mapping, Sequence

import msgspec

from vedette.monitors import verdict
from vedette.monitors.models import ChangeRow, MarkRow, StandingRow
from vedette.monitors.types import Change, Known, Monitor, Reading, Sighting, Standing, State, Watched
from vedette.plumbing.db import sql

_ENCODE = msgspec.msgpack.Encoder().encode
_DECODE = msgspec.msgpack.Decoder(Known).decode
_SAVE = """INSERT INTO monitors_standing (monitor, state, heard, good, cause, due, unsettled, body)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT (monitor) DO UPDATE SET state = excluded.state, heard = excluded.heard, good = excluded.good,
    cause = excluded.cause, due = excluded.due, unsettled = excluded.unsettled,
    body = excluded.body"""
_ADD_CHANGE = (
    """INSERT INTO monitors_change (monitor, at, state, cause, reason) VALUES (%s, %s, %s, %s, %s)"""
)


def load(monitors: Mapping[int, Monitor]) -> dict[int, Watched]:
    """Return what is known of monitors; one that nothing was heard of yet waits."""
    rows = StandingRow.objects.filter(pk__in=list(monitors)).values_list("monitor", "body")
    known = {monitor: _DECODE(bytes(body)) for monitor, body in rows}
    return {number: Watched(one, known.get(number, Known())) for number, one in monitors.items()}


def save(found: Iterable[Watched]) -> None:
    """Write what is known of monitors, in the caller's transaction."""
    sql.executemany(_SAVE, [_row(one) for one in found])


def states() -> Mapping[str, int]:
    """Return how many monitors are in each state, as far as anything was heard of them."""
    rows = sql.query("SELECT state, count(*) FROM monitors_standing GROUP BY state")
    return {str(state): int(n or 0) for state, n in rows}


def overdue(now: float, n: int) -> tuple[int, ...]:
    """Return up to `n` monitors whose heartbeat should have come before an instant, the longest overdue first."""
    rows = StandingRow.objects.filter(due__lt=now).order_by("due")
    return tuple(rows.values_list("monitor", flat=True)[:n])


def unsettled(after: int, n: int) -> tuple[int, ...]:
    """Return up to `n` monitors above an id, in order, of which people were told last what may no longer be so."""
    rows = StandingRow.objects.filter(unsettled=True, monitor__gt=after).order_by("monitor")
    return tuple(rows.values_list("monitor", flat=True)[:n])


def next_due() -> float | None:
    """Return when the next heartbeat must have come, None when none is expected."""
    return StandingRow.objects.filter(due__isnull=False).order_by("due").values_list("due", flat=True).first()


def sightings(since: float, canaries: Collection[int]) -> tuple[Sighting, ...]:
    """Return the last check of each monitor that was checked since an instant."""
    rows = StandingRow.objects.filter(heard__gt=since).values_list("monitor", "heard", "good", "cause")
    return tuple(
        Sighting(monitor, at or 0.0, good, cause, monitor in canaries) for monitor, at, good, cause in rows
    )


def add_changes(found: Sequence[tuple[int, Standing]]) -> None:
    """Remember that monitors came into the state they stand in."""
    rows = [(m, one.since, str(one.state), one.cause[:60], one.reason) for m, one in found]
    sql.executemany(_ADD_CHANGE, rows)


def changes(monitor: int, start: float, end: float) -> tuple[Change, ...]:
    """Return a monitor's changes up to an instant, oldest first: the last one before `start`, and those after it."""
    rows = ChangeRow.objects.filter(monitor=monitor)
    before = rows.filter(at__lte=start).order_by("-at", "-id").first()
    later = rows.filter(at__gt=start, at__lt=end).order_by("at", "id")
    return tuple(Change(row.at, State(row.state)) for row in ([before] if before else []) + list(later))


def mark(name: str) -> tuple[int, float, str]:
    """Return a mark: a seq, an instant and a text; zeroes before it is first set."""
    row = MarkRow.objects.filter(pk=name).first()
    return (row.seq, row.at, row.text) if row else (0, 0.0, "")


def set_mark(name: str, seq: int = 0, at: float = 0.0, text: str = "") -> None:
    """Set a mark, in the caller's transaction."""
    MarkRow.objects.update_or_create(pk=name, defaults={"seq": seq, "at": at, "text": text})


def _row(one: Watched) -> tuple[sql.Value, ...]:
    known, last = one.known, one.known.last
    good, cause = (True, "") if last is None else (last.reading is not Reading.BAD, last.cause[:60])
    standing = known.standing
    unsettled = int(verdict.unsettled(standing))
    return (
        one.monitor.id,
        str(standing.state),
        standing.heard,
        good,
        cause,
        known.due,
        unsettled,
        _ENCODE(known),
    )
