"""The token of a link: read as it was written, and nothing else is."""

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.alerts.answering.token import Act, Claim, read, written
from vedette.core.errors import Forbidden

NUMBERS = st.integers(0, 10**15)
CLAIMS = st.builds(
    lambda act, group, look, channel, at: Claim(
        act=act, group=group, look=look, channel=channel, at=float(at)
    ),
    st.sampled_from(Act), NUMBERS, NUMBERS, NUMBERS, st.integers(0, 10**10),
)  # fmt: skip


def mark(text: str, key: bytes = b"key") -> str:
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


@given(CLAIMS)
def test_what_is_written_is_read_until_it_is_over(claim: Claim) -> None:
    token = written(claim, mark)
    assert read(token, mark, claim.until - 1.0) == claim
    with pytest.raises(Forbidden, match="72 hours"):
        read(token, mark, claim.until)


@given(CLAIMS, st.integers(0, 10_000), st.characters(max_codepoint=0x2FF))
def test_a_changed_token_is_refused(claim: Claim, place: int, put: str) -> None:
    token = written(claim, mark)
    at = place % len(token)
    changed = token[:at] + put + token[at + 1 :]
    if changed != token:
        with pytest.raises(Forbidden, match="was changed"):
            read(changed, mark, claim.at)


@given(CLAIMS)
def test_another_act_or_key_is_refused(claim: Claim) -> None:
    token = written(claim, mark)
    other = Act.SILENCE if claim.act is Act.ACKNOWLEDGE else Act.ACKNOWLEDGE
    with pytest.raises(Forbidden):
        read(other.value[0] + token[1:], mark, claim.at)
    with pytest.raises(Forbidden):
        read(token, lambda text: mark(text, b"another key"), claim.at)


@given(st.sampled_from(Act), st.integers(0, 2**53), st.integers(0, 2**32), st.integers(0, 2**32))
def test_it_fits_into_a_button_of_telegram(act: Act, group: int, look: int, channel: int) -> None:
    claim = Claim(act=act, group=group, look=look, channel=channel, at=4e9)
    assert len(written(claim, mark)) <= 64


@given(st.text(max_size=200))
def test_no_other_text_is_read(text: str) -> None:
    with pytest.raises(Forbidden):
        read(text, mark, 0.0)
