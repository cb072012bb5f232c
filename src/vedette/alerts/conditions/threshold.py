"""A series is above or below a bound. Pure."""

import math
from collections.abc import Mapping

from vedette.alerts.conditions import kind
from vedette.alerts.conditions.kind import DAY, MINUTE, Condition, counted, minutes
from vedette.alerts.types import Compare, Decision, Observation, Params, Window
from vedette.signals.types import Series

MOST = 1_000_000_000
_WORDS = {Compare.ABOVE: "more than", Compare.BELOW: "fewer than"}


def _windows(params: Params, now: float) -> tuple[Window, ...]:
    end = math.floor(now / MINUTE) * MINUTE + MINUTE
    start = end - (params.minutes + 1) * MINUTE
    looked_at = Window(series=params.series, start=start, end=end, sliding=True)
    if params.compare is Compare.ABOVE:
        return (looked_at,)
    known = Window(series=params.series, start=end - DAY, end=end)  # of whom nothing comes any more, too
    return looked_at, known


def _judge(params: Params, seen: Observation) -> Decision:
    told = f"{counted(seen.value, params.series)} in {minutes(params.minutes)}"
    words = f"{_WORDS[params.compare]} {kind.number(params.count)}"
    if kind.crosses(seen.value, params.count, params.compare):
        return Decision(True, f"{told}, {words}.")
    return Decision(False, f"{told}, not {words}.")


def _problems(params: Params, catalogue: Mapping[str, Series]) -> dict[str, str]:
    wrong = {} if 0 <= params.count <= MOST else {"count": "A number, 0 or more."}
    if params.compare is Compare.BELOW and params.count == 0:
        wrong = {"count": "Nothing is fewer than 0; take 1, or the kind “absence”."}
    return (
        wrong
        | (kind.wrong_minutes(params.minutes) or kind.wrong_span(params.series, params.minutes, catalogue))
        | kind.wrong_series(params.series, "series", catalogue, levels=True)
    )


def _describe(params: Params) -> str:
    amount = counted(params.count, params.series)
    return (
        f"{_WORDS[params.compare]} {amount} in {minutes(params.minutes)}{kind.per(params)}{kind.held(params)}"
    )


CONDITION = Condition(
    kind="threshold",
    label="More (or fewer) than N of a series in M minutes",
    fields=("series", "compare", "count", "minutes", "per", "hold"),
    describe=_describe,
    problems=_problems,
    windows=_windows,
    judge=_judge,
    every=0.0,
)
