"""The door: everything from memory, nothing internal in it, passwords, forms, and what a crowd gets."""

import asyncio
from typing import Any
from urllib.parse import urlencode

import msgspec
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.unit.status.conftest import NOW, draft, found

from vedette.accounts.permissions import SYSTEM
from vedette.core.clock import ManualClock
from vedette.monitors import service as monitors
from vedette.monitors.types import ByCron, Monitor, MonitorDraft, Reading, Weekly
from vedette.plumbing.testing import MemoryPorts
from vedette.status import service, showing, signing
from vedette.status.door import PASSWORDS_A_MINUTE, WRITES_A_MINUTE, StatusDoor
from vedette.status.site import Site
from vedette.status.types import DAY, IncidentDraft, NoticeKind, StatusPage, SubscriberKind
from vedette.status.views.public import render

PASSWORD = "open sesame"
EVERYWHERE = ("", "embed/", "status.json", "feed.atom", "feed.rss")


@pytest.fixture
def site(house: MemoryPorts) -> Site:
    return Site(render)


class Answered:
    def __init__(self, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
        self.status, self.body = status, body
        self.headers = {name.decode(): value.decode() for name, value in headers}

    @property
    def text(self) -> str:
        return self.body.decode()


def ask(
    site: Site, path: str, method: str = "GET", form: dict[str, str] | None = None, **headers: str
) -> Answered:
    """Ask a door of its own once; words of headers are parted by `_`."""
    door = StatusDoor(site, ManualClock(NOW))
    try:
        return asked(door, path, method, form, **headers)
    finally:
        door.close()


def asked(
    door: StatusDoor, path: str, method: str = "GET", form: dict[str, str] | None = None, **headers: str
) -> Answered:
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": urlencode(form or {}).encode(), "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "path": path, "method": method, "headers": named, "client": ("192.0.2.7", 1)}
    asyncio.run(door(scope, receive, send))
    return Answered(sent[0]["status"], sent[0]["headers"], sent[1]["body"])


def test_nothing_is_asked_of_the_database(site: Site, page: StatusPage) -> None:
    site.refresh(NOW)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        for path in (
            "",
            "history/",
            "status.json",
            "feed.atom",
            "feed.rss",
            "badge.svg",
            "uptime.svg",
            "embed/",
        ):
            assert ask(site, f"/s/shop/{path}").status == 200, path
        assert ask(site, "/s/nothing/").status == 404
        assert ask(site, "/s/shop/nothing").status == 404
        assert ask(site, "/s/shop").headers["location"] == "/s/shop/"
    assert len(queries) == 0


def test_no_word_of_a_monitor_gets_out(site: Site, page: StatusPage, checkout: Monitor) -> None:
    found(checkout, Reading.GOOD, NOW)
    found(checkout, Reading.BAD, NOW + 60)
    site.refresh(NOW + 120)
    standing = site.find("shop")
    assert standing is not None
    assert "Checkout is down since 16:01 UTC." in standing.answers[""].text
    for path, answer in standing.answers.items():
        said = answer.text + str(answer.headers)
        for inner in ("internal", "refused", "10.0.0.7", checkout.key, checkout.slug):
            assert inner not in said, path


def test_a_page_is_drawn_anew_when_a_state_or_a_word_changes_and_once_a_minute(
    site: Site, page: StatusPage, checkout: Monitor
) -> None:
    assert site.refresh(NOW) == 1
    assert site.refresh(NOW + 1) == 0
    found(checkout, Reading.GOOD, NOW + 2)
    assert site.refresh(NOW + 2) == 1
    service.update(SYSTEM, page, draft(checkout, title="Other"), NOW + 3)
    assert site.refresh(NOW + 3) == 1
    assert site.refresh(NOW + 4) == 0
    assert site.due(NOW + 60)
    assert site.refresh(NOW + 60) == 1
    service.remove(SYSTEM, service.page("shop"), NOW + 61)
    site.refresh(NOW + 61)
    assert ask(site, "/s/shop/").status == 404


