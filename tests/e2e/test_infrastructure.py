"""A project at Hetzner in a browser: from a token that only reads to the picture, and what somebody changed by hand put back."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.e2e.conftest import Start
from tests.support.browser import watch
from tests.support.deploying import READS, WRITES, Place, place
from tests.support.watched_shop import SAID
from tests.support.world import World

from vedette.deploy.desired.reading import File, desired

pytestmark = [pytest.mark.browser, pytest.mark.deep, pytest.mark.timeout(300)]
SLOW = 60_000  # milliseconds within which the server reads a project, on a machine that others use


@pytest.fixture
def hetzner(tmp_path: Path) -> Iterator[Place]:
    """The shop, as its file says."""
    with place(tmp_path) as made:
        made.fake.pace = 0
        made.clock.forward(time.time() - made.clock.now())
        assert not made.apply(desired([File("infra/shop.toml", SAID)])).problems
        yield made


def open_port(hetzner: Place) -> None:
    wall = hetzner.thing("firewall", "web")
    ports = ("443", "22", "8080")
    rules = [
        {"direction": "in", "protocol": "tcp", "port": each, "source_ips": ["0.0.0.0/0"]} for each in ports
    ]
    hetzner.cloud().did("POST", f"/firewalls/{wall.id}/actions/set_rules", {"rules": rules})


def revert(page: Page, url: str) -> None:
    """Put back what drifted, from its page."""
    page.goto(f"{url}/infrastructure/drift/")
    page.get_by_role("button", name="Revert").or_(page.get_by_role("link", name="Revert…")).first.click()
    if page.url.rstrip("/").endswith("firewall/web") or "changes" in page.url:
        page.get_by_role("button", name="Revert").click()
    page.wait_for_url("**/infrastructure/runs/**")


def test_from_a_token_that_reads_to_the_picture_and_drift_is_put_back(
    start_vedette: Start, browser: Browser, hetzner: Place
) -> None:
    world = World(start_vedette()).add_owner()
    seen = watch(world.signed_in(browser))
    page, url = seen.page, world.server.url
    page.goto(url)
    page.keyboard.press("g")
    page.keyboard.press("c")
    page.wait_for_url("**/infrastructure/")
    page.get_by_role("link", name="Read a project").first.click()
    page.get_by_label("What it is called").fill("shop")
    page.get_by_label("API token").fill(READS)
    page.get_by_text("Another API than Hetzner's own").click()
    page.get_by_label("Address of the API").fill(hetzner.endpoint)
    page.get_by_role("button", name="Read it").click()
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_contain_text("shop has 2 servers", timeout=SLOW)
    page.get_by_role("button", name="Take this as what should be").click()
    expect(page.locator("svg.infra")).to_have_attribute(
        "aria-label", "2 servers in 1 network; the internet gets to 1 of what is drawn."
    )
    page.get_by_text("Show as table").click()
    expect(page.get_by_role("table", name="Who reaches whom")).to_contain_text("tcp/443")
    expect(page.get_by_text("internet cannot reach db:*")).to_be_visible()

    open_port(hetzner)
    time_left(page, url)
    revert(page, url)
    expect(heading).to_contain_text("failed", timeout=SLOW)
    expect(page.locator("#run")).to_contain_text("only")

    page.goto(f"{url}/infrastructure/1/token/")
    page.get_by_label("API token").fill(WRITES)
    page.get_by_role("button", name="Keep the token").click()
    page.wait_for_url("**/infrastructure/1/")
    revert(page, url)
    expect(heading).to_contain_text("Revert of shop: done.", timeout=SLOW)
    expect(page.locator("#run")).to_contain_text("firewall web")
    ports = {rule["port"] for rule in hetzner.thing("firewall", "web").fields["rules"]}  # type: ignore[union-attr, index]
    assert ports == {"443", "22"}
    page.goto(f"{url}/infrastructure/drift/")
    expect(heading).to_contain_text("Nothing drifted.")
    assert seen.problems() == []
    page.context.close()


def time_left(page: Page, url: str) -> None:
    """Have the project looked at until the drift is seen; two looks that people ask for are 15 s apart."""
    until = time.monotonic() + SLOW / 1000
    page.goto(f"{url}/infrastructure/1/")
    while time.monotonic() < until:
        page.get_by_role("button", name="Look now").click()
        page.wait_for_timeout(3_000)
        page.goto(f"{url}/infrastructure/drift/")
        if page.get_by_text("tcp/8080").count():
            return
        page.goto(f"{url}/infrastructure/1/")
    raise AssertionError("Nobody saw the drift.")
