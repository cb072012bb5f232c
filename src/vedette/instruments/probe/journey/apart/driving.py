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
from collections.abc import Iterator, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Locator, Page, Response

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


class Words:
    """What is told is cut once its secrets are dots: half a secret is one too. `hidden` are their spellings."""

    def __init__(self, hidden: Sequence[str]) -> None:
        self._hidden = sorted(filter(None, hidden), key=len, reverse=True)

    def cut(self, text: str, most: int) -> str:
        """Return the beginning of a text, its secrets as dots."""
        for secret in self._hidden:
            text = text.replace(secret, "••••")
        return text[:most]


class Steps:
    """What a script knows as `step`: `with step("pay"):`. Each is numbered, for they may be within and beside each other."""

    def __init__(self, words: Words) -> None:
        self.words, self._begun = words, 0
        self._error: BaseException | None = None
        self._broken = 0

    def __call__(self, name: object) -> "Step":
        """Return a step, which begins when it is entered."""
        return Step(self, str(name))

    def begin(self, name: str) -> int:
        """Tell that a step begins, and return its number, from 1 on."""
        self._begun += 1
        tell(begins=self.words.cut(name, 200), n=self._begun)
        return self._begun

    def leave(self, number: int, error: BaseException) -> None:
        """Tell that an error leaves a step; what catches it may go on with the next."""
        if error is not self._error:  # else it came out of a step within
            self._error, self._broken = error, number
        if not isinstance(error, SystemExit | KeyboardInterrupt):
            tell(left=True, n=number)

    def broken_by(self, error: BaseException) -> int:
        """Return the innermost step that an error left, 0 for none."""
        return self._broken if error is self._error else 0


class Step:
    """A named part of a journey: `with step("pay"):`, also `async with`."""

    def __init__(self, steps: Steps, name: str) -> None:
        self._steps, self._name = steps, name

    def __enter__(self) -> None:
        self._began = time.monotonic()
        self._number = self._steps.begin(self._name)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            tell(over=round((time.monotonic() - self._began) * 1000, 3), n=self._number)
        else:
            self._steps.leave(self._number, error)

    async def __aenter__(self) -> None:
        self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.__exit__(kind, error, trace)


class Seen:
    """What of the browser is told at the end."""

    def __init__(self, context: "BrowserContext", page: "Page", words: Words) -> None:
        self.page, self.console, self.status, self._words = page, list[str](), 0, words
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
            self.console.append(self._words.cut(text, 300))

    def _answered(self, response: "Response") -> None:
        if response.request.is_navigation_request() and response.frame == self.page.main_frame:
            self.status = response.status

    async def tell(self, *, picture: bool, secrets: Mapping[str, str]) -> None:
        """Tell what is seen now; with a picture when there is something to look at."""
        title = await self.page.title()
        tell(
            seen={
                "url": self._words.cut(self.page.url, 2_000),
                "title": self._words.cut(title, 300),
                "status": self.status,
                "console": self.console,
            }
        )
        if picture:
            shot = await self._shot(secrets)
            tell(picture=base64.b64encode(shot).decode())

    def _private(self, secrets: Mapping[str, str]) -> "Iterator[Locator]":
        """Yield what is covered, in every frame of the page: whatever people write into, and secrets."""
        for frame in self.page.frames:
            yield frame.locator("input, textarea, select, [contenteditable]")
            for one in filter(None, secrets.values()):
                yield frame.get_by_text(one)

    async def _shot(self, secrets: Mapping[str, str]) -> bytes:
        """Return a picture of the page as JPEG, fields of forms and texts that are secret covered; empty when it is too large."""
        hidden = list(self._private(secrets))
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
        words = Words(job["hidden"])
        seen = Seen(context, page, words)
        tell(began=True)
        began = time.monotonic()
        failed = await _told(job, page, seen, Steps(words))
        tell(ms=round((time.monotonic() - began) * 1000, 3))
        try:
            async with asyncio.timeout(_LOOKS):
                await seen.tell(picture=failed, secrets=job["secrets"])
        except (Error, TimeoutError) as error:  # the page is gone, or hangs
            tell(unseen=words.cut(str(error), 200))
        tell(ended=True)
        await browser.close()


async def _told(job: Job, page: "Page", seen: Seen, steps: Steps) -> bool:
    """Run the script and tell what it fails with; return whether it does."""
    try:
        await _run(job, page, steps)
    except Exception as error:  # noqa: BLE001 - whatever a script of somebody raises
        tell(failed=_failure(error, steps))
        return True
    if seen.refused:
        tell(
            failed={"kind": "Refused", "message": steps.words.cut(seen.refused, 200), "line": 0, "source": ""}
        )
    return bool(seen.refused)


async def _run(job: Job, page: "Page", steps: Steps) -> None:
    text = job["script"]
    linecache.cache[_FILE] = (len(text), None, text.splitlines(keepends=True), _FILE)
    names: dict[str, Any] = {
        "__name__": "journey", "variables": dict(job["variables"]), "secrets": dict(job["secrets"]),
    }  # fmt: skip
    exec(compile(text, _FILE, "exec"), names)  # noqa: S102 - that is what it is for
    await names["journey"](page, steps)


def _failure(error: BaseException, steps: Steps) -> dict[str, object]:
    """Return what is told of an error: its kind, its words, its step, and where in the script it came from."""
    places = [place for place in traceback.extract_tb(error.__traceback__) if place.filename == _FILE]
    last = places[-1] if places else None
    line = getattr(error, "lineno", 0) if isinstance(error, SyntaxError) else 0
    return {
        "kind": type(error).__name__, "message": steps.words.cut(str(error), _MOST_TEXT), "line": (last.lineno if last else line) or 0,
        "source": (last.line if last else "") or "", "step": steps.broken_by(error),
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
