"""Sending oneself a real page, and acknowledging it: through the outbox and the steps of one's own important rule."""

from collections.abc import Sequence

import msgspec

from vedette.accounts import service as accounts
from vedette.accounts.permissions import Actor, Verb, require
from vedette.core.clock import iso
from vedette.core.errors import Conflict, Forbidden, NotFound, Throttled
from vedette.notify import personal, proof, queueing, steps
from vedette.notify.channels import registry
from vedette.notify.store import channels
from vedette.notify.store import deliveries as log
from vedette.notify.store import steps as store
from vedette.notify.store.channels import StoredChannel
from vedette.notify.types import (
    Action,
    Delivery,
    DeliveryState,
    Notice,
    Planned,
    Preferences,
    Proof,
    Stage,
)
from vedette.plumbing.db.sql import on_commit, transaction
from vedette.plumbing.ports import ports

_PURPOSE = "notify.proof"
_SEVERITY = "critical"
_GONE = "This test page is gone; nothing was changed."
_OVER = "This test page is over; nothing was changed."
_LIVE = "live:health"


class ProofStep(msgspec.Struct, frozen=True):
    """One step of a test page, and what became of it."""

    stage: Stage
    delivery: Delivery


class ProofView(msgspec.Struct, frozen=True, kw_only=True):
    """A person's last test page as it stands: its steps in order, whether it still waits, and the last that was acknowledged."""

    proof: Proof | None
    steps: tuple[ProofStep, ...]
    running: bool
    answered: Proof | None


def start_proof(actor: Actor, now: float) -> Proof:
    """Page oneself by one's important rule, as at night.

    Raises `Conflict` when one waits already, wants quiet or has no channel, `Throttled` beyond six an hour, `Forbidden`.
    """
    require(actor, Verb.NOTIFY_OWN)
    wants = personal.preferences(actor)
    planned = steps.plan(wants, [one for one in personal.own_channels(actor) if one.enabled], _SEVERITY)
    with transaction():
        _check(actor.id, wants, planned, now)
        made = store.begin_proof(actor.id, now, now + proof.LIFE)
        for each in planned:
            _queue(made, each, now)
        accounts.audit(
            actor, "notifications.proof", f"notifications of {actor.name}", {"steps": str(len(planned))}, now
        )
    return made


def last_proof(actor: Actor) -> Proof | None:
    """Return one's last test page, None when there never was one."""
    return store.last_proof(actor.id)


def proof_view(actor: Actor, now: float) -> ProofView:
    """Return one's last test page as it stands."""
    last = store.last_proof(actor.id)
    return ProofView(
        proof=last,
        steps=() if last is None else _steps(last),
        running=proof.running(last, now),
        answered=store.last_proof(actor.id, answered=True),
    )


def acknowledge_proof(actor: Actor, now: float) -> Proof:
    """Acknowledge one's own test page in the page; raises `Conflict` when none waits, `Forbidden`."""
    require(actor, Verb.NOTIFY_OWN)
    last = store.last_proof(actor.id)
    if last is None or not proof.running(last, now):
        raise Conflict("No test page waits for an acknowledgement.")
    return _acknowledge(last, actor, "on the page", now)


def seen_link(token: str, now: float) -> str:
    """Return what a link of a test page would say now, "" when it acknowledges; raises `Forbidden` for one that does not work."""
    found, _ = _claimed(token)
    return proof.took(found) or ("" if proof.running(found, now) else _OVER)


def acknowledge_link(token: str, now: float) -> str:
    """Acknowledge a test page by its link and return what stands then; raises `Forbidden` for one that does not work."""
    found, channel = _claimed(token)
    if not proof.running(found, now):
        return proof.took(found) or _OVER
    person = accounts.actor_for(found.user)
    return proof.took(_acknowledge(found, person, f"by the link in {channel.name}", now))


