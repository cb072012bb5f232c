"""Acts on every issue of a search: frozen when a person asks for it, then done and taken back in the pieces of a job.

Only issues that met the search when it was asked for are touched. One to which something else happened before its turn
(somebody changed it, it came back) stays as it is. Each issue gets its line of history; the audit log, the story and
whom issues are given to hear of all of them once.
"""

from collections.abc import Sequence

import msgspec

from vedette.accounts import service as accounts
from vedette.accounts.permissions import Actor
from vedette.core import ids as new
from vedette.core.errors import Invalid, NotFound, Unavailable
from vedette.errors import acting, joining, reading, signal
from vedette.errors.store import jobs, standing, story
from vedette.errors.store.jobs import Body, Stored
from vedette.errors.sweep import store
from vedette.errors.sweep.types import Matching, Whole
from vedette.errors.types import Action, Assign
from vedette.plumbing.db import sql
from vedette.plumbing.ports import ports
from vedette.projects import service as projects
from vedette.signals import service as signals

MOST = 100_000
CHUNK = 250
CHANGE, BACK = "change", "back"
_SECONDS, _GLANCE = 5.0, 0.01


def matching(actor: Actor, whole: Whole, seconds: float = _SECONDS) -> Matching:
    """Return how many issues meet a search, within so many seconds.

    Raises `QueryProblem`, which points at the word, `NotFound` for an unknown project, and `Unavailable`.
    """
    query = reading.understood(whole.query, actor.id or None)
    with sql.reading(seconds):
        return Matching(store.count(query, _project(whole), ports().clock.now()), store.newest())


def glance(actor: Actor, whole: Whole) -> int | None:
    """Return how many issues meet a search, None when that takes longer than a list may wait for it."""
    try:
        return matching(actor, whole, _GLANCE).n
    except Unavailable:
        return None


def chosen(actor: Actor, whole: Whole, most: int, now: float) -> list[int]:
    """Return the ids of all issues that meet a search now, the oldest first.

    Raises `Invalid` for none and for more than `most`. Not within a transaction: digestion would wait for the search.
    """
    query = reading.understood(whole.query, actor.id or None)
    with sql.reading(_SECONDS):
        newest = store.newest() if whole.newest is None else whole.newest
        found = store.ids(query, _project(whole), newest, now, most + 1)
    if len(found) > most:
        raise Invalid(
            f"More than {most:,} issues match this search; narrow it, and take them in parts.",
            {"query": "too many"},
        )
    if not found:
        raise Invalid("No issue matches this search.", {"query": "nothing matches"})
    return found


def _project(whole: Whole) -> int | None:
    return projects.project(whole.project).id if whole.project else None


def asked_for(whole: Whole) -> str:
    """Return the issues of a search in words."""
    said = f"every issue of the search “{whole.query}”" if whole.query else "every issue"
    return f"{said} in {whole.project}" if whole.project else said


def begin(actor: Actor, whole: Whole, found: Sequence[int], action: Action, now: float) -> Stored:
    """Return the job that does one thing to the issues `found` by a search, and tell of it, within a transaction."""
    acting.check(action, now)
    text = acting.asked_of(action, counted(len(found)))
    id_ = new.new_id()
    body = Body(actor=actor, text=text, token=id_, action=action)
    job = Stored(id=id_, kind=CHANGE, at=now, total=len(found), body=body, ids=tuple(found))
    _tell(job, whole, action)
    return job


def counted(n: int) -> str:
    """Return so many issues in words."""
    return "1 issue" if n == 1 else f"{n:,} issues"


def _tell(job: Stored, whole: Whole, action: Action) -> None:
    actor, verb, project = job.body.actor, f"issue.{acting.verb_of(action)}", _project(whole)
    said = asked_for(whole)
    detail = {"what": job.body.text, "query": whole.query, "project": whole.project, "issues": str(job.total)}
    accounts.audit(actor, verb, said, detail, job.at)
    text = f"{acting.who_of(actor)}: {job.body.text} ({said})"
    signals.record([signal.moment_of_many(verb, whole.query, text, project, job.at)])
    if isinstance(action, Assign) and action.user is not None:
        _tell_given(job, action)


def _tell_given(job: Stored, action: Assign) -> None:
    """Tell whom issues are given to: of all at once, by the last of them."""
    last = standing.by_ids(job.ids[-1:])[job.ids[-1]]
    told = signal.Told(
        title=last.title, project=last.project, who=acting.who_of(job.body.actor), act=job.id,
        by=acting.user_of(job.body.actor), assignee=action.user,
    )  # fmt: skip
    rest = f" and {counted(job.total - 1)} more" if job.total > 1 else ""
    what = acting.text_of(action).replace(" it ", f" this{rest} ")
    signals.publish(
        [signal.of_act("issue.assigned", acting.key_of(last, joining.slugs()), told, what, job.at)], job.at
    )


def change(job: Stored, now: float) -> int:
    """Do the next piece and return how many issues are behind it."""
    chunk = job.ids[job.done : job.done + CHUNK]
    if job.body.action is None:
        raise NotFound("what it should do is not known to this version.")
    changed = acting.apply(
        job.body.actor, _unchanged(chunk, job.at), job.body.action, job.id, now, quiet=True
    )
    jobs.rewrite(job.id, msgspec.structs.replace(job.body, changed=job.body.changed + len(changed)))
    return job.done + len(chunk)


def _unchanged(chunk: Sequence[int], since: float) -> list[standing.Stored]:
    """Return those issues that are still there, and to which nothing happened meanwhile."""
    left = story.gone_on(chunk, since)
    return list(standing.by_ids([one for one in chunk if one not in left]).values())


def begin_back(actor: Actor, made: Stored, now: float) -> Stored:
    """Return the job that takes another one back, within a transaction; raises `NotFound` the second time."""
    if made.body.taken_back or not made.body.changed:
        raise NotFound("This cannot be taken back any more.")
    jobs.rewrite(made.id, msgspec.structs.replace(made.body, taken_back=True))
    body = Body(actor=actor, text=f"Take back: {made.body.text}", token=made.id)
    found = jobs.ids_of(made.id)[: made.done]
    accounts.audit(actor, "issue.undone", made.body.text, {"issues": str(made.body.changed)}, now)
    return Stored(id=new.new_id(), kind=BACK, at=now, total=len(found), body=body, ids=found)


def back(job: Stored, now: float) -> int:
    """Take the next piece back and return how many issues are behind it; what changed since stays as it is."""
    chunk = job.ids[job.done : job.done + CHUNK]
    lines = [line for line in story.of_act(job.body.token, chunk) if line.before is not None]
    changed = acting.take_back(job.body.actor, lines, now, job.id)
    story.close_lines(lines)
    jobs.rewrite(job.id, msgspec.structs.replace(job.body, changed=job.body.changed + len(changed)))
    return job.done + len(chunk)
