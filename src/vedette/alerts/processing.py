"""From signals and series to notices, exactly once.

1. A batch of signals past the cursor is read, decided on and told (`notify.service.queue`), and the cursor
   moved, in one transaction: a crash before the commit leaves nothing, a crash after it repeats nothing.
2. Threshold rules look at their series; what changed is told in one transaction a rule.
3. Alerts whose end has come are over.
"""

import msgspec

from vedette.alerts import identity, life, listening, rules, telling
from vedette.alerts.informing import Setting, inform, project_slug
from vedette.alerts.observing import observations
from vedette.alerts.store import alerts as store
from vedette.alerts.store import rules as rule_store
from vedette.alerts.types import LIVE_TOPIC, OWN_ROOM, Alert, Rule, RuleKind, Trace
from vedette.notify import service as notify
from vedette.plumbing.db.sql import on_commit, transaction
from vedette.plumbing.ports import ports
from vedette.signals import service as signals
from vedette.signals.types import Signal

CURSOR = "cursor"
BATCH = 50  # a batch holds the write lock of core.db for some 50 ms


def process(now: float) -> int:
    """Deal with every new signal, every threshold and every end; return how many signals there were."""
    total = 0
    while done := _batch(now):
        total += done
    for rule in rule_store.all_rules():
        if rule.kind is RuleKind.THRESHOLD and rule.enabled:
            _watch(rule, now)
    _end(now)
    return total


def end_alerts_of(rule_id: int, now: float) -> None:
    """Let the firing alerts of a rule be over without telling, for the rule is gone or is another one now."""
    for alert in store.firing_of(rule_id):
        over = life.over(msgspec.structs.replace(alert.standing, ends=now), now)
        if over is not None:
            store.save(msgspec.structs.replace(alert, standing=over, updated_at=now))


def _batch(now: float) -> int:
    if signals.last_seq() <= rule_store.mark(CURSOR):
        return 0
    with transaction():
        found = signals.after(rule_store.mark(CURSOR), BATCH)
        setting = _setting(now)
        for stored in found:
            _meet(stored.signal, setting)
        if found:
            rule_store.set_mark(CURSOR, found[-1].seq)
            on_commit(lambda: ports().bus.wake(LIVE_TOPIC))
    return len(found)


def _setting(now: float) -> Setting:
    channels = {channel.id: channel for channel in notify.channels()}
    return Setting(rule_store.all_rules(), channels, notify.people(), now)


def _meet(signal: Signal, setting: Setting) -> None:
    if signal.room == OWN_ROOM:
        return
    if signal.kind in listening.PERSONAL:
        _meet_people(signal, setting)
        return
    decided = [(rule, rules.decide(rule, signal, setting.now)) for rule in setting.rules]
    for rule, decision in decided:
        if decision.fire:
            story = telling.of_signal(signal, identity.of_signal(signal), rule)
            _tell(rule, story, decision.reason, setting)
    if not any(decision.fire for _, decision in decided):
        _trace_unmatched(
            signal, [f"{rule.name}: {decision.reason}" for rule, decision in decided], setting.now
        )


def _meet_people(signal: Signal, setting: Setting) -> None:
    """Tell the people whom something done to an issue concerns; no rule speaks of it."""
    told = listening.tell_personal(signal, setting.people, project_slug(signal.project), setting.now)
    store.trace(
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
    store.trace([line])


def _watch(rule: Rule, now: float) -> None:
    crossed = {}
    for seen in observations(rule, now):
        decision = rules.decide(rule, seen, now)
        if decision.fire:
            labels = identity.of_observation(rule, seen)
            project = project_slug(int(seen.labels.get("project") or 0))
            story = telling.of_observation(seen, labels, rule, decision.reason, project)
            crossed[identity.fingerprint(labels)] = (story, decision.reason)
    before = {alert.fingerprint: alert for alert in store.firing_of(rule.id)}
    if crossed or before:
        with transaction():
            setting = _setting(now)
            for story, why in crossed.values():
                _tell(rule, story, why, setting, ticking=True)
            for fingerprint in before.keys() - crossed.keys():
                _over(rule, before[fingerprint], f"It fell to {rule.params.count} or below.", setting)


def _end(now: float) -> None:
    ended = store.ended(now)
    if not ended:
        return
    with transaction():
        setting = _setting(now)
        by_id = {rule.id: rule for rule in setting.rules}
        for alert in ended:
            _over(by_id[alert.rule_id or 0], alert, "Its end has come.", setting)


def _over(rule: Rule, alert: Alert, why: str, setting: Setting) -> None:
    standing = life.over(msgspec.structs.replace(alert.standing, ends=setting.now), setting.now)
    if standing is not None:
        changed = msgspec.structs.replace(alert, standing=standing, updated_at=setting.now)
        inform(rule, store.save(changed), why, setting)


def _tell(rule: Rule, story: telling.Story, why: str, setting: Setting, *, ticking: bool = False) -> None:
    fingerprint = identity.fingerprint(story.labels)
    before = store.find(rule.id, fingerprint)
    standing = life.step(before.standing if before else None, story.seen)
    if standing is None:
        return
    if ticking and before is not None and before.standing.change == standing.change:
        inform(rule, before, why, setting, ticking=True)
    else:
        inform(rule, store.save(telling.alert(rule, fingerprint, story, standing, setting.now)), why, setting)
