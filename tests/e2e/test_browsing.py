"""What the script adds to pages that already work: theme, palette, keys, copying, live regions."""

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.e2e.conftest import Worlds
from tests.support import shop
from tests.support.browser import watch
from tests.support.world import World

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120), pytest.mark.xdist_group("world-normal")]


@pytest.fixture
def world(worlds: Worlds) -> World:
    return worlds["normal"]


@pytest.fixture
def page(world: World, browser: Browser):
    profile = world.signed_in(browser)
    watched = watch(profile)
    watched.page.goto(world.server.url + "/settings/")
    yield watched.page
    assert watched.problems() == []
    profile.close()


def theme_of(page: Page) -> str | None:
    return page.locator("html").get_attribute("data-theme")


def test_theme_is_switched_at_once_and_kept(page: Page) -> None:
    assert theme_of(page) is None
    page.get_by_role("button", name="Switch between light and dark").click()
    assert theme_of(page) == "dark"
    page.reload()
    assert theme_of(page) == "dark", "the server reads the cookie, so nothing flashes"
    page.keyboard.press("t")
    assert theme_of(page) == "light"


def test_theme_without_script(world: World, browser: Browser) -> None:
    profile = world.signed_in(browser, script=False)
    page = profile.new_page()
    page.goto(world.server.url + "/settings/about/")
    page.get_by_role("button", name="Switch between light and dark").click()
    assert (theme_of(page), page.url) == ("dark", world.server.url + "/settings/about/")
    page.get_by_role("button", name="Switch between light and dark").click()
    assert theme_of(page) == "light"
    profile.close()


def test_palette_goes_to_a_page(page: Page) -> None:
    page.keyboard.press("Control+k")
    box = page.get_by_role("combobox")
    expect(box).to_be_focused()
    box.fill("audit")
    expect(page.get_by_role("option", selected=True)).to_contain_text("Audit log")
    page.keyboard.press("Enter")
    page.wait_for_url("**/settings/audit-log/")


def test_palette_searches_issues_and_opens_short_ids(page: Page, world: World) -> None:
    page.keyboard.press("/")
    page.get_by_role("combobox").fill("deadlock detected")
    page.keyboard.press("Enter")
    page.wait_for_url("**/issues/?q=deadlock%20detected")
    key = world.issue("IntegrityError")
    page.keyboard.press("Control+k")
    page.get_by_role("combobox").fill(key.lower())
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/issues/{key}/")


def test_palette_is_closed_by_escape_and_holds_no_findings_of_axe(world: World, browser: Browser) -> None:
    profile = world.signed_in(browser)
    watched = watch(profile)
    watched.page.goto(world.server.url + "/settings/")
    watched.page.wait_for_load_state("load")
    watched.page.keyboard.press("Control+k")
    expect(watched.page.locator("#pal")).to_be_visible()
    assert watched.axe() == []
    watched.page.keyboard.press("Escape")
    expect(watched.page.locator("#pal")).not_to_be_visible()
    expect(watched.page.locator("dialog[open]")).to_have_count(0)
    watched.page.keyboard.press("?")
    expect(watched.page.get_by_role("heading", name="Keyboard")).to_be_visible()
    assert watched.axe() == []
    profile.close()


#: Close the palette and press `?` before the browser draws a frame, as somebody quick (or a busy machine) does.
QUICK = """() => {
  document.querySelector("#pal").close();
  const key = new KeyboardEvent("keydown", { key: "?", bubbles: true, cancelable: true });
  document.querySelector("#pal input").dispatchEvent(key);
}"""


def test_key_right_after_the_palette_closed_is_a_command(world: World, browser: Browser) -> None:
    profile = world.signed_in(browser)
    page = watch(profile).page
    page.goto(world.server.url + "/settings/")
    page.keyboard.press("Control+k")
    expect(page.locator("#pal")).to_be_visible()
    page.evaluate(QUICK)
    expect(page.get_by_role("heading", name="Keyboard")).to_be_visible()
    profile.close()


def test_chords_go_and_rows_move(page: Page) -> None:
    page.keyboard.press("g")
    page.keyboard.press("i")
    page.wait_for_url("**/issues/")
    page.keyboard.press("j")
    page.keyboard.press("j")
    second = page.locator(".rowlink").nth(1)
    expect(second).to_be_focused()
    page.keyboard.press("k")
    expect(page.locator(".rowlink").nth(0)).to_be_focused()


def test_keys_do_nothing_while_somebody_types_or_has_switched_them_off(page: Page) -> None:
    page.keyboard.press("?")
    page.get_by_label("Single-key shortcuts in this browser").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("t")
    assert theme_of(page) is None
    page.keyboard.press("Control+k")
    expect(page.get_by_role("combobox")).to_be_focused()


def test_a_chart_tells_its_values_by_arrow_keys(page: Page, world: World) -> None:
    page.goto(world.server.url + "/")
    plot = page.locator(".plot").first
    plot.focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".tip")).to_contain_text("per min")
    page.keyboard.press("Escape")
    expect(page.locator(".tip")).not_to_be_visible()


def test_an_event_shows_on_an_open_page(page: Page, world: World) -> None:
    page.goto(world.server.url + "/issues/")
    expect(page.locator("#live")).to_have_text("Live")
    import time

    now = time.time()
    found = shop.python(
        "LiveError", "this came while the page was open", "shop/live.py:7:now", "    raise LiveError()"
    )(1, now)
    world.server.send(found, world.projects["shop"])
    expect(page.get_by_text("LiveError").first).to_be_visible(timeout=5000)


def test_the_dot_says_when_live_pauses(world: World, browser: Browser) -> None:
    profile = world.signed_in(browser)
    page = profile.new_page()
    page.goto(world.server.url + "/issues/")
    expect(page.locator("#live")).to_have_text("Live")
    profile.set_offline(True)
    page.evaluate("() => window.dispatchEvent(new Event('offline'))")
    expect(page.locator("#live")).to_contain_text("Live paused", timeout=60_000)
    profile.close()
