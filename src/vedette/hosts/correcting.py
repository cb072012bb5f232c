"""What does a host's batch say by our clock, and is it fit to be taken? Pure.

A host's clock may be wrong: what it says it is as it sends tells how wrong, and all instants are moved by that. What still
lies ahead of us then is of now. What is too old for where it would be kept is refused, and so is a measure out of bounds.
"""

import math

import msgspec

from vedette.hosts.types import DAY, Delivery
from vedette.wire.agent import batches
from vedette.wire.agent.batches import Batch
from vedette.wire.agent.types import (
    Audit,
    BackupTold,
    Decision,
    Detection,
    Inventory,
    Processes,
    Report,
    Sample,
)
from vedette.wire.hardened import HardeningTold, Witnessed

CLOSE = 2.0  # seconds: the way here takes time, too
OLDEST, OLDEST_FACT = 2 * DAY, 30 * DAY
MOST_SERIES, MOST_NAME, MOST_TOP, MOST_FINDINGS = 1_000, 200, 100, 2_000
MOST_VALUE = 3.4e38  # what is kept are 32-bit floats, of which larger ones are no number
MOST_BYTES = 100_000  # of one report, packed
_MOST_BYTES: dict[type, int] = {
    Audit: 1_048_576,
    Inventory: 1_048_576,
    Processes: 32_768,
    BackupTold: 1_048_576,
    HardeningTold: 1_048_576,
    Witnessed: 262_144,
}
_ENCODE = msgspec.msgpack.Encoder().encode
_replace = msgspec.structs.replace


def corrected(batch: Batch, host: int, now: float, taken: int = 0) -> Delivery:
    """Return what is to be recorded of a batch that came at `now`, up to whose number `taken` all is recorded already."""
    ahead = now - batch.sent_at
    skew = ahead if abs(ahead) > CLOSE else 0.0
    kept: list[Report] = []
    numbers: list[int] = []
    why = ""
    for number, report in enumerate(batch.reports, batch.first):
        if number <= taken:
            continue
        one = _moved(report, skew, now)
        wrong = _problem(one, now)
        if wrong:
            why = why or wrong
        else:
            kept.append(one)
            numbers.append(number)
    refused = sum(number > taken for number in range(batch.first, batches.last(batch) + 1)) - len(kept)
    reason = f"{refused} reports were not recorded: {why}" if refused else ""
    return Delivery(
        host=host, origin=batch.origin, first=batch.first, reports=tuple(kept), numbers=tuple(numbers),
        last=batches.last(batch), version=batch.version[:40] if batch.version.isprintable() else "", skew=round(skew, 1), lost=batch.lost, refused=refused,
        reason=reason,
    )  # fmt: skip


def _moved(report: Report, skew: float, now: float) -> Report:
    """Return a report by our clock."""
    at = min(now, report.at + skew)
    moved = at - report.at
    if isinstance(report, Inventory):
        return _replace(report, at=at, booted_at=report.booted_at + skew)
    if isinstance(report, HardeningTold) and skew:
        return _moved_hardening(report, at, skew)
    if isinstance(report, Decision) and moved:
        return _replace(report, at=at, until=report.until + moved)  # it lasts as long as it did
    if isinstance(report, Detection) and moved and report.first_at > 0:
        return _replace(report, at=at, first_at=report.first_at + moved)
    return report if at == report.at else _replace(report, at=at)


def _moved_hardening(report: HardeningTold, at: float, skew: float) -> HardeningTold:
    drift = tuple(_replace(one, since=one.since + skew, seen_at=one.seen_at + skew) for one in report.drift)
    return _replace(
        report, at=at, set_at=report.set_at + skew if report.set_at else 0.0, drift=drift,
        reverted_at=report.reverted_at + skew if report.reverted_at else 0.0,
    )  # fmt: skip


def _problem(report: Report, now: float) -> str:
    """Return why a report is not recorded; empty when it is."""
    oldest = OLDEST if batches.is_measured(report) else OLDEST_FACT
    if report.at < now - oldest:
        return f"what is older than {round(oldest / DAY)} days is not kept."
    wrong = _wrong(report, now)
    most = _MOST_BYTES.get(type(report), MOST_BYTES)
    if not wrong and len(_ENCODE(report)) > most:
        return f"such a report has at most {most:,} bytes."
    return wrong


def _wrong(report: Report, now: float) -> str:
    """Return what of a report is out of bounds."""
    found = ""
    if isinstance(report, Sample):
        found = _wrong_sample(report)
    elif isinstance(report, Processes) and len(report.top) > MOST_TOP:
        found = f"at most {MOST_TOP} processes are told of."
    elif isinstance(report, Inventory) and not 0 <= report.booted_at <= now + DAY:
        found = "a host started at no such time."
    elif isinstance(report, Decision) and not math.isfinite(report.until):
        found = "a decision ends at no such time."
    elif isinstance(report, Detection) and not math.isfinite(report.first_at):
        found = "a detection began at no such time."
    elif isinstance(report, Audit) and not math.isfinite(report.score):
        found = "a score is a number."
    elif isinstance(report, HardeningTold) and not _is_finite(report):
        found = "when hardening set something, and scores, are numbers."
    elif isinstance(report, Audit) and len(report.findings) > MOST_FINDINGS:
        found = f"an audit has at most {MOST_FINDINGS:,} findings."
    return found


def _is_finite(report: HardeningTold) -> bool:
    instants = [value for one in report.drift for value in (one.since, one.seen_at)]
    return all(
        math.isfinite(one)
        for one in (report.set_at, report.reverted_at, report.before, report.after, *instants)
    )


def _wrong_sample(sample: Sample) -> str:
    if not sample.values:
        return "a sample holds at least one series."
    if len(sample.values) > MOST_SERIES:
        return f"a sample has at most {MOST_SERIES:,} series."
    if not all(-MOST_VALUE <= value <= MOST_VALUE for value in sample.values.values()):
        return "a measure is a number that 32 bits hold."
    wrong = next((name for name in sample.values if not _is_name(name)), None)
    return "" if wrong is None else "a series has 1 to 200 characters that can be printed."


def _is_name(name: str) -> bool:
    return 1 <= len(name) <= MOST_NAME and name.isprintable()
