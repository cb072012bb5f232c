"""What a detector found, as people say it. Pure."""

from datetime import UTC, datetime

from vedette.alerts.detect.verdict import Cause, Verdict

_CLEAR = 1.5  # times the usual, from which on the ratio says most
_CAUSES = {
    Cause.SHIFT: "it has been off for a while, by more than ever",
    Cause.UNREST: "it swings more than ever",
    Cause.FLAT: "it stands still for longer than ever",
    Cause.RANGE: "it left the range it was in",
    Cause.ERROR: "further from the usual than ever",
}


def sentence(verdict: Verdict, unit: str, hour: float = 3_600.0) -> str:
    """Return what was seen, against what was usual then: "96 events, 4.1 × the usual for a Tuesday 14:00 UTC".

    `hour` is the length of one value in seconds; of days the hour is not told.
    """
    when = datetime.fromtimestamp(verdict.at, UTC).strftime("%A" if hour >= 86_400 else "%A %H:00 UTC")
    told = f"{number(verdict.value)} {unit}".strip()
    if verdict.cause is Cause.NONE:
        return f"{told}, as is usual for a {when}"
    return f"{told}, {_against(verdict, when)}: {_CAUSES[verdict.cause]}"


def _against(verdict: Verdict, when: str) -> str:
    if verdict.usual > 0 and verdict.value / verdict.usual >= _CLEAR:
        return f"{number(round(verdict.value / verdict.usual, 1))} × the usual for a {when}"
    low, high = max(0.0, verdict.low) if verdict.usual >= 0 else verdict.low, verdict.high
    return f"where {number(low)} to {number(high)} is usual for a {when}"


def number(value: float) -> str:
    """Return a number as people write it: no needless digits, none that nobody reads."""
    if abs(value) >= 1_000:
        return f"{value:,.0f}"
    return f"{value:.0f}" if float(value).is_integer() else f"{value:.3g}"
