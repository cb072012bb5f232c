"""Issues in a browser: they appear by themselves, keys work, every act can be taken back, and none of it needs script."""

import json
import re
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.support.browser import watch
from tests.support.server import Vedette
from tests.support.world import World

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("issues")]


def an_error(kind: str, text: str = "no such order") -> dict[str, object]:
    frame = {
        "function": "view",
        "filename": "shop/views.py",
        "module": "shop.views",
        "lineno": 61,
        "in_app": True,
        "context_line": "order = find(key)",
    }
    return {
        "platform": "python",
        "level": "error",
        "exception": {"values": [{"type": kind, "value": text, "stacktrace": {"frames": [frame]}}]},
    }


@pytest.fixture(scope="module")
def world(start_vedette) -> World:
    return World(start_vedette()).add_owner()


@pytest.fixture
def page(world: World, browser: Browser) -> Page:
    where = world.signed_in(browser)
    seen = watch(where)
    yield seen.page
    assert seen.problems() == []
    where.close()


def issue_of(server: Vedette, kind: str) -> str:
    """Let an error of this kind happen and return its issue's path."""
    server.send(an_error(kind))
    found = server.wait(lambda: listed(server, kind))
    return f"{server.url}/issues/{found[0]['short_id']}/"


def listed(server: Vedette, words: str) -> list[dict[str, Any]]:
    """Return the issues a search finds, as the list's own JSON tells them."""
    headers = {"Authorization": f"Bearer {server.token}"}
    status, _, body = server.request("GET", "/issues.json?" + urlencode({"q": words}), headers=headers)
    assert status == 200, body
    return list(json.loads(body)["issues"])


def test_a_new_issue_shows_by_itself(world: World, page: Page) -> None:
    issue_of(world.server, "FirstError")
    page.goto(f"{world.server.url}/issues/")
    expect(page.get_by_role("link", name="FirstError")).to_be_visible()
    world.server.send(an_error("SecondError"))
    expect(page.get_by_role("link", name="SecondError")).to_be_visible(timeout=5_000)


def test_counts_of_an_open_page_grow_by_themselves(world: World, page: Page) -> None:
    page.goto(issue_of(world.server, "GrowingError"))
    events = page.locator("#reach a.stat .v")
    expect(events).to_have_text("1")
    world.server.send(an_error("GrowingError"))
    expect(events).to_have_text("2", timeout=5_000)


def test_e_resolves_and_undo_takes_it_back(world: World, page: Page) -> None:
    page.goto(issue_of(world.server, "ResolvedError"))
    page.keyboard.press("e")
    expect(page.locator("#hero .st")).to_have_text("Resolved")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#hero .st")).to_have_text("Open")


def test_m_opens_the_ways_to_mute(world: World, page: Page) -> None:
    page.goto(issue_of(world.server, "MutedError"))
    page.keyboard.press("m")
    page.get_by_role("button", name="1 hour has passed").click()
    expect(page.locator("#hero .st")).to_contain_text("Muted until")


def test_it_is_resolved_in_the_next_release_and_similar_ones_are_unfolded(world: World, page: Page) -> None:
    issue_of(world.server, "CousinError")
    page.goto(issue_of(world.server, "WaitingError"))
    page.get_by_role("button", name="Resolve in…").click()
    page.get_by_role("button", name="the next release").click()
    expect(page.locator("#hero .st")).to_contain_text("Resolved in the")
    page.locator("#similar summary").click()
    expect(page.locator("#similar")).to_contain_text("frame shared")


def test_c_writes_a_comment_in_place(world: World, page: Page) -> None:
    page.goto(issue_of(world.server, "CommentedError"))
    page.keyboard.press("c")
    page.keyboard.type("I look at it.")
    page.keyboard.press("Enter")
    expect(page.locator("#tl .note")).to_have_text("I look at it.")
    expect(page.get_by_label("Comment", exact=True).first).to_have_value("")


