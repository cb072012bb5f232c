"""What makes an alert itself: its label set. Pure."""

from collections.abc import Mapping

from vedette.alerts.types import Observation, Rule
from vedette.signals.types import Signal

_OFFSET = 0xCBF29CE484222325
_PRIME = 0x100000001B3


def of_signal(signal: Signal) -> dict[str, str]:
    """Return the labels of the alert a signal speaks of; severity and state are not among them."""
    project = {} if signal.project is None else {"project": str(signal.project)}
    own = {"alertname": signal.kind, "room": signal.room, "subject": signal.subject}
    return {**project, **signal.labels, **own}


def of_observation(rule: Rule, seen: Observation) -> dict[str, str]:
    """Return the labels of the alert a rule keeps for one set of labels of its series."""
    return {**seen.labels, "alertname": str(rule.kind), "rule": str(rule.id), "series": rule.params.series}


def fingerprint(labels: Mapping[str, str]) -> str:
    """Return 16 hex digits that are the same for the same label set.

    FNV-1a, 64 bits, over the sorted names and values, each ended by 0xFF: the fingerprint Prometheus and
    Alertmanager give, so that ours and theirs can be compared.
    """
    state = _OFFSET
    for name in sorted(labels):
        for byte in (*name.encode(), 0xFF, *labels[name].encode(), 0xFF):
            state = ((state ^ byte) * _PRIME) & 0xFFFFFFFFFFFFFFFF
    return f"{state:016x}"
