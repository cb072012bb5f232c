"""Who is told of an alert, and why or why not; everything here runs in the caller's transaction."""

from collections.abc import Mapping

import msgspec

from vedette.alerts import dedup, listening, telling
from vedette.alerts.dedup import Code, Entry, Policy, Reason
from vedette.alerts.store import alerts as store
from vedette.alerts.types import LIVE_TOPIC, OWN_ROOM, Alert, Rule, Trace
from vedette.core.errors import NotFound
from vedette.notify import service as notify
from vedette.notify.types import ChannelRef, Person
from vedette.plumbing.db.sql import on_commit
from vedette.plumbing.ports import ports
from vedette.projects import service as projects
from vedette.signals import service as signals
from vedette.signals.types import Moment, SignalState

_NO_CHANNEL = Reason(
    Code.NO_CHANNEL, False, False, "There is no channel to tell: add one under Settings, Notifications."
)
_CHANNEL_OFF = Reason(Code.CHANNEL_OFF, False, False, "The channel is switched off.")


class Setting(msgspec.Struct, frozen=True):
    """What is in force while a batch is dealt with."""

    rules: tuple[Rule, ...]
    channels: Mapping[int, ChannelRef]
    people: tuple[Person, ...]
    now: float


class Receiver(msgspec.Struct, frozen=True):
    """A channel to tell, and why it is this person's matter; both empty for everybody's channels."""

    channel: ChannelRef
    person: str = ""
    why: str = ""

    @property
    def name(self) -> str:
        """Return how the trace and the delivery log call it."""
        return f"{self.person}: {self.channel.name}" if self.person else self.channel.name


def inform(rule: Rule, alert: Alert, why: str, setting: Setting, *, ticking: bool = False) -> None:
    """Tell every receiver of the rule that has something new to hear, and keep the trace.

    `why` is the rule's reason. A tick (a look at a lasting state) leaves a trace only when somebody is told.
    """
    heard = listening.of_alert(rule, alert, setting.people, setting.now)
    own = [Receiver(one, each.person.name, each.why) for each in heard.told for one in each.person.channels]
    reached = any(each.named for each in heard.told)
    receivers = [*_shared(rule, setting, reached=reached), *own]
    lines = [_consider(rule, alert, receiver, why, setting) for receiver in receivers]
    lines += [_line(alert, _quiet(text), setting.now, name) for name, text in heard.quieted]
    if not receivers:
        lines.append(_line(alert, _NO_CHANNEL, setting.now))
    kept = [line for line in lines if line.sent or not ticking]
    store.trace(kept)
    told = ", ".join(line.channel for line in kept if line.sent)
    if told:
        signals.record([_moment(alert, told, setting.now)])
        on_commit(lambda: ports().bus.wake(LIVE_TOPIC))


def _shared(rule: Rule, setting: Setting, *, reached: bool) -> list[Receiver]:
    """Return everybody's channels the rule tells; the default ones where nobody it names can be told."""
    if rule.channels:
        return [Receiver(setting.channels[each]) for each in rule.channels if each in setting.channels]
    if reached:
        return []
    return [Receiver(channel) for channel in setting.channels.values() if channel.enabled and channel.default]


def _quiet(reason: str) -> Reason:
    return Reason(Code.QUIET, False, False, reason)


def _consider(rule: Rule, alert: Alert, receiver: Receiver, why: str, setting: Setting) -> Trace:
    channel = receiver.channel
    if not channel.enabled:
        return _line(alert, _CHANNEL_OFF, setting.now, receiver.name)
    before = store.told(alert.id, channel.id)
    firing, resolved = _sets(alert)
    policy = Policy(repeat_interval=rule.repeat_minutes * 60.0, send_resolved=rule.send_resolved)
    reason = dedup.why_notify(before.entry if before else None, firing, resolved, policy, setting.now)
    times = before.times + 1 if before and reason.code is Code.REPEAT else 1
    if reason.note:
        store.note_told(alert.id, channel.id, Entry(firing, resolved, setting.now), times)
    if not reason.send:
        return _line(alert, reason, setting.now, receiver.name)
    key = f"{rule.id}.{alert.fingerprint}.{alert.standing.change}.{channel.id}.{times}"
    words = " ".join(part for part in (why, reason.text, receiver.why) if part)
    notice = telling.notice(
        alert,
        f"Rule “{rule.name}”: {words}",
        project_slug(alert.project),
        ports().settings.public_url,
        setting.now,
    )
    notify.queue(channel.id, notice, key, setting.now)
    return _line(alert, Reason(reason.code, True, True, words), setting.now, receiver.name, key)


def _sets(alert: Alert) -> tuple[frozenset[str], frozenset[str]]:
    name = frozenset({f"{alert.fingerprint}/{alert.standing.change}"})
    if alert.standing.state is SignalState.RESOLVED:
        return frozenset(), name
    return name, frozenset()


def _line(alert: Alert, reason: Reason, now: float, channel: str = "", key: str = "") -> Trace:
    return Trace(
        at=now,
        sent=reason.send,
        code=reason.code.value,
        reason=reason.text,
        rule=alert.rule,
        channel=channel,
        title=alert.title,
        link=alert.link,
        alert_id=alert.id,
        idempotency_key=key,
    )


def _moment(alert: Alert, told: str, now: float) -> Moment:
    return Moment(
        at=now,
        room=OWN_ROOM,
        kind="alert.told",
        subject=alert.subject,
        text=f"Told {told}: {alert.title}",
        link=alert.link,
        project=alert.project,
    )


def project_slug(project: int | None) -> str:
    """Return the slug of a project by its id; empty for none, or one that was deleted."""
    try:
        return "" if project is None else projects.project(project).slug
    except NotFound:
        return ""
