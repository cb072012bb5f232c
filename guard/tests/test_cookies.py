"""Cookies on their way out and in."""

import pytest

from guard.tests.doors import Act, Door
from vedette_guard import Cookies, Policy
from vedette_guard.decisions.cookies import incoming, outgoing

DEFAULT = Cookies()


def attributes(header: str) -> set[str]:
    """Return what a cookie says beside its value, in lower case."""
    return {part.strip().lower() for part in header.split(";")[1:]}


@pytest.mark.parametrize(
    ("cookies", "header", "over_https", "left"),
    [
        (DEFAULT, "sessionid=a; Path=/", True, "sessionid=a; Path=/; Secure; HttpOnly; SameSite=Lax"),
        (DEFAULT, "sessionid=a; Path=/", False, "sessionid=a; Path=/; HttpOnly; SameSite=Lax"),
        (DEFAULT, "theme=dark", True, "theme=dark; Secure; SameSite=Lax"),
        (DEFAULT, "sidebar=open", True, "sidebar=open; Secure; SameSite=Lax"),
        (DEFAULT, "author=ann", True, "author=ann; Secure; SameSite=Lax"),
        (DEFAULT, "connect.sid=a", True, "connect.sid=a; Secure; HttpOnly; SameSite=Lax"),
        (DEFAULT, "PHPSESSID=a", True, "PHPSESSID=a; Secure; HttpOnly; SameSite=Lax"),
        (DEFAULT, "csrftoken=a", True, "csrftoken=a; Secure; SameSite=Lax"),
        (DEFAULT, "auth=a; secure; httponly; samesite=strict", True, "auth=a; secure; httponly; samesite=strict"),
        (DEFAULT, "embed=a; SameSite=None", True, "embed=a; SameSite=None; Secure"),
        (Cookies(secure=False), "embed=a; SameSite=None", True, "embed=a; SameSite=None; Secure"),
        (Cookies(http_only="all", readable=("theme",)), "theme=dark", True, "theme=dark; Secure; SameSite=Lax"),
        (Cookies(http_only="all"), "theme=dark", True, "theme=dark; Secure; HttpOnly; SameSite=Lax"),
        (Cookies(http_only="off", same_site=""), "sessionid=a", True, "sessionid=a; Secure"),
        (Cookies(untouched=("raw",)), "raw=a", True, "raw=a"),
        (DEFAULT, "sid=a=b; Expires=Thu, 01 Jan 2037 00:00:00 GMT", True,
         "sid=a=b; Expires=Thu, 01 Jan 2037 00:00:00 GMT; Secure; HttpOnly; SameSite=Lax"),
        (Cookies(host_prefix=("sid",)), "sid=a", True, "__Host-sid=a; Secure; HttpOnly; SameSite=Lax; Path=/"),
        (Cookies(host_prefix=("sid",)), "sid=a; Path=/", True, "__Host-sid=a; Path=/; Secure; HttpOnly; SameSite=Lax"),
        (Cookies(host_prefix=("sid",)), "sid=a; Path=/x", True, "sid=a; Path=/x; Secure; HttpOnly; SameSite=Lax"),
        (Cookies(host_prefix=("sid",)), "sid=a; Domain=b.example", True,
         "sid=a; Domain=b.example; Secure; HttpOnly; SameSite=Lax"),
        (Cookies(host_prefix=("sid",)), "sid=a", False, "sid=a; HttpOnly; SameSite=Lax"),
        (Cookies(host_prefix=("sid",), secure=False), "sid=a", True,
         "__Host-sid=a; Secure; HttpOnly; SameSite=Lax; Path=/"),
    ],
)  # fmt: skip
def test_what_is_missing_is_added(cookies: Cookies, header: str, over_https: bool, left: str) -> None:
    assert outgoing(cookies, https=over_https)(header) == left


def test_no_cookie_is_lost_and_all_are_dressed(door: Door) -> None:
    said = [
        ("Content-Type", "text/html"),
        *(("Set-Cookie", f"{name}=1; Path=/") for name in ("sessionid", "theme", "sid")),
    ]
    cookies = door.open(Act(headers=said), "strict")().all("set-cookie")
    assert sorted(cookie.partition("=")[0] for cookie in cookies) == ["sessionid", "sid", "theme"]
    for cookie in cookies:
        assert attributes(cookie) == {"path=/", "secure", "httponly", "samesite=lax"}


def test_the_host_prefix_is_the_browsers_affair(door: Door) -> None:
    act = Act(headers=[("Content-Type", "text/html"), ("Set-Cookie", "sessionid=1")])
    ask = door.open(act, Policy(cookies=Cookies(host_prefix=("sessionid",))))
    answer = ask(headers=[("cookie", "a=b; __Host-sessionid=real; sessionid=planted")])
    assert act.seen[-1]["cookie"] == "a=b; sessionid=real"
    cookie = answer.one("set-cookie") or ""
    assert cookie.startswith("__Host-sessionid=1;")
    assert attributes(cookie) == {"path=/", "secure", "httponly", "samesite=lax"}
    ask(scheme="http", headers=[("cookie", "sessionid=plain")])
    assert act.seen[-1]["cookie"] == "sessionid=plain", "over plain HTTP there is no prefix"
    ask(headers=[("cookie", "sessionid=planted")])
    assert not act.seen[-1]["cookie"]


@pytest.mark.parametrize(
    ("header", "seen"),
    [
        ("", ""),
        ("a=1;b=2", "a=1; b=2"),
        ("__Host-other=1", "__Host-other=1"),
        ("__Host-sid=x=y; c", "sid=x=y; c"),
    ],
)
def test_other_cookies_come_in_as_they_are(header: str, seen: str) -> None:
    assert incoming(Cookies(host_prefix=("sid",)), header, https=True) == seen