def test_who_has_it_gets_304_and_who_takes_brotli_gets_it(site: Site, page: StatusPage) -> None:
    site.refresh(NOW)
    first = ask(site, "/s/shop/", accept_encoding="gzip, br")
    assert first.headers["content-encoding"] == "br"
    assert "max-age=5" in first.headers["cache-control"]
    again = ask(site, "/s/shop/", accept_encoding="gzip, br", if_none_match=first.headers["etag"])
    assert (again.status, again.body) == (304, b"")
    head = ask(site, "/s/shop/", "HEAD")
    assert (head.status, head.body) == (200, b"")
    assert ask(site, "/s/shop/", "PUT").status == 405


def test_only_the_small_page_may_stand_in_frames(site: Site, page: StatusPage, checkout: Monitor) -> None:
    service.update(SYSTEM, page, draft(checkout, frames="https://shop.example"), NOW)
    site.refresh(NOW)
    whole, small = ask(site, "/s/shop/"), ask(site, "/s/shop/embed/")
    assert whole.headers["content-security-policy"].startswith("default-src 'none'; ")
    assert whole.headers["content-security-policy"].endswith("frame-ancestors 'none'")
    assert small.headers["content-security-policy"].endswith("frame-ancestors https://shop.example")
    assert "x-frame-options" not in small.headers


def test_a_domain_of_its_own_answers_only_the_page(site: Site, page: StatusPage, checkout: Monitor) -> None:
    service.update(SYSTEM, page, draft(checkout, domain="status.shop.example"), NOW)
    site.refresh(NOW)
    assert "Tidemark" in ask(site, "/", host="STATUS.shop.example:443").text
    assert ask(site, "/s/shop/", host="status.shop.example").status == 404
    assert ask(site, "/settings/", host="status.shop.example").status == 404
    door = StatusDoor(site, ManualClock(NOW))
    assert door.takes({"path": "/settings/", "headers": [(b"host", b"status.shop.example")]})
    assert not door.takes({"path": "/settings/", "headers": [(b"host", b"vedette.example")]})
    door.close()


@pytest.fixture
def locked(page: StatusPage, checkout: Monitor) -> StatusPage:
    return service.update(SYSTEM, page, draft(checkout, password=PASSWORD), NOW)


def test_a_password_opens_every_path_until_it_changes(
    site: Site, locked: StatusPage, checkout: Monitor
) -> None:
    site.refresh(NOW)
    for path in ("", "history/", "embed/", "nothing"):
        shut = ask(site, f"/s/shop/{path}")
        assert "Checkout" not in shut.text
        assert "asks for its password" in shut.text
    assert ask(site, "/s/shop/status.json").status == 401
    cookie = f"vedette-status-shop={service.pass_for(locked, NOW)}"
    opened = ask(site, "/s/shop/", cookie=cookie)
    assert "Checkout" in opened.text
    assert opened.headers["cache-control"] == "private, no-store"
    assert "asks for" in ask(site, "/s/shop/", cookie=cookie[:-1] + "x").text
    service.update(SYSTEM, locked, draft(checkout, password="another one"), NOW)
    site.refresh(NOW)
    assert "asks for" in ask(site, "/s/shop/", cookie=cookie).text


@pytest.mark.parametrize(
    "beside",
    [
        "a[1]=b; {}",
        '{}; a,b={{"x": 1}}',
        "=; ;; {}",
        "long=" + "x" * 9_000 + "; {}",
        "vedette-status-shop=old; {}",
    ],
)
def test_strange_cookies_shut_nobody_out(site: Site, locked: StatusPage, beside: str) -> None:
    site.refresh(NOW)
    good = f"vedette-status-shop={service.pass_for(locked, NOW)}"
    assert "Checkout" in ask(site, "/s/shop/", cookie=beside.format(good)).text
    assert "asks for" in ask(site, "/s/shop/", cookie=beside.format("x" + good)).text


def test_who_has_no_password_cannot_tell_what_is_there(site: Site, locked: StatusPage) -> None:
    site.refresh(NOW)
    number = locked.components[0].id
    there, not_there = (
        (ask(site, f"/s/shop/badge-{one}.svg").status, ask(site, f"/s/shop/history/{month}/").status)
        for one, month in ((number, "2025-11"), (number + 1, "2025-10"))
    )
    assert there == not_there == (401, 200)


