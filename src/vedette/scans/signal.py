"""How findings and scans read to a person: what is new, worse or fixed, and what a scan could not know."""

from collections.abc import Sequence

import msgspec

from vedette.scans.ranking import why
from vedette.scans.types import ROOM, Known, Scan
from vedette.signals.types import Moment, Severity, Signal, SignalState
from vedette.wire import finding as wire

NEW, WORSE, FIXED, BLIND = "finding.new", "finding.worse", "finding.fixed", "scan.blind"
MOST = 20
_SEVERITIES = {
    wire.Severity.CRITICAL: Severity.CRITICAL,
    wire.Severity.HIGH: Severity.HIGH,
    wire.Severity.MEDIUM: Severity.LOW,
    wire.Severity.LOW: Severity.LOW,
    wire.Severity.INFO: Severity.INFO,
}
_MANY = {NEW: "are new", WORSE: "became worse", FIXED: "are fixed"}


class Told(msgspec.Struct, frozen=True):
    """A finding that is told of: its kind of signal, and the word that opens the title."""

    known: Known
    kind: str
    word: str
    reason: str


def link(number: int) -> str:
    """Return the path of a finding's page."""
    return f"/findings/{number}/"


def of_findings(told: Sequence[Told], target: str, now: float) -> list[Signal]:
    """Return the signals of a scan: one for each of the worst of a kind, and one that counts those beyond `MOST`."""
    found: list[Signal] = []
    for kind in (NEW, WORSE, FIXED):
        ones = sorted((one for one in told if one.kind == kind), key=lambda one: -one.known.rank)
        found += [_signal(one, target, now) for one in ones[:MOST]]
        if len(ones) > MOST:
            found.append(_counted(ones[MOST:], target, now))
    return found


def of_blind(scan: Scan, target: str, project: int, now: float) -> Signal:
    """Return that a scan could not know all it should."""
    first = scan.unknown[0] if scan.unknown else None
    text = f"{first.subject}: {first.why} {first.fix}" if first else "It did not look at all that there is."
    return Signal(
        room=ROOM, kind=BLIND, subject=target, severity=Severity.HIGH, state=SignalState.FIRING, at=now,
        title=f"The scan of {target} could not know"[:300], text=text[:2_000], link="/findings/targets/", project=project or None,
        labels={"target": str(scan.target)},
    )  # fmt: skip


def sees_again(scan: Scan, target: str, project: int, now: float) -> Signal:
    """Return that a scan knows all it should again."""
    return Signal(
        room=ROOM, kind=BLIND, subject=target, severity=Severity.HIGH, state=SignalState.RESOLVED, at=now,
        title=f"The scan of {target} sees again"[:300], link="/findings/targets/", project=project or None,
        labels={"target": str(scan.target)},
    )  # fmt: skip


def moments(told: Sequence[Told], target: str, now: float) -> list[Moment]:
    """Return the lines of the story of a scan."""
    return [
        Moment(at=now, room=ROOM, kind=one.kind, subject=one.subject, text=one.title, link=one.link, project=one.project)
        for one in of_findings(told, target, now)
    ]  # fmt: skip


def _severity(known: Known) -> Severity:
    """Return how bad the signal is: what attackers are known to use cannot wait, whatever its risk."""
    return Severity.CRITICAL if known.finding.exploited else _SEVERITIES[known.severity]


def _signal(one: Told, target: str, now: float) -> Signal:
    known, found = one.known, one.known.finding
    where = f" in {found.subject}" if found.subject and found.subject not in found.title else ""
    text = "\n".join(part for part in (one.reason, why(found), found.fix and f"Fix: {found.fix}") if part)
    return Signal(
        room=ROOM, kind=one.kind, subject=found.check, severity=_severity(known), state=SignalState.INFO, at=now,
        title=f"{one.word}: {found.title}{where} ({target})"[:300], text=text[:2_000], link=link(known.id), project=known.project or None,
        labels={
            "finding": str(known.id), "check": found.check, "severity": known.severity.value, "scanner": known.scanner,
            "target": str(known.target),
        },
    )  # fmt: skip


def _counted(ones: Sequence[Told], target: str, now: float) -> Signal:
    worst = ones[0].known
    kind = ones[0].kind
    return Signal(
        room=ROOM, kind=kind, subject=target, severity=_severity(worst), state=SignalState.INFO, at=now,
        title=f"{len(ones):,} more findings of {target} {_MANY[kind]}"[:300], link=f"/findings/?target={worst.target}",
        project=worst.project or None, labels={"target": str(worst.target), "scanner": worst.scanner, "severity": worst.severity.value},
    )  # fmt: skip
