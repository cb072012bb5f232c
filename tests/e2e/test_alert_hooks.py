"""A hook on a real server: made by hand in a browser, told by HTTP, and the whole group taken care of by one key."""

import json
import re

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.support.browser import watch
from tests.support.world import World

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("alert-hooks")]
BODY = {"jobs": [{"name": name, "state": "failed"} for name in ("db", "files")]}
FIELDS = {
    "Name": "backups",
    "Where the alerts are": "jobs",
    "Labels": "alertname = Backup failed\njob = {name}",
    "Title": "Backup of {name} failed",
    "State": "{state}",
    "Words of the state": "failed = firing\ndone = resolved",
}


@pytest.fixture(scope="module")
def world(start_vedette) -> World:  # type: ignore[no-untyped-def]
    return World(start_vedette()).add_owner()


def tell(world: World, secret: str, body: object, query: str = "") -> tuple[int, dict[str, object]]:
    headers = {"Authorization": f"Bearer {secret}"} if secret else {}
    path = f"/api/hooks/alerts/backups{query}"
    status, _, answer = world.server.request("POST", path, json.dumps(body).encode(), headers)
    return status, json.loads(answer)


def firing(world: World) -> int:
    return len(world.server.api("GET", "/alerts?firing=true")[1]["items"])


def make(page: Page, world: World) -> str:
    """Make a hook by hand, tried before it is saved, and return its secret."""
    page.goto(f"{world.server.url}/alerts/hooks/")
    page.get_by_role("link", name="New hook").click()
    for label, text in FIELDS.items():
        page.get_by_label(re.compile(rf"^{label}( optional)?$")).fill(text)
    for label in ("Severity", "Link", "Text", "Words of the severity"):
        page.get_by_label(re.compile(rf"^{label}( optional)?$")).fill("")
    page.get_by_label(re.compile("^A body")).fill(json.dumps(BODY))
    page.get_by_role("button", name="Show what it would make").click()
    expect(page.locator("#try")).to_contain_text("It would make 2 alerts.")
    expect(page.locator("#try")).to_contain_text("Backup of files failed")
    page.get_by_role("button", name="Add hook").click()
    page.get_by_role("button", name="Make the secret").click()
    return page.locator("code", has_text=re.compile("^vdh_")).inner_text()


@pytest.mark.deep
def test_whatever_sends_json_tells_of_alerts_and_one_key_takes_care_of_them(
    world: World, browser: Browser
) -> None:
    where = world.signed_in(browser)
    seen = watch(where)
    page = seen.page
    secret = make(page, world)
    assert seen.axe() == []
    assert tell(world, "vdh_wrong", BODY)[0] == 401
    status, said = tell(world, secret, {"jobs": [{"nam": "x", "state": "failed"}]})
    assert (status, "Did you mean `nam`?" in str(said["detail"])) == (422, True)
    assert tell(world, "", BODY, f"?token={secret}") == (200, {"taken": 2, "ignored": 0, "detail": "2 alerts were taken."})  # fmt: skip

    world.server.wait(lambda: firing(world) == 2, 15)
    page.goto(f"{world.server.url}/alerts/")
    head = page.get_by_role("group", name=re.compile("2 together"))
    expect(head).to_be_visible()
    page.keyboard.press("a")  # without a focus on anything it means nothing here
    page.keyboard.press("j")
    expect(head).to_be_focused()
    page.keyboard.press("a")
    expect(page.locator(".note-bar")).to_contain_text("You take care of 2 alerts")
    expect(page.get_by_role("heading", name="Acknowledged")).to_be_visible()
    page.keyboard.press("z")
    expect(head).to_be_visible()
    assert seen.axe() == []

    page.goto(f"{world.server.url}/alerts/hooks/backups/")
    expect(page.locator("#h-came").locator("xpath=../..")).to_contain_text("Refused. Nothing was taken.")
    done = {"jobs": [{"name": name, "state": "done"} for name in ("db", "files")]}
    assert tell(world, secret, done)[0] == 200
    world.server.wait(lambda: firing(world) == 0, 15)
    assert secret not in world.server.output
    assert seen.problems() == []
    where.close()
