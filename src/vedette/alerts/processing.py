"""From signals, series and pushed alerts to notices, exactly once.

1. A batch of signals past the cursor is read and decided on, its alerts are put into their groups, and the cursor
   moved, in one transaction: a crash before the commit leaves nothing, a crash after it repeats nothing.
2. Rules that measure look at their series, in one transaction a rule. Alerts whose end has come are over.
3. Each group whose time has come looks, in one transaction: its notices are queued and noted together.
"""

from collections.abc import Sequence

import msgspec

from vedette.alerts import (
    builtin,
    hearkening,
    identity,
    life,
    listening,
    looking,
    paging,
    receiving,
    recording,
    rules,
    silencing,
    telling,
    watching,
    whither,
)
from vedette.alerts.addressing import Setting
from vedette.alerts.becoming import Seen
from vedette.alerts.looking import project_slug
from vedette.alerts.setting import setting_of
from vedette.alerts.silencing import Silence
from vedette.alerts.store import alerts as store
from vedette.alerts.store import groups as group_store
from vedette.alerts.store import rules as rule_store
from vedette.alerts.store import silences as silence_store
from vedette.alerts.store import traces
from vedette.alerts.types import LIVE_TOPIC, OWN_ROOM, Alert, Trace
from vedette.oncall import service as oncall
from vedette.oncall.types import DECLARE
from vedette.plumbing.db.sql import on_commit, transaction
from vedette.plumbing.ports import ports
from vedette.signals import service as signals
from vedette.signals.types import Signal

CURSOR = "cursor"
ALIVE = "alive"
BEGAN = "began"
ROUTED = "routed"
SILENCED = "silenced"
BATCH = 50  # a batch holds the write lock of core.db for some 50 ms
ENDS = 500
LOOKS = 20  # groups in one transaction
_ALIVE_EVERY = 60
_NO_GROUPS = 0  # the mark of routing before there were groups


def process(now: float) -> int:
    """Deal with every new signal, threshold, end and group whose time has come; return how many signals there were."""
    _stay_alive(now)
    _reroute(now)
    total = 0
    while done := _batch(now):
        total += done
        _look(now)
    for rule in rule_store.all_rules():
        if rules.measures(rule):
            watching.watch(rule, now)
    _end(now)
    paging.expire(now)
    _begin_silences(now)
    _look(now)
    return total


def push(seen: Sequence[Seen], now: float) -> int:
    """Take in alerts that were pushed; return how many of them are news."""
    with transaction():
        setting = setting_of(now)
        changed = receiving.receive(seen, setting.table, setting.rules, now)
        recording.transitions(changed, now)
        on_commit(lambda: ports().bus.wake(LIVE_TOPIC))
    return len(changed)


def resume(now: float) -> None:
    """Begin after a stop: what was due waits once more, and what nobody could keep up meanwhile goes on."""
    with transaction():
        group_store.hold(now)
        alive = rule_store.mark(ALIVE)
        if alive:
            store.postpone_ends(float(alive), now)
        rule_store.set_mark(ALIVE, int(now))
        rule_store.set_mark(BEGAN, int(now))


def next_due() -> float | None:
    """Return the instant at which a group looks or an alert ends next, None when nothing waits."""
    waits = (group_store.next_due(), store.next_end(), oncall.next_expiry())
    return min((at for at in waits if at is not None), default=None)


def end_alerts_of(rule_id: int, now: float) -> None:
    """Let the firing alerts of a rule be over without telling, for the rule is gone or is another one now."""
    for alert in store.firing_of(rule_id):
        ended = life.over(msgspec.structs.replace(alert.standing, ends=now), now)
        if ended is not None:
            store.save([msgspec.structs.replace(alert, standing=ended, updated_at=now)])
            for group in group_store.of_alert(alert.id):
                group_store.leave(group.id, [alert.id])
                paging.over([group.key], now)


def _batch(now: float) -> int:
    if signals.last_seq() <= rule_store.mark(CURSOR):
        return 0
    with transaction():
        found = signals.after(rule_store.mark(CURSOR), BATCH)
        others = [stored.signal for stored in found if _is_news(stored.signal)]
        if others:
            setting = setting_of(now)
            for signal in others:
                _meet(signal, setting)
        if found:
            rule_store.set_mark(CURSOR, found[-1].seq)
            on_commit(lambda: ports().bus.wake(LIVE_TOPIC))
    return len(found)


