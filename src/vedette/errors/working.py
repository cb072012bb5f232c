"""Acts on many issues: one job each, done in short transactions so that digestion is never kept waiting.

How far a job is stands in the same transaction as what it did: after a restart it goes on where it was, and nothing
is done twice. A job that cannot go on ends and says how far it came.
"""

from collections.abc import Callable, Sequence

from vedette.accounts.permissions import Actor, Verb, require
from vedette.core import ids as new
from vedette.core.clock import monotonic
from vedette.core.errors import Invalid, NotFound, Unavailable, VedetteError
from vedette.errors import acting, joining
from vedette.errors.store import groups, jobs, standing
from vedette.errors.store.groups import STEPS
from vedette.errors.store.jobs import Body, Stored
from vedette.errors.sweep import service as sweep
from vedette.errors.sweep.types import Whole
from vedette.errors.types import ISSUES_TOPIC, JOBS_TOPIC, Action, Done, Job
from vedette.plumbing.db import sql
from vedette.plumbing.ports import ports

MOST_MERGED = 10_000
CHUNK = 250
SHOWN_FOR = 600.0
_SHOWN = 5
_KEPT = 7 * 86_400.0
MERGE, PART = "merge", "part"


def merge(actor: Actor, short_ids: Sequence[str], into: str, now: float) -> Done:
    """Merge few issues at once, many in a job; see `service.merge`."""
    require(actor, Verb.ISSUE_WRITE)
    if len(short_ids) <= joining.MOST_AT_ONCE:
        return joining.merge(actor, short_ids, into, now)
    if len(short_ids) > MOST_MERGED:
        raise Invalid(f"At most {MOST_MERGED:,} issues are merged at once.", {"ids": "too many"})
    with sql.transaction():
        target, others = joining.chosen(short_ids, into)
        return _begin_merge(actor, target, others, now)


def merge_all(actor: Actor, whole: Whole, now: float) -> Done:
    """Merge every issue of a search in a job; see `service.merge_all`."""
    require(actor, Verb.ISSUE_WRITE)
    found = sweep.chosen(actor, whole, MOST_MERGED, now)
    with sql.transaction():
        target, others = joining.chosen_of(found)
        return _begin_merge(actor, target, others, now)


def act_on_all(actor: Actor, whole: Whole, action: Action, now: float) -> Done:
    """Do one thing to every issue of a search in a job; see `service.act_on_all`."""
    require(actor, Verb.ISSUE_WRITE)
    found = sweep.chosen(actor, whole, sweep.MOST, now)
    with sql.transaction():
        job = sweep.begin(actor, whole, found, action, now)
        _add(job)
    return Done((), f"{job.body.text}: begun.", "", job.id)


def _begin_merge(
    actor: Actor, target: standing.Stored, others: Sequence[standing.Stored], now: float
) -> Done:
    token, key = new.new_id(), acting.key_of(target, joining.slugs())
    joining.begin(actor, target, others, token, now)
    text = f"Merge {len(others) + 1:,} issues into {key}"
    body = Body(actor=actor, text=text, token=token)
    moved = tuple(other.id for other in others)
    _add(
        Stored(
            id=token, kind=MERGE, at=now, issue=target.id, total=len(moved) + len(STEPS), body=body, ids=moved
        )
    )
    return Done((key,), f"{text}: begun.", "", token)


def undo(actor: Actor, token: str, now: float) -> Done:
    """Take an act back, one on many issues in a job; see `service.undo`."""
    require(actor, Verb.ISSUE_WRITE)
    with sql.transaction():
        made = jobs.find(token)
        if made is not None and made.ended_at is None:
            raise Invalid("This is still being done; take it back once it is.", {"token": "not done yet"})
        if made is not None and made.kind == sweep.CHANGE:
            job = sweep.begin_back(actor, made, now)
            _add(job)
            return Done((), f"{job.body.text}: begun.", "", job.id)
        if made is None or made.total <= joining.MOST_AT_ONCE:
            return (
                joining.undo(actor, token, now) if joining.is_merge(token) else acting.undo(actor, token, now)
            )
        return _begin_undo(actor, made, now)


