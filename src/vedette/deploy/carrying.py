"""Carries out what people asked for, one run at a time; one that was stopped in the middle goes on from its journal, or says why not."""

from collections.abc import Callable, Mapping

import msgspec

from vedette.accounts.permissions import SYSTEM
from vedette.core.errors import NotFound, VedetteError
from vedette.deploy import agreeing, asking, keeping, looking, offline, reaching, signal, watching
from vedette.deploy.desk import Clock, Desk, Ended
from vedette.deploy.planning import telling
from vedette.deploy.store import projects
from vedette.deploy.store import runs as store
from vedette.deploy.types import (
    LIVE_TOPIC,
    Applied,
    CloudProject,
    Deed,
    DeployRun,
    DriftState,
    Planned,
    RunState,
)
from vedette.deploy.watching import Done
from vedette.plumbing.db.sql import on_commit, transaction
from vedette.plumbing.ports import ports
from vedette.signals import service as signals

PATIENCE = 3_600.0  # seconds after which one that waits or was stopped is not begun any more
RESUMED = "The server stopped in the middle; it goes on from its journal."
_TRIES = 3
_MOST_LINES = 300
_READONLY = "token_readonly"


def work(clock: Clock, wait: reaching.Wait, idle: Callable[[DeployRun], object] = lambda _: None) -> int:
    """Carry out the oldest run that waits or was stopped; return how many there were. `idle` is called while one works."""
    found = store.open_everywhere()
    if not found:
        return 0
    run = found[0]
    why = _given_up(run, clock())
    if why:
        _end(run, Ended(RunState.INTERRUPTED, why), clock())
    else:
        _carry(Desk(run, clock, wait, lambda: idle(run)))
    return len(found)


def _given_up(run: DeployRun, now: float) -> str:
    """Return why a run is not begun, or does not go on."""
    if run.state is RunState.ASKED and now - run.asked_at > PATIENCE:
        return "The server did not begin it within an hour: it was away, or busy. Ask again."
    if run.state is not RunState.RUNNING:
        return ""
    done = sum(one.good is True for one in run.steps)
    how_far = f"{done} of its changes were made. Look at the plan and ask again: it goes on from there."
    if now - (run.heard_at or run.asked_at) > PATIENCE:
        return f"The server stopped in the middle and was away for long; {how_far}"
    if sum(one.text == RESUMED for one in run.steps) >= _TRIES:
        return f"The server stopped in the middle {_TRIES} times; {how_far}"
    return ""


def _carry(desk: Desk) -> None:
    run = desk.run
    with transaction():
        store.begin(run.id, desk.clock())
        on_commit(lambda: ports().bus.wake(LIVE_TOPIC))
    if desk.resumed:
        desk.say(RESUMED)
        desk.flush()
    try:
        ended = CARRIERS[run.deed](desk)
    except VedetteError as error:
        ended = Ended(RunState.FAILED, " ".join([str(error), error.fix]).strip())
    desk.flush()
    if not (
        isinstance(desk.wait, reaching.Patience) and desk.wait.is_stopped
    ):  # else it goes on at the next start
        _end(run, ended, desk.clock())


def _end(run: DeployRun, ended: Ended, now: float) -> None:
    """Note how a run ended; that it failed is told, and once more when a later one went well."""
    with transaction():
        failed_before = run.deed in agreeing.TOLD and looking.failed(run.project, besides=run.id) is not None
        store.end(run.id, ended.state, signal.plain(ended.sentence), now)
        known = projects.find_by(run.project)
        if known is not None:
            good = ended.state is RunState.DONE
            signals.record([signal.of_run(known, run, ended.state, ended.sentence, now)])
            if run.deed in agreeing.TOLD and (not good or failed_before):
                signals.publish([signal.of_apply(known, run, ended.sentence, now, over=good)], now)
        on_commit(lambda: ports().bus.wake(LIVE_TOPIC))


def _project(desk: Desk) -> CloudProject:
    found = projects.find_by(desk.run.project)
    if found is None:
        raise NotFound("The project was forgotten meanwhile.")
    return found


