"""The service worker in Chromium: what is pushed is shown, with its actions; a newer notice replaces the older.

Headless Chromium has no push service to subscribe at, so the push is handed to the worker by the developer tools.
"""

import json
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from tests.e2e.conftest import Worlds
from tests.support.browser import watch

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("world-empty")]
NOTICE = {
    "title": "Boom", "text": "in <cart>", "link": "https://vedette.example/issues/A-1/", "tag": "t", "quiet": False,
    "actions": [
        {"kind": "acknowledge", "label": "Acknowledge", "url": "https://vedette.example/a/"},
        {"kind": "silence", "label": "Silence 1 h", "url": "https://vedette.example/s/"},
    ],
}  # fmt: skip
_SHOWN = """async () => (await (await navigator.serviceWorker.ready).getNotifications())
  .map(n => ({ title: n.title, body: n.body, tag: n.tag, actions: n.actions.map(a => a.title) }))"""


def shown(page: Page, title: str) -> list[dict[str, Any]]:
    """Return the notifications once one bears this title."""
    page.wait_for_function(f"async title => (await ({_SHOWN})()).some(n => n.title === title)", arg=title)
    found: list[dict[str, Any]] = page.evaluate(_SHOWN)
    return found


def test_what_is_pushed_is_shown_and_replaced(browser: Browser, worlds: Worlds) -> None:
    world = worlds["empty"]
    opened = world.signed_in(browser, 1440)
    opened.grant_permissions(["notifications"], origin=world.server.url)
    seen = watch(opened)
    page = seen.page
    page.goto(f"{world.server.url}/settings/my-notifications/new/webpush/")
    registered: list[str] = []
    tools = opened.new_cdp_session(page)
    tools.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda told: registered.extend(one["registrationId"] for one in told["registrations"]),
    )
    tools.send("ServiceWorker.enable")
    page.evaluate(
        "async () => { await navigator.serviceWorker.register('/sw.js', { scope: '/' }); await navigator.serviceWorker.ready; }"
    )
    while not registered:
        page.wait_for_timeout(20)  # lets the driver hear of it
    for title in ("Boom", "Boom again"):
        data = {
            "origin": world.server.url,
            "registrationId": registered[0],
            "data": json.dumps({**NOTICE, "title": title}),
        }
        tools.send("ServiceWorker.deliverPushMessage", data)
        (told,) = shown(page, title)
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
