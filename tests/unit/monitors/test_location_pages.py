"""The pages of locations, where a monitor's form asks for them, and what its page shows of each; all of it without a script."""

import html
import re

import msgspec
import pytest
from django.test import Client
from tests.support.rooms import NOW, bearing
from tests.unit.monitors.conftest import SITE

from vedette.accounts.permissions import SYSTEM, Scope
from vedette.core.clock import ManualClock
from vedette.monitors import service
from vedette.monitors.locations.types import SILENT, Hearing
from vedette.monitors.outposts import service as locations
from vedette.monitors.types import CheckResult, Config, Monitor, MonitorDraft, Outcome, Reading
from vedette.plumbing.testing import MemoryPorts

PAGE = "/monitors/locations/"
HTTP = {"kind": "http", "name": "Shop", "project": "0", "url": "https://shop.example/", "interval": "1 min", "deadline": "10 s",
        "family": "any", "o_method": "GET", "o_status": "200-299", "o_verify": "on", "o_follow": "on", "o_most_redirects": "10",
        "o_version": "auto", "o_max_bytes": "4194304"}  # fmt: skip


@pytest.fixture
def admin(house: MemoryPorts) -> Client:
    return bearing(Scope.ADMIN, NOW)


@pytest.fixture
def reader(house: MemoryPorts) -> Client:
    return bearing(Scope.READ, NOW)


def text(answer: object) -> str:
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode())))  # type: ignore[attr-defined]


def make(name: str, **config: object) -> Monitor:
    draft = MonitorDraft(name=name, kind="http", config=msgspec.convert({"request": SITE, **config}, Config))
    return service.create(SYSTEM, 0, draft, NOW)


def test_a_location_is_added_and_its_token_shown_once(admin: Client) -> None:
    assert "Everything is checked from here." in text(admin.get(PAGE))
    wrong = admin.post(f"{PAGE}new/", {"name": "Frankfurt", "slug": "here"})
    assert (wrong.status_code, "stands for something else" in text(wrong)) == (422, True)
    answer = admin.post(f"{PAGE}new/", {"name": "Frankfurt", "slug": ""})
    shown = text(answer)
    (token,) = set(re.findall(r"vdl_[\w-]{20,}", shown))
    assert locations.of_token(token).slug == "frankfurt"
    assert f"VEDETTE_PROBE_TOKEN={token} vedette probe --server https://vedette.example" in shown
    assert token not in text(admin.get(PAGE))
    assert "Frankfurt is still awaited." in text(admin.get(PAGE))
    again = admin.post(f"{PAGE}new/", {"name": "Other", "slug": "frankfurt"})
    assert (again.status_code, "already" in text(again)) == (422, True)
    other = re.findall(r"vdl_[\w-]{20,}", text(admin.post(f"{PAGE}frankfurt/token/")))[0]
    assert locations.of_token(other).slug == "frankfurt" != token


def test_the_list_says_who_is_silent_and_what_a_removal_means(
    admin: Client, reader: Client, clock: ManualClock
) -> None:
    for slug in ("fsn", "hel"):
        locations.add(SYSTEM, slug.title(), slug, NOW)
        locations.heard(slug, Hearing(at=NOW, version="1.0", skew=75.0, lost=2))
    make("Both", locations=["fsn", "hel"])
    make("Alone", locations=["fsn"])
    shown = text(admin.get(PAGE))
    assert "All 2 locations are heard of." in shown
    assert (
        "2 monitors are checked from it. 1 monitor of them is checked from nowhere else, and from here then."
        in shown
    )
    assert "its clock is 1 min 15 s behind" in shown
    assert "2 findings found no room there" in shown
    clock.forward(SILENT + 1)
    locations.heard("hel", Hearing(at=clock.now()))
    assert "Fsn is silent." in text(reader.get(PAGE))
    assert "Remove" not in text(reader.get(PAGE))
    answer = admin.post(f"{PAGE}fsn/remove/", follow=True)
    assert "Fsn is removed; 2 monitors were checked from it." in text(answer)
    assert service.find("alone").config.locations == ()


def test_the_form_asks_where_it_is_checked_from_once_there_are_locations(admin: Client) -> None:
    assert "Checked from" not in text(admin.get("/monitors/new/?kind=http"))
    for slug in ("fsn", "hel"):
        locations.add(SYSTEM, slug.title(), slug, NOW)
    assert "Checked from" in text(admin.get("/monitors/new/?kind=http"))
    assert "Checked from" not in text(admin.get("/monitors/new/?kind=heartbeat"))
    refused = admin.post("/monitors/new/", {**HTTP, "locations": ["here"], "agree": "2"})
    assert (refused.status_code, "one place alone" in text(refused)) == (422, True)
    assert (
        admin.post("/monitors/new/", {**HTTP, "locations": ["here", "fsn"], "agree": "2"}).status_code == 302
    )
    kept = service.find("shop").config
    assert (kept.locations, kept.agree) == (("here", "fsn"), 2)
    edit = admin.get("/monitors/shop/edit/").content.decode()
    assert len(re.findall(r'<input[^>]*name="locations"[^>]*checked', edit)) == 2
    assert admin.post("/monitors/shop/edit/", {**HTTP, "locations": ["here"]}).status_code == 302
    assert (service.find("shop").config.locations, service.find("shop").config.agree) == ((), 1)


def test_a_monitor_shows_how_it_fares_from_each_place(reader: Client) -> None:
    for slug in ("fsn", "hel"):
        locations.add(SYSTEM, slug.title(), slug, NOW)
    one = make("Shop", locations=["here", "fsn", "hel"], agree=2)
    found = [
        CheckResult(monitor=one.id, location=place, outcome=Outcome(at=NOW - 60, reading=reading, ms=ms))
        for place, reading, ms in (("", Reading.GOOD, 20.0), ("fsn", Reading.BAD, 90.0))
    ]
    service.record(found, NOW)
    shown = text(reader.get("/monitors/shop/"))
    assert "Where it is checked from" in shown
    assert "2 of 3 must agree that it is down" in shown
    assert re.search(r"Up Here .*Down Fsn .*Not checked yet Hel", shown)
    assert "Median response time from Fsn, last 24 hours. Half of 1 checks took 90 ms or less" in shown
    plain = make("Plain")
    assert "Where it is checked from" not in text(reader.get(f"/monitors/{plain.id}/"))