def _plan(desk: Desk) -> Ended:
    """Read a project anew, and tell what would be done."""
    known = _project(desk)
    seen = watching.look(known, desk.clock(), desk.wait)
    if seen is None:
        return Ended(RunState.FAILED, projects.get(known.id).problem)
    if seen.planned is None:
        return Ended(
            RunState.DONE,
            f"{known.name} was read: {len(seen.live.things)} things are there, and no files say what should be.",
        )
    found = asking.planned(known.id, Deed.PLAN, desk.run.targets, desk.clock()).planned
    for line in telling.text(found).splitlines()[1:_MOST_LINES]:
        desk.say(line)
    return Ended(RunState.DONE, telling.summary(found))


def _apply(desk: Desk) -> Ended:
    """Carry out what was agreed to and nothing else, and look at what is there then."""
    run, known = desk.run, _project(desk)
    desired = keeping.read(known.files, known)
    cloud = reaching.cloud(known, desk.wait)
    wish = agreeing.wish(run.deed, run.targets, unprotect=run.unprotect, loose=desk.resumed)
    doubts: list[str] = []

    def agree(planned: Planned) -> bool:
        doubts.append(agreeing.doubt(run.agreed, planned, resumed=desk.resumed))
        return not doubts[-1]

    folder = ports().settings.data / "deploy"
    planned, applied = desk.aside(
        lambda: offline.apply(desired, cloud, folder, desk.clock, wish=wish, agree=agree, tell=desk.step)
    )
    desk.say(telling.outcome(applied) if applied.steps else "Nothing was changed.")
    if applied.steps:
        _look_after(known, desk, applied)
    return _outcome(known, planned, applied, next(filter(None, doubts), ""))


def _look_after(known: CloudProject, desk: Desk, applied: Applied) -> None:
    good = frozenset(step.ref for step in applied.steps if not step.problem)
    failed = tuple(step.ref for step in applied.problems)
    whole = desk.run.deed is Deed.DESTROY and not failed
    done = Done(state=DriftState.REVERTED, refs=good, failed=failed, anew=whole)
    watching.look(known, desk.clock(), desk.wait, done)


def _outcome(known: CloudProject, planned: Planned, applied: Applied, doubt: str) -> Ended:
    if doubt:
        return Ended(RunState.FAILED, doubt)
    bad, good = applied.problems, len(applied.steps) - len(applied.problems)
    refused = [step for step in bad if _READONLY in step.problem]
    if refused or good:
        with transaction():
            projects.may_write(known.id, writes=not refused)
    if refused and not good:
        return Ended(
            RunState.FAILED, "Hetzner lets this token only read; nothing was changed. Give the project one that may read and write, and ask again."
        )  # fmt: skip
    if bad:
        return Ended(RunState.FAILED, f"{telling.outcome(applied)} {telling.step(bad[0])}")
    return Ended(RunState.DONE, telling.outcome(applied) if applied.steps else telling.summary(planned))


def _adopt(desk: Desk) -> Ended:
    """Let the files say what is there of drifts, as it is there now."""
    run, known = desk.run, _project(desk)
    seen = watching.look(known, desk.clock(), desk.wait)
    if seen is None:
        return Ended(RunState.FAILED, projects.get(known.id).problem)
    found = asking.adopted(known, seen.live, run.targets)
    for ref, why in found.left.items():
        desk.say(f"{signal.named(ref)}: {why}", good=False)
    if not found.done:
        return Ended(
            RunState.FAILED, next(iter(found.left.values()), "Nothing drifted; the files stay as they are.")
        )
    actor = msgspec.structs.replace(SYSTEM, name=run.by)
    said = keeping.say(actor, known.id, {**known.files, **found.texts}, desk.clock())
    for ref in found.done:
        desk.say(f"{signal.named(ref)}: the files say now what is there.", good=True)
    watching.look(said, desk.clock(), desk.wait, Done(state=DriftState.ADOPTED, refs=frozenset(found.done)))
    return Ended(RunState.DONE, offline.adopted_text(found).replace("\n", " "))


# What carries a deed out: it tells the desk what it does, and what goes wrong it raises as a `VedetteError`.
CARRIERS: Mapping[Deed, Callable[[Desk], Ended]] = {
    Deed.PLAN: _plan,
    Deed.ADOPT: _adopt,
    **dict.fromkeys(agreeing.WRITES, _apply),
}
