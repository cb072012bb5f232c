"""Headless Chromium for the tests: pages that tell of policy violations, script errors and axe's findings."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Response,
    ViewportSize,
    sync_playwright,
)

# The shell is the same engine without windows, menus and their own pages: a profile in it costs a third.
_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
_GIVEN = os.environ.get("VEDETTE_CHROMIUM")
CHROMIUM = _GIVEN or next(filter(None, map(shutil.which, _NAMES)), "/usr/bin/chromium")
WHOLE = _GIVEN or next(filter(None, map(shutil.which, _NAMES[1:])), CHROMIUM)  # shows notifications, too
ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
JS = Path(__file__).parents[1] / "js"
HEIGHTS = {360: 740, 390: 844, 768: 1024, 1280: 720, 1440: 900, 1920: 1080}
SIZES: dict[int, ViewportSize] = {
    width: {"width": width, "height": height} for width, height in HEIGHTS.items()
}
THEMES = ("light", "dark")
_WATCH = """
window.__csp = [];
document.addEventListener("securitypolicyviolation", e => window.__csp.push(`${e.violatedDirective} ${e.blockedURI} ${e.sourceFile}:${e.lineNumber}`));
"""
_AXE = """async only => (await axe.run(document, { runOnly: only }))
  .violations.map(v => `${v.id} (${v.impact}): ${v.nodes.slice(0, 3).map(n => n.target.join(" ") + " " + (n.any[0]?.message ?? n.all[0]?.message ?? "")).join(" | ")}`)"""
_ALL = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_LOOKS = {
    "type": "rule",
    "values": ["color-contrast", "link-in-text-block", "target-size", "scrollable-region-focusable"],
}


@contextmanager
def chromium(program: str = CHROMIUM) -> Iterator[Browser]:
    """Run a browser for the block."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


@cache
def axe_source() -> str:
    """Return axe-core, installed by its lock on first use."""
    source = JS / "node_modules/axe-core/axe.min.js"
    if not source.is_file():
        subprocess.run(
            ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"],
            cwd=JS,
            check=True,
            capture_output=True,
        )
    return source.read_text()


@dataclass
class Watched:
    """A page and what went wrong on it: `problems()` lists violations of the policy, script errors and failed loads."""

    page: Page
    said: list[str] = field(default_factory=list)

    def problems(self) -> list[str]:
        violations: list[str] = self.page.evaluate("() => window.__csp ?? []")
        return [*(f"policy: {v}" for v in violations), *self.said]

    def axe(self, *, looks_only: bool = False) -> list[str]:
        """Return what axe finds wrong, one line a rule; `looks_only` for another theme or size of the same page."""
        if not self.page.evaluate("() => 'axe' in window"):
            self.page.evaluate(axe_source())
        found: list[str] = self.page.evaluate(_AXE, _LOOKS if looks_only else _ALL)
        return found

    def overflow(self) -> int:
        """Return by how many pixels the page is wider than the window."""
        over: int = self.page.evaluate(
            "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        return over

    def forget(self) -> None:
        self.said.clear()


def context(
    browser: Browser, width: int = 1440, theme: str = "light", *, script: bool = True
) -> BrowserContext:
    """Return a fresh browser profile at a width and in a theme."""
    phone = width < 500
    return browser.new_context(
        viewport=SIZES[width], color_scheme="dark" if theme == "dark" else "light", has_touch=phone, is_mobile=phone,
        java_script_enabled=script, reduced_motion="reduce",
    )  # fmt: skip


def watch(where: BrowserContext) -> Watched:
    """Open a page that is watched."""
    page = where.new_page()
    found = Watched(page)
    page.add_init_script(_WATCH)

    def heard(message: ConsoleMessage) -> None:
        ours = (
            message.type == "error" or "Permissions-Policy" in message.text
        )  # a name it does not know is a warning
        if ours and "Failed to load resource" not in message.text:
            found.said.append(f"console: {message.text[:300]}")

    def answered(response: Response) -> None:
        if response.status >= 500 or (
            response.status >= 400 and response.request.resource_type != "document"
        ):
            found.said.append(f"{response.status}: {response.url}")

    page.on("console", heard)
    page.on("response", answered)
    page.on("pageerror", lambda error: found.said.append(f"script: {error}"))
    return found