def _begin_undo(actor: Actor, made: Stored, now: float) -> Done:
    """Begin to take a job back; what it is done to is looked up anew, for some may have changed since."""
    body = Body(actor=actor, text=f"Take back: {made.body.text}", token=made.id)
    left = tuple(groups.ids_of_act(made.id))
    if not left:
        raise NotFound("This cannot be taken back any more.")
    issue, total = groups.of_act(made.id, 1)[0].issue, len(left) + len(STEPS)
    job = Stored(id=new.new_id(), kind=PART, at=now, issue=issue, total=total, body=body, ids=left)
    _add(job)
    return Done((), f"{body.text}: begun.", "", job.id)


def _add(job: Stored) -> None:
    jobs.add(job, acting.user_of(job.body.actor))
    sql.on_commit(_wake)


def _wake() -> None:
    ports().bus.wake(ISSUES_TOPIC)
    ports().bus.wake(JOBS_TOPIC)


def work(now: float, seconds: float) -> int:
    """Do pieces of jobs, the oldest first, for about so long; return how many."""
    end, pieces = monotonic() + seconds, 0
    while (job := jobs.next_open()) is not None:
        # Woken before the piece, so that one that fails, or the time that is over, has it called again soon.
        _wake()
        _piece_or_end(job, now)
        pieces += 1
        if monotonic() >= end:
            break
    return pieces


def _piece_or_end(job: Stored, now: float) -> None:
    try:
        with sql.transaction():
            done = _STEPS[job.kind](job, now)
            jobs.advance(job.id, done)
            if done >= job.total:
                jobs.end(job.id, now)
    except Unavailable:
        raise  # the store is busy or full: the piece is taken again
    except VedetteError as error:
        jobs.end(job.id, now, f"It ended after {job.done:,} of {len(job.ids):,} issues: {error}")


def _chunk(job: Stored) -> tuple[int, ...]:
    return job.ids[job.done : job.done + CHUNK]


def _merge(job: Stored, now: float) -> int:
    target = _target(job)
    chunk = _chunk(job)
    if not chunk:
        return _recount(job, target, now)
    joining.join(job.body.actor, target.id, [one for one in chunk if one != target.id], job.body.token, now)
    return job.done + len(chunk)


def _target(job: Stored) -> standing.Stored:
    found = standing.by_ids([job.issue or 0]).get(job.issue or 0)
    if found is None:
        raise NotFound("the issue that should remain is gone, or was merged into another one.")
    return found


def _recount(job: Stored, target: standing.Stored, now: float) -> int:
    """Do one of the steps after the last issue."""
    groups.recount_step(target.id, STEPS[job.done - len(job.ids)])
    if job.done + 1 >= job.total:
        joining.settle(target)
        if job.kind == PART:
            text = f"took back: merged {len(job.ids):,} issues into it"
            joining.close(job.body.actor, target, job.body.token, text, now)
    return job.done + 1


def _part(job: Stored, now: float) -> int:
    target = _target(job)
    if job.done >= len(job.ids):
        return _recount(job, target, now)
    found, taken = groups.family(job.body.token, job.ids[job.done :], CHUNK)
    text = f"split it off {acting.key_of(target, joining.slugs())}: the merge was taken back"
    joining.part(job.body.actor, [group for group in found if group.issue == target.id], text, now)
    return job.done + taken


_STEPS: dict[str, Callable[[Stored, float], int]] = {
    MERGE: _merge, PART: _part, sweep.CHANGE: sweep.change, sweep.BACK: sweep.back,
}  # fmt: skip


def find(id_: str) -> Job:
    """Return a job; raises `NotFound`."""
    found = jobs.find(id_)
    if found is None:
        raise NotFound("There is no such job; jobs are forgotten a week after they ended.")
    return shown(found)


def recent(now: float) -> tuple[Job, ...]:
    """Return the jobs under way and those that ended a short while ago."""
    return tuple(shown(job) for job in jobs.recent(now - SHOWN_FOR, _SHOWN))


def drop_old(now: float) -> int:
    """Forget jobs that ended long ago; return how many."""
    return jobs.drop_before(now - _KEPT)


def shown(job: Stored) -> Job:
    """Return a job as people see it; it can be taken back once it is done."""
    of_search = job.kind in {sweep.CHANGE, sweep.BACK}
    kept = job.kind == MERGE or (job.kind == sweep.CHANGE and job.body.changed and not job.body.taken_back)
    over = job.ended_at is not None and kept
    return Job(
        id=job.id, kind=job.kind, text=job.body.text, at=job.at, ended_at=job.ended_at, done=job.done,
        total=job.total, problem=job.problem, undo=job.id if over else "",
        changed=job.body.changed if of_search else None,
    )  # fmt: skip
