"""The table of the dedup stage, and what must hold for any history."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.alerts.dedup import Code, Entry, Policy, Reason, why_notify

QUIET = Policy(repeat_interval=100.0, send_resolved=False)
LOUD = Policy(repeat_interval=100.0, send_resolved=True)
NOTHING: frozenset[str] = frozenset()
A, B, AB = frozenset("a"), frozenset("b"), frozenset("ab")
NOW = 1000.0


@pytest.mark.parametrize(
    ("entry", "firing", "resolved", "policy", "code", "send"),
    [
        (None, A, NOTHING, QUIET, Code.FIRST, True),
        (None, NOTHING, A, LOUD, Code.NEVER_TOLD, False),
        (None, NOTHING, NOTHING, LOUD, Code.NEVER_TOLD, False),
        (Entry(A, NOTHING, 950), A, NOTHING, QUIET, Code.UNCHANGED, False),
        (Entry(A, NOTHING, 900), A, NOTHING, QUIET, Code.UNCHANGED, False),
        (Entry(A, NOTHING, 899), A, NOTHING, QUIET, Code.REPEAT, True),
        (Entry(A, NOTHING, 950), AB, NOTHING, QUIET, Code.NEW_FIRING, True),
        (Entry(AB, NOTHING, 950), A, NOTHING, QUIET, Code.UNCHANGED, False),
        (Entry(A, NOTHING, 950), B, A, QUIET, Code.NEW_FIRING, True),
        (Entry(AB, NOTHING, 950), A, B, LOUD, Code.NEW_RESOLVED, True),
        (Entry(AB, NOTHING, 950), A, B, QUIET, Code.UNCHANGED, False),
        (Entry(A, NOTHING, 950), NOTHING, A, LOUD, Code.ALL_RESOLVED, True),
        (Entry(A, NOTHING, 950), NOTHING, A, QUIET, Code.RESOLVED_QUIETLY, False),
        (Entry(NOTHING, A, 950), NOTHING, A, LOUD, Code.UNCHANGED, False),
        (Entry(NOTHING, A, 0), NOTHING, A, LOUD, Code.UNCHANGED, False),
        (Entry(NOTHING, A, 0), NOTHING, AB, LOUD, Code.UNCHANGED, False),
        (Entry(NOTHING, A, 950), A, NOTHING, QUIET, Code.NEW_FIRING, True),
    ],
)
def test_the_table(  # noqa: PLR0917 - the columns of the table
    entry: Entry | None,
    firing: frozenset[str],
    resolved: frozenset[str],
    policy: Policy,
    code: Code,
    send: bool,
) -> None:
    reason = why_notify(entry, firing, resolved, policy, NOW)
    assert (reason.code, reason.send) == (code, send)
    assert reason.text.endswith(".")


SETS = st.frozensets(st.sampled_from("abcd"))
POLICIES = st.builds(Policy, repeat_interval=st.floats(1, 1e6), send_resolved=st.booleans())


@given(SETS, SETS, POLICIES, st.floats(0, 1e9))
def test_what_was_just_told_is_not_told_again(
    firing: frozenset[str], resolved: frozenset[str], policy: Policy, now: float
) -> None:
    first = why_notify(None, firing, resolved, policy, now)
    if first.note:
        again = why_notify(Entry(firing, resolved, now), firing, resolved, policy, now)
        assert not again.send
        assert again.code is Code.UNCHANGED


@given(st.one_of(st.none(), st.builds(Entry, SETS, SETS, st.floats(0, 1e9))), SETS, SETS, POLICIES)
def test_what_is_sent_is_noted_and_nothing_new_is_ever_swallowed(
    entry: Entry | None, firing: frozenset[str], resolved: frozenset[str], policy: Policy
) -> None:
    reason: Reason = why_notify(entry, firing, resolved, policy, 1e9)
    assert reason.note or not reason.send
    known = entry.firing if entry else NOTHING
    if firing - known:
        assert reason.send
