"""Messages of one pattern come many times as often as they did in the day before. Pure."""

import math
from collections.abc import Mapping

from vedette.alerts.conditions import kind
from vedette.alerts.conditions.kind import DAY, Condition, number
from vedette.alerts.types import Decision, Observation, Params, Window
from vedette.signals.types import Series

SERIES = "messages.events"
HOUR = 3_600.0  # the series knows hours


def _windows(_params: Params, now: float) -> tuple[Window, ...]:
    begun = math.floor(now / HOUR) * HOUR
    return (
        Window(series=SERIES, start=begun - HOUR, end=math.floor(now / kind.MINUTE) * kind.MINUTE),
        Window(series=SERIES, start=begun - HOUR - DAY, end=begun - HOUR),
    )


def _judge(params: Params, seen: Observation) -> Decision:
    (before,) = seen.others
    usual = before / 24
    told = f"{number(seen.value)} messages of one pattern since the last hour began, {number(round(usual, 1))} an hour before"
    if seen.value < params.count:
        return Decision(False, f"{told}: too few to tell, {number(params.count)} are needed.")
    if before == 0:
        return Decision(False, f"{told}: it is new, and nothing to compare with.")
    fires = seen.value >= params.factor * usual
    return Decision(fires, f"{told}: {'' if fires else 'not '}{number(params.factor)} times as many.")


def _problems(params: Params, _catalogue: Mapping[str, Series]) -> dict[str, str]:
    return kind.wrong_number(params.factor, "factor", 1.5, 1_000) | kind.wrong_number(
        params.count, "count", 1, 1e9
    )


CONDITION = Condition(
    kind="template_burst",
    label="A pattern of messages comes N times as often",
    fields=("factor", "count"),
    describe=lambda params: (
        f"messages of one pattern come {number(params.factor)} times as often as in the day before, from"
        f" {number(params.count)} in the last hour on"
    ),
    problems=_problems,
    windows=_windows,
    judge=_judge,
    by=lambda _: ("project", "pattern"),
)
