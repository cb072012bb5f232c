"""The whole way in a browser: the printed link, the owner, TOTP, a project, the first event, who hears of it."""

import base64
import hmac
import re
import struct
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.support.browser import context, watch
from tests.support.receiver import Receiver
from tests.support.server import Vedette

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("setup")]
PASSWORD = "a-long-walk-to-the-lighthouse"
LINK = re.compile(r"http://\S+/setup/[\w-]+/")


def code_of(secret: str, at: float) -> str:
    """Return the six digits an authenticator shows at an instant (RFC 6238: SHA-1, 30 s)."""
    seed = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.digest(seed, struct.pack(">Q", int(at // 30)), "sha1")
    start = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[start : start + 4])[0] & 0x7FFFFFFF) % 1_000_000:06d}"


@pytest.fixture
def fresh(start_vedette) -> Vedette:
    return start_vedette()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


def link_of(server: Vedette) -> str:
    """Return the path of the one link the server printed."""
    found = set(LINK.findall(server.output))
    assert len(found) == 1, server.output
    return urlsplit(found.pop()).path


def become_owner(page: Page, server: Vedette) -> None:
    page.goto(server.url + link_of(server))
    page.get_by_label("Your name").fill("Mira Lind")
    page.get_by_label("E-mail").fill("mira@tidemark.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create the account").click()


def enrol(page: Page) -> None:
    expect(page.get_by_role("heading", name="Add a second factor")).to_be_visible()
    drawn = page.get_by_role("img", name=re.compile("QR code"))
    page.wait_for_load_state("load")
    assert drawn.evaluate("image => image.complete && image.naturalWidth > 50")
    secret = page.locator(".cmd code").inner_text()
    page.get_by_label("Code of your authenticator").fill(code_of(secret, time.time()))
    page.get_by_role("button", name="Turn it on").click()
    expect(page.locator(".codes li")).to_have_count(10)
    page.get_by_role("link", name="I have kept them").click()


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(True, id="with script"),
        pytest.param(False, id="without script", marks=pytest.mark.deep),
    ],
)
def test_from_the_link_to_the_first_notice(
    fresh: Vedette, browser: Browser, receiver: Receiver, script: bool
) -> None:
    where = context(browser, 390, script=script)
    seen = watch(where)
    page = seen.page
    become_owner(page, fresh)
    enrol(page)

    expect(page.get_by_role("heading", name="What do you run?")).to_be_visible()
    page.get_by_label("Name").fill("Web shop")
    page.get_by_label("Django").check()
    page.get_by_role("button", name="Create the project").click()

    expect(page.get_by_role("heading", name="Waiting for the first event")).to_be_visible()
    assert "sentry_sdk.init(dsn=" in page.locator(".snips").inner_text()
    page.get_by_role("button", name="Send a test error").click()
    # With script the page turns green by itself; without, it loads itself anew every 5 s.
    expect(page.get_by_role("heading", name="The first event arrived")).to_be_visible(timeout=15_000)

    page.get_by_role("link", name="See the issue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("TestError")
    expect(page.locator("main")).to_contain_text("First light, Mira Lind")
    expect(page.locator(".frame[open]")).to_contain_text("greet")

    page.goto(f"{fresh.url}/setup/notify/?project=web-shop")
    hook = page.get_by_role("form", name="Webhook")
    hook.get_by_label("URL").fill(receiver.url)
    hook.get_by_role("button", name="Add Webhook").click()
    page.get_by_role("button", name="Send a test").click()
    expect(page.get_by_text("The test was accepted")).to_be_visible()
    assert len(receiver.told) == 1
    page.get_by_role("link", name="Go to the Overview").click()
    expect(page).to_have_url(f"{fresh.url}/")
    if script:
        assert seen.problems() == []
    where.close()


def is_no_way_in(link: str, browser: Browser) -> None:
    """Open the link once more, as somebody else."""
    stranger = context(browser).new_page()
    answer = stranger.goto(link)
    assert answer is not None
    assert answer.status == 410
    expect(stranger.get_by_role("heading", name="Vedette is set up already")).to_be_visible()
    expect(stranger.get_by_role("link", name="Sign in")).to_be_visible()


def test_the_link_works_once_and_a_real_event_turns_the_page_green(fresh: Vedette, browser: Browser) -> None:
    link = fresh.url + link_of(fresh)
    where = context(browser)
    page = where.new_page()
    become_owner(page, fresh)
    is_no_way_in(link, browser)
    page.goto(f"{fresh.url}/setup/project/")
    page.get_by_label("Name").fill("shop")
    page.get_by_role("radio", name="Python").check()
    page.get_by_role("button", name="Create the project").click()
    dsn = page.get_by_role("region", name="DSN").locator("code").inner_text()
    key, project = re.findall(r"//(\w+)@.*/(\d+)", dsn)[0]
    headers = {"X-Sentry-Auth": f"Sentry sentry_key={key}, sentry_version=7"}
    fresh.request("POST", f"/api/{project}/store/", b'{"message": "hello from outside"}', headers)
    expect(page.get_by_role("heading", name="The first event arrived")).to_be_visible(timeout=5_000)
    expect(page.locator("#first")).to_contain_text("hello from outside")
