"""A project says something it never said before: a message of a new pattern. Pure."""

from collections.abc import Mapping

from vedette.alerts.conditions import kind
from vedette.alerts.conditions.kind import Condition, minutes
from vedette.alerts.types import Decision, Observation, Params, Window
from vedette.signals.types import Series

SERIES = "messages.new"


def _windows(params: Params, now: float) -> tuple[Window, ...]:
    return (kind.last_minutes(SERIES, params.minutes, now),)


def _judge(params: Params, seen: Observation) -> Decision:
    said = seen.annotations.get("title", "")
    if seen.value > 0:
        return Decision(
            True, f"A message of a new pattern: {said}." if said else "A message of a new pattern."
        )
    return Decision(False, f"No message of a new pattern in {minutes(params.minutes)}.")


def _problems(params: Params, _catalogue: Mapping[str, Series]) -> dict[str, str]:
    return kind.wrong_minutes(params.minutes)


CONDITION = Condition(
    kind="new_template",
    label="A message of a pattern that was never seen",
    fields=("minutes",),
    describe=lambda params: (
        f"a message of a pattern comes that was never seen, for {minutes(params.minutes)}"
    ),
    problems=_problems,
    windows=_windows,
    judge=_judge,
    by=lambda _: ("project", "pattern"),
)
