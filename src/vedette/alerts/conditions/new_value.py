"""A label takes a value that was not seen for days: a release, an environment. Pure."""

from collections.abc import Mapping

from vedette.alerts.conditions import kind
from vedette.alerts.conditions.kind import DAY, Condition, minutes
from vedette.alerts.types import Decision, Observation, Params, Window
from vedette.signals.types import Series

MOST_DAYS = 35


def _windows(params: Params, now: float) -> tuple[Window, ...]:
    current = kind.last_minutes(params.series, params.minutes, now)
    before = Window(series=params.series, start=current.end - params.days * DAY, end=current.start)
    return current, before


def _by(params: Params) -> tuple[str, ...]:
    return tuple(dict.fromkeys(("project", params.label)))


def _judge(params: Params, seen: Observation) -> Decision:
    (before,) = seen.others
    value = seen.labels.get(params.label, "")
    named = f"{params.label} {value!r}"
    if not value or seen.value <= 0:
        return Decision(False, f"{named} was not seen in {minutes(params.minutes)}.")
    if before > 0:
        return Decision(False, f"{named} is known: it was seen in the last {_days(params.days)}.")
    return Decision(True, f"{named} is new: it was not seen in the last {_days(params.days)}.")


def _problems(params: Params, catalogue: Mapping[str, Series]) -> dict[str, str]:
    wrong = kind.wrong_series(params.series, "series", catalogue)
    labels = () if wrong else catalogue[params.series].labels
    if not wrong and params.label not in labels:
        wrong = {"label": f"{params.series} has the labels {', '.join(labels)}."}
    return wrong | kind.wrong_minutes(params.minutes) | kind.wrong_number(params.days, "days", 1, MOST_DAYS)


def _days(n: int) -> str:
    return "day" if n == 1 else f"{n} days"


def _describe(params: Params) -> str:
    return f"{params.series} has a {params.label} that was not seen in the last {_days(params.days)}"


CONDITION = Condition(
    kind="new_value",
    label="A label takes a value that was not seen in N days",
    fields=("series", "label", "days", "minutes"),
    describe=_describe,
    problems=_problems,
    windows=_windows,
    judge=_judge,
    by=_by,
)
