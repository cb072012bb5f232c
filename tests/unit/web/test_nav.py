"""The navigation shows what exists and what the member may open; the shell reads only what it trusts."""

import pytest
from django.test import RequestFactory

from vedette.accounts.permissions import ANONYMOUS, Actor, ActorKind, Role
from vedette.ui import requests
from vedette.web import context, nav


def everything(href: str) -> bool:
    return True


def actor(role: Role) -> Actor:
    return Actor(kind=ActorKind.USER, id=1, name="Mira", role=role)


def shown(role: Role | None, exists=everything) -> list[str]:
    who = actor(role) if role else ANONYMOUS
    return [
        item.href
        for group in nav.groups((*nav.MAIN, *nav.SETTINGS), who, "/", {}, exists)
        for item in group.items
    ]


def test_nobody_sees_nothing() -> None:
    assert shown(None) == []


def test_the_audit_log_is_for_administrators() -> None:
    assert "/settings/audit-log/" in shown(Role.ADMIN)
    assert "/settings/audit-log/" not in shown(Role.MEMBER)


def test_only_pages_that_exist() -> None:
    assert shown(Role.OWNER, lambda href: href == "/issues/") == ["/issues/"]


@pytest.mark.parametrize(
    ("path", "current"),
    [
        ("/", ["/"]),
        ("/issues/", ["/issues/"]),
        ("/issues/CHECKOUT-4F/", ["/issues/"]),
        ("/settings/about/", []),
        ("/issuesx/", []),
    ],
)
def test_the_current_entry(path: str, current: list[str]) -> None:
    found = nav.groups(nav.MAIN, actor(Role.OWNER), path, {}, everything)
    assert [item.href for group in found for item in group.items if item.current] == current


def test_counts_stand_beside_their_entry() -> None:
    found = nav.groups(nav.MAIN, actor(Role.OWNER), "/", {"/issues/": nav.Count("14", "crit")}, everything)
    assert [(i.count, i.tone) for g in found for i in g.items if i.href == "/issues/"] == [("14", "crit")]


def test_g_chords_are_unique() -> None:
    keys = [entry.key for entry in (*nav.MAIN, *nav.SETTINGS) if entry.key]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize(
    ("cookie", "theme"), [("dark", "dark"), ("light", "light"), ("", ""), ('"><script>', ""), ("auto", "")]
)
def test_theme(cookie: str, theme: str) -> None:
    assert context.theme({"theme": cookie}) == theme


@pytest.mark.parametrize(
    ("cookie", "zone"),
    [
        ("Europe/Stockholm", "Europe/Stockholm"),
        ("UTC", "UTC"),
        ("America/Argentina/Ushuaia", "America/Argentina/Ushuaia"),
        ("../../etc/passwd", "UTC"),
        ("/etc", "UTC"),
        ("A" * 99, "UTC"),
        ("", "UTC"),
    ],
)
def test_zone(cookie: str, zone: str) -> None:
    request = RequestFactory().get("/")
    request.COOKIES["tz"] = cookie
    assert requests.zone(request) == zone
