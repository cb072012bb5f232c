"""The sentence that metrics open with. Pure."""

import msgspec

from vedette.core.clock import parse_iso, to_datetime
from vedette.incidents.metrics.types import IncidentMetrics
from vedette.incidents.spans import span

_FEW, _HALF = 20, 0.5


class Said(msgspec.Struct, frozen=True):
    """How it stands: a tone, an icon, a sentence and what stands behind it."""

    tone: str
    icon: str
    title: str
    text: str


def of_metrics(found: IncidentMetrics) -> Said:
    """Return whether it got better, and what costs the most sleep."""
    if not any(month.total for month in found.months) and not found.told:
        return Said(
            "off",
            "gauge",
            "Nothing to count yet",
            "With the first incidents and alerts it says here whether it gets better.",
        )
    return Said(*_tone(found), _incidents(found), " ".join(filter(None, (_ends(found), _noise(found)))))


def _tone(found: IncidentMetrics) -> tuple[str, str]:
    worth = found.acted / found.told if found.told else 1.0
    if found.told >= _FEW and worth < _HALF:
        return "warn", "bell"
    return "ok", "gauge"


def _incidents(found: IncidentMetrics) -> str:
    now, before = found.months[-1].total, found.months[-2].total if len(found.months) > 1 else 0
    word = "incident" if now < 2 else "incidents"
    return f"{now or 'No'} {word} this month, {before or 'none'} the month before"


def _ends(found: IncidentMetrics) -> str:
    last = next((month for month in reversed(found.months) if month.means.resolve is not None), None)
    if last is None or last.means.resolve is None:
        return ""
    month = to_datetime(parse_iso(f"{last.month}-01"))
    return f"Those of {month:%B} were over after {span(last.means.resolve)} on average."


def _noise(found: IncidentMetrics) -> str:
    if not found.told:
        return ""
    share = f"Somebody acted on {100 * found.acted / found.told:.0f} % of {found.told} alerts in 35 days."
    worst = found.rules[0]
    if worst.wasted < 2:
        return share
    return f"{share} “{worst.rule}” told of {worst.wasted} that nobody took: make it milder, or delete it."
