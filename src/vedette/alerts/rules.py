"""Does a rule speak of what was seen? Pure: values in, a decision and its reason out."""

import math
from collections.abc import Callable, Sequence

from vedette.alerts.types import Decision, Observation, Params, Rule, RuleKind
from vedette.core.clock import iso
from vedette.signals.types import Signal, SignalState

MINUTE = 60.0


def decide(rule: Rule, seen: Signal | Observation, now: float) -> Decision:
    """Decide whether the rule speaks of a signal or of an observed value; the reason is fit to be shown."""
    if not rule.enabled:
        return Decision(False, "The rule is switched off.")
    if isinstance(seen, Observation):
        return _threshold(rule, seen)
    if rule.project is not None and rule.project != seen.project:
        return Decision(False, "The rule is for another project.")
    if seen.state is SignalState.FIRING and seen.ends is not None and seen.ends <= now:
        return Decision(False, f"It was over at {iso(seen.ends)}, before it was looked at.")
    return _KINDS[rule.kind](rule, seen)


def window(params: Params, now: float) -> tuple[float, float]:
    """Return start and end of the whole minutes a threshold looks at: the running one and `minutes` before it."""
    end = math.floor(now / MINUTE) * MINUTE + MINUTE
    return end - (params.minutes + 1) * MINUTE, end


def oldest_share(now: float) -> float:
    """Return the share (0 to 1) of the oldest of those minutes that still lies in the sliding window."""
    return 1.0 - (now % MINUTE) / MINUTE


def sliding_total(total: float, oldest: float, now: float) -> float:
    """Return how many came in the last `minutes`, given the total and the oldest minute of the window.

    Counts stand in whole minutes, so the oldest counts by its share that is still inside, rounded up.
    """
    return total - oldest + math.ceil(oldest * oldest_share(now))


def describe(rule: Rule) -> str:
    """Return in one phrase what the rule looks for."""
    params = rule.params
    return {
        RuleKind.NEW_ISSUE: "an issue is seen for the first time",
        RuleKind.REGRESSION: "a resolved issue comes back, or a muted one escalates",
        RuleKind.THRESHOLD: f"more than {_events(params.count)} in {_minutes(params.minutes)}, per {params.per}",
        RuleKind.SEVERITY: f"any signal of severity {params.severity} or worse",
    }[rule.kind]


def _threshold(rule: Rule, seen: Observation) -> Decision:
    params = rule.params
    told = f"{_events(seen.value)} in {_minutes(params.minutes)}"
    if seen.value > params.count:
        return Decision(True, f"{told}, more than {params.count}.")
    return Decision(False, f"{told}, not more than {params.count}.")


def _new_issue(_rule: Rule, signal: Signal) -> Decision:
    return _of_kind(signal, ("issue.new",), "A new issue.")


def _regression(_rule: Rule, signal: Signal) -> Decision:
    back = "A resolved issue came back."
    why = "A muted issue escalated." if signal.kind == "issue.escalated" else back
    return _of_kind(signal, ("issue.regressed", "issue.escalated"), why)


def _severity(rule: Rule, signal: Signal) -> Decision:
    least = rule.params.severity
    if signal.severity.rank >= least.rank:
        return Decision(True, f"Severity {signal.severity} is at least {least}.")
    return Decision(False, f"Severity {signal.severity} is below {least}.")


def _signals_do_not_count(_rule: Rule, _signal: Signal) -> Decision:
    return Decision(False, "A threshold looks at a series, not at single signals.")


def _of_kind(signal: Signal, kinds: Sequence[str], why: str) -> Decision:
    if signal.room == "errors" and signal.kind in kinds:
        return Decision(True, why)
    return Decision(False, f"It is {signal.room} {signal.kind}, not {' or '.join(kinds)}.")


_KINDS: dict[RuleKind, Callable[[Rule, Signal], Decision]] = {
    RuleKind.NEW_ISSUE: _new_issue,
    RuleKind.REGRESSION: _regression,
    RuleKind.THRESHOLD: _signals_do_not_count,
    RuleKind.SEVERITY: _severity,
}


def _events(n: float) -> str:
    return "1 event" if n == 1 else f"{n:.0f} events"


def _minutes(n: int) -> str:
    return "1 minute" if n == 1 else f"{n} minutes"
