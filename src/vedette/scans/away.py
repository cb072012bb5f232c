"""Scans from elsewhere: a location asks for those of its targets that are due, and brings what it saw.

Only ports are looked at from a location, and only of hosts whose agent proves that they are ours: a location has no key that
other proofs could be held against.
"""

from collections.abc import Collection

import msgspec

from vedette.core.errors import Conflict, Invalid, NotFound
from vedette.instruments.scan import owning
from vedette.plumbing.db.sql import transaction
from vedette.scans import running
from vedette.scans.store import targets as store
from vedette.scans.types import Brought, Errand, Scan, Target
from vedette.wire.scan import ScanReport

PATIENCE = 3_600.0  # seconds that a target waits for its location before that is told
_LATE = 2.0  # times the deadline of a scan
_DECODE = msgspec.json.Decoder(Brought).decode


def claim_from(location: str, owned: Collection[str], now: float) -> Errand | None:
    """Return the scan that is due from a location and waits longest, and note that it runs; None when none is due.

    `owned` are hosts whose agent proves that they are ours; of another the scan is blind, and says so.
    """
    found = store.due(now, location)
    if found is None:
        return None
    host = owning.host_of(found.target)
    if host not in owned:
        _blind(found, f"No agent runs on {host}, and from a location only hosts with one are scanned.", now)
        return None
    with transaction():
        store.put(msgspec.structs.replace(found, running_since=now))
    return Errand(
        kind=found.scanner, target=found.id, scanner=found.scanner, what=found.target, now=now, feeds="",
        options=found.options, deadline=running.DEADLINE, owned=(host,),
    )  # fmt: skip


def read_brought(body: bytes) -> Brought:
    """Return what a location brings; raises `Invalid`."""
    try:
        return _DECODE(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid(f"This is no report of a scan: {str(error)[:200]}") from None


def bring(location: str, brought: Brought, now: float) -> Scan:
    """Take what a location saw of a target; raises `Conflict` for one it was not sent to, or no longer."""
    one = store.find_by(brought.target)
    if one is None or one.location != location or one.running_since != brought.at:
        raise Conflict("This scan is not asked for any more.")
    if brought.report.scanner != one.scanner:
        raise Conflict(f"A scan of {one.scanner} was asked for.")
    facts = {**brought.report.facts, "from": location}
    report = msgspec.structs.replace(
        brought.report, target=one.target, at=min(brought.report.at, now), facts=facts
    )
    scan = _finish(one, report, now)
    if scan is None:
        raise NotFound("The target was taken away.")
    return scan


def miss(now: float) -> int:
    """Tell of targets whose location did not ask for them, or brought nothing; return how many. For a job of the server."""
    missed = 0
    for one in store.elsewhere():
        if one.running_since is not None and one.running_since < now - _LATE * running.DEADLINE:
            _blind(one, f"The location {one.location} did not bring what it saw.", now)
        elif one.running_since is None and one.next_at is not None and one.next_at < now - PATIENCE:
            _blind(one, f"The location {one.location} did not ask for it within the hour.", now)
        else:
            continue
        missed += 1
    return missed


def _blind(one: Target, why: str, now: float) -> None:
    running.blind(_errand(one, now), why, now)


def _finish(one: Target, report: ScanReport, now: float) -> Scan | None:
    return running.finish(_errand(one, now), report, now)


def _errand(one: Target, now: float) -> Errand:
    return Errand(kind=one.scanner, target=one.id, scanner=one.scanner, what=one.target, now=now, feeds="")
