"""A series rose or fell by some percent, a window against the window before it. Pure."""

from collections.abc import Mapping

from vedette.alerts.conditions import kind
from vedette.alerts.conditions.kind import MINUTE, Condition, counted, minutes, number
from vedette.alerts.types import Compare, Decision, Observation, Params, Window
from vedette.signals.types import Series

_WORDS = {Compare.ABOVE: "rose", Compare.BELOW: "fell"}


def _windows(params: Params, now: float) -> tuple[Window, ...]:
    current = kind.last_minutes(params.series, params.minutes, now)
    return current, kind.moved(current, params.minutes * MINUTE)


def _judge(params: Params, seen: Observation) -> Decision:
    (before,) = seen.others
    told = f"{counted(seen.value, params.series)} in {minutes(params.minutes)} after {number(before)} before"
    if max(seen.value, before) < params.count:
        return Decision(False, f"{told}: too few to compare, {number(params.count)} are needed.")
    if before == 0:  # no percentage leads up from nothing; that there is enough now is a rise by any
        return Decision(params.compare is Compare.ABOVE, f"{told}: it rose from nothing.")
    change = (seen.value - before) / before * 100
    wanted = change if params.compare is Compare.ABOVE else -change
    moved = f"it {'rose' if change >= 0 else 'fell'} by {number(round(abs(change), 1))} %"
    if wanted >= params.percent:
        return Decision(True, f"{told}: {moved}, at least {number(params.percent)} %.")
    return Decision(
        False, f"{told}: {moved}, it is told when it {_WORDS[params.compare]} by {number(params.percent)} %."
    )


def _problems(params: Params, catalogue: Mapping[str, Series]) -> dict[str, str]:
    most = 100.0 if params.compare is Compare.BELOW else 100_000.0
    return (
        kind.wrong_series(params.series, "series", catalogue, levels=True)
        | (kind.wrong_minutes(params.minutes) or kind.wrong_span(params.series, params.minutes, catalogue))
        | kind.wrong_number(params.percent, "percent", 1, most)
        | kind.wrong_number(params.count, "count", 1, 1e9)
    )


def _describe(params: Params) -> str:
    return (
        f"{params.series} {_WORDS[params.compare]} by {number(params.percent)} % or more in {minutes(params.minutes)} against"
        f" those before, from {number(params.count)} on{kind.per(params)}{kind.held(params)}"
    )


CONDITION = Condition(
    kind="rate_of_change",
    label="A series rises (or falls) by N percent, M minutes against those before",
    fields=("series", "compare", "percent", "count", "minutes", "per", "hold"),
    describe=_describe,
    problems=_problems,
    windows=_windows,
    judge=_judge,
)
