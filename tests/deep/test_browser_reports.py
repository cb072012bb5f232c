"""What real browsers report by themselves, and the vitals that a real SDK measures in one, against a real server."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, sync_playwright
from tests.support import reporting_site
from tests.support.browser import ARGUMENTS, CHROMIUM, chromium
from tests.support.js_site import served
from tests.support.server import Vedette

pytestmark = [pytest.mark.deep, pytest.mark.browser]

TITLES = {
    "HTTP failed at shop.test: http.error 502",
    "HTTP failed at shop.test: http.response.invalid.empty",
    "Permissions policy refused geolocation on /orders/*",
    "Trusted Types: Element innerHTML was given a plain text on /orders/*",
    "Trusted Types: Function was given a plain text on /orders/*",
    "img-src refused https://evil.test on /orders/*",
}


@pytest.fixture
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


def test_what_chromium_reports_becomes_issues_and_a_proposal(vedette_server: Vedette, tmp_path: Path) -> None:
    server, project = vedette_server, vedette_server.add_project("Reporting", "react")
    key = project.dsn.partition("//")[2].partition("@")[0]
    number = int(project.dsn.rpartition("/")[2])
    arguments = [one for one in ARGUMENTS if one != "--disable-background-networking"]  # reports are such
    with reporting_site.served(tmp_path, key, number, server.port) as site, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=[*arguments, *site.arguments])
        browser.new_page().goto(f"{site.address}/orders/7")

        def titles() -> set[str]:
            return {str(one["title"]) for one in server.issues(project=project.slug)}

        server.wait(lambda: titles() >= TITLES, 60)
        browser.close()
    lines = server.api("GET", f"/projects/{project.slug}/reports?days=2")[1]["items"]
    assert sum(line["reports"] for line in lines) == len(site.reports)
    assert {line["browsers"] for line in lines} == {1}
    done = server.cli("guard", "propose", "--project", project.slug, "--days", "2")
    assert "# No policy is named by several browsers" in done.stdout  # one browser alone may say anything
    assert "[guard.headers.csp]\ndefault-src = [\"'self'\"]" in done.stdout
    assert "# left out: img-src https://evil.test: seen by one browser alone" in done.stdout
    assert server.cli("guard", "propose", "--project", "nobody").returncode == 1


def test_vitals_that_the_real_sdk_measures_are_kept_by_page(
    vedette_server: Vedette, browser: Browser, tmp_path: Path
) -> None:
    server, project = vedette_server, vedette_server.add_project("Measured", "react")
    with served(tmp_path, "vitals_app") as address:
        page = browser.new_page()
        page.goto(f"{address}/?dsn={quote(project.dsn)}")

        def kept() -> dict[str, Any]:
            items = server.api("GET", f"/projects/{project.slug}/vitals")[1]["items"]
            return {one["vital"]: one for one in items}

        server.wait(lambda: kept().keys() >= {"fcp", "ttfb", "lcp"}, 30)
    found = kept()
    assert {one["page"] for one in found.values()} == {"/"}
    assert 0 < found["ttfb"]["p75"] <= found["fcp"]["p75"] <= found["lcp"]["p75"] * 1.05 < 30_000