def _is_news(signal: Signal) -> bool:
    """Tell whether a signal was not an alert before: to tell what escalates again would have no end."""
    return signal.room != OWN_ROOM and signal.kind != DECLARE


def _meet(signal: Signal, setting: Setting) -> None:
    if signal.kind in listening.PERSONAL:
        _meet_people(signal, setting)
        return
    decided = [(rule, rules.decide(rule, signal, setting.now)) for rule in setting.rules]
    speaking = [(rule, decision.reason) for rule, decision in decided if decision.fire]
    if speaking:
        story = telling.of_signal(signal, identity.of_signal(signal), [rule for rule, _ in speaking])
        seen = Seen(story, tuple(rule for rule, _ in speaking), " ".join(reason for _, reason in speaking))
        receiving.receive([seen], setting.table, setting.rules, setting.now)
    else:
        _trace_unmatched(
            signal, [f"{rule.name}: {decision.reason}" for rule, decision in decided], setting.now
        )


def _meet_people(signal: Signal, setting: Setting) -> None:
    """Tell the people whom something done to an issue concerns; no rule speaks of it."""
    told = listening.tell_personal(signal, setting.people, project_slug(signal.project), setting.now)
    traces.add(
        [
            Trace(
                at=setting.now, sent=reason.send, code=reason.code.value, reason=reason.text, channel=name,
                title=signal.title, link=signal.link[:500], idempotency_key=key,
            )
            for name, reason, key in told
        ]
    )  # fmt: skip


def _trace_unmatched(signal: Signal, why_not: list[str], now: float) -> None:
    reason = " ".join(why_not) or "There are no rules."
    line = Trace(
        at=now, sent=False, code="no_rule", reason=reason, title=signal.title, link=signal.link[:500]
    )
    traces.add([line])


def _end(now: float) -> None:
    while ended := store.ended(now, ENDS):
        with transaction():
            recording.transitions(receiving.over(ended, "Its end has come.", now), now)


def _begin_silences(now: float) -> None:
    """Note what a silence keeps quiet when it begins to hold, and let the groups look at its end.

    A group that has no cause to look meanwhile would not know that anything was silenced.
    """
    there_are = silence_store.silences(now)
    known = rule_store.mark(SILENCED) if there_are else 0
    begun = [each for each in there_are if _began(each, known, now)]
    if not begun:
        return
    last = 0
    while alerts := store.firing_after(last, ENDS):
        with transaction():
            _hush(alerts, begun, now)
        last = alerts[-1].id
    with transaction():
        paging.quieted(now)
        rule_store.set_mark(SILENCED, int(now))


def _hush(alerts: Sequence[Alert], begun: Sequence[Silence], now: float) -> None:
    until: dict[int, float] = {}
    there = group_store.by_key(alerts)
    for alert in alerts:
        quiet = silencing.quiet(begun, whither.seen_labels(alert), now)
        if quiet is None:
            continue
        for group in (there[key].id for key in alert.groups if key in there):
            group_store.mute(group, {alert.id: hearkening.SILENCE})
            until[group] = min(quiet.until, until.get(group, quiet.until))
    group_store.schedule(until)


def _began(silence: Silence, known: int, now: float) -> bool:
    window = silencing.window(silence, now)
    return window is not None and max(window[0], silence.updated_at) > known


def _look(now: float) -> None:
    while group_store.due(now, 1):
        with transaction():
            setting = setting_of(now)
            for group in group_store.due(now, LOOKS):
                looking.look(group, setting)


def _stay_alive(now: float) -> None:
    if now - rule_store.mark(ALIVE) >= _ALIVE_EVERY:
        rule_store.set_mark(ALIVE, int(now))
        paging.sweep(now)


def _reroute(now: float) -> None:
    """Put every firing alert into the groups of the routes in force, once these have changed."""
    before, version = rule_store.mark(ROUTED), builtin.version()
    if before == version:
        return
    silence_store.forget_sources()
    last = 0
    while alerts := store.firing_after(last, ENDS):
        with transaction():
            setting = setting_of(now)
            placed = receiving.place(alerts, setting.table, setting.rules, now)
            if before == _NO_GROUPS:
                group_store.take_over_told(placed, group_store.by_key(placed))
        last = alerts[-1].id
    rule_store.set_mark(ROUTED, version)
