"""A series became worse than at the same time last week: a level such as a percentile, or an amount. Pure."""

from collections.abc import Mapping

from vedette.alerts.conditions import kind
from vedette.alerts.conditions.kind import DAY, Condition, minutes, number
from vedette.alerts.types import Decision, Observation, Params, Window
from vedette.signals.types import Series

WEEK = 7 * DAY


def _windows(params: Params, now: float) -> tuple[Window, ...]:
    current = kind.last_minutes(params.series, params.minutes, now)
    return current, kind.moved(current, WEEK)


def _judge(params: Params, seen: Observation) -> Decision:
    (before,) = seen.others
    told = f"{params.series} was {number(seen.value)} in {minutes(params.minutes)}, {number(before)} at this time last week"
    if before <= 0:
        return Decision(False, f"{told}: there is nothing to compare with.")
    if seen.value < params.count:
        return Decision(False, f"{told}: too little to mind, {number(params.count)} is the least.")
    times = seen.value / before
    found = f"{told}: {number(round(times, 2))} times"
    if times >= params.factor:
        return Decision(True, f"{found}, at least {number(params.factor)}.")
    return Decision(False, f"{found}, not {number(params.factor)}.")


def _problems(params: Params, catalogue: Mapping[str, Series]) -> dict[str, str]:
    if params.series not in catalogue:
        return kind.wrong_series(params.series, "series", catalogue)
    return (
        (kind.wrong_minutes(params.minutes) or kind.wrong_span(params.series, params.minutes, catalogue))
        | kind.wrong_number(params.factor, "factor", 1.01, 1_000)
        | kind.wrong_number(params.count, "count", 0, 1e9)
    )


def _describe(params: Params) -> str:
    return (
        f"{params.series} of {minutes(params.minutes)} is at least {number(params.factor)} times that of the same time last"
        f" week, from {number(params.count)} on{kind.per(params)}{kind.held(params)}"
    )


CONDITION = Condition(
    kind="degradation",
    label="A series became worse: N times that of the same hours last week",
    fields=("series", "factor", "count", "minutes", "per", "hold"),
    describe=_describe,
    problems=_problems,
    windows=_windows,
    judge=_judge,
)
