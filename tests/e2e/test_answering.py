"""From an event to an acknowledgement by the link of the notice, with a real server and a real receiver; and by a button of a notification in Chromium."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser
from tests.support.browser import context
from tests.support.receiver import Receiver
from tests.support.server import Vedette
from tests.support.service_worker import Pushed


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


def told_by_a_threshold(server: Vedette, receiver: Receiver) -> dict[str, str]:
    """Let an event cross a threshold; return the paths of the links of the notice, by kind."""
    channel = {"kind": "webhook", "name": "Ops", "config": {"url": receiver.url}, "default": False}
    status, made = server.api("POST", "/channels", channel)
    assert status == 201, made
    rule = {"name": "Any", "kind": "threshold", "count": 0, "minutes": 60, "channels": [made["id"]]}
    assert server.api("POST", "/rules", rule)[0] == 201
    server.send({"message": "wake somebody"})
    server.wait(lambda: receiver.told, 40)
    actions = receiver.told[0][1]["vedette"]["actions"]
    return {each["kind"]: urlsplit(each["url"]).path for each in actions}


@pytest.mark.browser
@pytest.mark.timeout(90)
def test_an_event_is_told_and_acknowledged_by_the_link(
    start_vedette, receiver: Receiver, whole_browser: Browser
) -> None:
    server = start_vedette()
    links = told_by_a_threshold(server, receiver)
    path = links["acknowledge"]
    status, headers, page = server.request("GET", path)
    assert (status, headers["cache-control"]) == (200, "no-store")
    assert b"Acknowledge</button>" in page
    _, audit = server.api("GET", "/audit?action=alert.")
    assert audit["items"] == []
    status, _, answer = server.request("POST", path, headers={"Accept": "text/plain"})
    assert (status, answer) == (200, b"Acknowledged by Somebody, by Ops.\n")
    _, audit = server.api("GET", "/audit?action=alert.")
    assert [each["action"] for each in audit["items"]] == ["alert.acknowledge"]
    assert path.split("/")[2] not in server.output
    by_a_notification(server, whole_browser, links["silence"])


def by_a_notification(server: Vedette, browser: Browser, path: str) -> None:
    """Press Silence on a pushed notification: it acts without opening a page, and says what came of it."""
    profile = context(browser)
    profile.grant_permissions(["notifications"], origin=server.url)
    page = profile.new_page()
    page.goto(f"{server.url}/sign-in/")
    worker = Pushed(page)
    notice = {
        "title": "Boom", "text": "in cart", "link": f"{server.url}/alerts/", "tag": "t", "quiet": False,
        "actions": [
            {"kind": "silence", "label": "Silence 1 h", "url": server.url + path},
            {"kind": "broken", "label": "Broken", "url": f"{server.url}/a/nothing/"},
        ],
    }  # fmt: skip
    worker.push(notice)
    worker.shown("in cart")
    (refused,) = worker.pressed("broken", "This link is not complete")
    assert refused["actions"] == ["Silence 1 h", "Broken"], "what failed may be pressed again"
    (done,) = worker.pressed("silence", "Somebody, by Ops silenced it until")
    assert (done["title"], done["actions"]) == ("Boom", [])
    assert len(profile.pages) == 1
    _, silences = server.api("GET", "/silences")
    assert len(silences["items"]) == 1
    profile.close()
