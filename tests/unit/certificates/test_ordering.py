"""What an authority answers becomes an outcome: why, what kind, and when it wants to be asked again."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from vedette.certificates import ordering
from vedette.certificates.types import Account, Failure, Outcome, Wanted
from vedette.core.clock import ManualClock
from vedette.plumbing.net.memory import MemoryNet
from vedette.plumbing.net.port import NetError, Response

NOW = 1_764_000_000.0
WANTED = Wanted(("watch.example.com",), "https://ca.example.com/dir")
PROBLEM = {"content-type": "application/problem+json"}
ACCOUNT = ordering.new_account()


def refused(answer: Callable[[str], Response | NetError], account: Account = ACCOUNT) -> Outcome:
    authority = ordering.Authority(
        WANTED, account, MemoryNet(lambda asked: answer(asked.url)), ManualClock(NOW)
    )
    with pytest.raises(ordering.Refused) as caught:
        authority.sign_up("")
    return caught.value.outcome


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7200", 7_200.0),
        ("Mon, 24 Nov 2025 17:00:00 GMT", 3_600.0),
        ("Mon, 24 Nov 2025 15:00:00 GMT", 0.0),
        ("soon", None),
        ("-5", None),
    ],
)
def test_a_limit_says_until_when(header: str, seconds: float | None) -> None:
    body = b'{"type": "urn:ietf:params:acme:error:rateLimited", "detail": "too many new orders"}'
    found = refused(lambda _: Response(429, {**PROBLEM, "retry-after": header}, body))
    assert found == Outcome("It was asked too often. It says: too many new orders", Failure.LIMIT, seconds)


def test_an_authority_that_is_away_is_told_in_the_words_of_the_net() -> None:
    found = refused(lambda _: NetError("ca.example.com cannot be reached: refused.", permanent=False))
    assert found.failure is Failure.AWAY
    assert found.error == (
        "The authority does not answer as it should: ca.example.com cannot be reached: refused."
    )


@pytest.mark.parametrize(
    "answer",
    [
        Response(502, {"retry-after": "60"}, b"<h1>Bad Gateway</h1>"),
        Response(200, {"content-type": "text/html"}, b"<h1>It works!</h1>"),
        Response(200, {"content-type": "application/json"}, b"{}"),
    ],
)
def test_what_is_no_authority_is_told(answer: Response) -> None:
    found = refused(lambda _: answer)
    assert found.failure is Failure.AWAY
    assert f"HTTP {answer.status}" in found.error
    assert found.retry_after == (60.0 if answer.status == 502 else None)


@settings(max_examples=30)
@example(b"0", 400)
@example(b"[]", 200)
@given(st.binary(max_size=200), st.sampled_from([200, 201, 400, 429, 500]))
def test_no_answer_breaks_the_try(body: bytes, status: int) -> None:
    found = refused(lambda _: Response(status, {"content-type": "application/json"}, body))
    assert found.error
    assert found.error.isprintable()


def test_an_account_bound_from_outside_is_not_made() -> None:
    directory = (
        b'{"newNonce": "https://ca.example.com/n", "newAccount": "https://ca.example.com/a",'
        b' "newOrder": "https://ca.example.com/o", "meta": {"externalAccountRequired": true}}'
    )
    found = refused(lambda _: Response(200, {"content-type": "application/json"}, directory))
    assert "bound from outside" in found.error


def test_a_bundle_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("not a certificate")
    with pytest.raises(ordering.Refused, match=r"ca\.pem cannot be read"):
        ordering.way_out(str(tmp_path / "ca.pem"), allow_private=True)
