"""What a scan found, taken: each finding becomes new, worse, fixed or stays, counted and told in one transaction."""

from collections.abc import Sequence

import msgspec

from vedette.plumbing.db.sql import on_commit, transaction
from vedette.plumbing.ports import ports
from vedette.scans import decisions, due, life, ranking, signal
from vedette.scans.bounding import MOST_UNKNOWN, bounded
from vedette.scans.identity import fingerprint
from vedette.scans.life import Step, Transition
from vedette.scans.store import findings, made, tallies, words
from vedette.scans.store.made import Scanned
from vedette.scans.types import LIVE_TOPIC, Known, Life, Line, Outcome, Scan
from vedette.signals import service as signals
from vedette.wire.finding import Finding, FindingState, severity_of
from vedette.wire.scan import ScanReport, Unknown

_TOLD = {
    Step.NEW: (signal.NEW, "New"),
    Step.REOPENED: (signal.NEW, "Came back"),
    Step.ENDED: (signal.NEW, "Accepted no longer"),
    Step.WORSE: (signal.WORSE, "Worse"),
    Step.FIXED: (signal.FIXED, "Fixed"),
}
_KEPT = {FindingState.FAILED, FindingState.WAIVED}
_WRITTEN = {*_TOLD, Step.WAIVED}


class _Change(msgspec.Struct, frozen=True):
    before: Known | None
    after: Known
    went: Transition


def take(target: int, report: ScanReport, now: float) -> Scan:
    """Take what one scan of a target found, and return what it came to; raises `NotFound` for a target that is gone.

    A scan that could not know something, or was not complete, fixes nothing: what it does not name stays as it was.
    """
    with transaction():
        about, kept = made.scanned(target), bounded(report)
        unknown = (*kept.unknown, *_unsure(kept))[:MOST_UNKNOWN]
        known = {one.fingerprint: one for one in findings.of_target(target)}
        found = _found(target, kept)
        changes = [_changed(about, mark, known.get(mark), one, now) for mark, one in found.items()]
        if kept.complete and not unknown:
            changes += [_gone(one, now) for mark, one in known.items() if mark not in found]
        changes = _write(_decided(about, changes, now), now)
        if any(
            one.before is not None and decisions.is_decided(one.before) and one.went.step in _WRITTEN
            for one in changes
        ):
            decisions.keep([target])
        blind = bool(unknown) or not kept.complete
        scan = _scan(target, kept, unknown, changes, blind=blind)
        _tell(about, scan, changes, now)
        return made.add(scan)


def _found(target: int, report: ScanReport) -> dict[str, Finding]:
    """Return what failed, or is waived, by fingerprint; of two that are the same the worse one."""
    found: dict[str, Finding] = {}
    for one in report.findings:
        if one.state in _KEPT:
            mark = fingerprint(target, one)
            held = found.get(mark)
            if held is None or ranking.rank(one) > ranking.rank(held):
                found[mark] = one
    return found


def _unsure(report: ScanReport) -> Sequence[Unknown]:
    return [
        Unknown(
            subject=one.subject or one.check,
            why=one.reason or f"{one.title} could not be told.",
            fix=one.fix[:500],
        )
        for one in report.findings
        if one.state is FindingState.UNKNOWN
    ]


def _changed(about: Scanned, mark: str, known: Known | None, found: Finding, now: float) -> _Change:
    went = life.step(known, found, now)
    known_as = (
        _fresh(about, mark, found, went, now) if known is None else _again(about, known, found, went, now)
    )
    return _Change(known, known_as, went)


def _fresh(about: Scanned, mark: str, found: Finding, went: Transition, now: float) -> Known:
    return Known(
        id=0, fingerprint=mark, target=about.id, project=about.project, host=about.host, scanner=about.scanner, finding=found,
        severity=severity_of(found.risk), rank=ranking.rank(found), life=went.life, first_at=now, last_at=now,
        due_at=due.due_at(found, now) if went.life is Life.OPEN else None,
        reason=found.reason if went.step is Step.WAIVED else "",
    )  # fmt: skip


def _again(about: Scanned, known: Known, found: Finding, went: Transition, now: float) -> Known:
    opened = went.life is Life.OPEN and known.life is not Life.OPEN
    due_at, reason = known.due_at, "" if opened else known.reason
    if went.step is Step.WAIVED:
        due_at, reason = None, found.reason
    elif opened:
        due_at = due.due_at(found, now)
    elif went.step is Step.WORSE:
        due_at = due.due_at(found, now, known.due_at)
    return msgspec.structs.replace(
        known, project=about.project, host=about.host, finding=found, severity=severity_of(found.risk), rank=ranking.rank(found),
        life=went.life, last_at=now, due_at=due_at, until=None if opened else known.until, reason=reason,
        fixed_at=None if went.life is not Life.FIXED else known.fixed_at,
    )  # fmt: skip


def _gone(known: Known, now: float) -> _Change:
    went = life.step(known, None, now)
    if went.step is not Step.FIXED:
        return _Change(known, known, went)
    after = msgspec.structs.replace(known, life=Life.FIXED, fixed_at=now, until=None, reason="")
    return _Change(known, after, went)


