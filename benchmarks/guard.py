"""What the guard adds to a request, each part alone and all together: `python -m benchmarks.guard`.

A raw application answers at once, so what is measured is the guard. The machine's other work is kept out by taking the
least of many short runs, in which the application without a guard takes its turn too. A request is a browser's, with
eleven headers, from behind a trusted proxy; WSGI and a POST with a JSON body of 4 KB are told beside it. So is what
others' middlewares add that do what the guard does (`benchmarks/rivals`).
"""

import asyncio
import json
import time
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from vedette_guard import Guard, Inspect, WsgiGuard
from vedette_guard.bans.table import Table
from vedette_guard.decisions.bans import Ban
from vedette_guard.passwords import Hashes
from vedette_guard.sessions import Sessions
from vedette_guard.stores import MemoryStore

from benchmarks import rivals
from benchmarks.guarded import (
    AGENT,
    ALL,
    ANSWER,
    HEADERS,
    OFF,
    PARTS,
    app,
    asks,
    asks_wsgi,
    least,
    least_of,
    scope,
    wsgi_app,
)  # fmt: skip
from benchmarks.report import Figure, finish

BENCH = "guard"
BODY = json.dumps(
    {"rows": [{"name": f"row {n}", "tags": ["a", "b"]} for n in range(15)], "text": "x" * 3400}
).encode()

WORDS = (
    "It's a lovely table: 80 cm wide (oak & steel), about 5' high; O'Brien & Sons deliver it by Tuesday, or not? "
    "We looked at three others - none of them came with a lamp. Größe und Preis: 1.250,00 € inkl. MwSt. "
)
FORM = urlencode(
    {"csrfmiddlewaretoken": "v" * 64, "name": "Jane O'Brien", "email": "jane@example.com", "city": "Köln", "agree": "on",
     "street": "12 High St", "phone": "+49 221 555-0199", "title": "select a union hotel", "comment": WORDS * 15}
).encode()[:4096]  # fmt: skip
INSPECT = replace(OFF, inspect=Inspect())


async def reading_app(scope: Any, receive: Any, send: Any) -> None:
    """Read the body, and answer two bytes."""
    while (await receive()).get("more_body"):
        pass
    await app(scope, receive, send)


async def cookie_app(_scope: Any, _receive: Any, send: Any) -> None:
    """Answer two bytes and a cookie."""
    headers = [*ANSWER, (b"set-cookie", b"sessionid=vq2h0b6d; Path=/")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"ok"})


async def _receive_json() -> dict[str, Any]:
    return {"type": "http.request", "body": BODY, "more_body": False}


async def _receive_form() -> dict[str, Any]:
    return {"type": "http.request", "body": FORM, "more_body": False}


def bans() -> Table:
    """Return a ban list of 50,000 addresses, and networks of several lengths."""
    singles = [f"{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}.7" for n in range(1_500_000, 1_550_000)]
    networks = [f"203.{n}.0.0/{length}" for n, length in enumerate((16, 20, 22, 23, 24, 25, 28))]
    networks += ["2001:db8:1::/48", "2001:db8:2:3::/64", "2001:db8::7/128"]
    return Table(Ban(network, 1e12, "") for network in singles + networks)


def bans_cost() -> dict[str, float]:
    """Return the microseconds that looking for an address takes: one that asked lately, and one that never did."""
    table, addresses = bans(), [f"198.{n >> 14}.{n >> 7 & 127}.{n & 127}" for n in range(16_000)]
    lists = {"bans, a known address": ["198.51.100.7"] * 16_000, "bans, an address never seen": addresses}
    best = dict.fromkeys(lists, 1e9)
    for _ in range(20):
        for name, asked in lists.items():
            start = time.perf_counter()
            for address in asked:
                table.until(address)
            best[name] = min(best[name], (time.perf_counter() - start) / len(asked) * 1e6)
    return best


FORM_NAME = "inspect, a form of 4 KB"
TARGETS = {"all": "<= 10", FORM_NAME: "<= 100"}


def posted() -> dict[str, Any]:
    """Return a request that posts JSON."""
    sent = [(b"content-type", b"application/json"), (b"content-length", str(len(BODY)).encode())]
    return scope(method="POST", headers=[*HEADERS, *sent])


def session_costs() -> dict[str, float]:
    """Return the least microseconds of opening a signed-in session and of ending a request with it, in memory."""
    sessions = Sessions(MemoryStore())
    made = sessions.open("", AGENT)
    made.sign_in("ann")
    cookie = (sessions.commit(made).cookie or "").partition(";")[0]

    def read() -> None:
        sessions.commit(sessions.open(cookie, AGENT))

    def write() -> None:
        session = sessions.open(cookie, AGENT)
        session["visits"] = session.get("visits", 0) + 1
        sessions.commit(session)

    return {"session read": least_of(read, 300, 20), "session written": least_of(write, 300, 20)}


def hash_costs() -> list[Figure]:
    """Return the milliseconds of Argon2id, which are meant to be many, and alike for a user and for nobody."""
    hashes = Hashes()
    stored = hashes.hash("quilt harbor nine lemons")
    costs = {
        "argon2id, verify": least_of(lambda: hashes.verify(stored, "a wrong password"), 20),
        "argon2id, verify for nobody": least_of(lambda: hashes.verify(None, "a wrong password"), 20),
    }
    return [Figure(BENCH, name, value / 1000, "ms", "") for name, value in costs.items()]


def filled_in() -> dict[str, Any]:
    """Return a request that posts a form."""
    sent = [
        (b"content-type", b"application/x-www-form-urlencoded"),
        (b"content-length", str(len(FORM)).encode()),
    ]
    return scope(method="POST", headers=[*HEADERS, *sent])


def main() -> None:
    runs = {name: asks(Guard(app, policy), scope()) for name, policy in PARTS.items()}
    runs |= {
        "bare": asks(app, scope()),
        "all": asks(Guard(app, ALL), scope()),
        "bare cookie": asks(cookie_app, scope()),
        "all, with a cookie": asks(Guard(cookie_app, ALL), scope()),
        "bare post": asks(reading_app, posted(), _receive_json),
        "all, JSON of 4 KB posted": asks(Guard(reading_app, ALL), posted(), _receive_json),
        "bare form": asks(reading_app, filled_in(), _receive_form),
        "inspect, a GET": asks(Guard(app, INSPECT), scope()),
        FORM_NAME: asks(Guard(reading_app, INSPECT), filled_in(), _receive_form),
        "bare wsgi": asks_wsgi(wsgi_app),
        "all, WSGI": asks_wsgi(WsgiGuard(wsgi_app, ALL)),
    }
    best = asyncio.run(least(runs))
    base = {
        "all, with a cookie": "bare cookie",
        "all, JSON of 4 KB posted": "bare post",
        "all, WSGI": "bare wsgi",
        FORM_NAME: "bare form",
    }
    added = {name: best[name] - best[base.get(name, "bare")] for name in runs if not name.startswith("bare")}
    added |= session_costs()
    figures = [Figure(BENCH, name, value, "us added", TARGETS.get(name, "")) for name, value in added.items()]
    figures += [Figure(BENCH, name, value, "us", "<= 2") for name, value in bans_cost().items()]
    finish(figures + hash_costs() + rivals.figures(BENCH))


if __name__ == "__main__":
    main()