def test_rows_are_walked_and_selected_by_key_and_held_meanwhile(world: World, page: Page) -> None:
    issue_of(world.server, "WalkedError")
    page.goto(f"{world.server.url}/issues/?q=WalkedError")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator(".bulk")).to_be_visible()
    world.server.send(an_error("WalkedError"))
    world.server.wait(lambda: [i for i in listed(world.server, "WalkedError") if i["events"] == 2])
    expect(page.locator("input[name=ids]:checked")).to_have_count(1)
    page.keyboard.press("e")
    expect(page.get_by_text("No issue matches this search.").or_(page.locator(".st.ok"))).to_be_visible()


def test_it_all_works_without_script(world: World, browser: Browser) -> None:
    path = issue_of(world.server, "PlainError")
    page = world.signed_in(browser, script=False).new_page()
    page.goto(f"{world.server.url}/issues/?q=PlainError")
    page.locator("input[name=ids]").check()
    page.get_by_role("button", name="Mute for a day").click()
    page.goto(path)
    expect(page.locator("#hero .st")).to_contain_text("Muted until")
    page.get_by_role("button", name="Reopen").click()
    expect(page.locator("#hero .st")).to_have_text("Open")
    page.get_by_label("Comment", exact=True).fill("By hand.")
    page.get_by_role("button", name="Comment", exact=True).click()
    expect(page.locator("#tl .note")).to_have_text("By hand.")
    expect(page.locator(".src li.hit")).to_contain_text("order = find(key)")


def test_a_wrong_search_is_shown_where_it_is_wrong(world: World, page: Page) -> None:
    page.goto(f"{world.server.url}/issues/?q=is:opne")
    expect(page.locator("mark")).to_have_text("opne")
    expect(page.get_by_role("alert")).to_contain_text("Did you mean is:open?")


def test_the_markdown_is_copied(world: World, page: Page) -> None:
    page.goto(issue_of(world.server, "CopiedError"))
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("link", name="Copy as Markdown").click()
    expect(page.locator("#toast")).to_have_text("Copied")
    assert re.match(r"## \[[A-Z0-9-]+\]\(http", page.evaluate("navigator.clipboard.readText()"))


def test_a_whole_search_is_acted_on_and_taken_back_with_and_without_script(
    world: World, page: Page, browser: Browser
) -> None:
    server, n = world.server, 51
    for number in range(n):
        server.send(an_error(f"Swept{chr(97 + number // 26)}{chr(97 + number % 26)}"))
    server.wait(lambda: server.api("GET", "/issues?q=Swept&n=100")[1]["items"][n - 1 :])
    page.goto(f"{server.url}/issues/?q=Swept")
    expect(page.locator(".whole")).to_be_hidden()
    page.get_by_label("Select all on this page").check()
    expect(page.locator(".whole")).to_have_text(
        f"All 50 on this page are selected. Select all {n} that match this search"
    )
    plain = world.signed_in(browser, script=False).new_page()
    plain.goto(f"{server.url}/issues/?q=Swept")
    expect(plain.get_by_text("All 50 on this page")).to_be_hidden()
    plain.get_by_role("link", name=f"Select all {n} that match").click()
    expect(plain.locator("h1")).to_have_text(f"{n} issues match this search.")
    plain.get_by_role("button", name=f"Resolve {n} issues").click()
    expect(plain.get_by_text(f"Resolve {n} issues: begun.")).to_be_visible()
    page.goto(f"{server.url}/issues/?q=Swept")
    expect(page.get_by_text(f"Resolve {n} issues: done.")).to_be_visible(timeout=15_000)
    assert len(server.api("GET", "/issues?q=is:resolved Swept&n=100".replace(" ", "%20"))[1]["items"]) == n
    plain.reload()
    plain.get_by_role("button", name="Undo").click()
    server.wait(lambda: server.api("GET", "/issues?q=is:open%20Swept&n=100")[1]["items"][n - 1 :])
    plain.context.close()
