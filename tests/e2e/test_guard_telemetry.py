"""A guarded application beside a real Vedette: what the guard stopped, and what failed, are issues there."""

from collections.abc import Callable
from typing import Any
from wsgiref.util import setup_testing_defaults

from tests.support.server import Vedette
from vedette_guard import Policy, Telemetry, WsgiGuard, failed_sign_in
from vedette_guard.telemetry.events import Events

USER = "@".join(("ann", "shop.example"))  # which no line of source has


def shop(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    if environ["PATH_INFO"] == "/sign-in":
        failed_sign_in(environ, USER)
        start_response("403 Forbidden", [])
        return [b"no"]
    raise LookupError("no such tide")


def ask(guarded: WsgiGuard, path: str, **said: str) -> None:
    environ: dict[str, Any] = {"PATH_INFO": path, "REMOTE_ADDR": "203.0.113.9", **said}
    setup_testing_defaults(environ)
    list(guarded(environ, lambda *_: None))


def test_what_the_guard_stopped_and_what_failed_are_issues(vedette_server: Vedette) -> None:
    server = vedette_server
    telemetry = Telemetry(dsn=server.project.dsn, release="shop@7", environment="live")
    events = Events(telemetry)
    guarded = WsgiGuard(shop, Policy(), listener=events)
    for n in range(3):
        ask(guarded, f"/tides/{n}/order", REQUEST_METHOD="POST", HTTP_ORIGIN="https://evil.example")
    ask(guarded, "/sign-in")
    ask(guarded, "/tides/7")
    events.close(30)
    [refused] = server.wait(lambda: server.issues("foreign page"))
    assert refused["title"] == "Refused a request that a foreign page sent: POST /tides/*/order"
    assert refused["level"] == "warning"
    [sign_in] = server.wait(lambda: server.issues("sign-in failed"))
    assert sign_in["title"] == "A sign-in failed: GET /sign-in"
    [failure] = server.wait(lambda: server.issues("no such tide"))
    assert failure["title"] == "LookupError: no such tide"
    sent = [event for event in server.exported() if "no such tide" in str(event)]
    assert "raise LookupError" in str(sent[0]), "with the line it failed in"
    assert USER not in str(server.exported())
