"""What a rule would have sent, in a browser: without a script, and without a finding of axe on phone and desktop."""

import pytest
from playwright.sync_api import Browser, expect
from tests.e2e.conftest import Worlds
from tests.support.browser import SIZES, watch
from tests.support.world import World

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120), pytest.mark.xdist_group("world-normal")]


@pytest.fixture
def world(worlds: Worlds) -> World:
    return worlds["normal"]


@pytest.mark.parametrize("script", [False, True], ids=["plain", "script"])
def test_a_rule_is_tried_before_it_is_saved(world: World, browser: Browser, script: bool) -> None:
    profile = world.signed_in(browser, script=script)
    watched = watch(profile)
    page = watched.page
    page.goto(world.server.url + "/settings/rules/new/")
    page.get_by_label("Name").fill("Only tried")
    page.get_by_role("button", name="What would it have sent?").click()
    preview = page.locator("#preview")
    expect(preview.get_by_role("status")).to_contain_text("It would have sent")
    expect(preview.locator(".plot")).to_be_visible()
    expect(page.get_by_label("Name")).to_have_value("Only tried")
    if script:
        for width in (360, 1280):
            page.set_viewport_size(SIZES[width])
            assert watched.axe() == []
            assert watched.overflow() <= 0
    page.goto(world.server.url + "/settings/rules/")
    expect(page.get_by_text("Only tried")).to_have_count(0)
    assert watched.problems() == []
    profile.close()


def test_numbers_of_single_kinds_open_with_the_keyboard(world: World, browser: Browser) -> None:
    profile = world.signed_in(browser)
    watched = watch(profile)
    page = watched.page
    page.goto(world.server.url + "/settings/rules/new/")
    page.get_by_text("Numbers of single kinds").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Objective, in percent")).to_be_visible()
    page.set_viewport_size(SIZES[360])
    assert watched.axe() == []
    assert watched.overflow() <= 0
    profile.close()
