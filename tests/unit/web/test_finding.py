"""What the palette finds, and for whom."""

import html
import re

import pytest
from django.test import Client
from tests.unit.errors_pages.conftest import (
    Happen,
    an_error,
    clock,
    happen,
    house,
    member,
    shop,
    viewer,
)

from vedette.accounts import service as accounts
from vedette.accounts.permissions import SYSTEM, Actor, ActorKind, Role, Scope
from vedette.errors import service, shortid
from vedette.web import finding

__all__ = ["clock", "happen", "house", "member", "shop", "viewer"]
MIRA = Actor(kind=ActorKind.USER, id=1, name="Mira Lind", role=Role.OWNER)


def found(browser: Client, text: str) -> list[tuple[str, str]]:
    """Return (address, text) of what the palette shows."""
    answer = browser.get("/find/", {"q": text})
    assert answer.status_code == 200
    options = re.findall(r'data-href="([^"]*)">(.*?)</div>', answer.content.decode())
    return [
        (html.unescape(href), html.unescape(re.sub(r"<[^>]*>", " ", body)).split()[0].rstrip(":"))
        for href, body in options
    ]


def test_issues_are_found_by_key_and_by_words(member: Client, happen: Happen) -> None:
    issue, other = happen(an_error()), happen(an_error("KeyError", "basket"))
    assert found(member, issue.short_id.lower()) == [(f"/issues/{issue.short_id}/", "ValueError")]
    assert [href for href, _ in found(member, "shop-")][-2:] == [
        f"/issues/{one.short_id}/" for one in (issue, other)
    ]
    assert found(member, "valueer") == [(f"/issues/{issue.short_id}/", "ValueError")]
    assert found(member, "such bask") == []
    assert found(member, "baske") == [(f"/issues/{other.short_id}/", "KeyError")]


def test_projects_and_people_are_found(viewer: Client, shop: object) -> None:
    accounts.create_user(
        SYSTEM, "Anna Berg", "anna@tidemark.example", "a-long-walk-to-the-lighthouse", Role.MEMBER, 1.0
    )
    assert found(viewer, "sho") == [("/issues/?project=shop", "shop"), ("/settings/projects/shop/", "shop")]
    assert found(viewer, "ber") == [("/issues/?q=assigned%3Aanna%40tidemark.example", "Anna")]
    assert viewer.get(found(viewer, "anna")[0][0]).status_code == 200


@pytest.mark.parametrize(
    "text", ["", "  ", "a", "%", '"', "*", "-", "shop-zzzzzzzzzzzz", "x" * 5_000, "\0", "é" * 90]
)
def test_nothing_is_found_for_nonsense(member: Client, happen: Happen, text: str) -> None:
    happen(an_error())
    assert found(member, text) == []


def test_nobody_finds_what_they_may_not_see(happen: Happen) -> None:
    happen(an_error())
    assert Client().get("/find/", {"q": "shop"}).status_code == 302
    nobody = Actor(kind=ActorKind.TOKEN, id=1, role=Role.VIEWER, scopes=frozenset())
    reader = Actor(kind=ActorKind.TOKEN, id=1, role=Role.VIEWER, scopes=frozenset({Scope.READ}))
    assert finding.find(nobody, "valueerror") == ()
    assert len(finding.find(reader, "valueerror")) == 1


@pytest.mark.parametrize(("text", "first", "last"), [("SHOP-4", 4, 4 * 32**3 + 32**3 - 1), ("shop-0", 0, 0)])
def test_a_begun_key_is_ranges_of_numbers(text: str, first: int, last: int) -> None:
    slug, ranges = shortid.begun(text) or ("", ())
    assert slug == "shop"
    assert (ranges[0][0], ranges[-1][-1]) == (first, last)
    for numbers in ranges:
        assert shortid.short_id("shop", numbers[0]).startswith(text.upper())
        assert shortid.short_id("shop", numbers[-1]).startswith(text.upper())


def test_finding_keeps_its_bound(happen: Happen) -> None:
    for n in range(9):
        happen(an_error(f"Kind{n}Error"))
    assert len(service.find("no such order")) == 6
    assert len(service.find("shop-")) == 6
