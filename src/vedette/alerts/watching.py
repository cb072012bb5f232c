"""Rules that measure look at their series; what is met for long enough becomes an alert."""

from collections.abc import Mapping

import msgspec

from vedette.alerts import holding, identity, learning, receiving, rules, telling
from vedette.alerts.becoming import Seen
from vedette.alerts.conditions import registry
from vedette.alerts.looking import project_slug
from vedette.alerts.observing import observations
from vedette.alerts.setting import setting_of
from vedette.alerts.store import alerts as store
from vedette.alerts.store import rules as rule_store
from vedette.alerts.types import Alert, Decision, Observation, Rule
from vedette.plumbing.db.sql import transaction

_LOOKED = "looked."


class Judged(msgspec.Struct, frozen=True):
    """What a rule saw for one set of labels, the labels of the alert it makes, and the decision."""

    seen: Observation
    labels: Mapping[str, str]
    decision: Decision


def watch(rule: Rule, now: float) -> None:
    """Let a rule look, unless it did a short time ago; one transaction, and none when nothing changed."""
    if not _is_time(rule, now):
        return
    judged = {identity.fingerprint(each.labels): each for each in judge(rule, now)}
    met = [name for name, each in judged.items() if each.decision.fire]
    before = rule_store.pending(rule.id) if rule.params.hold else {}
    held = holding.step(before, met, rule.params.hold * 60.0, now)
    if rule.params.hold and held.since != before:
        with transaction():
            rule_store.set_pending(rule.id, held.since)
    firing = {alert.fingerprint: alert for alert in store.firing_of(rule.id)}
    if held.firing != firing.keys():
        _tell(rule, {name: judged[name] for name in held.firing}, judged, firing, now)


def judge(rule: Rule, now: float) -> tuple[Judged, ...]:
    """Return what the rule sees now, judged."""
    return tuple(
        Judged(seen, identity.of_observation(rule, seen), rules.decide(rule, seen, now))
        for seen in _seen(rule, now)
    )


def _seen(rule: Rule, now: float) -> tuple[Observation, ...]:
    return learning.observations(rule, now) if registry.of(rule.kind).learns else observations(rule, now)


def seen_of(rule: Rule, each: Judged) -> Seen:
    """Return what a rule saw as it is taken in."""
    project = project_slug(int(each.seen.labels.get("project") or rule.project or 0))
    why = each.decision.reason
    return Seen(telling.of_observation(each.seen, each.labels, rule, why, project), (rule,), why)


def _tell(
    rule: Rule,
    crossed: Mapping[str, Judged],
    judged: Mapping[str, Judged],
    before: Mapping[str, Alert],
    now: float,
) -> None:
    with transaction():
        setting = setting_of(now)
        receiving.receive(
            [seen_of(rule, each) for each in crossed.values()], setting.table, setting.rules, now
        )
        for name in before.keys() - crossed.keys():
            why = judged[name].decision.reason if name in judged else "Nothing of it is left."
            receiving.over([before[name]], why, now)


def _is_time(rule: Rule, now: float) -> bool:
    every = registry.of(rule.kind).every
    if every == 0.0:
        return True
    turn = int(now // every)
    if rule_store.mark(f"{_LOOKED}{rule.id}") == turn:
        return False
    rule_store.set_mark(f"{_LOOKED}{rule.id}", turn)
    return True
