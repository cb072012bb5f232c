"""From results of checks to verdicts: one transaction for a batch, so that what many have in common is seen before any is judged."""

import hashlib
from collections.abc import Mapping, Sequence

import msgspec

from vedette.monitors import judging, surroundings, tallying
from vedette.monitors.applying import SHARED, Batch
from vedette.monitors.concluding import MOST_EVIDENCE
from vedette.monitors.store import monitors, results, standings
from vedette.monitors.types import (
    CheckResult,
    Judged,
    Monitor,
    Outcome,
    Reading,
    Sighting,
    Surroundings,
    Watched,
)
from vedette.plumbing.db import sql
from vedette.plumbing.ports import ports
from vedette.plumbing.telemetry.port import Record, Span

EVIDENCE = "check_evidence"


def record(found: Sequence[CheckResult], now: float) -> Mapping[int, Judged]:
    """Judge results and keep them; return the verdict on each monitor.

    Results of monitors that are gone are dropped, and those from where a monitor is not checked. What a location could not tell
    in time is kept and not judged.
    """
    if not found:
        return {}
    verdicts: dict[int, Judged] = {}
    evidence: list[Record] = []
    with sql.transaction():
        known = monitors.by_ids({one.monitor for one in found})
        batch = Batch(known, now)
        taken = [one for one in sorted(found, key=_at) if _is_wanted(known.get(one.monitor), one)]
        shared = _shared([one for one in taken if not one.location], now)
        for one in taken:
            watched = batch.get(one.monitor)
            if watched is None:
                continue
            evidence += _evidence(watched, one)
            if judging.is_late(watched.monitor, one, now):
                continue
            # What is at fault here says nothing of what is seen from elsewhere.
            surrounding = Surroundings() if one.location else shared
            around = batch.around(watched, one.outcome.at, surrounding, one.outcome.cause)
            after = judging.checked(watched, one, around)
            batch.put(after)
            if after.judged is not None:
                verdicts[one.monitor] = after.judged
        if len(taken) > sum(bool(one.location) for one in taken):
            batch.tell_surroundings(shared)
        results.add([(one.monitor, tallying.line_of(one)) for one in taken])
        batch.write()
        # Before the commit: what is recorded again after a failure has the same ids, and is not kept twice.
        ports().telemetry.append(evidence)
    return verdicts


def evidence(monitor: Monitor, span: Span, n: int = 20) -> tuple[CheckResult, ...]:
    """Return what is kept of a monitor's failures, newest first: sentence, phases and evidence."""
    page = ports().telemetry.list(EVIDENCE, [bytes.fromhex(monitor.key)], span, n)
    return tuple(_result(monitor, _DECODE(one.body)) for one in page.records)


class Proven(msgspec.Struct, frozen=True, omit_defaults=True):
    """A failure as telemetry keeps it, in JSON."""

    outcome: Outcome
    location: str = ""
    phases: Mapping[str, float] = {}
    evidence: msgspec.Raw = msgspec.Raw(b"null")


_ENCODE = msgspec.json.Encoder().encode
_DECODE = msgspec.json.Decoder(Proven).decode


def _result(monitor: Monitor, kept: Proven) -> CheckResult:
    return CheckResult(
        monitor=monitor.id, outcome=kept.outcome, location=kept.location, phases=kept.phases,
        evidence=bytes(kept.evidence),
    )  # fmt: skip


def _json(evidence: bytes) -> msgspec.Raw:
    """Return evidence as it may stand within JSON; what is too large or no JSON is left out."""
    try:
        msgspec.json.decode(evidence)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return msgspec.Raw(b"null")
    return msgspec.Raw(evidence if len(evidence) <= MOST_EVIDENCE else b"null")


def _is_wanted(monitor: Monitor | None, result: CheckResult) -> bool:
    return monitor is not None and not monitor.paused and result.location in monitor.config.places


def _at(result: CheckResult) -> float:
    return result.outcome.at


def _shared(found: Sequence[CheckResult], now: float) -> Surroundings:
    """Return what keeps single checks of a batch from telling anything; asked only when there is a reason to ask."""
    _, _, before = standings.mark(SHARED)
    fails = any(one.outcome.reading is Reading.BAD for one in found)
    if not fails and not before:
        return Surroundings()
    canaries = monitors.canaries()
    seen = {one.monitor: one for one in standings.sightings(now - surroundings.FRESH, canaries)}
    for one in found:
        good = one.outcome.reading is not Reading.BAD
        seen[one.monitor] = Sighting(
            one.monitor, one.outcome.at, good, one.outcome.cause, one.monitor in canaries
        )
    return surroundings.judge(seen.values(), now)


def _evidence(before: Watched, result: CheckResult) -> list[Record]:
    """Return what is kept of a failure; of the same one again and again only the first."""
    last, outcome = before.known.last, result.outcome
    if outcome.reading is not Reading.BAD or not result.evidence:
        return []
    again = last is not None and last.reading is Reading.BAD and last.cause == outcome.cause
    if again and before.known.standing.failures > before.monitor.tolerance.failures:
        return []
    kept = Proven(outcome, result.location, result.phases, _json(result.evidence))
    identity = hashlib.blake2b(
        f"{result.monitor}:{result.location}:{outcome.at!r}".encode(), digest_size=16
    ).digest()
    key = bytes.fromhex(before.monitor.key)
    return [
        Record(
            EVIDENCE,
            identity,
            key,
            before.monitor.project,
            outcome.at,
            0,
            _ENCODE(kept),
        )
    ]
