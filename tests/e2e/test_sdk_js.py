"""The real @sentry/node and @sentry/browser (in headless Chromium) against a real server."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser
from tests.support.js_site import JS, installed, served
from tests.support.server import Project, Vedette

pytestmark = pytest.mark.xdist_group("sdk")


@pytest.fixture(scope="module")
def modules() -> Path:
    """Return the folder of node modules."""
    return installed()


def node(project: Project, program: str) -> "subprocess.CompletedProcess[str]":
    env = {**os.environ, "SENTRY_DSN": project.dsn}
    command = ["node", "node_error.js", program]
    return subprocess.run(command, cwd=JS, env=env, capture_output=True, text=True, timeout=60, check=False)


def only_event(server: Vedette, project: Project) -> dict[str, Any]:
    server.wait(lambda: server.issues(project=project.slug), 20)
    (event,) = server.exported("events", project.slug)
    return event


def test_node_caught(vedette_server: Vedette, modules: Path) -> None:
    project = vedette_server.add_project("Node caught", "node")
    assert node(project, "caught").returncode == 0
    event = only_event(vedette_server, project)
    assert event["title"] == "TypeError: order has no card"
    assert [value["type"] for value in event["data"]["exception"]["values"]] == ["Error", "TypeError"]
    assert (event["release"], event["environment"], event["platform"]) == ("api@4.5.6", "production", "node")
    assert ["region", "eu"] in event["tags"]
    frame = event["data"]["exception"]["values"][-1]["stacktrace"]["frames"][-1]
    assert frame["function"] == "charge"
    assert "order has no card" in frame["context_line"]


def test_node_uncaught(vedette_server: Vedette, modules: Path) -> None:
    project = vedette_server.add_project("Node uncaught", "node")
    assert node(project, "uncaught").returncode == 1
    event = only_event(vedette_server, project)
    assert event["title"] == "RangeError: nobody caught this in node"
    assert event["handled"] is False


@pytest.mark.deep
def test_node_message(vedette_server: Vedette, modules: Path) -> None:
    project = vedette_server.add_project("Node message", "node")
    assert node(project, "message").returncode == 0
    event = only_event(vedette_server, project)
    assert (event["title"], event["level"]) == ("node says hello", "info")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve the page with its bundle; yield its address."""
    with served(tmp_path_factory.mktemp("site"), "browser_app") as address:
        yield address


def click(browser: Browser, site: str, project: Project, button: str) -> list[int]:
    """Open the page, press a button, and return the statuses of what the SDK sent."""
    page = browser.new_page()
    statuses: list[int] = []
    page.on("response", lambda answer: statuses.append(answer.status) if "/envelope/" in answer.url else None)
    page.goto(f"{site}/?dsn={quote(project.dsn)}")
    with page.expect_response(
        lambda answer: "/envelope/" in answer.url and '"type":"event"' in (answer.request.post_data or "")
    ):
        page.click(button)
    page.evaluate("Sentry.flush(5000)")
    page.close()
    return statuses


@pytest.mark.browser
def test_browser_uncaught(vedette_server: Vedette, browser: Browser, site: str) -> None:
    project = vedette_server.add_project("Browser", "javascript")
    assert set(click(browser, site, project, "#break")) == {200}
    event = only_event(vedette_server, project)
    assert event["title"].startswith("TypeError: Cannot read properties of undefined")
    assert (event["release"], event["handled"], event["platform"]) == ("web@7.8.9", False, "javascript")
    assert event["data"]["request"]["url"].startswith(site)
    assert any(crumb["category"] == "ui.click" for crumb in event["data"]["breadcrumbs"]["values"])


@pytest.mark.browser
def test_browser_rejected_promise(vedette_server: Vedette, browser: Browser, site: str) -> None:
    project = vedette_server.add_project("Promise", "javascript")
    click(browser, site, project, "#reject")
    event = only_event(vedette_server, project)
    assert event["title"] == "Error: the payment was refused"


@pytest.mark.browser
def test_a_browser_of_an_origin_that_is_not_allowed_sends_nothing(
    vedette_server: Vedette, browser: Browser, site: str
) -> None:
    project = vedette_server.add_project("Elsewhere", "javascript")
    key = vedette_server.api("GET", f"/projects/{project.slug}/keys")[1][0]
    change = {"label": key["label"], "origins": ["https://shop.example"]}
    assert vedette_server.api("PUT", f"/projects/{project.slug}/keys/{key['id']}", change)[0] == 200
    page = browser.new_page()
    refused: list[str] = []
    page.on("requestfailed", lambda request: refused.append(request.url))
    page.goto(f"{site}/?dsn={quote(project.dsn)}")
    page.click("#break")
    page.evaluate("Sentry.flush(5000)")
    page.close()
    assert any("/envelope/" in url for url in refused)
    assert vedette_server.exported("events", project.slug) == []
