"""What a refusal means is told in our words first, with what to do, and in the authority's after that."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.certificates import failing
from vedette.certificates.types import Failure


@pytest.mark.parametrize(
    ("code", "failure", "said"),
    [
        ("dns", Failure.NAME, "make an A record"),
        ("connection", Failure.NAME, "port 80"),
        ("unauthorized", Failure.NAME, "Something else than Vedette answers at http://watch.example.com/"),
        ("rateLimited", Failure.LIMIT, "asked too often"),
        ("caa", Failure.REFUSED, "CAA record of watch.example.com"),
        ("serverInternal", Failure.AWAY, "It refused."),
        ("somethingNew", Failure.REFUSED, "It refused."),
    ],
)
def test_each_kind_says_what_to_do(code: str, failure: Failure, said: str) -> None:
    found = failing.outcome(code, "watch.example.com", "in its\nown words", 7.0)
    assert (found.failure, found.retry_after) == (failure, 7.0)
    assert said in found.error
    assert found.error.endswith("It says: in its own words")


@settings(max_examples=30)
@given(st.text(max_size=2_000))
def test_what_others_say_is_one_short_printable_line(text: str) -> None:
    for found in (failing.outcome("dns", "a.example.com", text), failing.away(text), failing.ours(text)):
        assert found.error.isprintable()
        assert len(found.error) < 600
