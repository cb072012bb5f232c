"""What does a location's batch say by our clock, and is it fit to be taken? Pure.

A location's clock may be wrong: what it says it is as it sends tells how wrong, and all its instants are moved by that. What
still lies ahead of us then is of now; what is older than a day is refused. Findings come with numbers of their origin, which
only grow: those up to the last that was taken are known already, however they are put together again.
"""

import re
from collections.abc import Sequence

import msgspec

from vedette.core.errors import Invalid
from vedette.monitors.locations.types import MOST_RESULTS, OLDEST, Batch, Corrected, Sighted
from vedette.monitors.types import CheckResult, Outcome

CLOSE = 2.0  # seconds: the way here takes time, too
_MOST_SENTENCE, _MOST_CAUSE, _MOST_MS = 1_000, 60, 1e9
_ORIGIN = re.compile(r"[0-9a-f]{32}")
_LATEST = 253_402_300_799.0  # the year 9999
_DECODE = msgspec.json.Decoder(Batch).decode


def read(body: bytes) -> Batch:
    """Return the batch that JSON holds; raises `Invalid` that names the place of what is wrong."""
    try:
        batch = _DECODE(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid(f"The batch cannot be read: {error}", {"body": str(error)}) from None
    wrong = _problem(batch)
    if wrong:
        raise Invalid(f"{wrong[1]} Nothing was taken.", {wrong[0]: wrong[1]})
    return batch


def corrected(batch: Batch, place: str, now: float) -> Corrected:
    """Return a batch that came at `now` as results of a place, by our clock."""
    ahead = now - batch.sent_at
    skew = ahead if abs(ahead) > CLOSE else 0.0
    kept = [
        (batch.first + n, _result(one, place, min(now, one.at + skew)))
        for n, one in enumerate(batch.results)
        if one.at + skew >= now - OLDEST
    ]
    refused = len(batch.results) - len(kept)
    told = (
        "1 finding is older than a day and was"
        if refused == 1
        else f"{refused} findings are older than a day and were"
    )
    reason = f"{told} not recorded." if refused else ""
    return Corrected(tuple(one for _, one in kept), tuple(n for n, _ in kept), skew, refused, reason)


def untaken(found: Sequence[CheckResult], numbers: Sequence[int], last: int) -> Sequence[CheckResult]:
    """Return the findings whose numbers come after the last that was taken of their origin."""
    return [one for number, one in zip(numbers, found, strict=True) if number > last]


def number_of(batch: Batch) -> int:
    """Return the number of the last finding of a batch."""
    return batch.first + len(batch.results) - 1


def _result(one: Sighted, place: str, at: float) -> CheckResult:
    outcome = Outcome(
        at=at, reading=one.reading, cause=one.cause[:_MOST_CAUSE], sentence=one.sentence[:_MOST_SENTENCE],
        ms=one.ms, expires=one.expires,
    )  # fmt: skip
    evidence = b"" if bytes(one.evidence) == b"null" else bytes(one.evidence)
    return CheckResult(
        monitor=one.monitor, outcome=outcome, location=place, phases=one.phases, evidence=evidence
    )


def _problem(batch: Batch) -> tuple[str, str] | None:
    """Return the field that is wrong, and why; None for a batch that can be taken."""
    if not _ORIGIN.fullmatch(batch.origin):
        return "origin", "The origin is 32 hex digits."
    if not 1 <= batch.first < 2**62:
        return "first", "Findings are numbered from 1 on."
    if not 1 <= len(batch.results) <= MOST_RESULTS:
        return "results", f"A batch holds from 1 to {MOST_RESULTS:,} findings, not {len(batch.results):,}."
    if not 0 <= batch.sent_at <= _LATEST:
        return "sent_at", "The batch was sent before 1970 or after 9999."
    if not 0 <= batch.lost < 2**62:
        return "lost", "That many findings cannot be lost."
    wrong = next((n for n, one in enumerate(batch.results) if not _fits(one)), None)
    return (
        None if wrong is None else (f"results.{wrong}", f"Finding {wrong + 1} holds a number out of bounds.")
    )


def _fits(one: Sighted) -> bool:
    times = (one.ms or 0.0, *one.phases.values())
    return (
        0 < one.monitor < 2**62
        and 0 <= one.at <= _LATEST
        and all(0 <= ms <= _MOST_MS for ms in times)
        and len(one.phases) <= 10
        and (one.expires is None or abs(one.expires) <= _LATEST)
    )
