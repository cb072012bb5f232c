"""Does a rule speak of what was seen? Pure: values in, a decision and its reason out.

What each kind looks for stands in `conditions`; here is what all rules have in common.
"""

import math

from vedette.alerts import identity, matching
from vedette.alerts.conditions import registry
from vedette.alerts.types import Decision, Observation, Rule, RuleDraft
from vedette.core.clock import iso
from vedette.signals.types import Signal, SignalState

MINUTE = 60.0


def decide(rule: Rule, seen: Signal | Observation, now: float) -> Decision:
    """Decide whether the rule speaks of a signal or of an observed value; the reason is fit to be shown."""
    if not rule.enabled:
        return Decision(False, "The rule is switched off.")
    if isinstance(seen, Observation):
        return _of_values(rule, seen)
    if rule.project is not None and rule.project != seen.project:
        return Decision(False, "The rule is for another project.")
    if seen.state is SignalState.FIRING and seen.ends is not None and seen.ends <= now:
        return Decision(False, f"It was over at {iso(seen.ends)}, before it was looked at.")
    return _of_signal(rule, seen)


def measures(rule: Rule) -> bool:
    """Tell whether a rule that is on looks at series, not at signals."""
    return rule.enabled and registry.of(rule.kind).windows is not None


def oldest_share(now: float) -> float:
    """Return the share (0 to 1) of the oldest minute of a sliding window that still lies in it."""
    return 1.0 - (now % MINUTE) / MINUTE


def sliding_total(total: float, oldest: float, now: float) -> float:
    """Return how many came in the last `minutes`, given the total and the oldest minute of the window.

    Counts stand in whole minutes, so the oldest counts by its share that is still inside, rounded up.
    """
    return total - oldest + math.ceil(oldest * oldest_share(now))


def essence(rule: RuleDraft) -> tuple[object, ...]:
    """Return what makes a rule look for what it does; when it changes, what it fired is over."""
    return (rule.kind, rule.project, rule.matchers, rule.params, rule.enabled)


def describe(rule: Rule) -> str:
    """Return in one phrase what the rule looks for."""
    phrase = registry.of(rule.kind).describe(rule.params)
    return f"{phrase}, where {matching.written(rule.matchers)}" if rule.matchers else phrase


def _of_values(rule: Rule, seen: Observation) -> Decision:
    failing = matching.first_failing(_tested(rule), seen.labels)
    if failing is not None:
        return Decision(False, f"{failing} does not hold.")
    judge = registry.of(rule.kind).judge
    if judge is None:
        return Decision(False, "The rule looks at single signals, not at a series.")
    return judge(rule.params, seen)


def _tested(rule: Rule) -> list[matching.Matcher]:
    """Return the matchers that what was read is still to be tested by; the others said what was read."""
    by = registry.of(rule.kind).by(rule.params)
    return [each for each in rule.matchers if each.name in by]


def _of_signal(rule: Rule, signal: Signal) -> Decision:
    hear = registry.of(rule.kind).hear
    if hear is None:
        named = "A threshold" if rule.kind == "threshold" else "The rule"
        return Decision(False, f"{named} looks at a series, not at single signals.")
    labels = {"severity": signal.severity.value, **identity.of_signal(signal)}
    failing = matching.first_failing(rule.matchers, labels)
    if failing is not None:
        return Decision(False, f"{failing} does not hold.")
    return hear(rule.params, signal)
