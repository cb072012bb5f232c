"""A group looks: what of it is to be heard, who is told, and when it looks again."""

from collections.abc import Sequence

import msgspec

from vedette.alerts import dedup, grouping, hearkening, ordering, paging, telling
from vedette.alerts.addressing import Addressee, Setting, addressees
from vedette.alerts.answering import links
from vedette.alerts.answering.token import notice_key
from vedette.alerts.dedup import Code, Entry, Reason
from vedette.alerts.grouping import Pulse
from vedette.alerts.hearkening import SILENCE, Heard
from vedette.alerts.store import groups as group_store
from vedette.alerts.store import silences as silence_store
from vedette.alerts.store import traces
from vedette.alerts.telling import Telling
from vedette.alerts.types import LIVE_TOPIC, OWN_ROOM, TOLD, Alert, Group, Member, Trace
from vedette.core.errors import NotFound
from vedette.notify import service as notify
from vedette.notify.types import Notice, Stage
from vedette.oncall import service as oncall
from vedette.oncall.types import Policy
from vedette.plumbing.db.sql import on_commit
from vedette.plumbing.ports import ports
from vedette.projects import service as projects
from vedette.signals import service as signals
from vedette.signals.types import Moment, SignalState

_NO_CHANNEL = Reason(
    Code.NO_CHANNEL, False, False, "There is no channel to tell: add one under Settings, Notifications."
)
_CHANNEL_OFF = Reason(Code.CHANNEL_OFF, False, False, "The channel is switched off.")


def look(group: Group, setting: Setting) -> int:
    """Tell every receiver of a group what is new, keep the trace, and say when to look again; return how many were told.

    Runs in the caller's transaction: what is told is queued and noted together, or not at all.
    """
    found = [_heard(each, setting) for each in group_store.members(group.id)]
    members = sorted(found, key=lambda each: ordering.key(each.alert.labels))
    heard = hearkening.concerning(members, None)
    changed = [each for each in members if each.quiet.by != each.member.muted]
    lines = [_muted_line(group, each, setting.now) for each in changed if each.quiet.by]
    told, repeat_at = _tell(group, members, heard, setting) if heard else ([], None)
    traces.add([*lines, *told])
    _record(heard, told, setting.now)
    group_store.mute(group.id, {each.alert.id: each.quiet.by for each in changed})
    _rest(group, members, repeat_at, setting.now)
    return sum(line.sent for line in told)


def _heard(member: Member, setting: Setting) -> Heard:
    sources = silence_store.firing_sources
    return hearkening.heard(member, setting.table, setting.silences, sources, setting.now)


def _tell(
    group: Group, members: Sequence[Heard], heard: Sequence[Heard], setting: Setting
) -> tuple[list[Trace], float | None]:
    whom = addressees(group, [each.alert for each in heard], setting)
    entries = group_store.entries(group.id)
    lines = [_consider(group, heard, each, entries.get(each.channel.id), setting) for each in whom.told]
    single = heard[0].alert if len(members) == 1 else None
    for name, why in whom.quieted:
        lines.append(_line(group, single, Reason(Code.QUIET, False, False, why), setting.now, name))
    for policy in whom.policies:
        before = entries.get(paging.place(policy))
        lines.append(_escalate(group, heard, policy, before, setting))
    if not whom.told and not whom.policies:
        lines.append(_line(group, single, _NO_CHANNEL, setting.now))
    return lines, _repeat_at(group, heard)


def _escalate(
    group: Group, heard: Sequence[Heard], policy: Policy, before: Entry | None, setting: Setting
) -> Trace:
    """Let a policy begin where there is something to tell of that fires and nobody has; its end ends it by itself."""
    single = heard[0].alert if len(heard) == 1 else None
    names = hearkening.names(heard)
    told = hearkening.policy(group, heard)
    reason = paging.reason(dedup.why_notify(before, *names, told, _tick(group, setting.now)), told, names[0])
    if reason.note:
        group_store.note(group.id, paging.place(policy), Entry(*names, setting.now))
    name = f"Policy {policy.name}"
    if not reason.send:
        return _line(group, single, reason, setting.now, name)
    first = heard[0].alert
    notice = telling.notice(_telling(group, heard, reason.text), ports().settings.public_url, setting.now)
    notice = msgspec.structs.replace(notice, group=group.key)
    began = oncall.begin(policy.id, notice, setting.now, project=first.project)
    text = f"{reason.text} It escalates." if began else f"{reason.text} It escalates already, and goes on."
    return _line(group, single, msgspec.structs.replace(reason, text=text), setting.now, name)


def _repeat_at(group: Group, heard: Sequence[Heard]) -> float | None:
    if hearkening.policy(group, heard).taken:
        return None
    told = [entry.at for entry in group_store.entries(group.id).values() if entry.firing]
    return min(told) + group.destination.timing.repeat if told else None


def _consider(
    group: Group, heard: Sequence[Heard], to: Addressee, before: Entry | None, setting: Setting
) -> Trace:
    theirs = hearkening.concerning(heard, to.alerts)
    single = theirs[0].alert if len(heard) == 1 else None
    if not to.channel.enabled:
        return _line(group, single, _CHANNEL_OFF, setting.now, to.name)
    firing, resolved = hearkening.names(theirs)
    reason = dedup.why_notify(
        before, firing, resolved, hearkening.policy(group, theirs), _tick(group, setting.now)
    )
    if to.later and reason.send:
        reason = dedup.of_later_step(reason, _was_heard(group, theirs, to))
    if reason.note:
        group_store.note(group.id, to.channel.id, Entry(firing, resolved, setting.now))
    if not reason.send:
        return _line(group, single, reason, setting.now, to.name)
    return _send(group, theirs, to, reason, setting.now)


