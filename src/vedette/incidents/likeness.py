"""Which incident was like this one? Pure: by what they share, which is shown with each."""

import re
from collections.abc import Sequence

import msgspec

from vedette.incidents.types import AttachedAlert, Evidence, Incident

ENOUGH = 4
MOST = 3
_RULE, _SUBJECT, _NAME, _WORD = 3, 2, 2, 1
_MOST_WORDS = 3
_TELLING = ("alertname", "rule", "kind", "host", "monitor", "check")
_WORDS = re.compile(r"[^\W\d_]{4,}")
_COMMON = frozenset(
    {"alert", "alerts", "error", "errors", "this", "that", "with", "from", "incident", "after", "issue"}
)


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """An incident with its alerts."""

    incident: Incident
    alerts: Sequence[AttachedAlert]


class Shared(msgspec.Struct, frozen=True):
    """What two incidents have in common, in words, and how much that weighs."""

    what: str
    weight: int


def similar(one: Known, others: Sequence[Known]) -> tuple[Evidence, ...]:
    """Return the incidents most like one, with what they share; none that shares too little."""
    weighed = [(shared(one, other), other) for other in others if other.incident.id != one.incident.id]
    fit = [(found, other) for found, other in weighed if sum(each.weight for each in found) >= ENOUGH]
    fit.sort(key=lambda pair: (-sum(each.weight for each in pair[0]), -pair[1].incident.started_at))
    return tuple(_evidence(found, other.incident) for found, other in fit[:MOST])


def shared(one: Known, other: Known) -> tuple[Shared, ...]:
    """Return what two incidents have in common."""
    found: list[Shared] = []
    if one.incident.rule is not None and one.incident.rule == other.incident.rule:
        found.append(Shared("the same rule declared both", _RULE))
    found += [
        Shared(f"{subject} was in trouble in both", _SUBJECT)
        for subject in sorted(_subjects(one) & _subjects(other))[:3]
    ]
    found += [
        Shared(f"{name}={value} on alerts of both", _NAME)
        for name, value in sorted(_labels(one) & _labels(other))[:3]
    ]
    words = sorted(_words(one.incident.title) & _words(other.incident.title))[:_MOST_WORDS]
    if len(words) > 1:
        found.append(Shared(f"both titles say {', '.join(words)}", _WORD * len(words)))
    return tuple(found)


def _evidence(found: Sequence[Shared], other: Incident) -> Evidence:
    rows = ((f"{other.key} {other.title}", other.link), *((each.what, "") for each in found))
    return Evidence(sentence=f"{other.key} was like this: {found[0].what}.", rows=rows)


def _subjects(one: Known) -> set[str]:
    return {alert.subject for alert in one.alerts if alert.subject}


def _labels(one: Known) -> set[tuple[str, str]]:
    return {(name, alert.labels[name]) for alert in one.alerts for name in _TELLING if alert.labels.get(name)}


def _words(title: str) -> set[str]:
    return {word.lower() for word in _WORDS.findall(title)} - _COMMON
