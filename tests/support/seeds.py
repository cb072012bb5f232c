"""Envelopes as real clients send them: the Python SDK's own, and others written by hand after their SDKs."""

import json
import logging
import threading
from collections.abc import Callable, Iterator
from typing import Any

import sentry_sdk
from sentry_sdk.envelope import Envelope
from sentry_sdk.integrations.logging import LoggingIntegration
from sentry_sdk.transport import Transport
from tests.support.door import PUBLIC


class Capturing(Transport):
    """Keeps every envelope as it would go over the wire."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[bytes] = []

    def capture_envelope(self, envelope: Envelope) -> None:
        self.sent.append(envelope.serialize())


def sent_by(act: Callable[[], None], **options: Any) -> list[bytes]:
    """Return the envelopes the Python SDK sends while `act` runs."""
    transport = Capturing()
    client = sentry_sdk.Client(
        dsn=f"http://{PUBLIC}@localhost:8700/1",
        transport=transport,
        release="shop@1.4.2",
        environment="test",
        default_integrations=False,
        auto_enabling_integrations=False,
        integrations=[LoggingIntegration()],
        **options,
    )
    with sentry_sdk.isolation_scope() as scope:
        scope.set_client(client)
        act()
        client.flush()
    client.close()
    return transport.sent


def raised() -> None:
    order = {"id": 7, "note": "ä \U0001f600", "rows": list(range(30))}
    try:
        _deeper(order, 5)
    except ZeroDivisionError:
        sentry_sdk.capture_exception()


def chained() -> None:
    try:
        try:
            _deeper({}, 2)
        except ZeroDivisionError as error:
            raise ValueError("the order 4711 could not be priced") from error
    except ValueError:
        sentry_sdk.capture_exception()


def told() -> None:
    sentry_sdk.set_tag("region", "fsn1")
    sentry_sdk.set_user({"id": "17", "email": "anna@example.org", "ip_address": "{{auto}}"})
    sentry_sdk.set_context("tenant", {"name": "one", "features": ["a", "b"]})
    for n in range(20):
        sentry_sdk.add_breadcrumb(category="query", message=f"query {n} of orders", data={"rows": n})
    sentry_sdk.capture_message("the stock is low", level="warning")


def logged() -> None:
    logging.getLogger("shop.orders").error("order %s failed for %s", 17, "anna", extra={"basket": {"n": 3}})


def in_thread() -> None:
    thread = threading.Thread(target=raised, name="worker-1")
    thread.start()
    thread.join()
    raised()


def attached() -> None:
    sentry_sdk.get_isolation_scope().add_attachment(bytes=b"line one\nline two\n", filename="log.txt")
    raised()


def traced() -> None:
    with sentry_sdk.start_transaction(op="http.server", name="/orders"), sentry_sdk.start_span(op="db"):
        raised()


def _deeper(order: dict[str, Any], levels: int) -> float:
    secret = "hunter2"
    if levels:
        return _deeper(order, levels - 1) + len(secret)
    return 1 / len(order.get("missing", ""))


BROWSER_EVENT: dict[str, Any] = {
    "exception": {
        "values": [
            {
                "type": "TypeError",
                "value": "undefined is not a function",
                "stacktrace": {
                    "frames": [
                        {
                            "filename": "https://shop.example.org/app.js",
                            "function": "?",
                            "lineno": 1,
                            "colno": 8421,
                        },
                        {
                            "filename": "https://shop.example.org/app.js",
                            "function": "onClick",
                            "lineno": 1,
                            "colno": 77,
                        },
                    ]
                },
                "mechanism": {"type": "onerror", "handled": False},
            }
        ]
    },
    "level": "error",
    "platform": "javascript",
    "request": {
        "url": "https://shop.example.org/cart",
        "headers": {"User-Agent": "Mozilla/5.0 Firefox/128.0"},
    },
    "timestamp": 1764000000.123,
    "tags": [["browser", "Firefox"], ["beta", None]],
    "sdk": {"name": "sentry.javascript.browser", "version": "8.30.0"},
}
NATIVE_EVENT: dict[str, Any] = {
    "platform": "native",
    "level": "fatal",
    "threads": {
        "values": [{"id": 1, "crashed": True, "stacktrace": {"frames": [{"instruction_addr": "0x1000"}]}}]
    },
    "debug_meta": {"images": [{"type": "elf", "image_addr": "0x1000", "debug_id": "a" * 32}]},
}


def by_hand() -> Iterator[bytes]:
    """Yield envelopes in the style of the browser and native SDKs: no lengths, several items, sessions."""
    for own in (BROWSER_EVENT, NATIVE_EVENT):
        header = {
            "event_id": "c" * 32,
            "sent_at": "2025-11-25T03:00:00.000Z",
            "sdk": {"name": "x", "version": "1"},
        }
        yield b"\n".join((json.dumps(header).encode(), b'{"type":"event"}', json.dumps(own).encode()))
    payload = json.dumps(NATIVE_EVENT).encode()
    session = json.dumps({"sid": "d" * 32, "init": True, "status": "ok", "errors": 1}).encode()
    yield b'{"event_id":"%s"}\n{"type":"session"}\n%s\n{"type":"event","length":%d}\n%s\n' % (
        b"e" * 32,
        session,
        len(payload),
        payload,
    )


def all_seeds() -> list[bytes]:
    """Return one envelope of every kind."""
    acts = (raised, chained, told, logged, in_thread, attached, traced)
    options = {"traces_sample_rate": 1.0}
    return [*by_hand(), *(one for act in acts for one in sent_by(act, **options))]
