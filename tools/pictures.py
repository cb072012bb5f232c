"""Screenshots of every page: starts a Vedette with a day of events and pictures what `tests/e2e/pages.py` lists."""

import base64
import os
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("VEDETTE_DATA", tempfile.mkdtemp(prefix="vedette-pictures-"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vedette.app.django_settings")

from playwright.sync_api import Browser, Page
from tests.e2e.pages import ROWS, Row
from tests.support.browser import chromium, context
from tests.support.server import Vedette, free_port
from tests.support.world import World

FOLDER = Path(__file__).parents[1] / "docs/screenshots"
LOOKS = ((1440, "light"), (1440, "dark"), (390, "dark"))
TALLEST = 1800


def main(names: list[str]) -> None:
    """Picture the named pages, or all."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        server = Vedette(Path(folder) / "data", free_port()).start()
        try:
            world = World(server).add_owner().fill(hourly=60)
            with chromium() as browser:
                for width, theme in LOOKS:
                    _round(world, browser, names, width, theme)
        finally:
            server.stop()


def _round(world: World, browser: Browser, names: list[str], width: int, theme: str) -> None:
    words = world.words
    inside, outside = world.signed_in(browser, width, theme), context(browser, width, theme)
    pages = {False: inside.new_page(), True: outside.new_page()}
    for row in ROWS.values():
        if row.shot and (not names or row.shot in names):
            _picture(
                pages[row.anonymous], world.server.url, row, words, f"{row.shot}-full-{theme}-{width}.webp"
            )
    inside.close()
    outside.close()


def _picture(page: Page, base: str, row: Row, words: dict[str, str], name: str) -> None:
    page.goto(base + row.path.format(**words))
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
