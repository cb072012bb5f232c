"""Between alerts and escalations: an act on alerts ends or resumes what escalates for their groups, in its transaction.

A group's key is the thread of its escalations. Here stands what an answer is: all that fires in the group is acknowledged,
silenced or over. Every way to acknowledge (page, link, button of a chat, REST) comes through `governing`, and so here.
"""

import enum
from collections.abc import Collection, Sequence

import msgspec

from vedette.accounts import service as accounts
from vedette.accounts.permissions import SYSTEM, Actor, ActorKind
from vedette.alerts import builtin, hearkening
from vedette.alerts.dedup import Code, Policy, Reason
from vedette.alerts.hearkening import Heard
from vedette.alerts.store import alerts as store
from vedette.alerts.store import groups as group_store
from vedette.alerts.store import silences as silence_store
from vedette.alerts.types import Alert
from vedette.notify.types import Notice
from vedette.oncall import service as oncall
from vedette.oncall.types import Escalation, EscalationState
from vedette.oncall.types import Policy as EscalationPolicy
from vedette.plumbing.db.sql import transaction
from vedette.signals.types import SignalState

_AT_ONCE = 200
_OVER = "It is over."


class Cared(enum.StrEnum):
    """Why nobody is needed for a group any more."""

    OVER = "over"
    TAKEN = "taken"
    QUIET = "quiet"


class Care(msgspec.Struct, frozen=True):
    """Whether somebody is still needed for a group (`how` None), else why not, in words."""

    how: Cared | None
    reason: str = ""


def place(policy: EscalationPolicy) -> int:
    """Return under which number a group notes what a policy was told: below zero, where no channel is."""
    return -policy.id


def reason(told: Reason, policy: Policy, firing: Collection[str]) -> Reason:
    """Return what a reason to tell is to an escalation policy: only what fires and nobody has is a reason to page."""
    if not told.send:
        return told
    if not firing:
        return Reason(told.code, False, True, "It is over, and with it the escalation.")
    if told.code is Code.NEW_RESOLVED:
        return Reason(told.code, False, True, "A part of it is over: that is no reason to page.")
    if policy.taken:
        return Reason(Code.ACKNOWLEDGED, False, True, "Somebody takes care of all of it.")
    return told


def settled(notice: Notice, now: float) -> str:
    """Return why nobody is needed any more for a group that escalates, "" while somebody is.

    What only happened has no end, so its steps up to the first that waits are all there is to it.
    """
    return "" if notice.state == SignalState.INFO.value else care(notice.group, now).reason


def care(thread: str, now: float) -> Care:
    """Return whether somebody is still needed for a group, by its key."""
    firing = [each for each in _heard(thread, now) if each.fires]
    if not firing:
        return Care(Cared.OVER, _OVER)
    free = [each for each in firing if each.alert.acked_at is None]
    if not free:
        who = sorted({each.alert.acked_by for each in firing})
        return Care(Cared.TAKEN, f"Acknowledged by {', '.join(who)}.")
    quiet = all(each.quiet.by for each in free)
    return Care(Cared.QUIET, free[0].quiet.reason) if quiet else Care(None)


def came_since(notice: Notice, since: float) -> int:
    """Return how many alerts of the notice's group began, or began again, since an instant."""
    group = group_store.find(notice.group)
    members = group_store.members(group.id) if group else ()
    return sum(member.alert.began >= since for member in members)


def answered(alerts: Sequence[Alert], actor: Actor, now: float) -> None:
    """Let what escalates rest, where all that fires is acknowledged now; in the caller's transaction."""
    user = actor.id if actor.kind is not ActorKind.SYSTEM and actor.id else None
    threads = (each.thread for each in oncall.unanswered(_threads(alerts)))
    for thread in dict.fromkeys(threads):
        if care(thread, now).how is Cared.TAKEN:
            oncall.answered(thread, actor.name, user, now)


def freed(alerts: Sequence[Alert], actor: Actor, now: float) -> None:
    """Let what rests go on, for an acknowledgement was taken back; in the caller's transaction."""
    resting = (each for each in oncall.live(_threads(alerts)) if each.state is EscalationState.ACKNOWLEDGED)
    for each in resting:
        oncall.resume(each.id, now, f"{actor.name} took the acknowledgement back: it begins again.")


def over(threads: Sequence[str], now: float) -> None:
    """End what escalates for groups in which nothing fires any more; in the caller's transaction."""
    concerned = (*oncall.live(threads), *oncall.unanswered(threads))
    for thread in dict.fromkeys(each.thread for each in concerned):
        found = care(thread, now)
        if found.how is Cared.OVER:
            oncall.stop(thread, found.reason, now, over=True)


def quieted(now: float) -> None:
    """End what escalates for groups that are kept quiet now; in the caller's transaction."""
    for each in _all_live():
        if each.state is EscalationState.RUNNING and (found := care(each.thread, now)).how is Cared.QUIET:
            oncall.stop(each.thread, found.reason, now)


def expire(now: float) -> None:
    """Take acknowledgements back that do not hold any more, and let what rests go on."""
    while found := oncall.expired(now, _AT_ONCE):
        with transaction():
            for each in found:
                _expire(each, now)


def sweep(now: float) -> None:
    """End what escalates for groups that are gone, for the routes changed or their rule was deleted."""
    running = _all_live()
    there = group_store.there([each.thread for each in running]) if running else frozenset()
    gone = [each for each in running if each.thread not in there and each.notice.state != SignalState.INFO]
    if gone:
        with transaction():
            for each in gone:
                oncall.stop(each.thread, "Its group is gone: it is over, or goes another way now.", now)


def _expire(found: Escalation, now: float) -> None:
    taken = [each.alert for each in _heard(found.thread, now) if each.alert.acked_at is not None]
    if care(found.thread, now).how is Cared.OVER:
        oncall.stop(found.thread, _OVER, now, over=True)
        return
    store.acknowledge([alert.id for alert in taken], "", None)
    entries = [
        (
            "alert.acknowledgement_over",
            f"alert {alert.fingerprint}",
            {"title": alert.title, "was": alert.acked_by},
        )
        for alert in taken
    ]
    accounts.audit_many(SYSTEM, entries, now)
    oncall.resume(found.id, now)


def _threads(alerts: Sequence[Alert]) -> list[str]:
    return list(dict.fromkeys(key for alert in alerts for key in alert.groups))


def _all_live() -> list[Escalation]:
    found: list[Escalation] = []
    while some := oncall.live_after(found[-1].id if found else 0, _AT_ONCE):
        found += some
    return found


def _heard(thread: str, now: float) -> list[Heard]:
    group = group_store.find(thread)
    if group is None:
        return []
    table, silences = builtin.table(), silence_store.silences(now)
    sources = silence_store.firing_sources
    return [
        hearkening.heard(each, table, silences, sources, now)
        for each in group_store.members(group.id)
        if each.alert.standing.state is not SignalState.INFO
    ]
