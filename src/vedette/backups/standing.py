"""Could a plan be restored now, how old would it be, how long would it take? Pure: the worst that is true is said."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from vedette.backups import planning
from vedette.backups.types import Health, Known, Standing, Summary
from vedette.wire import due
from vedette.wire.agent.deciding.spelling import spelled
from vedette.wire.backup import BackupRun, DrillRun, RestoreRun, Stage

LATE = 3_600.0  # seconds after its time when a run is missed
SLACK = 300.0  # seconds by which the clock of a host may be behind
SOON = 0.85  # of a goal: from here on it is soon missed
_RANK = {Health.RED: 0, Health.AMBER: 1, Health.GREEN: 2, Health.OFF: 3}


class Past(msgspec.Struct, frozen=True, kw_only=True):
    """What a plan's standing rests on: its last good backup and its last ended one by copy, its last drill, its last proof.

    `proof` is the last drill that found all well, `began_at` when a backup was last begun, `key` its key in `wire.due`.
    """

    key: str
    good: Mapping[str, BackupRun] = {}
    last: Mapping[str, BackupRun] = {}
    drill: DrillRun | None = None
    proof: DrillRun | None = None
    running: BackupRun | DrillRun | RestoreRun | None = None
    began_at: float | None = None
    refused: str = ""  # why the host does not take the plan
    unproved: str = ""  # why the host that proves it for this one does not


def standing(known: Known, past: Past, now: float) -> Standing:
    """Return how a plan stands, with what that rests on."""
    plan = known.plan
    health, sentence = _verdict(known, past, now)
    spread = planning.spread(plan)
    saved, proof, last = _saved_at(past), past.proof, _newest(past.last.values())
    return Standing(
        known=known, health=health, sentence=sentence, saved_at=saved, proven_at=proof.ended_at if proof else None,
        rto=proof.rto if proof else None, rpo=proof.rpo if proof else None, last=last, drill=past.drill, running=past.running,
        next_at=due.next_at(plan.schedule, past.key, now) if plan.enabled else None,
        copies=spread.copies, offsite=spread.offsite, media=spread.media,
    )  # fmt: skip


def rank(one: Standing) -> tuple[int, float, str, int]:
    """Return what orders plans, worst first: health, then what is proven the longest ago, then the name."""
    return _RANK[one.health], one.proven_at or 0.0, one.known.plan.name, one.known.id


def summary(found: Sequence[Standing], now: float) -> Summary | None:
    """Return whether everything could be restored now; None where there is no plan. `found` are the worst first."""
    if not found:
        return None
    on = [one for one in found if one.health is not Health.OFF]
    if not on:
        return Summary(
            health=Health.OFF, sentence="Every plan is switched off: nothing is saved.", plans=len(found)
        )
    oldest = min(on, key=lambda one: one.proven_at or 0.0)
    return Summary(
        health=on[0].health, sentence=_summed(on, oldest, now), plans=len(found), proven_at=oldest.proven_at, rto=oldest.rto,
    )  # fmt: skip


def _summed(on: Sequence[Standing], oldest: Standing, now: float) -> str:
    worst = on[0]
    if worst.health is not Health.GREEN:
        bad = sum(one.health is worst.health for one in on)
        rest = f" ({bad - 1} more)" if bad > 1 else ""
        return f"{worst.known.plan.name}: {worst.sentence}{rest}"
    took = f", {spelled(oldest.rto)}" if oldest.rto is not None else ""
    return f"Restore proven {_ago(oldest.proven_at, now)}{took}."


def _verdict(known: Known, past: Past, now: float) -> tuple[Health, str]:
    if not known.plan.enabled:
        return Health.OFF, "Switched off: nothing is saved."
    for health, sentences in ((Health.RED, _red), (Health.AMBER, _amber)):
        sentence = next(sentences(known, past, now), "")
        if sentence:
            return health, sentence
    took = f" in {spelled(past.proof.rto)}" if past.proof and past.proof.rto is not None else ""
    proven = past.proof.ended_at if past.proof else None
    return (
        Health.GREEN,
        f"Could be restored now: saved {_ago(_saved_at(past), now)}, restored {_ago(proven, now)}{took}.",
    )


def _red(known: Known, past: Past, now: float) -> Iterator[str]:
    goals, saved = known.plan.goals, _saved_at(past)
    failed = _failed(past)
    if past.refused:
        yield f"The host does not take this plan: {past.refused}"
    if past.unproved:
        yield f"{known.plan.drills.host} does not prove this plan: {past.unproved}"
    if saved is None:
        said = f"the first run failed: {failed[0].sentence}" if failed else "it was never saved."
        yield f"Could not be restored: {said}"
        return
    if len(failed) == len(past.last):
        yield f"The last backup failed: {failed[0].sentence} The last good one is {_old(saved, now)} old."
    if past.drill is not None and past.drill.stage is Stage.FAILED:
        yield f"The last drill failed: {past.drill.sentence}"
    if now - saved > goals.rpo:
        yield f"Last saved {_ago(saved, now)}: more would be lost than the goal of {spelled(goals.rpo)}."
    if past.proof is None:
        yield f"Saved {_ago(saved, now)}, and never restored: nobody knows whether it can be."
    elif now - (past.proof.ended_at or 0.0) > goals.proven:
        yield f"Last restored {_ago(past.proof.ended_at, now)}: longer ago than the goal of {spelled(goals.proven)}."


def _amber(known: Known, past: Past, now: float) -> Iterator[str]:
    plan, proof = known.plan, past.proof
    if proof is not None and proof.rto is not None and proof.rto > plan.goals.rto:
        yield f"The last drill took {spelled(proof.rto)}: longer than the goal of {spelled(plan.goals.rto)}."
    for run in _failed(past):
        yield f"The copy {run.copy} failed: {run.sentence}"
    for copy in lagging(known, past, now):
        at = past.good[copy].began_at if copy in past.good else None
        yield f"The copy {copy} lags: it was last saved {_ago(at, now)}."
    if missed(known, past, now) is not None:
        yield f"The last run is late: it was due {_ago(missed(known, past, now), now)}."
    if proof is not None and now - (proof.ended_at or 0.0) > SOON * plan.goals.proven:
        yield f"Last restored {_ago(proof.ended_at, now)}: soon longer ago than the goal of {spelled(plan.goals.proven)}."


def lagging(known: Known, past: Past, now: float) -> tuple[str, ...]:
    """Return the copies whose last good backup is older than may be lost, or that have none, while another has a younger one."""
    if not past.good:
        return ()
    late = [
        copy.name
        for copy in known.plan.copies
        if copy.name not in past.good or now - past.good[copy.name].began_at > known.plan.goals.rpo
    ]
    return tuple(late) if len(late) < len(known.plan.copies) else ()


def missed(known: Known, past: Past, now: float) -> float | None:
    """Return when a run should have begun that did not; None where none is missed."""
    if past.running is not None or not known.plan.enabled:
        return None
    slot = due.last_at(known.plan.schedule, past.key, now - LATE)
    began = max(past.began_at or 0.0, known.changed_at)
    return slot if slot is not None and slot > began + SLACK else None


def _failed(past: Past) -> list[BackupRun]:
    found = [one for one in past.last.values() if one.stage is Stage.FAILED]
    return sorted(found, key=lambda one: -one.began_at)


def _saved_at(past: Past) -> float | None:
    return max((one.began_at for one in past.good.values()), default=None)


def _newest(found: Iterable[BackupRun]) -> BackupRun | None:
    return max(found, key=lambda one: one.began_at, default=None)


def _ago(at: float | None, now: float) -> str:
    return "never" if at is None else f"{_old(at, now)} ago"


def _old(at: float, now: float) -> str:
    return spelled(max(0.0, now - at))


def missing(known: Known, past: Past, now: float) -> Iterator[tuple[str, str]]:
    """Yield the goals that a plan misses: a letter each, and a sentence. A new plan has until its first goal to meet it."""
    if not known.plan.enabled:
        return
    goals, since = known.plan.goals, known.changed_at
    saved, proof = _saved_at(past), past.proof
    late = missed(known, past, now)
    if late is not None:
        yield "l", f"it was due {_ago(late, now)} and did not begin."
    if lags := lagging(known, past, now):
        yield "g", f"{', '.join(lags)} lags behind the other copies."
    if now - max(saved or 0.0, since if saved is None else 0.0) > goals.rpo:
        yield "p", f"last saved {_ago(saved, now)}, the goal is {spelled(goals.rpo)}."
    if proof is not None and proof.rto is not None and proof.rto > goals.rto:
        yield "t", f"a restore takes {spelled(proof.rto)}, the goal is {spelled(goals.rto)}."
    if now - max((proof.ended_at or 0.0) if proof else 0.0, since if proof is None else 0.0) > goals.proven:
        yield (
            "u",
            f"last restored {_ago(proof.ended_at if proof else None, now)}, the goal is {spelled(goals.proven)}.",
        )
