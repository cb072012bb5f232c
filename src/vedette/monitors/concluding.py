"""What does the result of a probe say of its monitor? Pure.

Slowness is judged where results are recorded, by what the monitor allows then (`judging`).
"""

import msgspec

from vedette.instruments.probe.types import OUR_FAULTS, Cause, Evidence, Result
from vedette.monitors.types import CheckResult, Outcome, Reading

# It answered, and not as it should: how long that took is known all the same.
_ANSWERED = frozenset({Cause.BAD_STATUS, Cause.ASSERTION, Cause.WRONG_RECORDS, Cause.BODY_TOO_LARGE})
_PHASES = ("dns", "connect", "tls", "first_byte", "transfer")
_ENCODE = msgspec.json.Encoder().encode
MOST_EVIDENCE = 64 * 1024


def concluded(monitor: int, result: Result, location: str = "") -> CheckResult:
    """Return a probe's result as one of a monitor; what failed for reasons of our own is unknown, and never down.

    The end of the certificate is the soonest of every chain that was seen. Evidence is kept of failures alone.
    """
    phases = result.phases
    timed = {name: ms for name in _PHASES if (ms := getattr(phases, name)) is not None}
    answered = result.ok or result.cause in _ANSWERED
    outcome = Outcome(
        at=result.at, reading=reading_of(result), cause=result.code, sentence="" if result.ok else result.sentence,
        ms=phases.total if answered else None, expires=_expires(result),
    )  # fmt: skip
    evidence = b"" if result.ok else _fitted(result.evidence)
    return CheckResult(monitor=monitor, outcome=outcome, location=location, phases=timed, evidence=evidence)


def reading_of(result: Result) -> Reading:
    """Return what a result reads as."""
    if result.ok:
        return Reading.GOOD
    return Reading.UNKNOWN if result.cause in OUR_FAULTS else Reading.BAD


def _expires(result: Result) -> float | None:
    seen = result.evidence
    ends = [hop.certificate_ends for hop in seen.hops if hop.certificate_ends is not None]
    return min([*ends, *(one.ends for one in seen.chain)], default=None)


def _fitted(seen: Evidence) -> bytes:
    """Return evidence as JSON within its bound: where it is too much the picture goes first, then the ends of all that is long."""
    text = _ENCODE(seen)
    if len(text) > MOST_EVIDENCE:
        seen = msgspec.structs.replace(seen, picture=b"")
        text = _ENCODE(seen)
    while len(text) > MOST_EVIDENCE:
        seen = _halved(seen)
        text = _ENCODE(seen)
    return text


def _halved(seen: Evidence) -> Evidence:
    long = ("notes", "records", "headers", "hops", "chain", "body")
    return msgspec.structs.replace(
        seen, **{name: (kept := getattr(seen, name))[: len(kept) // 2] for name in long}
    )