def _check(user: int, wants: Preferences, planned: Sequence[Planned], now: float) -> None:
    if proof.running(store.last_proof(user), now):
        raise Conflict("A test page waits for your acknowledgement already.")
    if not planned:
        raise Conflict("You have no channel of your own that is switched on; add one first.")
    if wants.quiet_until is not None and now < wants.quiet_until:
        raise Conflict(f"You want quiet until {iso(wants.quiet_until)}; switch it off first.")
    wait = proof.wait_for_another(store.proofs_since(user, now - proof.HOUR), now)
    if wait:
        minutes = max(1, round(wait / 60))
        raise Throttled(f"At most {proof.MOST_AN_HOUR} an hour; the next in {minutes} min.", wait)


def _queue(made: Proof, each: Planned, now: float) -> None:
    key = f"{store.thread_of(made.id)}.{each.channel.id}"
    stage = Stage(
        owner=made.user,
        which=each.which,
        number=each.number,
        after=each.after,
        thread=store.thread_of(made.id),
        proof=made.id,
    )
    notice = _notice(made, each, now)
    queueing.queue_step(each.channel.id, notice, key, stage, now)
    if registry.kind(each.channel.kind).each and each.number == 1:
        # What opens an incident is told the end, whether or not somebody acknowledged.
        over = msgspec.structs.replace(notice, state="resolved", actions=(), title=f"Over: {notice.title}")
        queueing.queue_later(each.channel.id, over, f"{key}.over", now, made.ends_at)


def _notice(made: Proof, each: Planned, now: float) -> Notice:
    address = ports().settings.public_url
    token = proof.written(made.id, each.channel.id, _mark)
    return Notice(
        title="Test: acknowledge this page",
        text="You paged yourself for real. Nothing is wrong. Acknowledge it as you would at night.",
        severity=_SEVERITY,
        link=f"{address}/settings/my-notifications/proof/",
        at=now,
        labels={"alertname": "Test"},
        reason=f"You pressed “Page me for real”. {each.reason}",
        group=store.thread_of(made.id),
        actions=(Action("acknowledge", "Acknowledge", f"{address}/t/{token}/"),),
    )


def _steps(last: Proof) -> tuple[ProofStep, ...]:
    stages = store.of_proof(last.id)
    became = {each.idempotency_key: each for each in log.by_keys(list(stages))}
    return tuple(ProofStep(stage, became[key]) for key, stage in stages.items() if key in became)


def _acknowledge(found: Proof, person: Actor, how: str, now: float) -> Proof:
    with transaction():
        if store.answer_proof(found.id, how, now):
            _stop_waiting(found, proof.took(store.proof(found.id) or found), person, now)
            subject = f"notifications of {person.name}"
            accounts.audit(person, "notifications.proof_acknowledged", subject, {"how": how}, now)
        on_commit(lambda: ports().bus.wake(_LIVE))
    return store.proof(found.id) or found


def _stop_waiting(found: Proof, why: str, person: Actor, now: float) -> None:
    """Let the log say at once what becomes of each step, not only when its time has come."""
    told = []
    for each in _steps(found):
        if each.delivery.state is DeliveryState.WAITING:
            log.give_up(each.delivery.id, steps.goes(each.stage, why, "").reason, now, DeliveryState.STOPPED)
        else:
            told.append(each.delivery.idempotency_key)
    log.note_acknowledged(told, person.name)


def _claimed(token: str) -> tuple[Proof, StoredChannel]:
    """Return the test page and the channel of a link whose owner is still there."""
    proof_id, channel_id = proof.read(token, _mark)
    found, channel = store.proof(proof_id), channels.find(channel_id)
    if found is None or channel is None or channel.owner != found.user:
        raise Forbidden(_GONE)
    try:
        active = accounts.user(found.user).active
    except NotFound as error:
        raise Forbidden(_GONE) from error
    if not active:
        raise Forbidden(_GONE)
    return found, channel


def _mark(text: str) -> str:
    return ports().seal.mark(text, _PURPOSE)