@pytest.mark.django_db(transaction=True)  # the door's threads see what is committed
def test_who_leaves_gets_away_whatever_goes_on(
    site: Site, page: StatusPage, checkout: Monitor, house: MemoryPorts
) -> None:
    service.subscribe(page.id, SubscriberKind.EMAIL, "ann@shop.example", NOW)
    number = service.subscribers(page, None, 9)[0][0].id
    path = f"/s/shop/leave/{signing.link(signing.LEAVE, number)}/"
    site.refresh(NOW)
    door = StatusDoor(site, ManualClock(NOW))
    told = [asked(door, "/s/shop/leave/1.wrong/", "POST").status for _ in range(WRITES_A_MINUTE + 1)]
    assert (told[0], told[-1]) == (410, 429)
    assert asked(door, path, "POST").status == 200
    assert service.subscribers(page, None, 9)[0] == ()
    door.close()


@pytest.mark.django_db(transaction=True)  # the door's threads see what is committed
def test_a_page_that_is_switched_off_lets_nobody_in_and_everybody_out(
    site: Site, page: StatusPage, checkout: Monitor
) -> None:
    domain = "status.shop.example"
    service.subscribe(page.id, SubscriberKind.EMAIL, "ann@shop.example", NOW)
    number = service.subscribers(page, None, 9)[0][0].id
    leave = f"leave/{signing.link(signing.LEAVE, number)}/"
    service.update(SYSTEM, page, draft(checkout, enabled=False, domain=domain), NOW)
    site.refresh(NOW)
    door = StatusDoor(site, ManualClock(NOW))
    for path in ("", "status.json", "confirm/1.x/", "leave/1.x/", "subscribe/", "=left"):
        for method in ("GET", "POST"):
            answer = asked(door, f"/s/shop/{path}", method)
            assert (answer.status, answer.text) == (404, "There is no such status page.\n"), path
    assert door.takes({"path": "/sign-in/", "headers": [(b"host", domain.encode())]})
    assert asked(door, "/sign-in/", host=domain).status == 404
    assert "Hear no more of this page?" in asked(door, f"/{leave}", host=domain).text
    assert asked(door, f"/s/shop/{leave}", "POST").status == 200
    assert service.subscribers(page, None, 9)[0] == ()
    door.close()


@pytest.mark.django_db(transaction=True)  # the door's threads see what is committed
def test_guesses_are_counted(site: Site, locked: StatusPage, house: MemoryPorts) -> None:
    site.refresh(NOW)
    door = StatusDoor(site, ManualClock(NOW))
    answers = [asked(door, "/s/shop/", "POST", {"password": "guess"}) for _ in range(PASSWORDS_A_MINUTE + 2)]
    door.close()
    assert answers[0].status == 403
    assert "not the password" in answers[0].text
    assert (answers[-1].status, int(answers[-1].headers["retry-after"]) > 0) == (429, True)


@pytest.mark.django_db(transaction=True)  # the door's threads see what is committed
def test_the_right_password_sets_a_cookie(site: Site, locked: StatusPage) -> None:
    site.refresh(NOW)
    door = StatusDoor(site, ManualClock(NOW), https=True)
    answer = asked(door, "/s/shop/history/", "POST", {"password": PASSWORD})
    door.close()
    assert (answer.status, answer.headers["location"]) == (303, "./")
    cookie = answer.headers["set-cookie"]
    assert {"HttpOnly", "Secure", "SameSite=Lax"} <= set(cookie.split("; "))
    assert "Checkout" in ask(site, "/s/shop/", cookie=cookie.partition(";")[0]).text


@pytest.mark.django_db(transaction=True)  # the door's threads see what is committed
def test_forms_of_visitors(site: Site, page: StatusPage) -> None:
    site.refresh(NOW)
    door = StatusDoor(site, ManualClock(NOW))
    good = asked(door, "/s/shop/subscribe/", "POST", {"email": "ann@shop.example"})
    assert (good.status, "Confirm it now" in good.text) == (200, True)
    assert asked(door, "/s/shop/subscribe/", "POST", {"email": "no"}).status == 422
    assert (
        asked(
            door, "/s/shop/subscribe/", "POST", {"email": "a@b.example"}, sec_fetch_site="cross-site"
        ).status
        == 404
    )
    assert asked(door, "/s/shop/confirm/1.wrong/", "POST").status == 410
    assert "Hear of this page?" in asked(door, "/s/shop/confirm/1.wrong/").text
    assert asked(door, "/s/shop/subscribe/", "POST", {"email": "a" * 5_000}).status == 422
    door.close()


