"""What a link of a notice speaks of now, and doing what it says; who does it is whom the notice was for."""

from collections.abc import Sequence

import msgspec

from vedette.accounts import service as accounts
from vedette.accounts.permissions import Actor, ActorKind, Verb, require
from vedette.alerts import governing, silencing, whither
from vedette.alerts.answering.links import mark
from vedette.alerts.answering.token import Act, Claim, read
from vedette.alerts.governing import SilenceDraft
from vedette.alerts.matching import Matcher, Operator
from vedette.alerts.store import alerts as store
from vedette.alerts.store import groups as group_store
from vedette.alerts.store import traces
from vedette.alerts.types import Alert
from vedette.core.errors import Forbidden, NotFound
from vedette.notify import service as notify
from vedette.notify.types import Notice
from vedette.plumbing.db.sql import transaction
from vedette.signals.types import SignalState

SILENCE = 3_600.0
_TRACES = 50
_GONE = "The channel or the person this link was for is gone. Sign in to act; nothing was changed."


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What a link speaks of: the notice's title, the alerts it told that still fire, and by whom it acts.

    `key` is the idempotency key of the notice. `done` is what stands, in a sentence, empty while there is something to do; `already` says that it stood before it was asked for.
    """

    act: Act
    key: str
    title: str
    by: str
    alerts: tuple[Alert, ...]
    done: str
    already: bool = False

    @property
    def said(self) -> str:
        """Return the whole answer in a sentence or two."""
        return f"Already done. {self.done}" if self.already else self.done or self.title


def look(token: str, now: float) -> Answer:
    """Return what a link speaks of and change nothing; raises `Forbidden` for one that does not work."""
    claim = read(token, mark, now)
    return _answer(claim, _notice(claim), _actor(claim), now)


def act(token: str, now: float, who: str = "") -> Answer:
    """Do what a link says, unless it stands already; raises `Forbidden` for one that does not work.

    `who` is what a chat calls whoever pressed its button: told for a shared channel, and trusted for nothing.
    """
    claim = read(token, mark, now)
    with transaction():
        notice, actor = _notice(claim), _actor(claim, who)
        found = _answer(claim, notice, actor, now)
        if found.done:
            return msgspec.structs.replace(found, already=bool(found.alerts))
        if claim.act is Act.ACKNOWLEDGE:
            _acknowledge(actor, found.alerts, now)
        else:
            _silence(actor, notice, now)
        return _answer(claim, notice, actor, now)


def _answer(claim: Claim, notice: Notice, actor: Actor, now: float) -> Answer:
    told = [alert for alert in _told(claim, notice) if alert.standing.state is SignalState.FIRING]
    alerts = tuple(alert for alert in told if alert.began <= claim.at)
    return Answer(
        act=claim.act,
        key=_key(claim),
        title=notice.title,
        by=actor.name,
        alerts=alerts,
        done=_over(told, alerts) or _stands(claim.act, alerts, now),
    )


def _over(told: Sequence[Alert], alerts: Sequence[Alert]) -> str:
    if alerts:
        return ""
    if told:
        return "It was over and began again since. Use the newer notice; nothing was changed."
    return "It is over; nothing was changed."


def _stands(kind: Act, alerts: Sequence[Alert], now: float) -> str:
    if kind is Act.ACKNOWLEDGE:
        who = {alert.acked_by for alert in alerts if alert.acked_at is not None}
        return f"Acknowledged by {', '.join(sorted(who))}." if all(a.acked_at for a in alerts) else ""
    silences = governing.silences(now)
    quiet = [silencing.quiet(silences, whither.seen_labels(alert), now) for alert in alerts]
    return f"{quiet[0].reason}." if quiet[0] and all(quiet) else ""


def _told(claim: Claim, notice: Notice) -> tuple[Alert, ...]:
    """Return the alerts the notice names; where there were too many to name, those of its group as well."""
    named = store.find([each.fingerprint for each in notice.alerts])
    rest = group_store.members(_group(claim, notice)) if notice.truncated else ()
    return tuple({alert.id: alert for alert in (*named.values(), *(m.alert for m in rest))}.values())


def _acknowledge(actor: Actor, alerts: Sequence[Alert], now: float) -> None:
    governing.acknowledge(actor, [alert.id for alert in alerts if alert.acked_at is None], now)
    lines = [line for found in traces.of(alerts, _TRACES).values() for line in found]
    keys = sorted({line.idempotency_key for line in lines if line.idempotency_key})
    notify.note_acknowledged(keys, actor.name)


def _silence(actor: Actor, notice: Notice, now: float) -> None:
    matchers = tuple(Matcher(name, Operator.EQUAL, value) for name, value in sorted(notice.labels.items()))
    draft = SilenceDraft(
        matchers=matchers, starts=now, ends=now + SILENCE, comment=f"From the notice: {notice.title}"[:300]
    )
    governing.add_silence(actor, draft, now)


def _group(claim: Claim, notice: Notice) -> int:
    if not claim.page:
        return claim.group
    found = group_store.find(notice.group)
    return found.id if found else 0


def _key(claim: Claim) -> str:
    if not claim.page:
        return claim.key
    try:
        return claim.page_key(notify.any_channel(claim.channel).owner or 0)
    except NotFound as error:
        raise Forbidden(_GONE) from error


def _notice(claim: Claim) -> Notice:
    found = notify.notice_of(_key(claim))
    if found is None:
        raise Forbidden(_GONE)
    return found


def _actor(claim: Claim, who: str = "") -> Actor:
    return actor_of(claim.channel, who)


def actor_of(channel_id: int, who: str = "") -> Actor:
    """Return who acts by a channel: a person by their role of now, or everybody who reads a shared one; raises `Forbidden`."""
    try:
        channel = notify.any_channel(channel_id)
        if channel.owner is None:
            name = f"Somebody in {channel.name} ({who})" if who else f"Somebody, by {channel.name}"
            return Actor(kind=ActorKind.SYSTEM, name=name)
        active, person = accounts.user(channel.owner).active, accounts.actor_for(channel.owner)
    except NotFound as error:
        raise Forbidden(_GONE) from error
    if not active:
        raise Forbidden(_GONE)
    require(person, Verb.ALERT_WRITE)
    return msgspec.structs.replace(person, name=f"{person.name}, by {channel.name}")
