"""Results of hours that are over become minutes (48 hours), an hour (400 days), a share of a day (for ever), and one record.

Everything of one monitor's hour is one transaction of core.db; its record is in telemetry before, under an id of its own,
so that a crash between the two packs it again and stores nothing twice.
"""

import hashlib
from collections.abc import Sequence

import msgspec

from vedette.monitors import tallying
from vedette.monitors.store import monitors, results
from vedette.monitors.store.results import DAYS, HOUR, HOURS, MINUTES, Numbered
from vedette.monitors.tallying import Line, Tally
from vedette.monitors.types import CheckResult, Monitor
from vedette.plumbing.db import sql
from vedette.plumbing.ports import ports
from vedette.plumbing.telemetry.port import Record, Span

RESULTS = "check_results"
MINUTES_KEPT, HOURS_KEPT = 48 * 3_600.0, 400 * 86_400.0
_LATE = 300.0  # results of a location that was away for a moment are waited for
_DAY = 86_400
_AT_ONCE, _DROPPED = 50, 2_000
_ENCODE = msgspec.json.Encoder().encode
_LINES = msgspec.json.Decoder(list[Line]).decode


def pack(now: float) -> int:
    """Pack some of what is over, and return how many hours of monitors; 0 when nothing is left."""
    found = results.unpacked((now - _LATE) // HOUR * HOUR, _AT_ONCE)
    known = monitors.by_ids({monitor for monitor, _ in found})
    for number, hour in found:
        lines = results.between(number, hour, hour + HOUR)
        if number in known:
            ports().telemetry.append([_record(known[number], hour, lines)])
        with sql.transaction():
            if number in known:
                _add(number, hour, [line for _, line in lines])
            results.forget(lines)
    return len(found)


def drop_old(now: float) -> int:
    """Delete minutes and hours that are old, some at a time; return how many went."""
    minutes = results.drop_before(MINUTES, now - MINUTES_KEPT - HOUR, _DROPPED)
    return minutes + results.drop_before(HOURS, now - HOURS_KEPT, _DROPPED)


def checks(monitor: Monitor, span: Span) -> tuple[CheckResult, ...]:
    """Return the single results of a time, oldest first, as far as they are kept; meant for hours, not for months."""
    wide = Span(span.start // HOUR * HOUR, span.end)
    records = (
        ports().telemetry.list(RESULTS, [bytes.fromhex(monitor.key)], wide, 1_000, newest_first=False).records
    )
    lines = [line for one in records for line in _LINES(one.body)]
    lines += [line for _, line in results.between(monitor.id, span.start, span.end)]
    kept = sorted((line for line in lines if span.start <= line.at < span.end), key=lambda line: line.at)
    return tuple(tallying.result_of(monitor.id, line) for line in kept)


def _add(monitor: int, hour: int, lines: Sequence[Line]) -> None:
    """Add the results of an hour to what it, its minutes and its day come to; some may be packed already."""
    by_minute: dict[int, list[Line]] = {}
    for line in lines:
        by_minute.setdefault(int(line.at // 60) * 60, []).append(line)
    before = results.minutes(monitor, hour, hour + HOUR)
    here = {minute: tallying.tally(found) for minute, found in by_minute.items()}
    both = {m: tallying.merged((before.get(m, Tally()), here.get(m, Tally()))) for m in {*before, *here}}
    results.put_minutes(monitor, hour, {m: one for m, one in both.items() if hour <= m < hour + HOUR})
    day = hour // _DAY * _DAY
    whole = tallying.tally(lines)
    results.put(HOURS, monitor, hour, tallying.merged((results.one(HOURS, monitor, hour), whole)))
    in_day = tallying.tally(lines, phases=True)
    results.put(DAYS, monitor, day, tallying.merged((results.one(DAYS, monitor, day), in_day)))


def _record(monitor: Monitor, hour: int, lines: Sequence[Numbered]) -> Record:
    """Return an hour's results as one record; what of it comes later is another."""
    name = f"{monitor.id}:{hour}:{lines[0][0] if lines else 0}".encode()
    body = _ENCODE([line for _, line in lines])
    identity = hashlib.blake2b(name, digest_size=16).digest()
    at = lines[0][1].at if lines else float(hour)
    return Record(RESULTS, identity, bytes.fromhex(monitor.key), monitor.project, at, 0, body)
