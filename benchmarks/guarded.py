"""What benches of the guard ask, of whom, and under which policy: with the standard library alone, for rivals' sake.

A request is a browser's, with eleven headers, from behind a trusted proxy. The machine's other work is kept out by
taking the least of many short runs, in which all take their turns.
"""

import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from typing import Any

from vedette_guard import Cookies, Cors, Csrf, Headers, Https, Limits, Policy, Proxies, Rate, Reports

RUNS, REQUESTS = 300, 100
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
HEADERS = [
    (b"host", b"shop.example"),
    (b"user-agent", AGENT.encode()),
    (b"accept", b"text/html,application/xhtml+xml,*/*;q=0.8"),
    (b"accept-language", b"en-GB,en;q=0.5"),
    (b"accept-encoding", b"gzip, deflate, br, zstd"),
    (b"cookie", b"sessionid=vq2h0b6dvq2h0b6dvq2h0b6d; theme=dark"),
    (b"sec-fetch-dest", b"document"),
    (b"sec-fetch-mode", b"navigate"),
    (b"sec-fetch-site", b"same-origin"),
    (b"x-forwarded-for", b"203.0.113.9"),
    (b"x-forwarded-proto", b"https"),
]
ANSWER = [(b"content-type", b"text/html; charset=utf-8"), (b"content-length", b"2")]

# Everything off; each part below turns one thing on.
OFF = Policy(
    https=Https(hsts="off"), csrf=Csrf(on=False), cookies=Cookies(secure=False, http_only="off", same_site=""),
    headers=Headers(csp={}, frames=(), nosniff=False, referrer="", permissions={}, opener=""),
    limits=Limits(body=0, headers=0, json_depth=0, body_time="0s"),
)  # fmt: skip
STRICT = Policy.preset("strict")
PLENTY = (Rate("all", limit=1_000_000_000, per="1s"),)
PARTS = {
    "nothing on (one pass)": OFF,
    "https, proxies": replace(OFF, https=STRICT.https, proxies=Proxies(trusted=("10.0.0.0/8",))),
    "host": replace(OFF, hosts=("shop.example", "*.shop.example")),
    "headers": replace(OFF, headers=STRICT.headers),
    "csrf": replace(OFF, csrf=STRICT.csrf),
    "cookies": replace(OFF, cookies=STRICT.cookies),
    "rate limits": replace(OFF, rates=PLENTY),
    "limits": replace(OFF, limits=STRICT.limits),
    "default policy": Policy(),
}
ALL = STRICT.but(
    hosts=("shop.example", "*.shop.example"),
    proxies=Proxies(trusted=("10.0.0.0/8",)),
    reports=Reports(url="https://watch.example/api/1/security/?sentry_key=0123456789abcdef0123456789abcdef"),
    cors=Cors(origins=("https://app.example",)),
    rates=PLENTY,
)

Run = Callable[[], Awaitable[None]]


async def app(_scope: Any, _receive: Any, send: Any) -> None:
    """Answer two bytes."""
    await send({"type": "http.response.start", "status": 200, "headers": ANSWER})
    await send({"type": "http.response.body", "body": b"ok"})


def wsgi_app(_environ: Any, start_response: Any) -> Iterable[bytes]:
    """Answer two bytes."""
    start_response("200 OK", [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", "2")])
    return [b"ok"]


def scope(**changes: Any) -> dict[str, Any]:
    """Return a browser's request for a page."""
    return {
        "type": "http", "http_version": "1.1", "method": "GET", "scheme": "http", "path": "/orders/7",
        "raw_path": b"/orders/7", "query_string": b"page=2", "root_path": "", "headers": HEADERS,
        "client": ("10.0.0.1", 51000), "server": ("127.0.0.1", 8000), **changes,
    }  # fmt: skip


def environ() -> dict[str, Any]:
    """Return the same request as WSGI has it."""
    names = {"HTTP_" + name.decode().upper().replace("-", "_"): value.decode() for name, value in HEADERS}
    return {
        "REQUEST_METHOD": "GET", "SCRIPT_NAME": "", "PATH_INFO": "/orders/7", "QUERY_STRING": "page=2",
        "REMOTE_ADDR": "10.0.0.1", "wsgi.url_scheme": "http", **names,
    }  # fmt: skip


async def nothing() -> dict[str, Any]:
    """Return the body of a request that has none."""
    return {"type": "http.request", "body": b"", "more_body": False}


async def unheard(_message: Any) -> None:
    """Take what is sent."""


async def least(runs: dict[str, Run], rounds: int = RUNS, requests: int = REQUESTS) -> dict[str, float]:
    """Return the least microseconds that one call of each takes, over rounds of so many in which they take turns."""
    best = dict.fromkeys(runs, 1e9)
    for _ in range(rounds):
        for name, run in runs.items():
            start = time.perf_counter()
            for _ in range(requests):
                await run()
            best[name] = min(best[name], (time.perf_counter() - start) / requests * 1e6)
    return best


def asks(application: Any, asked: dict[str, Any], receive: Any = nothing) -> Run:
    """Return a call that asks an ASGI application."""

    async def run() -> None:
        await application(asked, receive, unheard)

    return run


def asks_wsgi(application: Any) -> Run:
    """Return a call that asks a WSGI application; making the environment is part of it, with and without a guard."""
    plain = environ()

    async def run() -> None:
        for _ in application(dict(plain), lambda *_: None):
            pass

    return run


def least_of(call: Callable[[], object], runs: int, times: int = 1) -> float:
    """Return the least microseconds that a call takes, over runs of so many."""
    best = 1e9
    for _ in range(runs):
        start = time.perf_counter()
        for _ in range(times):
            call()
        best = min(best, (time.perf_counter() - start) / times * 1e6)
    return best