def test_what_was_announced_stands_on_the_page_its_month_and_its_feeds(site: Site, page: StatusPage) -> None:
    told = IncidentDraft(
        kind=NoticeKind.INCIDENT,
        title="A <b>title</b>",
        text="We & you.",
        components=(page.components[0].id,),
    )
    service.announce(SYSTEM, page, told, NOW)
    site.refresh(NOW + 1)
    for path in ("", "history/2025-11/", "feed.atom", "feed.rss"):
        text = ask(site, f"/s/shop/{path}").text
        assert "A &lt;b&gt;title&lt;/b&gt;" in text, path
        assert "We &amp; you." in text, path
    assert "November 2025" in ask(site, "/s/shop/history/").text


def test_maintenance_windows_ahead_are_told_without_a_word_of_the_monitor(
    site: Site, checkout: Monitor, house: MemoryPorts
) -> None:
    sunday = Weekly(days=(6,), start="02:00", minutes=120, zone="Europe/Berlin", why="db-7 gets disks")
    fifth = ByCron(expression="30 4 5 * *", minutes=30, why="db-7")  # 5 December: within 14 days
    far = ByCron(expression="30 4 20 * *", minutes=30)
    config = msgspec.structs.replace(checkout.config, maintenance=(sunday, fifth, far))
    draft_ = MonitorDraft(name=checkout.name, kind=checkout.kind, config=config)
    monitors.update(SYSTEM, checkout, draft_, NOW)
    made = service.create(SYSTEM, draft(checkout, windows=True), NOW)
    service.create(SYSTEM, draft(checkout, slug="silent"), NOW)
    site.refresh(NOW)
    text = ask(site, "/s/shop/").text
    assert "30 Nov 2025, 01:00 UTC" in text
    assert "5 Dec 2025, 04:30 UTC" in text
    assert "20 Dec" not in text
    assert "db-7" not in "".join(ask(site, f"/s/shop/{path}").text for path in EVERYWHERE)
    assert all("30 Nov" not in ask(site, f"/s/silent/{path}").text for path in EVERYWHERE)
    windows = msgspec.json.decode(ask(site, "/s/shop/status.json").body)["windows"]
    assert windows == [
        {
            "starts_at": "2025-11-30T01:00:00.000Z",
            "ends_at": "2025-11-30T03:00:00.000Z",
            "components": ["Checkout"],
        },
        {
            "starts_at": "2025-12-05T04:30:00.000Z",
            "ends_at": "2025-12-05T05:00:00.000Z",
            "components": ["Checkout"],
        },
    ]
    feed = ask(site, "/s/shop/feed.atom").text
    number = made.components[0].id
    assert (
        f"#w1764464400-{number}</id><title>Maintenance: Checkout</title><updated>2025-11-16T01:00:00.000Z"
        in feed
    )
    assert "From 5 Dec 2025, 04:30 UTC to 5 Dec 2025, 05:00 UTC." in ask(site, "/s/shop/feed.rss").text
    site.refresh(NOW + 6 * DAY)  # Sunday's has begun: the next one is told
    after = msgspec.json.decode(ask(site, "/s/shop/status.json").body)["windows"]
    assert [one["starts_at"] for one in after] == ["2025-12-05T04:30:00.000Z", "2025-12-07T01:00:00.000Z"]


def test_components_of_one_time_are_told_together() -> None:
    found = [((30.0, 40.0), 3), ((10.0, 20.0), 1), ((30.0, 40.0), 2), ((30.0, 40.0), 3)]
    told = [(one.starts, one.ends, one.components) for one in showing.together(found)]
    assert told == [(10.0, 20.0, (1,)), (30.0, 40.0, (3, 2))]
    many = [((float(n), n + 1.0), 1) for n in range(showing.MOST_WINDOWS + 9)]
    assert len(showing.together(many)) == showing.MOST_WINDOWS
