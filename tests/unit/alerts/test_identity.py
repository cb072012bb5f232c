"""An alert is its label set, and its fingerprint is the one Prometheus gives."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.alerts import identity
from vedette.signals.types import Severity, Signal, SignalState

LABELS = st.dictionaries(st.text(min_size=1, max_size=8), st.text(max_size=8), max_size=5)


def fnv1a(data: bytes) -> int:
    """Compute FNV-1a 64 the long way round, for comparison."""
    state = 14695981039346656037
    for byte in data:
        state = ((state ^ byte) * 1099511628211) % 2**64
    return state


@pytest.mark.parametrize(
    ("labels", "want"),
    [
        ({}, "cbf29ce484222325"),  # the offset basis: nothing was hashed
        ({"a": "b"}, f"{fnv1a(b'a' + bytes([255]) + b'b' + bytes([255])):016x}"),
    ],
)
def test_known_fingerprints(labels: dict[str, str], want: str) -> None:
    assert identity.fingerprint(labels) == want


@given(LABELS)
def test_the_order_of_labels_does_not_matter(labels: dict[str, str]) -> None:
    backwards = dict(reversed(list(labels.items())))
    assert identity.fingerprint(backwards) == identity.fingerprint(labels)


@given(LABELS, st.text(min_size=1, max_size=8))
def test_another_value_is_another_alert(labels: dict[str, str], name: str) -> None:
    one, other = {**labels, name: "x"}, {**labels, name: "y"}
    assert identity.fingerprint(one) != identity.fingerprint(other)


def test_severity_and_state_are_not_part_of_the_identity() -> None:
    def labels(severity: Severity, state: SignalState) -> dict[str, str]:
        return identity.of_signal(
            Signal(
                room="errors",
                kind="issue.new",
                subject="S-1",
                severity=severity,
                state=state,
                at=1.0,
                title="t",
                project=3,
                labels={"release": "1"},
            )
        )

    one = labels(Severity.INFO, SignalState.FIRING)
    assert one == labels(Severity.CRITICAL, SignalState.RESOLVED)
    assert one == {
        "alertname": "issue.new", "room": "errors", "subject": "S-1", "project": "3", "release": "1",
    }  # fmt: skip
