"""A whole triage with the keyboard alone: nothing here moves or presses a pointer."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.e2e.test_issues import an_error, listed
from tests.support.browser import watch
from tests.support.world import World

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("keyboard")]


@pytest.fixture(scope="module")
def world(start_vedette) -> World:
    return World(start_vedette()).add_owner()


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def tab_to(page: Page, name: str) -> None:
    """Press Tab until a control of this name has the focus."""
    for _ in range(60):
        press(page, "Tab")
        if page.evaluate("() => document.activeElement?.textContent ?? ''").strip().startswith(name):
            return
    raise AssertionError(f"Tab never reached {name}")


def test_a_whole_triage_by_keyboard(world: World, browser: Browser) -> None:
    for kind in ("AlphaError", "BetaError", "GammaError", "GammaError"):
        world.server.send(an_error(kind, f"{kind} in the basket"))
    world.server.wait(lambda: len(listed(world.server, "basket")) == 3)
    where = world.signed_in(browser)
    seen = watch(where)
    page = seen.page
    page.goto(world.server.url)

    # go to the issues, filter
    press(page, "g", "i")
    page.wait_for_url("**/issues/")
    press(page, "/")
    expect(page.get_by_role("combobox")).to_be_focused()
    page.keyboard.type("AlphaError")
    press(page, "Enter")
    page.wait_for_url("**/issues/?q=AlphaError")
    expect(page.locator(".rowlink")).to_have_count(1)
    press(page, "g", "i")
    page.wait_for_url("**/issues/")

    # select two, mute them
    press(page, "j", "x", "j", "x")
    expect(page.locator("input[name=ids]:checked")).to_have_count(2)
    press(page, "m")
    expect(page.locator(".note-bar")).to_contain_text("2 issues muted")
    expect(page.locator(".rowlink")).to_have_count(1)
    press(page, "z")
    expect(page.locator(".note-bar")).to_contain_text("2 issues as before")
    expect(page.locator(".rowlink")).to_have_count(3)

    # find one by the palette and open it
    press(page, "Control+k")
    page.keyboard.type("gammae")
    hit = page.locator("#pal-found [role=option]")
    expect(hit).to_have_count(1)
    assert seen.axe() == []
    press(page, "ArrowDown")
    expect(hit).to_have_attribute("aria-selected", "true")
    press(page, "Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("GammaError")

    # step through its events
    tab_to(page, "First")
    press(page, "Enter")
    page.wait_for_url(re.compile(r"event=oldest"))
    press(page, "ArrowRight")
    page.wait_for_url(re.compile(r"/events/[0-9a-f]{8}/$"))
    newest = page.url
    press(page, "ArrowLeft")
    page.wait_for_url(lambda url: "/events/" in url and url != newest)
    key = page.url.split("/")[4]
    tab_to(page, key)
    press(page, "Enter")
    page.wait_for_url(f"**/issues/{key}/")

    # comment, assign, resolve, take it back
    press(page, "c")
    page.keyboard.type("I take it.")
    press(page, "Enter")
    expect(page.locator("#tl .note")).to_have_text("I take it.")
    tab_to(page, "Comment")
    press(page, "a")
    expect(page.locator("#who button").first).to_be_focused()
    press(page, "Enter")
    expect(page.locator(".note-bar")).to_contain_text("assigned")
    press(page, "e")
    expect(page.locator("#hero .st")).to_have_text("Resolved")
    press(page, "z")
    expect(page.locator("#hero .st")).to_have_text("Open")
    assert seen.problems() == []
    where.close()
