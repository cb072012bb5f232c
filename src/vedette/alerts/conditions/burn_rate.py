"""The error budget of an objective is used up too fast, in a long and in a short window alike. Pure.

Source: Google, "The Site Reliability Workbook", chapter 5, "Alerting on SLOs", way 6 (multiwindow, multi-burn-rate):
a burn rate of 1 uses up the budget exactly in its period. The short window lets the alert end soon after the
trouble does.
"""

from collections.abc import Mapping

from vedette.alerts.conditions import kind
from vedette.alerts.conditions.kind import Condition, minutes, number
from vedette.alerts.types import Decision, Observation, Params, Window
from vedette.signals.types import Series


def _windows(params: Params, now: float) -> tuple[Window, ...]:
    return tuple(
        kind.last_minutes(series, length, now)
        for length in (params.minutes, params.short)
        for series in (params.series, params.good)
    )


def rate(total: float, good: float, objective: float) -> float:
    """Return how many times faster than planned the budget is used up; 0 when nothing came. `objective` in percent."""
    if total <= 0:
        return 0.0
    return max(0.0, 1.0 - good / total) / (1.0 - objective / 100.0)


def _judge(params: Params, seen: Observation) -> Decision:
    good, short_total, short_good = seen.others
    long_rate = rate(seen.value, good, params.objective)
    short_rate = rate(short_total, short_good, params.objective)
    told = (
        f"The budget of {number(params.objective)} % burns {number(round(long_rate, 1))}x over {minutes(params.minutes)}"
        f" ({number(seen.value - good)} of {number(seen.value)} bad) and {number(round(short_rate, 1))}x over"
        f" {minutes(params.short)}"
    )
    if min(long_rate, short_rate) > params.burn:
        return Decision(True, f"{told}, both more than {number(params.burn)}x.")
    return Decision(False, f"{told}, not both more than {number(params.burn)}x.")


def _problems(params: Params, catalogue: Mapping[str, Series]) -> dict[str, str]:
    wrong = (
        kind.wrong_series(params.series, "series", catalogue)
        | kind.wrong_series(params.good, "good", catalogue)
        | kind.wrong_number(params.objective, "objective", 1, 99.999)
        | kind.wrong_number(params.burn, "burn", 0.1, 100_000)
        | kind.wrong_minutes(params.short, "short")
        | kind.wrong_minutes(params.minutes)
    )
    if not wrong and params.short > params.minutes:
        wrong = {"short": "The short window is no longer than the long one."}
    if not wrong and params.burn > 100.0 / (100.0 - params.objective):
        highest = number(round(100.0 / (100.0 - params.objective), 1))
        wrong = {"burn": f"With this objective it never burns faster than {highest}x, even when all is bad."}
    return wrong


def _describe(params: Params) -> str:
    return (
        f"the error budget of {number(params.objective)} % ({params.good} of {params.series}) burns faster than"
        f" {number(params.burn)}x over {minutes(params.minutes)} and {minutes(params.short)}{kind.per(params)}{kind.held(params)}"
    )


CONDITION = Condition(
    kind="burn_rate",
    label="The error budget of an objective burns too fast",
    fields=("series", "good", "objective", "burn", "minutes", "short", "per", "hold"),
    describe=_describe,
    problems=_problems,
    windows=_windows,
    judge=_judge,
)
