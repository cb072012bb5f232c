"""The service worker in Chromium: what is pushed is shown, with its actions; a newer notice replaces the older."""

import pytest
from playwright.sync_api import Browser
from tests.e2e.conftest import Worlds
from tests.support.browser import watch
from tests.support.service_worker import Pushed

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("world-empty")]
NOTICE = {
    "title": "Boom", "text": "in <cart>", "link": "https://vedette.example/issues/A-1/", "tag": "t", "quiet": False,
    "actions": [
        {"kind": "acknowledge", "label": "Acknowledge", "url": "https://vedette.example/a/"},
        {"kind": "silence", "label": "Silence 1 h", "url": "https://vedette.example/s/"},
    ],
}  # fmt: skip


@pytest.mark.deep
def test_what_is_pushed_is_shown_and_replaced(whole_browser: Browser, worlds: Worlds) -> None:
    world = worlds["empty"]
    opened = world.signed_in(whole_browser, 1440)
    opened.grant_permissions(["notifications"], origin=world.server.url)
    seen = watch(opened)
    page = seen.page
    page.goto(f"{world.server.url}/settings/my-notifications/new/webpush/")
    worker = Pushed(page)
    for title in ("Boom", "Boom again"):
        worker.push({**NOTICE, "title": title})
        (told,) = worker.shown(title)
    assert told == {
        "title": "Boom again",
        "body": "in <cart>",
        "tag": "t",
        "actions": ["Acknowledge", "Silence 1 h"],
    }
    assert not seen.problems()
    page.get_by_role("button", name="Use this browser").click()
    page.locator("[data-told]").wait_for()
    assert "push service gave no subscription" in page.locator("[data-told]").inner_text()
    opened.close()
