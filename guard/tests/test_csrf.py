"""Who sent it: Go's vectors, and what they leave out."""

import csv
from pathlib import Path

import pytest

from guard.tests.doors import Act, Ask, Door
from vedette_guard import Csrf, Policy
from vedette_guard.decisions.csrf import normal_origin, why_not

ATTACKER = [("origin", "https://attacker.example"), ("sec-fetch-site", "cross-site")]


@pytest.mark.corpus
def test_it_decides_as_go_does(door: Door, corpora: Path) -> None:
    rows = list(csv.DictReader((corpora / "go-csrf/vectors.csv").open()))
    assert len(rows) == 16
    for row in rows:
        trusted = row["group"].removeprefix("trusted=") if row["group"] != "base" else ""
        policy = Policy(csrf=Csrf(trusted=(trusted,) if trusted else ()))
        sent = [("sec-fetch-site", row["sec_fetch_site"]), ("origin", row["origin"])]
        headers = [(name, value) for name, value in sent if value]
        answer = door.open(Act(), policy)(
            method=row["method"], path=row["path"], host="example.com", headers=headers
        )
        assert answer.status == int(row["expected"]), row


def test_a_refused_request_does_not_reach_the_application(door: Door) -> None:
    act = Act()
    ask = door.open(act)
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        answer = ask(method=method, headers=ATTACKER)
        assert answer.status == 403
        assert b"cross-site" in answer.body
    assert not act.seen


def test_exempt_paths_are_exempt_and_nothing_that_only_looks_like_them(door: Door) -> None:
    ask = door.open(Act(), Policy(csrf=Csrf(exempt=("/hooks",))))
    for path, status in (
        ("/hooks", 200), ("/hooks/github", 200), ("/hooksx", 403), ("/hooks/../transfer", 403), ("/hooks//x", 403),
        ("/hooks/./x", 403), ("/hooks/..\\transfer", 403), ("/transfer", 403), ("/Hooks", 403),
    ):  # fmt: skip
        assert ask(method="POST", path=path, headers=ATTACKER).status == status, path


def test_siblings_are_strangers_unless_the_policy_says_otherwise(door: Door) -> None:
    ask = Ask(
        method="POST", headers=[("sec-fetch-site", "same-site"), ("origin", "https://blog.shop.example")]
    )
    assert door.open(Act())(ask).status == 403
    assert door.open(Act(), Policy(csrf=Csrf(same_site=True)))(ask).status == 200
    assert door.open(Act(), Policy(csrf=Csrf(on=False)))(ask).status == 200


@pytest.mark.parametrize(
    ("site", "origin", "host", "refused"),
    [
        (None, "https://shop.example:443", "shop.example", False),
        (None, "https://SHOP.example", "shop.example.", False),
        (None, "http://shop.example:8000", "shop.example:8000", False),
        (None, "https://shop.example", "shop.example:8000", True),
        (None, "https://shop.example.evil.example", "shop.example", True),
        (None, "https://shop.example@evil.example", "shop.example", True),
        (None, "null", "null", True),
        (None, "shop.example", "shop.example", True),
        ("", "https://shop.example", "shop.example", False),
        ("", None, "shop.example", False),
        ("cross-site", "https://shop.example", "shop.example", True),
        ("Same-Origin", None, "shop.example", True),
        ("same-origin, cross-site", None, "shop.example", True),
        ("same-origin", "https://evil.example", "shop.example", False),
    ],
)
def test_browsers_without_and_with_sec_fetch_site(
    site: str | None, origin: str | None, host: str, refused: bool
) -> None:
    assert bool(why_not(site, origin, host, same_site=False, trusted=frozenset())) is refused


@pytest.mark.parametrize(
    ("origin", "normal"),
    [
        ("HTTPS://Shop.Example:443", "https://shop.example"), ("http://a.example:443", "http://a.example:443"),
        ("null", ""), ("", ""), ("https://", ""), ("https://a b", ""), ("app://x.example", "app://x.example"),
    ],
)  # fmt: skip
def test_origins_have_one_spelling(origin: str, normal: str) -> None:
    assert normal_origin(origin) == normal
