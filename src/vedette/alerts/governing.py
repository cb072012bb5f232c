"""What people do to alerts: silence, acknowledge, and say where they go."""

from collections.abc import Collection, Sequence

import msgspec

from vedette.accounts import service as accounts
from vedette.accounts.permissions import Actor, Verb, require
from vedette.alerts import builtin, fitness, paging, silencing
from vedette.alerts.matching import Matcher
from vedette.alerts.silencing import Recurrence, Silence, SilenceState
from vedette.alerts.store import alerts as alert_store
from vedette.alerts.store import groups as group_store
from vedette.alerts.store import silences as store
from vedette.alerts.types import LIVE_TOPIC, Alert, Routing
from vedette.core import ids
from vedette.core.errors import Conflict, Invalid, NotFound
from vedette.notify import service as notify
from vedette.oncall import service as oncall
from vedette.plumbing.db.sql import on_commit, transaction
from vedette.plumbing.ports import ports
from vedette.signals.types import TOPIC
from vedette.wire.ascode import filed

KEEP_SECONDS = 35 * 86_400.0
NOT_FILES = frozenset({builtin.BUILT_IN.source, "hand"})  # where routes come from when no file wrote them


class SilenceDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A silence as somebody writes it; instants in seconds, UTC."""

    matchers: tuple[Matcher, ...]
    starts: float
    ends: float
    comment: str
    author: str = ""
    recurrence: Recurrence | None = None


def silences(now: float) -> tuple[Silence, ...]:
    """Return the silences that hold or will, then those that ended in the last 35 days; the next end first."""
    found = store.silences(now - KEEP_SECONDS)
    ended = [each for each in found if silencing.state(each, now) is SilenceState.EXPIRED]
    return (*(each for each in found if each not in ended), *reversed(ended))


def silence(silence_id: str) -> Silence:
    """Return one silence; raises `NotFound`."""
    found = store.silence(silence_id)
    if found is None:
        raise NotFound(f"There is no silence {silence_id}.")
    return found


def add_silence(actor: Actor, draft: SilenceDraft, now: float) -> Silence:
    """Put a silence in force; raises `Invalid` naming the wrong fields, `Forbidden`."""
    require(actor, Verb.ALERT_WRITE)
    wrong = fitness.of_silence(draft.matchers, draft.starts, draft.ends, now)
    if wrong:
        raise Invalid("The silence cannot be kept.", wrong)
    return _keep(actor, _made(ids.new_uuid(), actor, draft, now), "silence.create", now)


def change_silence(actor: Actor, silence_id: str, draft: SilenceDraft, now: float) -> Silence:
    """Change a silence; one that ended, or would speak of other alerts now, is replaced by a new one.

    Raises `Invalid`, `NotFound`, `Forbidden`.
    """
    require(actor, Verb.ALERT_WRITE)
    before = silence(silence_id)
    filed.refuse("The silence is", before.source)
    if silencing.state(before, now) is SilenceState.EXPIRED:
        return add_silence(actor, draft, now)
    if before.matchers != draft.matchers:
        made = add_silence(actor, draft, now)
        end_silence(actor, silence_id, now)
        return made
    wrong = fitness.of_silence(draft.matchers, min(draft.starts, now), draft.ends, now)
    if wrong:
        raise Invalid("The silence cannot be kept.", wrong)
    return _keep(actor, _made(silence_id, actor, draft, now), "silence.update", now)


def end_silence(actor: Actor, silence_id: str, now: float) -> Silence:
    """Let a silence be over now; raises `NotFound`, `Conflict` when it is already, `Forbidden`."""
    require(actor, Verb.ALERT_WRITE)
    before = silence(silence_id)
    filed.refuse("The silence is", before.source)
    if silencing.state(before, now) is SilenceState.EXPIRED:
        raise Conflict("This silence is over already.")
    starts = min(before.starts, now)
    return _keep(
        actor, msgspec.structs.replace(before, starts=starts, ends=now, updated_at=now), "silence.end", now
    )


def acknowledge(actor: Actor, alert_ids: Collection[int], now: float) -> tuple[Alert, ...]:
    """Take care of what fires: nobody is reminded of it any more. Returns the alerts that still fire, as they stand.

    Who took one first keeps it: of two who do it at once the other finds their name. What is over already stays over;
    raises `NotFound` for an unknown alert, `Forbidden`.
    """
    require(actor, Verb.ALERT_WRITE)
    with transaction():
        return _acknowledge(actor, tuple(map(alert_of, alert_ids)), now)


def acknowledge_group(actor: Actor, group_id: int, now: float) -> tuple[Alert, ...]:
    """Take care of what fires in a group and nobody has yet, but for what is kept quiet; return those alerts.

    Raises `NotFound` for a group that is gone, `Forbidden`.
    """
    require(actor, Verb.ALERT_WRITE)
    with transaction():
        members = group_store.members(group_id)
        if not members:
            raise NotFound("This group is gone: what was in it is over.")
        free = (each.alert for each in members if not each.muted and each.alert.acked_at is None)
        return _acknowledge(actor, tuple(free), now)


def take(actor: Actor, escalation_id: int, now: float) -> tuple[Alert, ...]:
    """Take care of all that an escalation pages for, and nobody has yet; return those alerts.

    Raises `NotFound` for an escalation that is gone, `Forbidden`.
    """
    require(actor, Verb.ALERT_WRITE)
    with transaction():
        found = oncall.escalation(escalation_id)
        if found is None:
            raise NotFound(f"There is no escalation {escalation_id}; it may have been cleaned up.")
        group = group_store.find(found.thread)
        return acknowledge_group(actor, group.id, now) if group else ()


def unacknowledge_group(actor: Actor, group_id: int, at: float, now: float) -> tuple[Alert, ...]:
    """Take back what was acknowledged in a group at the instant `at`, and nothing else; return those alerts."""
    require(actor, Verb.ALERT_WRITE)
    with transaction():
        members = group_store.members(group_id)
        alerts = tuple(each.alert for each in members if each.alert.acked_at == at)
        _unacknowledge(actor, alerts, now)
    return alerts


def unacknowledge(actor: Actor, alert_ids: Collection[int], now: float) -> None:
    """Take an acknowledgement back: what lasts is told again as its route says."""
    require(actor, Verb.ALERT_WRITE)
    _unacknowledge(actor, tuple(map(alert_of, alert_ids)), now)


def _acknowledge(actor: Actor, found: Sequence[Alert], now: float) -> tuple[Alert, ...]:
    """Acknowledge those of the alerts that fire and nobody has yet, in the caller's transaction."""
    alerts = tuple(alert for alert in found if alert.standing.state == "firing")
    free = [alert for alert in alerts if alert.acked_at is None]
    alert_store.acknowledge([alert.id for alert in free], actor.name, now)
    accounts.audit_many(actor, _entries("alert.acknowledge", free), now)
    paging.answered(free, actor, now)
    on_commit(_wake)
    return tuple(
        msgspec.structs.replace(alert, acked_at=now, acked_by=actor.name) if alert in free else alert
        for alert in alerts
    )


