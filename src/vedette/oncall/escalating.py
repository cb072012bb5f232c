"""Escalations at work: begun with what is told, gone through step by step, ended with an answer.

Each escalation that is due makes its moves in one transaction with others: what it sends is queued in the outbox under a
key of its own (`esc.<escalation>.<round>.<step>.<user>.<channel>`), pages, lines and state are written with it, or nothing
is. So a process that dies anywhere repeats nothing but a delivery it could not finish, under the same key.
"""

from collections.abc import Sequence

import msgspec

from vedette.notify import service as notify
from vedette.notify.types import Action, Notice
from vedette.oncall import escalation as deciding
from vedette.oncall.acting import Act
from vedette.oncall.gathering import Circle, facts
from vedette.oncall.store import escalations as store
from vedette.oncall.store import policies
from vedette.oncall.types import (
    LIVE_TOPIC,
    ROOM,
    TOPIC,
    Counted,
    Escalation,
    EscalationLine,
    EscalationState,
    EscalationStep,
    Links,
    Page,
    Settled,
    StepKind,
)
from vedette.plumbing.db.sql import on_commit, transaction
from vedette.plumbing.ports import ports
from vedette.signals import service as signals
from vedette.signals.types import Moment
from vedette.ui import pager

KEEP_SECONDS = 400 * 86_400.0  # as long as one may want to know who was paged how often
BATCH = 50  # escalations in one transaction
MOST_PAGES = 10_000
_MOST_MOVES = 250  # of one escalation at one instant: more than six rounds of thirty steps
_CHUNK = 500
_replace = msgspec.structs.replace


def _started_since(notice: Notice, since: float) -> int:
    return sum(each.starts >= since for each in notice.alerts)


def _no_links(*_: object) -> tuple[Action, ...]:
    return ()


def begin(policy_id: int, notice: Notice, now: float, *, project: int | None = None) -> int | None:
    """Begin to escalate what a notice tells, in the caller's transaction; return the escalation's id.

    Its thread is `notice.group`. None when the policy is gone, or one runs for it already: that one goes on with this
    notice. One that rests, for somebody acknowledged what fired before, ends: what is new has nobody.
    """
    policy = policies.find(policy_id)
    if policy is None:
        return None
    for known in store.live((notice.group,)):
        if known.policy.id != policy_id:
            continue
        if known.state is EscalationState.RUNNING:
            store.save(_replace(known, notice=notice))
            return None
        _end(known, "Something fires that nobody acknowledged: it begins anew", now, quiet=True)
    secret = policies.secret(policy_id)
    made = store.add(notice.group, policy, secret, notice, now, project=project, why="It began.")
    if made is not None:
        store.add_line(made, "begin", f"The policy {policy.name} began for “{notice.title}”.", now)
        on_commit(wake)
    return made


def answered(thread: str, who: str, user: int | None, now: float) -> int:
    """Let what escalates for a thread rest, for somebody acknowledged; in the caller's transaction.

    Return how many did; those that rest already, or ended, stay as they are.
    """
    found = [(each, deciding.answered(each, who, now)) for each in unanswered((thread,))]
    running = [(each, after) for each, after in found if each != after]
    for each, after in running:
        store.save(after)
        store.end_pages(each.id, user, now)
        notify.stop_steps(f"esc.{each.id}", after.why, now)
        store.add_line(each.id, f"answered.{now:.3f}", after.why, now)
        _record("page.answered", after, after.why, now)
    if running:
        on_commit(wake)
    return len(running)


def stop(thread: str, why: str, now: float, *, over: bool = False) -> int:
    """End what escalates for a thread, in the caller's transaction; return how many ended.

    `over` says that it fires no more: what keeps apart what it was told, as an incident of another service, is told so.
    """
    found = store.live((thread,))
    for each in found:
        _end(each, why, now, over=over)
    for each in store.done_and_open((thread,)):
        _let_go(each, why, now, over=over)
    return len(found)


