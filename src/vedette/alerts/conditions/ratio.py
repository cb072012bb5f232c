"""A series is several times (or a fraction of) what it was at the same time last week. Pure."""

from collections.abc import Mapping

from vedette.alerts.conditions import kind
from vedette.alerts.conditions.kind import DAY, Condition, counted, minutes, number
from vedette.alerts.types import Compare, Decision, Observation, Params, Window
from vedette.signals.types import Series

WEEK = 7 * DAY


def _windows(params: Params, now: float) -> tuple[Window, ...]:
    current = kind.last_minutes(params.series, params.minutes, now)
    return current, kind.moved(current, WEEK)


def _judge(params: Params, seen: Observation) -> Decision:
    (before,) = seen.others
    told = f"{counted(seen.value, params.series)} in {minutes(params.minutes)}, {number(before)} at this time last week"
    if max(seen.value, before) < params.count:
        return Decision(False, f"{told}: too few to compare, {number(params.count)} are needed.")
    if before == 0:
        return Decision(False, f"{told}: there is nothing to compare with.")
    times = seen.value / before
    bound = f"{params.compare} {number(params.factor)}"
    if kind.crosses(times, params.factor, params.compare):
        return Decision(True, f"{told}: {number(round(times, 2))} times as many, {bound}.")
    return Decision(False, f"{told}: {number(round(times, 2))} times as many, not {bound}.")


def _problems(params: Params, catalogue: Mapping[str, Series]) -> dict[str, str]:
    return (
        kind.wrong_series(params.series, "series", catalogue)
        | kind.wrong_minutes(params.minutes)
        | kind.wrong_number(params.factor, "factor", 0.01, 1_000)
        | kind.wrong_number(params.count, "count", 1, 1e9)
    )


def _describe(params: Params) -> str:
    side = "more" if params.compare is Compare.ABOVE else "less"
    return (
        f"{params.series} of {minutes(params.minutes)} is {side} than {number(params.factor)} times that of the same time last"
        f" week, from {number(params.count)} on{kind.per(params)}{kind.held(params)}"
    )


CONDITION = Condition(
    kind="ratio",
    label="A series is N times what it was at the same time last week",
    fields=("series", "compare", "factor", "count", "minutes", "per", "hold"),
    describe=_describe,
    problems=_problems,
    windows=_windows,
    judge=_judge,
)