def _unacknowledge(actor: Actor, alerts: Sequence[Alert], now: float) -> None:
    with transaction():
        alert_store.acknowledge([alert.id for alert in alerts], "", None)
        for alert in alerts:
            group_store.schedule({group.id: now for group in group_store.of_alert(alert.id)})
        accounts.audit_many(actor, _entries("alert.unacknowledge", alerts), now)
        paging.freed(alerts, actor, now)
        on_commit(_wake)


def _entries(act: str, alerts: Sequence[Alert]) -> list[tuple[str, str, dict[str, str]]]:
    return [(act, f"alert {alert.fingerprint}", {"title": alert.title}) for alert in alerts]


def alert_of(alert_id: int) -> Alert:
    """Return one alert; raises `NotFound`."""
    found = alert_store.get(alert_id)
    if found is None:
        raise NotFound(f"There is no alert {alert_id}; it may be over for longer than alerts are kept.")
    return found


def routing() -> Routing:
    """Return the routes, receivers and inhibitions in force."""
    return builtin.table()


def save_routing(actor: Actor, made: Routing, now: float, what: str = "") -> None:
    """Put routes, receivers and inhibitions in force; `what` tells the audit log more. Raises `Invalid` naming what is wrong, `Forbidden`."""
    require(actor, Verb.RULE_WRITE)
    if made.source == "hand":
        before = builtin.table().source
        filed.refuse("The routes are", "" if before in NOT_FILES else before)
    channels = [channel.name for channel in notify.channels()]
    people = [ref.email for ref in accounts.user_refs().values()]
    wrong = fitness.of_routing(made, channels, people, [policy.name for policy in oncall.policies()])
    if wrong:
        raise Invalid("The routes cannot be used.", wrong)
    with transaction():
        store.save_routing(made, builtin.version() + 1)
        accounts.audit(
            actor,
            "routing.update",
            "the routes",
            {"source": made.source} | ({"what": what} if what else {}),
            now,
        )
        on_commit(_wake)


def keep_silence(made: Silence, now: float) -> None:
    """Put a silence of a file in force, or let it end, in the caller's transaction, which also writes the audit."""
    store.save_silence(made)
    group_store.touch_muted(now)
    paging.quieted(now)
    on_commit(_wake)


def _made(silence_id: str, actor: Actor, draft: SilenceDraft, now: float) -> Silence:
    return Silence(
        id=silence_id,
        matchers=draft.matchers,
        starts=draft.starts,
        ends=draft.ends,
        author=draft.author or actor.name,
        comment=draft.comment,
        updated_at=now,
        recurrence=draft.recurrence,
    )


def _keep(actor: Actor, made: Silence, act: str, now: float) -> Silence:
    with transaction():
        store.save_silence(made)
        group_store.touch_muted(now)
        paging.quieted(now)
        accounts.audit(actor, act, f"silence {made.id}", {"comment": made.comment}, now)
        on_commit(_wake)
    return made


def _wake() -> None:
    for topic in (TOPIC, LIVE_TOPIC):
        ports().bus.wake(topic)
