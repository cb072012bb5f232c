"""From events to somebody who takes care: a real server, a real receiver, a browser, the command line."""

import json

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.e2e.conftest import Worlds
from tests.support.browser import watch
from tests.support.world import World

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("world-normal")]
# A channel is told ten times a minute on its own: what comes after those waits for its bundle.
BUNDLED = 90
MANY = {"name": "Many", "kind": "threshold", "count": 0, "minutes": 1_440, "per": "project"}


@pytest.fixture(scope="module")
def firing(worlds: Worlds) -> World:
    """Let thresholds of a world be crossed, and everybody be told."""
    world = worlds["normal"]
    status, made = world.server.api("POST", "/rules", MANY)
    assert status == 201, made
    world.server.wait(lambda: len(_fire(world)) > 1, 30)
    receiver = world.receiver
    world.server.wait(lambda: receiver and "threshold" in json.dumps(receiver.told), BUNDLED)
    return world


def _fire(world: World) -> list[dict[str, object]]:
    status, found = world.server.api("GET", "/alerts?firing=true")
    assert status == 200
    items: list[dict[str, object]] = found["items"]
    return [one for one in items if "events in 24 hours" in str(one["title"])]  # monitors fire too


@pytest.fixture
def page(firing: World, browser: Browser) -> Page:
    return watch(firing.signed_in(browser)).page


def test_who_was_told_stands_on_the_alert_and_one_key_acknowledges(firing: World, page: Page) -> None:
    number = _fire(firing)[0]["id"]
    page.goto(f"{firing.server.url}/alerts/{number}/")
    expect(page.locator(".hero")).to_contain_text("told to Ops room")
    expect(page.get_by_text("Nobody was told yet.").first).to_be_visible()
    page.keyboard.press("a")
    expect(page.locator(".hero")).to_contain_text("Mira Lind takes care of it")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("button", name="Acknowledge")).to_be_visible()
    status, why = firing.server.api("GET", f"/alerts/{number}/why")
    assert (status, why["acknowledged_by"]) == (200, "")


def test_the_form_counts_while_one_types_and_a_silence_reaches_the_list(firing: World, page: Page) -> None:
    alert = _fire(firing)[-1]
    page.goto(f"{firing.server.url}/alerts/")
    page.get_by_role("link", name=f"Silence: {alert['title']}").click()
    meant = page.get_by_role("status").filter(has_text="silenced")
    expect(meant).to_contain_text("1 alert that fires now")
    page.get_by_label("Which alerts").fill("alertname=threshold")
    expect(meant).to_contain_text(f"{len(_fire(firing))} alerts that fire now")
    page.get_by_label("Which alerts").fill(f'alertname=threshold, project="{alert["project"]}"')
    expect(meant).to_contain_text("1 alert that fires now")
    page.get_by_role("button", name="Silence", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("1 silence holds now.")
    page.goto(f"{firing.server.url}/alerts/?state=silenced")
    expect(page.locator("#alerts")).to_contain_text("Mira Lind silenced it until")


@pytest.mark.deep
def test_the_command_line_tells_the_same(firing: World) -> None:
    listed = firing.server.cli("alerts", "list", "--json")
    assert listed.returncode == 0, listed.stderr
    number = str(_fire(firing)[0]["id"])  # the newest of all may be a monitor's
    assert number in {str(one["id"]) for one in json.loads(listed.stdout)}
    told = firing.server.cli("alerts", "explain", number)
    assert told.returncode == 0, told.stderr
    assert "rule Many: " in told.stdout
    assert "Ops room is not told: It was told already" in told.stdout
    _, why = firing.server.api("GET", f"/alerts/{number}/why")
    assert why["sentence"] in told.stdout
    gone = firing.server.cli("alerts", "explain", "999999")
    assert (gone.returncode, "There is no alert 999999" in gone.stderr) == (1, True)
