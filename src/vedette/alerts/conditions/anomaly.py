"""A series is unusual for itself: for the hour, for its level, for how it swings. Pure."""

from collections.abc import Mapping, Sequence

from vedette.alerts.conditions import kind
from vedette.alerts.conditions.kind import DAY, MINUTE, Condition, minutes
from vedette.alerts.detect.verdict import Cause, Verdict
from vedette.alerts.detect.wording import sentence
from vedette.alerts.types import Decision, Direction, Observation, Params, Sensitivity, Window
from vedette.core.clock import iso
from vedette.signals.types import Series

LEARNING = 7 * DAY  # a week shows every hour of the week once
FINEST = 5
# By how much of itself a value must beat its record: a half more, a third, an eighth.
THRESHOLDS = {Sensitivity.LOW: 0.5, Sensitivity.MEDIUM: 1 / 3, Sensitivity.HIGH: 0.12}
_SIDES = {Direction.UP: 1, Direction.DOWN: -1}
_WORDS = {Direction.EITHER: "unusual", Direction.UP: "unusually high", Direction.DOWN: "unusually low"}
_CAUSES = tuple(Cause)


def _windows(params: Params, now: float) -> tuple[Window, ...]:
    return (kind.last_minutes(params.series, params.minutes, now),)


def worth_telling(params: Params, verdict: Verdict) -> bool:
    """Tell whether a verdict is unusual enough, points the right way, and is of no trifle."""
    side = _SIDES.get(params.direction, 0)
    large = max(abs(verdict.value), abs(verdict.usual)) >= params.count
    return verdict.score >= THRESHOLDS[params.sensitivity] and side in {0, verdict.side} and large


def seen_as(
    verdict: Verdict, since: float, labels: Mapping[str, str], annotations: Mapping[str, str], now: float
) -> Observation:
    """Return a verdict as a rule sees it; `since` is the instant of the first value that was learnt."""
    others = (verdict.at, verdict.value, _CAUSES.index(verdict.cause), verdict.side)
    band = (verdict.usual, verdict.low, verdict.high)
    return Observation(
        labels=labels, value=verdict.score, others=(*others, *band, since), at=now, annotations=annotations
    )


def verdict_of(seen: Observation) -> tuple[Verdict, float]:
    """Return the verdict a rule sees, and the instant of the first value."""
    at, value, cause, side, usual, low, high, since = seen.others
    return Verdict(at, value, seen.value, _CAUSES[int(cause)], int(side), usual, low, high), since


def _judge(params: Params, seen: Observation) -> Decision:
    verdict, since = verdict_of(seen)
    told = sentence(verdict, _unit(params), params.minutes * MINUTE)
    if since + LEARNING > verdict.at:
        return Decision(False, f"Still learning what is usual until {iso(since + LEARNING)}: {told}.")
    if worth_telling(params, verdict):
        return Decision(True, f"{told}.")
    return Decision(False, f"{told}; not unusual enough at the sensitivity {params.sensitivity}.")


def _unit(params: Params) -> str:
    return "events" if params.series in {"errors.events", "errors.by_release"} else f"of {params.series}"


def _problems(params: Params, catalogue: Mapping[str, Series]) -> dict[str, str]:
    series = catalogue.get(params.series)
    if series is None:
        return kind.wrong_series(params.series, "series", catalogue)
    wrong = kind.wrong_number(params.count, "count", 0, 1e9) | _wrong_step(params.minutes)
    return wrong | kind.wrong_span(params.series, params.minutes, catalogue)


def _wrong_step(n: int) -> dict[str, str]:
    return (
        {}
        if FINEST <= n <= kind.LONGEST_WINDOW
        else {"minutes": f"From {FINEST} to {kind.LONGEST_WINDOW} minutes."}
    )


def _describe(params: Params) -> str:
    least = f", from {kind.number(params.count)} on" if params.count else ""
    return (
        f"{params.series} of {minutes(params.minutes)} is {_WORDS[params.direction]} for it, at the sensitivity"
        f" {params.sensitivity}{least}{kind.per(params)}"
    )


def busiest_first(rows: Sequence[tuple[Mapping[str, str], float]]) -> list[Mapping[str, str]]:
    """Return the labels of rows of totals, those with most first."""
    return [labels for labels, _ in sorted(rows, key=lambda row: -row[1])]


CONDITION = Condition(
    kind="anomaly",
    label="A series is unusual for the hour and the day",
    fields=("series", "sensitivity", "direction", "count", "minutes", "per"),
    describe=_describe,
    problems=_problems,
    windows=_windows,
    judge=_judge,
    learns=True,
)
