"""How an alert moves from state to state."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.alerts import life
from vedette.alerts.types import Standing
from vedette.signals.types import Severity, SignalState

FIRING, RESOLVED, INFO = SignalState.FIRING, SignalState.RESOLVED, SignalState.INFO


def seen(state: SignalState, severity: Severity = Severity.HIGH, change: int = 0) -> Standing:
    return Standing(state=state, severity=severity, change=change, starts=1.0)


@pytest.mark.parametrize(
    ("before", "then", "state", "change"),
    [
        (None, seen(FIRING), FIRING, 1),
        (None, seen(INFO), INFO, 1),
        (seen(FIRING, change=1), seen(FIRING), FIRING, 1),
        (seen(FIRING, change=1), seen(FIRING, Severity.CRITICAL), FIRING, 2),
        (seen(FIRING, change=1), seen(FIRING, Severity.LOW), FIRING, 1),
        (seen(FIRING, change=1), seen(RESOLVED), RESOLVED, 2),
        (seen(RESOLVED, change=2), seen(RESOLVED), RESOLVED, 2),
        (seen(RESOLVED, change=2), seen(FIRING), FIRING, 3),
        (seen(INFO, change=1), seen(INFO), INFO, 2),
        (seen(INFO, change=1), seen(RESOLVED), RESOLVED, 2),
    ],
)
def test_steps(before: Standing | None, then: Standing, state: SignalState, change: int) -> None:
    after = life.step(before, then)
    assert after is not None
    assert (after.state, after.change) == (state, change)


def test_the_end_of_what_nobody_heard_of_is_nothing() -> None:
    assert life.step(None, seen(RESOLVED)) is None


def test_the_worst_severity_stays_while_it_lasts() -> None:
    after = life.step(seen(FIRING, Severity.CRITICAL, 1), seen(FIRING, Severity.LOW))
    assert after is not None
    assert after.severity is Severity.CRITICAL


@given(st.lists(st.tuples(st.sampled_from(SignalState), st.sampled_from(Severity)), max_size=30))
def test_the_change_never_falls_and_grows_only_with_news(steps: list[tuple[SignalState, Severity]]) -> None:
    standing: Standing | None = None
    for state, severity in steps:
        after = life.step(standing, seen(state, severity))
        if standing is not None and after is not None:
            assert after.change - standing.change in (0, 1)
            if after.state is not standing.state:
                assert after.change == standing.change + 1
        standing = after


def test_an_end_that_has_come_is_the_end() -> None:
    lasting = Standing(state=FIRING, severity=Severity.HIGH, change=4, starts=1.0, ends=10.0)
    assert life.over(lasting, 9.9) is None
    after = life.over(lasting, 10.0)
    assert after is not None
    assert (after.state, after.change, after.ends) == (RESOLVED, 5, 10.0)
    assert life.over(after, 11.0) is None
    assert life.over(seen(FIRING), 1e9) is None, "without an end it goes on"
