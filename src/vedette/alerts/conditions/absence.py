"""Nothing came for a while: no value of a series, or no signal of a kind. Pure."""

from collections.abc import Mapping

import msgspec

from vedette.alerts.conditions import kind
from vedette.alerts.conditions.kind import DAY, Condition, minutes
from vedette.alerts.types import Decision, Observation, Params, Window
from vedette.signals.types import Series

SIGNALS = "signals.published"


def _windows(params: Params, now: float) -> tuple[Window, ...]:
    scope = {"kind": params.signal} if params.signal else {}
    looked_at = kind.last_minutes(_series(params), params.minutes, now)
    looked_at = msgspec.structs.replace(looked_at, scope=scope)
    # Who was there in the day before is missed; who was not there at all is nobody's loss.
    return looked_at, msgspec.structs.replace(looked_at, start=looked_at.start - DAY)


def _judge(params: Params, seen: Observation) -> Decision:
    if seen.value == 0:
        return Decision(True, f"No {_what(params)} for {minutes(params.minutes)}.")
    return Decision(False, f"{kind.number(seen.value)} × {_what(params)} in {minutes(params.minutes)}.")


def _series(params: Params) -> str:
    return SIGNALS if params.signal else params.series


def _what(params: Params) -> str:
    return f"signal {params.signal}" if params.signal else f"value of {params.series}"


def _problems(params: Params, catalogue: Mapping[str, Series]) -> dict[str, str]:
    field = "signal" if params.signal else "series"
    wrong = kind.wrong_series(_series(params), field, catalogue) | kind.wrong_minutes(params.minutes)
    if params.signal and not params.signal.replace(".", "").replace("_", "").isalnum():
        wrong["signal"] = "A kind of signal, such as issue.new or deploy."
    return wrong


def _describe(params: Params) -> str:
    return f"there is no {_what(params)} for {minutes(params.minutes)}{kind.per(params)}{kind.held(params)}"


CONDITION = Condition(
    kind="absence",
    label="Nothing of a series, or no signal of a kind, for M minutes",
    fields=("series", "signal", "minutes", "per", "hold"),
    describe=_describe,
    problems=_problems,
    windows=_windows,
    judge=_judge,
)
