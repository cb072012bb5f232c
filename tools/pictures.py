"""Screenshots of every page: starts a Vedette with a week of events and pictures what `tests/e2e/pages.py` lists.

What stands on no page of its own (the palette, ticked issues) is pictured after a few keys.
"""

import base64
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("VEDETTE_DATA", tempfile.mkdtemp(prefix="vedette-pictures-"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vedette.app.django_settings")

from playwright.sync_api import Browser, Page
from tests.e2e.pages import ROWS, Row
from tests.support.browser import chromium, context
from tests.support.ports import free_port
from tests.support.server import Vedette
from tests.support.world import World

FOLDER = Path(__file__).parents[1] / "docs/screenshots"
LOOKS = ((1440, "light"), (1440, "dark"), (390, "dark"))
TALLEST = 1800
OIDC = {
    "VEDETTE_OIDC_ISSUER": "https://id.tidemark.example", "VEDETTE_OIDC_CLIENT_ID": "vedette",
    "VEDETTE_OIDC_CLIENT_SECRET": "pictured", "VEDETTE_OIDC_NAME": "Tidemark ID",
}  # fmt: skip
MANY = 60  # more issues than one page of the list has


def _open_palette(page: Page) -> None:
    page.keyboard.press("Control+k")
    page.keyboard.type("error")
    page.locator("#pal-found [role=option]").first.wait_for()


def _tick_all(page: Page) -> None:
    every = page.get_by_label("Select all on this page")
    narrow = (page.viewport_size or {"width": 0})["width"] < 500  # where the head of the list is not shown
    (page.locator("input[name=ids]").first if narrow else every).check()


# What is done before a picture: its name, where, and how.
ACTS: tuple[tuple[str, str, Callable[[Page], None]], ...] = (
    ("palette", "/", _open_palette),
    ("ticked", "/issues/?q=is:open&sort=first_seen", _tick_all),
    ("status-visitor", "/s/tidemark/", lambda _: None),  # answered before Django
)


def main(names: list[str]) -> None:
    """Picture the named pages, or all."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        server = Vedette(Path(folder) / "data", free_port(), OIDC).start()
        try:
            world = World(server).add_owner().fill(hourly=60)
            with chromium() as browser:
                _prepare(world, browser)
                for width, theme in LOOKS:
                    _round(world, browser, names, width, theme)
        finally:
            server.stop()


def _prepare(world: World, browser: Browser) -> None:
    """Save a search, merge two issues, and let small things go wrong, so that every page has something to show."""
    for n in range(MANY):
        name = f"Rare{chr(65 + n // 26)}{chr(65 + n % 26)}Warning"
        exception = {"values": [{"type": name, "value": "seen once"}]}
        world.server.send({"level": "warning", "exception": exception}, world.projects["stock"])
    world.server.wait(lambda: len(world.server.api("GET", "/issues?q=Rare&n=100")[1]["items"]) == MANY)
    into = world.issue("IntegrityError")
    others = [
        one["id"]
        for one in world.server.api("GET", "/issues?project=checkout")[1]["items"]
        if one["id"] != into
    ]
    world.server.api("POST", "/issues/merge", {"ids": others[-1:], "into": into})
    where = world.signed_in(browser)
    page = where.new_page()
    page.goto(f"{world.server.url}/issues/?q=is:open level:error !environment:staging")
    page.get_by_role("button", name="Save this search").click()
    page.get_by_label("Name").fill("Hits people")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("link", name="Hits people").wait_for()
    where.close()


def _round(world: World, browser: Browser, names: list[str], width: int, theme: str) -> None:
    words = world.words
    inside, outside = world.signed_in(browser, width, theme), context(browser, width, theme)
    pages = {False: inside.new_page(), True: outside.new_page()}
    for (
        page
    ) in pages.values():  # a page does not wait for its fonts: the first one would be pictured without them
        page.goto(world.server.url)
        page.evaluate("() => document.fonts.ready.then(() => null)")
    for row in ROWS.values():
        if row.shot and (not names or row.shot in names):
            _picture(
                pages[row.anonymous], world.server.url, row, words, f"{row.shot}-full-{theme}-{width}.webp"
            )
    for name, path, act in ACTS:
        if not names or name in names:
            file = f"{name}-full-{theme}-{width}.webp"
            _picture(pages[False], world.server.url, Row(path=path), words, file, act)
    inside.close()
    outside.close()


def _picture(  # noqa: PLR0917 - a page, where it is, and what becomes of it
    page: Page,
    base: str,
    row: Row,
    words: dict[str, str],
    name: str,
    act: Callable[[Page], None] = lambda _: None,
) -> None:
    page.goto(base + row.path.format(**words))
    act(page)
    page.evaluate("() => document.fonts.ready.then(() => null)")
    page.wait_for_timeout(300)
    tall: int = page.evaluate("() => document.documentElement.scrollHeight")
    size = page.viewport_size or {"width": 1440, "height": 900}
    clip = {"x": 0, "y": 0, "width": size["width"], "height": min(max(tall, size["height"]), TALLEST)}
    page.set_viewport_size({"width": size["width"], "height": int(clip["height"])})
    shot = page.context.new_cdp_session(page).send(
        "Page.captureScreenshot", {"format": "webp", "quality": 85}
    )
    (FOLDER / name).write_bytes(base64.b64decode(shot["data"]))
    page.set_viewport_size(size)
    print(name)


if __name__ == "__main__":
    main(sys.argv[1:])
