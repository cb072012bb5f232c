"""Every page, light and dark, from 360 to 1920 px, empty and normal: no violation of the policy, none of axe, no overflow."""

import pytest
from playwright.sync_api import Browser
from tests.e2e import pages
from tests.e2e.conftest import Worlds
from tests.support.browser import SIZES, THEMES, Watched, context, watch
from tests.support.world import World

pytestmark = pytest.mark.browser
# Each page is loaded once by a finger, once by a mouse, and then only made wider. What pages look like in the other theme
# and wider, the mouse's walks, and those of what is empty, which is no wider than what is full, are among the slow proofs:
# the quick walk opens every fourth page on a phone, and has axe look at every fifth of these, in the themes by turns: axe is
# prepared anew on each page, which costs twenty times what the page does. Each page is also rendered for each role.
QUICK, AXED = 4, 5
FINGER, MOUSE = (360, 768, 1920), (1280, 1920)
WALKS = [
    pytest.param("normal", FINGER[:1], False, marks=pytest.mark.xdist_group("world-normal")),
    *(
        pytest.param(state, widths, True, marks=pytest.mark.deep)
        for state in ("normal", "empty")
        for widths in (FINGER, MOUSE)
    ),
]


def test_every_route_has_a_row_and_every_row_a_route() -> None:
    found = set(pages.routes())
    assert found - set(pages.ROWS) == set(), "name these pages in tests/e2e/pages.py"
    assert set(pages.ROWS) - found == set(), "these routes are gone"


def wrong(
    watched: Watched, url: str, widths: tuple[int, ...], *, anonymous: bool, themes: tuple[str, ...]
) -> list[str]:
    """Open a page and return everything that is wrong with it, in the themes, and at each width when they are all."""
    watched.forget()
    watched.page.set_viewport_size(SIZES[widths[0]])
    answer = watched.page.goto(url)
    assert answer is not None
    found = []
    if answer.status not in {200, 403, 404, 410} or (answer.status != 200 and not anonymous):
        found.append(f"answered {answer.status}")
    if not watched.page.locator("h1").count():
        found.append("no h1: a page opens with a sentence")
    for theme in themes:
        watched.page.emulate_media(color_scheme=theme)
        found += [f"{theme} axe: {line}" for line in watched.axe(looks_only=theme != themes[0])]
    found += [f"{widths[0]} px: {line}" for line in _overflow(watched)]
    for width in widths[1:]:
        watched.page.set_viewport_size(SIZES[width])
        looks = watched.axe(looks_only=True) if len(themes) > 1 else []
        found += [f"{width} px: {line}" for line in [*looks, *_overflow(watched)]]
    return [f"{url} {line}" for line in found + watched.problems()]


def _few(n: int) -> tuple[str, ...]:
    """Return the theme in which the quick walk has axe look at the page of a number; none at most pages."""
    return () if n % AXED else (THEMES[n // AXED % 2],)


def _walked(world: World, *, empty: bool = False) -> list[tuple[str, pages.Row]]:
    """Return the address and the row of each page that is walked."""
    words = world.words
    rows = [row for row in pages.ROWS.values() if not (row.aside or (empty and row.normal_only))]
    return [(world.server.url + row.path.format(**words), row) for row in rows]


def _overflow(watched: Watched) -> list[str]:
    over = watched.overflow()
    return [f"{over} px wider than the window"] if over > 0 else []


@pytest.mark.timeout(400)
@pytest.mark.parametrize(("state", "widths", "all_themes"), WALKS)
def test_walk(
    state: str, widths: tuple[int, ...], all_themes: bool, worlds: Worlds, browser: Browser
) -> None:
    world = worlds[state]
    inside, outside = watch(world.signed_in(browser, widths[0])), watch(context(browser, widths[0]))
    found: list[str] = []
    walked = _walked(world, empty=state == "empty")
    for n, (url, row) in enumerate(walked if all_themes else walked[::QUICK]):
        themes = THEMES if all_themes else _few(n)
        watched = outside if row.anonymous else inside
        found += wrong(watched, url, widths, anonymous=row.anonymous, themes=themes)
    inside.page.context.close()
    outside.page.context.close()
    assert found == []


@pytest.mark.deep
@pytest.mark.timeout(200)
def test_every_page_reads_without_script(worlds: Worlds, browser: Browser) -> None:
    world = worlds["normal"]
    profile = world.signed_in(browser, script=False)
    page = profile.new_page()
    found = []
    for url in [url for url, row in _walked(world) if not row.anonymous]:
        page.goto(url)
        if len(page.locator("main").inner_text()) < 20:
            found.append(f"{url} says nothing")
        dead = page.locator("main button[type=button]:not([popovertarget]):not([data-do]):visible").count()
        if dead:
            found.append(f"{url} has {dead} buttons that do nothing without script")
    profile.close()
    assert found == []