def _was_heard(group: Group, theirs: Sequence[Heard], to: Addressee) -> bool:
    began = min(each.alert.standing.starts for each in theirs)
    return notify.heard(to.channel.id, _thread(group), began)


def _thread(group: Group) -> str:
    return f"group.{group.id}"


def _tick(group: Group, now: float) -> float:
    """Return the instant the group was due: what is told at a tick is older than `repeat` only a tick after that time.

    Alertmanager notes when a notice was accepted, which is after the tick, and compares with ticks.
    """
    return now if group.pulse.due is None else min(now, group.pulse.due)


def _send(group: Group, theirs: Sequence[Heard], to: Addressee, reason: Reason, now: float) -> Trace:
    first = theirs[0].alert
    words = " ".join(part for part in (_why(theirs), reason.text, to.why) if part)
    told = _telling(group, theirs, words)
    look, notice = group.looks + 1, telling.notice(told, ports().settings.public_url, now)
    if any(each.alert.standing.state is SignalState.FIRING for each in theirs):
        notice = msgspec.structs.replace(notice, actions=links.actions(group, look, to, now))
    key = notice_key(group.id, look, to.channel.id)
    single = first if len(theirs) == 1 else None
    code = _queue(group, to, notice, key, reason.code)
    return _line(group, single, Reason(code, True, True, words), now, to.name, key)


def _telling(group: Group, theirs: Sequence[Heard], words: str) -> Telling:
    first = theirs[0].alert
    return Telling(
        group=group.key.removesuffix(group.destination.twin),
        labels=group.labels,
        alerts=tuple(_shown(e) for e in theirs if e.fires or group.destination.send_resolved),
        reason=f"Rule “{first.rule}”: {words}" if first.rule and not first.pushed else words,
        project=project_slug(first.project),
    )


def _queue(group: Group, to: Addressee, notice: Notice, key: str, code: Code) -> Code:
    step = to.step
    if step is None or not to.later or code is Code.ALL_RESOLVED:
        notify.queue(to.channel.id, notice, key, notice.at)
        return code
    stage = Stage(
        owner=to.channel.owner or 0,
        which=step.which,
        number=step.number,
        after=step.after,
        thread=_thread(group),
    )
    notify.queue_step(to.channel.id, notice, key, stage, notice.at)
    return Code.STEP


def _why(theirs: Sequence[Heard]) -> str:
    flapping_now = next((each.flaps for each in theirs if each.flaps), None)
    return flapping_now.reason if flapping_now else theirs[0].alert.why


def _shown(each: Heard) -> Alert:
    if each.flaps is None:
        return each.alert
    standing = msgspec.structs.replace(each.alert.standing, state=SignalState.FIRING)
    return msgspec.structs.replace(each.alert, title=f"Flaps: {each.alert.title}", standing=standing)


def _rest(group: Group, members: Sequence[Heard], repeat_at: float | None, now: float) -> None:
    """Let go what is over or only happened, and say when to look again."""
    timing = group.destination.timing
    pulse = Pulse(first=now if group.pulse.first is None else group.pulse.first, last=now)
    gone = [e for e in members if e.flaps is None and e.alert.standing.state is not SignalState.FIRING]
    stay = [each for each in members if each not in gone]
    due = grouping.again(
        pulse, timing, now, muted=any(e.quiet.by for e in stay), repeat_at=repeat_at if stay else None
    )
    wakes = [e.quiet.until for e in stay if e.quiet.until is not None] + [
        e.flaps.until for e in stay if e.flaps
    ]
    at = min([*wakes, *([] if due is None else [due])], default=None)
    group_store.looked(group.id, msgspec.structs.replace(pulse, due=at))
    group_store.leave(group.id, [each.alert.id for each in gone])


def _record(heard: Sequence[Heard], lines: Sequence[Trace], now: float) -> None:
    told = ", ".join(line.channel for line in lines if line.sent and line.code != Code.STEP)
    if not told:
        return
    first = heard[0].alert
    more = f", and {len(heard) - 1} more" if len(heard) > 1 else ""
    moment = Moment(
        at=now,
        room=OWN_ROOM,
        kind=TOLD,
        subject=first.subject,
        text=f"Told {told}: {first.title}{more}",
        link=first.link,
        project=first.project,
    )
    signals.record([moment])
    on_commit(lambda: ports().bus.wake(LIVE_TOPIC))


def _muted_line(group: Group, each: Heard, now: float) -> Trace:
    code = Code.SILENCED if each.quiet.by == SILENCE else Code.INHIBITED
    return _line(group, each.alert, Reason(code, False, False, each.quiet.reason), now)


def _line(  # noqa: PLR0917 - one line of trace, each part is another one's word
    group: Group, alert: Alert | None, reason: Reason, now: float, channel: str = "", key: str = ""
) -> Trace:
    return Trace(
        at=now,
        sent=reason.send,
        code=reason.code.value,
        reason=reason.text,
        rule=alert.rule if alert else "",
        channel=channel,
        title=alert.title if alert else group.key,
        link=alert.link if alert else "/alerts/",
        alert_id=alert.id if alert else None,
        group=group.key,
        idempotency_key=key,
    )


def project_slug(project: int | None) -> str:
    """Return the slug of a project by its id; empty for none, or one that was deleted."""
    try:
        return "" if project is None else projects.project(project).slug
    except NotFound:
        return ""
