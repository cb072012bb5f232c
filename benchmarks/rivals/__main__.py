"""The child: takes turns with all stacks, after a look whether each does its part, and prints what each adds."""

import asyncio
import io
import json
from typing import Any

from benchmarks.guarded import Run, asks, environ, least, nothing, scope
from benchmarks.rivals import django_stack, stacks

ASKED = scope(scheme="https", headers=stacks.SENT)


async def answer(application: Any, asked: dict[str, Any]) -> tuple[int, set[str]]:
    """Return the status of an answer and the names of its headers."""
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await application(asked, nothing, send)
    return sent[0]["status"], {name.decode().lower() for name, _ in sent[0]["headers"]}


async def require(name: str, application: Any) -> None:
    """Raise AssertionError for a stack that leaves out a part: then it would be measured for what it does not do."""
    other_host = [(name, b"evil.example" if name == b"host" else value) for name, value in stacks.SENT]
    foreign = [
        (b"origin", b"https://evil.example"),
        *((n, v) for n, v in stacks.SENT if n != b"sec-fetch-site"),
    ]
    wanted = {
        "content-security-policy",
        "strict-transport-security",
        "x-content-type-options",
        "referrer-policy",
    }
    status, headers = await answer(application, ASKED)
    assert (status, wanted - headers) == (200, set()), f"{name}: headers"
    assert any("ratelimit" in header for header in headers), f"{name}: rates"
    assert (await answer(application, {**ASKED, "headers": other_host}))[0] == 400, f"{name}: hosts"
    posted = {**ASKED, "method": "POST", "headers": [*foreign, (b"sec-fetch-site", b"cross-site")]}
    assert (await answer(application, posted))[0] == 403, f"{name}: CSRF"
    plain = [(n, v) for n, v in stacks.SENT if n != b"x-forwarded-proto"]
    assert (await answer(application, {**ASKED, "scheme": "http", "headers": plain}))[0] in {301, 307, 308}, (
        name
    )
    reading = {**ASKED, "headers": [*stacks.SENT, (b"origin", b"https://app.example")]}
    assert "access-control-allow-origin" in (await answer(application, reading))[1], f"{name}: CORS"


def asks_django(application: Any, path: str) -> Run:
    """Return a call that asks Django; making the environment is part of it everywhere."""
    plain = {**environ(), "PATH_INFO": path, "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "8000"}

    async def run() -> None:
        statuses: list[str] = []
        asked = {**plain, "wsgi.input": io.BytesIO()}
        for _ in application(asked, lambda status, *_: statuses.append(status)):
            pass
        assert statuses == ["200 OK"], (path, statuses)

    return run


async def costs() -> dict[str, float]:
    """Return the microseconds that each stack adds."""
    runs = {"bare": asks(stacks.application(), dict(ASKED))}
    for name, make in stacks.STACKS.items():
        application = make()
        await require(name, application)
        runs[name] = asks(application, dict(ASKED))
    for name, (handler, path) in django_stack.applications().items():
        runs[name] = asks_django(handler, path)
    best = await least(runs, rounds=150, requests=50)  # longer runs would find no moment of quiet
    return {
        name: value - best["bare Django" if name.startswith("Django") else "bare"]
        for name, value in best.items()
        if not name.startswith("bare")
    }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(costs())))