def resume(escalation_id: int, now: float, why: str = "") -> None:
    """Let an escalation that rests go on, for its acknowledgement is over or was taken back; in the caller's transaction."""
    found = store.find(escalation_id)
    if found is None or found.state is not EscalationState.ACKNOWLEDGED:
        return
    after = deciding.resumed(found, now, why)
    store.save(after)
    store.add_line(found.id, f"resumed.{after.round}", after.why, now)
    on_commit(wake)


def work(
    now: float,
    settled: Settled,
    *,
    counted: Counted = _started_since,
    links: Links = _no_links,
) -> int:
    """Let every escalation whose time has come go on; return how many did.

    `settled` says why nobody is needed any more for what a notice tells, `counted` how many alerts came since an instant
    in it, `links` what who is paged may do from the page.
    """
    total = 0
    circle = Circle()
    while True:
        circle.look_ahead(store.due(now, BATCH), now)
        with transaction():
            found = store.due(now, BATCH)
            for each in found:
                _go(each, Act(circle, links, now), settled, counted)
        total += len(found)
        if len(found) < BATCH:
            return total


def next_due() -> float | None:
    """Return the instant at which `work` next has something to do, None when nothing waits."""
    return store.next_due()


def expired(now: float, n: int = BATCH) -> tuple[Escalation, ...]:
    """Return up to `n` escalations whose acknowledgement does not hold any more, and which nobody resumed."""
    return store.expired(now, n)


def next_expiry() -> float | None:
    """Return the instant at which the next acknowledgement is over, None when none ends by itself."""
    return store.next_expiry()


def escalation(escalation_id: int) -> Escalation | None:
    """Return an escalation, None when there is none, or it was cleaned up."""
    return store.find(escalation_id)


def page(cursor: str | None, n: int, *, live_only: bool) -> pager.Page[Escalation]:
    """Return a page of escalations, newest first; `live_only` leaves out what ended. Raises `Invalid` for an unknown cursor."""
    before = None if cursor is None else pager.decode(cursor, tuple[int])[0]
    found = store.page(before, n + 1, live_only=live_only)
    return pager.Page(found[:n], pager.encode(found[n - 1].id) if len(found) > n else None)


def pages_page(cursor: str | None, n: int, user: int | None = None) -> pager.Page[Page]:
    """Return a page of who was paged, newest first: of one person, or of all. Raises `Invalid` for an unknown cursor."""
    before = None if cursor is None else pager.decode(cursor, tuple[int])[0]
    found = store.pages_before(before, n + 1, user)
    return pager.Page(found[:n], pager.encode(found[n - 1].id) if len(found) > n else None)


def count_live() -> int:
    """Return how many escalations have not ended."""
    return store.count_live()


def escalations(threads: Sequence[str]) -> tuple[Escalation, ...]:
    """Return every escalation of these threads, the newest first."""
    return store.of_threads(threads)


def live(threads: Sequence[str]) -> tuple[Escalation, ...]:
    """Return the escalations of these threads that have not ended."""
    return store.live(threads)


def unanswered(threads: Sequence[str]) -> tuple[Escalation, ...]:
    """Return the escalations of these threads that run, or did all they could, and whose pages nobody answered."""
    running = [each for each in store.live(threads) if each.state is EscalationState.RUNNING]
    return (*running, *store.done_and_open(threads))


def live_after(escalation_id: int, n: int) -> tuple[Escalation, ...]:
    """Return up to `n` escalations that have not ended and whose id is past `escalation_id`."""
    return store.live_after(escalation_id, n)


def lines(escalation_id: int) -> tuple[EscalationLine, ...]:
    """Return what an escalation did and why, in its order."""
    return store.lines((escalation_id,))[escalation_id]


def pages(start: float, end: float) -> tuple[Page, ...]:
    """Return who was paged with `start` <= at < `end`, oldest first; of more than 10,000 the newest."""
    return store.pages(start, end, MOST_PAGES)


