"""The slow phone: what a first visit costs there.

    python -m benchmarks.phone [--url http://localhost:8700/ --cookie sessionid=…] [--loads 5]

Without a URL it starts a Vedette with a day of events and opens Overview, Issues and an issue.

Headless Chromium at 390 x 844 with touch, nothing cached, 150 ms latency, 1.6 Mbit/s down, 750 kbit/s up, a CPU four
times slower; the median of 5 cold loads; bytes are counted on the wire, headers included.
"""

import argparse
import dataclasses
import gzip
import statistics
import tempfile
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from playwright.sync_api import Browser, CDPSession
from tests.support.browser import chromium
from tests.support.ports import free_port
from tests.support.server import Vedette
from tests.support.world import World

from benchmarks.report import Figure, finish

NETWORK = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 1_600_000 / 8,
    "uploadThroughput": 750_000 / 8,
}
SLOWER = 4
SETTLE_MS = 1500
OBSERVE = """() => {
  window.__cls = 0;
  new PerformanceObserver(list => { for (const e of list.getEntries()) if (!e.hadRecentInput) window.__cls += e.value; })
    .observe({ type: "layout-shift", buffered: true });
}"""
PAINT = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? -1"


@dataclasses.dataclass(frozen=True)
class Load:
    """One cold load: KiB and requests on the wire, first contentful paint (s), cumulative layout shift, scripts."""

    kib: float
    requests: int
    fcp: float
    cls: float
    scripts: tuple[str, ...]


class Wire:
    """Counts what goes over the wire."""

    def __init__(self, session: CDPSession) -> None:
        self.bytes = 0.0
        self.urls: list[str] = []
        self.scripts: set[str] = set()
        session.on("Network.requestWillBeSent", self._asked)
        session.on("Network.loadingFinished", self._finished)

    def _asked(self, event: dict) -> None:
        self.urls.append(event["request"]["url"])
        if event.get("type") == "Script":
            self.scripts.add(event["request"]["url"])

    def _finished(self, event: dict) -> None:
        self.bytes += event["encodedDataLength"]


def load(browser: Browser, url: str, cookies: dict[str, str]) -> Load:
    """Open the page once, cold, on the slow phone."""
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, device_scale_factor=2
    )
    context.add_cookies([{"name": name, "value": value, "url": url} for name, value in cookies.items()])
    page = context.new_page()
    page.add_init_script(f"({OBSERVE})()")
    session = context.new_cdp_session(page)
    for command in ("Network.enable", "Performance.enable"):
        session.send(command)
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    session.send("Network.emulateNetworkConditions", NETWORK)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    wire = Wire(session)
    response = page.goto(url, wait_until="load")
    assert response is not None, f"{url} did not answer"
    assert response.ok, f"{url} answered {response.status}"
    assert urlsplit(page.url).path == urlsplit(url).path, (
        f"{url} led to {page.url}: hand in a session with --cookie"
    )
    page.wait_for_timeout(SETTLE_MS)
    found = Load(
        wire.bytes / 1024,
        len(wire.urls),
        page.evaluate(PAINT) / 1000,
        page.evaluate("() => window.__cls"),
        tuple(wire.scripts),
    )
    context.close()
    return found


def script_kb(base: str, scripts: Sequence[str]) -> float:
    """Return the size of the scripts in KB as gzip, asked for as a client that takes only gzip would."""
    total = 0
    for name in scripts:
        request = urllib.request.Request(urljoin(base, name), headers={"Accept-Encoding": "gzip"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            body = answer.read()
            total += (
                len(body) if answer.headers.get("Content-Encoding") == "gzip" else len(gzip.compress(body, 6))
            )
    return total / 1000


def measure(url: str, cookies: dict[str, str], loads: int = 5, name: str = "first visit") -> list[Figure]:
    """Return the figures of a page on the slow phone, medians of `loads` cold loads."""
    with chromium() as browser:
        load(
            browser, url, cookies
        )  # the server's first answer compiles templates; every later visitor comes after it
        found = [load(browser, url, cookies) for _ in range(loads)]
    middle = lambda values: statistics.median(list(values))  # noqa: E731 - four uses right below
    return [
        Figure("phone", f"{name} bytes", middle(f.kib for f in found), "KiB", "<= 80"),
        Figure("phone", f"{name} JS", script_kb(url, found[0].scripts), "KB gz", "<= 20"),
        Figure("phone", f"{name} requests", middle(f.requests for f in found), "", "<= 10"),
        Figure("phone", f"{name} FCP", middle(f.fcp for f in found), "s", "<= 0.8"),
        Figure("phone", f"{name} CLS", max(f.cls for f in found), "", "<= 0"),
    ]


def measure_world(loads: int) -> list[Figure]:
    """Return the figures of the pages people open at night, on a Vedette with a day of events."""
    with tempfile.TemporaryDirectory() as folder:
        server = Vedette(Path(folder) / "data", free_port()).start()
        try:
            world = World(server).add_owner().fill()
            with chromium() as browser:
                cookies = {c["name"]: c["value"] for c in world.signed_in(browser).cookies()}
            paths = {
                "Overview": "/",
                "Issues": "/issues/",
                "Issue": f"/issues/{world.issue('IntegrityError')}/",
            }
            return [
                f for name, path in paths.items() for f in measure(server.url + path, cookies, loads, name)
            ]
        finally:
            server.stop()


def main() -> None:
    """Measure one URL, or a Vedette of our own, and print the figures."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--url", default="")
    words.add_argument(
        "--cookie", action="append", default=[], help="name=value, may be given more than once"
    )
    words.add_argument("--loads", type=int, default=5)
    told = words.parse_args()
    cookies = dict(pair.split("=", 1) for pair in told.cookie)
    finish(measure(told.url, cookies, told.loads) if told.url else measure_world(told.loads))


if __name__ == "__main__":
    main()
