"""Drives the browser of one journey by its script, and tells what happens. Runs apart (`confining.py`), as the journey's user.

A program of its own (`python -I driving.py`) with Playwright and the standard library. The job is JSON on standard input; each
thing that happens is a line of JSON on file descriptor 3; what the script prints goes to standard output. Whoever reads the
lines believes none of them: the script runs in this process.
"""

import asyncio
import base64
import ctypes
import json
import linecache
import os
import sys
import time
import traceback
from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Page, Response

_OUT = 3
_FILE = "journey.py"
_MOST_TEXT = 4_000
_LOOKS = 5.0
_MOST_CONSOLE = 20
_MOST_PICTURE = 36_000
_QUALITIES = (60, 35, 15)
_NEWUSER, _NEWPID = 0x10000000, 0x20000000
_WIDTH, _HEIGHT = 1280, 720
_ARGUMENTS = [
    "--disable-quic", "--force-webrtc-ip-handling-policy=disable_non_proxied_udp", "--dns-prefetch-disable",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-breakpad", "--no-pings",
]  # fmt: skip
_OPENED = ("http:", "https:", "about:", "data:", "blob:", "chrome-error:")
Job = Mapping[str, Any]  # Any: JSON that `journey/running.py` writes


def tell(**what: object) -> None:
    """Write one thing that happened."""
    os.write(_OUT, json.dumps(what).encode() + b"\n")


class Step:
    """A named part of a journey: `with step("pay"):`, also `async with`."""

    def __init__(self, name: object) -> None:
        self._name = str(name)[:200]

    def __enter__(self) -> None:
        self._began = time.monotonic()
        tell(begins=self._name)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            tell(over=round((time.monotonic() - self._began) * 1000, 3))

    async def __aenter__(self) -> None:
        self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.__exit__(kind, error, trace)


class Seen:
    """What of the browser is told at the end."""

    def __init__(self, context: "BrowserContext", page: "Page") -> None:
        self.page, self.console, self.status = page, list[str](), 0
        self.refused = ""
        context.on("console", lambda said: self._say(said.text) if said.type == "error" else None)
        context.on("weberror", lambda error: self._say(str(error.error)))
        page.on("response", self._answered)
        context.on("page", self._watch)
        self._watch(page)

    def _watch(self, page: "Page") -> None:
        page.on("framenavigated", lambda frame: self._look(frame.url))
        self._look(page.url)

    def _look(self, url: str) -> None:
        if url and not url.startswith(_OPENED):
            self.refused = self.refused or url

    def _say(self, text: str) -> None:
        if len(self.console) < _MOST_CONSOLE:
            self.console.append(text[:300])

    def _answered(self, response: "Response") -> None:
        if response.request.is_navigation_request() and response.frame == self.page.main_frame:
            self.status = response.status

    async def tell(self, *, picture: bool, secrets: Mapping[str, str]) -> None:
        """Tell what is seen now; with a picture when there is something to look at."""
        title = await self.page.title()
        tell(
            seen={
                "url": self.page.url[:2_000],
                "title": title[:300],
                "status": self.status,
                "console": self.console,
            }
        )
        if picture:
            shot = await self._shot(secrets)
            tell(picture=base64.b64encode(shot).decode())

    async def _shot(self, secrets: Mapping[str, str]) -> bytes:
        """Return a picture of the page as JPEG, fields of forms and texts that are secret covered; empty when it is too large."""
        hidden = [
            self.page.locator("input, textarea"),
            *(self.page.get_by_text(one) for one in secrets.values() if one),
        ]
        for quality in _QUALITIES:
            shot = await self.page.screenshot(
                type="jpeg", quality=quality, mask=hidden, mask_color="#888888", timeout=3_000
            )
            if len(shot) <= _MOST_PICTURE:
                return shot
        return b""


async def driven(job: Job) -> None:
    """Run the journey in a browser of its own and tell how it went."""
    from playwright.async_api import Error, async_playwright

    async with async_playwright() as driver:
        browser = await driver.chromium.launch(
            executable_path=job["chromium"], args=_ARGUMENTS, chromium_sandbox=sandboxed(),
            proxy={"server": job["proxy"], "bypass": "<-loopback>"},
        )  # fmt: skip
        context = await browser.new_context(
            viewport={"width": _WIDTH, "height": _HEIGHT}, accept_downloads=False
        )
        page = await context.new_page()
        seen = Seen(context, page)
        tell(began=True)
        began = time.monotonic()
        failed = await _told(job, page, seen)
        tell(ms=round((time.monotonic() - began) * 1000, 3))
        try:
            async with asyncio.timeout(_LOOKS):
                await seen.tell(picture=failed, secrets=job["secrets"])
        except (Error, TimeoutError) as error:  # the page is gone, or hangs
            tell(unseen=str(error)[:200])
        tell(ended=True)
        await browser.close()


async def _told(job: Job, page: "Page", seen: Seen) -> bool:
    """Run the script and tell what it fails with; return whether it does."""
    try:
        await _run(job, page)
    except Exception as error:  # noqa: BLE001 - whatever a script of somebody raises
        tell(failed=_failure(error))
        return True
    if seen.refused:
        tell(failed={"kind": "Refused", "message": seen.refused[:200], "line": 0, "source": ""})
    return bool(seen.refused)


async def _run(job: Job, page: "Page") -> None:
    text = job["script"]
    linecache.cache[_FILE] = (len(text), None, text.splitlines(keepends=True), _FILE)
    names: dict[str, Any] = {
        "__name__": "journey", "variables": dict(job["variables"]), "secrets": dict(job["secrets"]),
    }  # fmt: skip
    exec(compile(text, _FILE, "exec"), names)  # noqa: S102 - that is what it is for
    await names["journey"](page, Step)


def _failure(error: BaseException) -> dict[str, object]:
    """Return what is told of an error: its kind, its words, and where in the script it came from."""
    places = [place for place in traceback.extract_tb(error.__traceback__) if place.filename == _FILE]
    last = places[-1] if places else None
    line = getattr(error, "lineno", 0) if isinstance(error, SyntaxError) else 0
    return {
        "kind": type(error).__name__, "message": str(error)[:_MOST_TEXT], "line": (last.lineno if last else line) or 0,
        "source": (last.line if last else "") or "",
    }  # fmt: skip


def sandboxed() -> bool:
    """Tell whether Chromium can have its own sandbox: whether this user may make namespaces, and act in them."""
    child = os.fork()
    if child == 0:
        libc = ctypes.CDLL(None)
        os._exit(0 if libc.unshare(_NEWUSER) == 0 and libc.unshare(_NEWPID) == 0 else 1)
    found = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    tell(sandbox=found)
    return found


async def tried(job: Job) -> None:
    """Find out whether a browser would run, and tell its version."""
    from playwright.async_api import async_playwright

    async with async_playwright() as driver:
        browser = await driver.chromium.launch(
            executable_path=job["chromium"], args=_ARGUMENTS, chromium_sandbox=sandboxed()
        )
        tell(version=browser.version)
        tell(ended=True)
        await browser.close()


def main() -> None:
    """Do the job that standard input names."""
    job: Job = json.load(sys.stdin)
    asyncio.run(tried(job) if job["trial"] else driven(job))


if __name__ == "__main__":
    main()
