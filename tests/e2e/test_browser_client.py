"""Our browser client in headless Chromium against a real server: the shop of `browser/examples`, and a page without a build."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page
from tests.support import shop_site
from tests.support.browser import Watched, context, watch
from tests.support.server import Project, Vedette

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-client")]

# Headless pages never are in the background.
HIDE = """() => {
  Object.defineProperties(document, { visibilityState: { value: "hidden" }, hidden: { value: true } });
  document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
}"""


def address_of(server: Vedette) -> str:
    """Return where a DSN of the server points."""
    return f"http://localhost:{server.port}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, vedette_server: Vedette) -> Path:
    made = tmp_path_factory.mktemp("shop")
    shop_site.bundle(made)
    shop_site.lay_out(made, address_of(vedette_server))
    return made


@pytest.fixture(scope="module")
def shop(folder: Path) -> Iterator[str]:
    """Serve the shop; yield its address."""
    with shop_site.served(folder) as address:
        yield address


class Visit:
    """A page that reports to a project of its own."""

    def __init__(self, server: Vedette, browser: Browser, name: str) -> None:
        self.server, self.project = server, server.add_project(name, "react")
        self.context = context(browser)
        self.watched: Watched = watch(self.context)
        self.page: Page = self.watched.page

    def shop(self, address: str) -> "Visit":
        self.page.goto(f"{address}/?dsn={quote(self.project.dsn)}")
        return self

    def press(self, *buttons: str) -> "Visit":
        for button in buttons:
            self.page.click(f"#{button}")
        return self

    def issues(self) -> list[dict[str, Any]]:
        return self.server.issues(project=self.project.slug)

    def events(self, count: int) -> list[dict[str, Any]]:
        """Return the newest event of each issue as it was sent, the first issue first, once there are so many."""
        self.server.wait(lambda: len(self.issues()) >= count)
        return sorted((newest(self.server, issue["id"]) for issue in self.issues()), key=lambda event: event["timestamp"])

    def not_kept(self) -> dict[str, int]:
        counted = self.server.api("GET", f"/projects/{self.project.slug}/usage")[1]
        return {line["item_type"]: line["count"] for line in counted if line["outcome"] == "not_kept"}


def newest(server: Vedette, issue: str) -> dict[str, Any]:
    page = server.api("GET", f"/issues/{issue}/events")[1]
    status, event = server.api("GET", f"/events/{page['items'][0]['id']}/json")
    assert status == 200, event
    return dict(event)


def outer(event: dict[str, Any]) -> tuple[str, str]:
    found = event["exception"]["values"][-1]
    return found["type"], found["value"]


def test_the_shop_tells_what_fails(vedette_server: Vedette, browser: Browser, shop: str) -> None:
    visit = Visit(vedette_server, browser, "Shop in React").shop(shop)
    page = visit.page
    visit.press("boundary", "reject", "console", "failed")
    caught, rejected, said, failed = visit.events(4)

    assert outer(caught) == ("TypeError", "Cannot read properties of undefined (reading 'map')")
    assert caught["exception"]["values"][0]["stacktrace"]["frames"][-1]["function"] == "Basket"
    assert "at Basket" in caught["contexts"]["react"]["componentStack"]
    assert (caught["release"], caught["environment"], caught["user"]["id"], caught["tags"]) == (
        "shop@9.1.0", "production", "42", {"shop": "north"},
    )  # fmt: skip
    assert outer(rejected) == ("Error", "the payment was refused")
    assert rejected["exception"]["values"][0]["mechanism"] == {"type": "unhandledrejection", "handled": False}
    assert (outer(said), said["logger"]) == (("Error", "stock of tea is out {name}"), "console")
    assert outer(failed) == ("RequestError", f"GET {shop}/api/orders/17?…: HTTP 503")
    assert "4111" not in str(failed)
    assert [(crumb["category"], crumb.get("message")) for crumb in failed["breadcrumbs"]["values"] if crumb["category"] != "longtask"] == [
        ("ui.click", "button#boundary"), ("console", "TypeError: Cannot read properties of undefined (reading 'map')"),
        ("ui.click", "button#reject.act"), ("ui.click", "button#console.act"), ("console", "stock of tea is out {name}"),
        ("ui.click", "button#failed.act"), ("http", None),
    ]  # fmt: skip

    assert page.inner_text("#event") == caught["event_id"]
    visit.press("tell")
    page.fill("vedette-feedback textarea", "I opened the basket.")
    page.fill("vedette-feedback [name=email]", "ann@shop.example")
    page.click("vedette-feedback [type=submit]")
    (feedback,) = vedette_server.wait(lambda: vedette_server.api("GET", f"/events/{caught['event_id']}/feedback")[1])
    assert (feedback["comments"], feedback["email"]) == ("I opened the basket.", "ann@shop.example")
    page.click("vedette-feedback button")
    visit.press("fill")  # a reset key
    assert page.inner_text("main ul") == "tea"
    assert not [problem for problem in visit.watched.problems() if problem.startswith("policy")]
    visit.context.close()


def test_the_script_of_a_key_reports_without_a_build(vedette_server: Vedette, browser: Browser, folder: Path, shop: str) -> None:
    visit = Visit(vedette_server, browser, "Without a build")
    shop_site.lay_out(folder, address_of(vedette_server), visit.project.key)
    with visit.page.expect_response(lambda answer: answer.url.endswith(".vitals.js")) as vitals:
        visit.page.goto(f"{shop}/plain.html")
    visit.press("throw")
    (event,) = visit.events(1)
    assert (outer(event), event["release"], event["environment"]) == (("Error", "nobody built this"), "plain@1", "test")
    assert vitals.value.ok
    with visit.page.expect_request(lambda request: "/envelope/" in request.url) as sent:
        visit.page.evaluate(HIDE)
    measured = json.loads(sent.value.post_data.splitlines()[2])["measurements"]
    assert {"fcp", "lcp", "cls", "ttfb", "inp"} >= set(measured) - {"long_tasks", "blocking_time"} >= {"fcp", "lcp", "cls", "ttfb"}
    assert 0 < measured["ttfb"]["value"] <= measured["fcp"]["value"] <= measured["lcp"]["value"] < 60_000
    key = vedette_server.api("GET", f"/projects/{visit.project.slug}/keys")[1][0]
    change = {"label": key["label"], "origins": ["https://elsewhere.example"]}
    assert vedette_server.api("PUT", f"/projects/{visit.project.slug}/keys/{key['id']}", change)[0] == 200
    vedette_server.wait(lambda: vedette_server.request("GET", f"/js/{key['public']}.js", headers={"Origin": shop})[0] == 403)
    visit.context.close()