def open_pages(user: int) -> tuple[Page, ...]:
    """Return the pages of a person that nobody answered yet, newest first."""
    return store.open_pages(user)


def drop_before(instant: float) -> int:
    """Delete escalations that ended before `instant`, with their pages, in short transactions; return how many went."""
    total = 0
    while dropped := store.drop_before(instant, _CHUNK):
        total += dropped
    return total


def forget_project(project_id: int) -> None:
    """Delete what escalated in a project that is being deleted, in that transaction."""
    store.of_project(project_id)


def wake() -> None:
    """Wake who lets escalations go on, and who looks at them."""
    for topic in (TOPIC, LIVE_TOPIC):
        ports().bus.wake(topic)


def _go(found: Escalation, act: Act, settled: Settled, counted: Counted) -> None:
    """Let one escalation make its moves until it waits, rests or is over."""
    why, told = settled(found.notice, act.now), store.told(found.id, found.round)
    for _ in range(_MOST_MOVES):
        if found.state is not EscalationState.RUNNING or found.due is None or found.due > act.now:
            break
        came = _came(found, counted, act.now)
        move = deciding.next_step(
            found, facts(found, act.circle, act.now, settled=why, alerts=came, told=told), act.now
        )
        act.do(found, move)
        told = deciding.told_after(found, move, told=told)
        found = move.after
    store.save(found)
    if found.ended_at is not None:
        _close(found, act.now)
    on_commit(lambda: ports().bus.wake(LIVE_TOPIC))


def _came(found: Escalation, counted: Counted, now: float) -> int:
    step = found.policy.steps[found.step] if found.step < len(found.policy.steps) else None
    if step is None or step.kind is not StepKind.IF_MANY:
        return 0
    return counted(found.notice, now - step.minutes * 60.0)


def _end(found: Escalation, why: str, now: float, *, over: bool = False, quiet: bool = False) -> None:
    after = deciding.stopped(found, why, now)
    store.save(after)
    store.add_line(found.id, "end", after.why, now)
    if over:
        _tell_over(found, now)
    _close(after, now, quiet=quiet)
    on_commit(wake)


def _let_go(done: Escalation, why: str, now: float, *, over: bool) -> None:
    """Close the pages of an escalation that did all it could: nobody needs to answer them any more."""
    store.end_pages(done.id, None, now)
    notify.stop_steps(f"esc.{done.id}", why, now)
    if over:
        store.add_line(done.id, "over", why, now)
        _tell_over(done, now)


def _close(ended: Escalation, now: float, *, quiet: bool = False) -> None:
    if ended.state is EscalationState.STOPPED:
        store.end_pages(ended.id, None, now)
        notify.stop_steps(f"esc.{ended.id}", ended.why, now)
    if not quiet:
        _record("escalation.ended", ended, ended.why, now)


def _tell_over(found: Escalation, now: float) -> None:
    """Tell the shared channels that were told that it is over."""
    done = {line.key for line in lines(found.id)}
    for number, step in enumerate(found.policy.steps):
        rounds = [n for n in range(found.round + 1) if f"channel.{n}.{number}" in done]
        if step.kind is StepKind.NOTIFY_CHANNEL and rounds:
            _queue_over(found, step, number, now)


def _queue_over(found: Escalation, step: EscalationStep, number: int, now: float) -> None:
    if not any(channel.id == step.channel for channel in notify.channels()):
        return
    notice = _replace(
        found.notice,
        state="resolved",
        title=f"Over: {found.notice.title}",
        at=now,
        actions=(),
        reason="It is over.",
    )
    notify.queue(step.channel or 0, notice, f"esc.{found.id}.over.{number}", now)


def _record(kind: str, found: Escalation, text: str, now: float) -> None:
    signals.record(
        [
            Moment(
                at=now, room=ROOM, kind=kind, subject=found.thread, text=f"{found.policy.name}: {text}",
                link=f"/on-call/escalations/{found.id}/", project=found.project,
            )
        ]
    )  # fmt: skip
