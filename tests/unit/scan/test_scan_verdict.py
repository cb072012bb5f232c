"""What could not be known wins over what was found, and nothing scanned is not clean."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.scans import BLIND, report, weak

from vedette.instruments.scan import verdict
from vedette.wire.finding import FindingState, Severity


@pytest.mark.parametrize(
    ("found", "fail_on", "code"),
    [
        (report(), "high", 0),
        (report(weak()), "high", 1),
        (report(weak()), "critical", 0),
        (report(weak(risk=0.0)), "info", 1),
        (report(weak(state=FindingState.WAIVED)), "info", 0),
        (report(weak(state=FindingState.PASSED)), "info", 0),
        (report(weak(state=FindingState.UNKNOWN)), "high", 2),
        (report(weak(), unknown=(BLIND,)), "high", 2),
        (report(complete=False), "high", 2),
    ],
)
def test_code(found, fail_on, code):
    assert verdict.verdict((found,), Severity(fail_on)).code == code


def test_nothing_scanned_is_not_clean():
    assert verdict.verdict((), Severity.HIGH).code == verdict.BLIND


def test_reason_counts_what_is_known_beside_what_is_not():
    told = verdict.verdict((report(weak(), unknown=(BLIND,)),), Severity.HIGH)
    assert told.reason == "Could not know 1 thing, and 1 finding at high or worse."


def test_exploited_comes_first_and_what_is_never_imported_last():
    rows = (weak(check="a", risk=9.9, reachable=False), weak(check="b", risk=5.0), weak(check="c", risk=1.0, exploited=True))  # fmt: skip
    assert [each.check for each in verdict.failed((report(*rows),))] == ["c", "b", "a"]


@given(st.lists(st.sampled_from([report(), report(weak()), report(unknown=(BLIND,))]), min_size=1))
def test_the_worst_report_decides(reports):
    codes = [verdict.verdict((each,), Severity.HIGH).code for each in reports]
    assert verdict.verdict(tuple(reports), Severity.HIGH).code == max(codes)
