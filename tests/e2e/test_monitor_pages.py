"""Monitors in a browser: from the list to one by keyboard, and a test whose steps come while it runs."""

import re

import pytest
from playwright.sync_api import Browser, expect
from tests.e2e.conftest import Worlds
from tests.support.browser import watch

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("world-normal")]


@pytest.mark.deep
def test_a_monitor_is_found_by_keys_and_tried(worlds: Worlds, browser: Browser) -> None:
    world = worlds["normal"]
    seen = watch(world.signed_in(browser))
    page = seen.page
    page.goto(world.server.url)
    page.keyboard.press("g")
    page.keyboard.press("m")
    page.wait_for_url("**/monitors/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("are down")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/monitors/checkout/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Checkout is down, for")

    page.goto(f"{world.server.url}/monitors/new/?kind=http&name=Itself&url={world.server.url}/-/ready")
    page.get_by_label("Expects").fill("[BODY].ready == true")
    page.get_by_role("button", name="Test it first").click()
    test = page.locator("section.trial")
    expect(test).to_contain_text("Works")
    expect(test).to_be_in_viewport()
    expect(test).to_contain_text(re.compile(r"First byte\s*[\d.]+"))
    assert page.get_by_label("Name", exact=True).input_value() == "Itself"
    page.get_by_role("button", name="Add", exact=True).click()
    page.wait_for_url("**/monitors/itself/")
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Itself is paused")
    assert seen.problems() == []
    page.context.close()