def _decided(about: Scanned, changes: Sequence[_Change], now: float) -> list[_Change]:
    """Return the changes, what is new as people decided about it elsewhere before it moved here."""
    if not any(one.went.step is Step.NEW for one in changes):
        return list(changes)
    told = decisions.of(about, now)
    return [
        _as_decided(one, told[key])
        if one.went.step is Step.NEW and (key := decisions.mark(one.after)) in told else one
        for one in changes
    ] if told else list(changes)  # fmt: skip


def _as_decided(one: _Change, decision: decisions.Applied) -> _Change:
    after = msgspec.structs.replace(one.after, owner=decision.owner)
    if decision.life is Life.OPEN:
        return msgspec.structs.replace(one, after=after)
    after = msgspec.structs.replace(
        after, life=decision.life, until=decision.until, reason=decision.reason, due_at=None
    )
    reason = f"Decided before it was found here: {decision.reason}"
    return msgspec.structs.replace(one, after=after, went=Transition(Step.WAIVED, decision.life, reason))


def _write(changes: Sequence[_Change], now: float) -> list[_Change]:
    """Write what changed, and return it with the numbers that new findings got."""
    findings.add([one.after for one in changes if one.before is None])
    numbers = findings.numbers([one.after.fingerprint for one in changes if one.before is None])
    changes = [
        one if one.before is not None
        else msgspec.structs.replace(one, after=msgspec.structs.replace(one.after, id=numbers[one.after.fingerprint]))
        for one in changes
    ]  # fmt: skip
    words.add(one.after for one in changes if one.before is None)
    there = [one for one in changes if one.before is not None and one.went.step is not Step.GONE]
    same = [one.after.id for one in there if one.before is not None and _is_same(one.before, one.after)]
    quiet = set(same)
    findings.change(one.after for one in there if one.after.id not in quiet)
    findings.seen(same, now)
    words.change(
        (one.before, one.after) for one in there if one.before is not None and one.after.id not in quiet
    )
    tallies.change((one.before for one in changes if one.before is not None), (one.after for one in changes))
    findings.write([
        (one.after.id, Line(now, one.went.step.value, "", one.went.reason)) for one in changes if one.went.step in _WRITTEN
    ])  # fmt: skip
    return changes


def _is_same(before: Known, after: Known) -> bool:
    return msgspec.structs.replace(before, last_at=after.last_at) == after


def _scan(
    target: int, report: ScanReport, unknown: tuple[Unknown, ...], changes: Sequence[_Change], *, blind: bool
) -> Scan:
    steps = [one.went.step for one in changes]
    open_now = sum(one.after.life is Life.OPEN and one.went.step is not Step.GONE for one in changes)
    outcome = Outcome.BLIND if blind else Outcome.FOUND if open_now else Outcome.CLEAN
    return Scan(
        target=target, at=report.at, seconds=report.seconds, outcome=outcome, found=open_now,
        new=sum(each in {Step.NEW, Step.REOPENED, Step.ENDED} for each in steps), worse=steps.count(Step.WORSE),
        fixed=steps.count(Step.FIXED), unknown=unknown, facts=report.facts,
    )  # fmt: skip


def _tell(about: Scanned, scan: Scan, changes: Sequence[_Change], now: float) -> None:
    told = [
        signal.Told(one.after, *_TOLD[one.went.step], one.went.reason)
        for one in changes
        if one.went.step in _TOLD
    ]
    said = signal.of_findings(told, about.name, now)
    was_blind = made.last_outcome(about.id) is Outcome.BLIND
    if scan.outcome is Outcome.BLIND:
        said.append(signal.of_blind(scan, about.name, about.project, now))
    elif was_blind:
        said.append(signal.sees_again(scan, about.name, about.project, now))
    signals.publish(said, now)
    signals.record(signal.moments(told, about.name, now))
    on_commit(lambda: ports().bus.wake(LIVE_TOPIC))


def end_acceptances(now: float, n: int = 1_000) -> int:
    """Open findings whose acceptance has ended, and tell of them; return how many there were. For a job of the server."""
    with transaction():
        ended = findings.over(now, n)
        reason = "The time for which it was accepted is over."
        changes = [
            _Change(one, _opened(one, now), Transition(Step.ENDED, Life.OPEN, reason)) for one in ended
        ]
        _write_acts(changes, now)
        decisions.keep({one.after.target for one in changes})
        for target, name in {
            one.id: one.name for one in made.named(one.target for one in ended).values()
        }.items():
            told = [
                signal.Told(one.after, *_TOLD[Step.ENDED], reason)
                for one in changes
                if one.after.target == target
            ]
            signals.publish(signal.of_findings(told, name, now), now)
            signals.record(signal.moments(told, name, now))
    return len(ended)


def _opened(one: Known, now: float) -> Known:
    return msgspec.structs.replace(
        one, life=Life.OPEN, until=None, reason="", due_at=due.due_at(one.finding, now)
    )


def _write_acts(changes: Sequence[_Change], now: float) -> None:
    findings.change(one.after for one in changes)
    tallies.change((one.before for one in changes if one.before), (one.after for one in changes))
    findings.write([(one.after.id, Line(now, one.went.step.value, "", one.went.reason)) for one in changes])
    on_commit(lambda: ports().bus.wake(LIVE_TOPIC))
