"""Secrets are dots in every spelling in which they are sent, and none is shown in part."""

import json
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.instruments.probe import masking
from vedette.instruments.probe.masking import KEPT_IN_URL

SECRET = 'pä "s/s\\ w+rd'


@pytest.mark.parametrize(
    "sent",
    [
        SECRET, quote(SECRET), quote(SECRET, safe=""), quote(SECRET, safe=KEPT_IN_URL), quote_plus(SECRET), json.dumps(SECRET),
        json.dumps(SECRET, ensure_ascii=False),
    ],
)  # fmt: skip
def test_every_spelling_is_dots(sent: str) -> None:
    assert masking.masked(f"<{sent}>", masking.spellings(SECRET)) in {"<••••>", '<"••••">'}


def test_what_is_too_short_has_no_spelling() -> None:
    assert masking.spellings("abc") == set()


def test_what_tcp_sends_is_dots() -> None:
    secrets = masking.secrets_of({"send": "AUTH planted\\r\\n"}, ("send",))
    assert masking.masked("AUTH planted", secrets) == "••••"


def test_user_and_password_together_are_dots() -> None:
    secrets = masking.secrets_of({"user": "anna", "password": "planted"}, ("password",))
    assert masking.masked("Basic YW5uYTpwbGFudGVk", secrets) == "Basic ••••"


def test_the_longest_is_first_whatever_the_order() -> None:
    for secrets in (("pass", "password"), ("password", "pass")):
        assert masking.masked("a password", secrets) == "a ••••"
        assert masking.masked_url("http://a.test/password", secrets) == "http://a.test/••••"


@given(st.text("planted ", max_size=20), st.integers(1, 40))
def test_a_cut_shows_no_half_of_a_secret(before: str, most: int) -> None:
    secret = "SECRET-word"
    shown = masking.cut(f"{before}{secret} and more", (secret,), most)
    assert (len(shown) <= most, "S" in shown) == (True, False)
    assert "S" not in masking.without_torn(f"{before}{secret}"[: len(before) + most % len(secret)], (secret,))


def test_a_sentence_that_was_cut_shows_no_half_of_a_secret() -> None:
    assert masking.told("it is planted-se… and planted-secret.", ("planted-secret",)) == "it is … and ••••."
