"""What a kind of rule is: the parts every file of this folder gives. Pure."""

import math
from collections.abc import Callable, Mapping

import msgspec

from vedette.alerts.types import Compare, Decision, Observation, Params, Per, Window
from vedette.signals.types import Series, Signal

MINUTE = 60.0
DAY = 86_400.0
LONGEST_WINDOW = 1_440
_BY = {
    Per.ISSUE: ("project", "issue"),
    Per.PROJECT: ("project",),
    Per.ENVIRONMENT: ("project", "environment"),
    Per.RELEASE: ("project", "release"),
    Per.PAGE: ("project", "page"),
    Per.ALL: (),
}
_OF_EVENTS = {"errors.events", "errors.by_release"}


def labels_of_per(params: Params) -> tuple[str, ...]:
    """Return the labels a rule counts by, as its `per` says."""
    return _BY[params.per]


def nothing_wrong(_params: Params, _catalogue: Mapping[str, Series]) -> dict[str, str]:
    """Return that nothing is wrong with the params."""
    return {}


class Condition(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of rule. It either hears signals (`hear`), or measures series (`windows`, `judge`).

    `fields` are the params it takes, in the order of the form. `by` are the labels it counts by, `every` the
    seconds between two looks at its series (0: at each turn of the alerter). One that `learns` is shown what a
    detector says of the series, not its sums.
    """

    kind: str
    label: str
    fields: tuple[str, ...]
    describe: Callable[[Params], str]
    problems: Callable[[Params, Mapping[str, Series]], dict[str, str]] = nothing_wrong
    hear: Callable[[Params, Signal], Decision] | None = None
    windows: Callable[[Params, float], tuple[Window, ...]] | None = None
    judge: Callable[[Params, Observation], Decision] | None = None
    by: Callable[[Params], tuple[str, ...]] = labels_of_per
    every: float = MINUTE
    learns: bool = False


def last_minutes(series: str, minutes: int, now: float) -> Window:
    """Return the last whole minutes before `now`; the running one is left out, for it is not over."""
    end = math.floor(now / MINUTE) * MINUTE
    return Window(series=series, start=end - minutes * MINUTE, end=end)


def moved(window: Window, seconds: float) -> Window:
    """Return a window of the same length that lies `seconds` before."""
    return msgspec.structs.replace(window, start=window.start - seconds, end=window.end - seconds)


def wrong_span(name: str, span: float, catalogue: Mapping[str, Series]) -> dict[str, str]:
    """Return what is wrong with the minutes of a window: it must hold one of the times by which a level is known."""
    series = catalogue.get(name)
    if series is None or not series.level or span * MINUTE >= series.finest:
        return {}
    return {"minutes": f"{name} is known by {minutes(series.finest / MINUTE)}: take as many, or more."}


def wrong_series(
    name: str, field: str, catalogue: Mapping[str, Series], *, levels: bool = False
) -> dict[str, str]:
    """Return what is wrong with the series a rule names: unknown, or one a rule cannot use; `levels` says it takes levels."""
    series = catalogue.get(name)
    if series is None:
        return {field: f"There is no series {name!r}. There are {', '.join(sorted(catalogue))}."}
    if series.level:
        told = f"{name} is a level, not an amount: a bound or a change can be told of it."
        return {} if levels else {field: told}
    if series.totals is None or series.finest > MINUTE:
        return {field: f"{name} is for charts: it is not counted by the minute."}
    return {}


def wrong_minutes(n: int, field: str = "minutes") -> dict[str, str]:
    """Return what is wrong with the length of a window."""
    return {} if 1 <= n <= LONGEST_WINDOW else {field: f"From 1 to {LONGEST_WINDOW} minutes."}


def wrong_number(value: float, field: str, least: float, most: float) -> dict[str, str]:
    """Return what is wrong with a number that must lie between two bounds, both included."""
    return {} if least <= value <= most else {field: f"From {least:,.10g} to {most:,.10g}."}


def crosses(value: float, bound: float, compare: Compare) -> bool:
    """Tell whether a value lies on the wrong side of its bound."""
    return value > bound if compare is Compare.ABOVE else value < bound


def number(value: float) -> str:
    """Return a number as people write it, without needless digits."""
    return f"{value:.0f}" if float(value).is_integer() else f"{value:.4g}"


def counted(value: float, series: str) -> str:
    """Return an amount of a series in words; what is counted in errors is called events."""
    if series in _OF_EVENTS:
        return "1 event" if value == 1 else f"{number(value)} events"
    return f"{number(value)} of {series}"


def minutes(n: float) -> str:
    """Return a length of time in words."""
    if n >= 120 and n % 60 == 0:
        return f"{number(n / 60)} hours"
    return "1 minute" if n == 1 else f"{number(n)} minutes"


def per(params: Params) -> str:
    """Return for what a rule counts, as the end of a phrase."""
    return "" if params.per is Per.ALL else f", per {params.per}"


def held(params: Params) -> str:
    """Return how long it must last before it is told, as the end of a phrase."""
    return f", for {minutes(params.hold)}" if params.hold else ""
