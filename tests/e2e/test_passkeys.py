"""A passkey from beginning to end in Chromium, whose virtual authenticator stands in for a finger on a sensor."""

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.e2e.conftest import Worlds
from tests.support.browser import context, watch
from tests.support.world import PASSWORD, World

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("world-empty")]
EMAIL = "lena@tidemark.example"
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture(scope="module")
def world(worlds: Worlds) -> World:
    """Return the empty world with a member: an owner may not remove her last factor."""
    found = worlds["empty"]
    how = ("--role", "member", "--password-stdin")
    done = found.server.cli("users", "add", "Lena Falk", EMAIL, *how, stdin=PASSWORD + "\n")
    assert done.returncode == 0, done.stderr
    return found


def finger(page: Page) -> None:
    tools = page.context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    tools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})


def sign_in(page: Page, url: str) -> None:
    page.goto(f"{url}/sign-in/")
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def sign_out(page: Page, url: str) -> None:
    page.goto(f"{url}/settings/account/")
    page.locator("main").get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def add(page: Page, url: str) -> None:
    page.goto(f"{url}/settings/two-factor/")
    card = page.get_by_role("region", name="Passkeys")
    card.get_by_label("Current password").fill(PASSWORD)
    card.get_by_role("button", name="Add a passkey").click()
    page.get_by_label("Name").fill("laptop")
    page.get_by_role("button", name="Make the passkey").click()


def test_from_making_to_removing(world: World, browser: Browser) -> None:
    url = f"http://localhost:{world.server.port}"
    profile = context(browser)
    watched = watch(profile)
    page = watched.page
    finger(page)
    sign_in(page, url)
    expect(page.get_by_role("link", name="Overview").first).to_be_visible()

    add(page, url)
    expect(page.get_by_text("The passkey is added")).to_be_visible()
    expect(page.get_by_role("heading", name="Your new recovery codes")).to_be_visible()
    assert watched.axe() == []
    page.goto(f"{url}/settings/two-factor/")
    add(page, url)
    expect(page.get_by_text("This device holds a passkey of yours")).to_be_visible()
    assert watched.axe() == []

    sign_out(page, url)
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("link", name="Overview").first).to_be_visible()

    sign_out(page, url)
    sign_in(page, url)
    expect(page.get_by_role("heading", name="Use your passkey")).to_be_visible()
    assert watched.axe() == []
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("link", name="Overview").first).to_be_visible()

    page.goto(f"{url}/settings/two-factor/")
    page.get_by_role("link", name="Change the passkey laptop").click()
    assert watched.axe() == []
    page.get_by_label("Current password").fill(PASSWORD)
    page.get_by_role("button", name="Remove it").click()
    expect(page.get_by_text("The passkey is removed")).to_be_visible()

    sign_out(page, url)
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_text("not known here")).to_be_visible()
    assert watched.problems() == []
    profile.close()


def test_a_cancelled_passkey_says_so_and_the_password_still_signs_in(world: World, browser: Browser) -> None:
    url = f"http://localhost:{world.server.port}"
    profile = context(browser, 390)
    watched = watch(profile)
    finger(watched.page)
    watched.page.goto(f"{url}/sign-in/")
    watched.page.get_by_role("button", name="Sign in with a passkey").click()
    expect(watched.page.get_by_text("The browser made no use of a passkey")).to_be_visible()
    assert watched.axe() == []
    assert watched.overflow() == 0
    sign_in(watched.page, url)
    watched.page.wait_for_url(lambda to: "/sign-in/" not in to)
    profile.close()
