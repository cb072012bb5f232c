"""Does an alert make an incident? Pure: the first rule it meets says so, and an incident of the same rule takes it in."""

import enum
import hashlib
from collections.abc import Callable, Mapping, Sequence

import msgspec

from vedette.alerts.types import Alert, Matchers
from vedette.incidents.types import Incident, IncidentRule
from vedette.signals.types import Severity, SignalState

DAY = 86_400.0
Holds = Callable[[Matchers, Mapping[str, str]], bool]
"""Whether matchers hold for labels (`alerts.service.holds`)."""


class Fate(enum.StrEnum):
    """What becomes of an alert: nothing, it joins an incident, opens one again, or makes one."""

    NOTHING = "nothing"
    JOIN = "join"
    REOPEN = "reopen"
    DECLARE = "declare"


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of an alert, and why. `key` tells incidents of one rule apart."""

    fate: Fate
    reason: str
    rule: IncidentRule | None = None
    key: str = ""


def meets(rule: IncidentRule, alert: Alert, labels: Mapping[str, str], holds: Holds) -> Decision:
    """Decide whether an alert is what a rule declares; `labels` are those it is matched by."""
    if not rule.enabled:
        return _no(f"The rule {rule.name} is off.")
    if alert.standing.state is not SignalState.FIRING:
        return _no("It does not fire.")
    if alert.standing.severity.rank < Severity(rule.severity).rank:
        return _no(f"It is {alert.standing.severity}, and {rule.name} asks for {rule.severity} at least.")
    if rule.project is not None and alert.project != rule.project:
        return _no(f"{rule.name} is for another project.")
    if not holds(rule.matchers, labels):
        return _no(f"Its labels do not match those of {rule.name}.")
    return Decision(
        fate=Fate.DECLARE,
        reason=f"It meets the rule {rule.name}.",
        rule=rule,
        key=key_of(rule, alert, labels),
    )


def first(rules: Sequence[IncidentRule], alert: Alert, labels: Mapping[str, str], holds: Holds) -> Decision:
    """Return the decision of the first rule an alert meets, in their order; of none it is nothing."""
    decided = [meets(rule, alert, labels, holds) for rule in rules]
    met = next((each for each in decided if each.fate is Fate.DECLARE), None)
    return met or _no(" ".join(each.reason for each in decided) or "No rule declares incidents.")


def with_known(decision: Decision, alert: Alert, last: Incident | None, now: float) -> Decision:
    """Return a decision in the light of the newest incident of the same rule and key.

    One that goes on takes the alert in; one resolved within its quiet, or within a day, is opened again. What fired
    already when a person resolved it is no news; one that ended by itself did so because nothing fired, as far as was seen.
    """
    if last is None or decision.fate is not Fate.DECLARE:
        return decision
    if last.is_open:
        return msgspec.structs.replace(
            decision, fate=Fate.JOIN, reason=f"{last.key} of the same rule goes on."
        )
    over = last.resolved_at or 0.0
    if last.resolved_by_hand and alert.began <= over:
        return _no(f"It fired already when somebody resolved {last.key}.")
    if now - over <= max(DAY, last.quiet_minutes * 60.0):
        return msgspec.structs.replace(
            decision,
            fate=Fate.REOPEN,
            reason=f"{last.key} of the same rule was resolved less than a day before.",
        )
    return decision


def key_of(rule: IncidentRule, alert: Alert, labels: Mapping[str, str]) -> str:
    """Return what tells incidents of a rule apart: a hash of the values of the labels it groups by."""
    known = {"project": "" if alert.project is None else str(alert.project), **labels}
    values = "\0".join(known.get(name, "") for name in rule.group_by)
    return hashlib.sha256(values.encode()).hexdigest()[:16]


def _no(reason: str) -> Decision:
    return Decision(fate=Fate.NOTHING, reason=reason)
