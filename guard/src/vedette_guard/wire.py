"""Where reports go, and how they are written: envelopes of Sentry's protocol (develop.sentry.dev/sdk/envelopes)."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

CLIENT = "vedette-guard/0.1.0"
MEANT = "an address such as https://KEY@vedette.example/1, as the project's settings show it"
_PROJECT = re.compile(r"(?P<prefix>(?:/[^/]+)*)/(?P<project>\d+)")


@dataclass(frozen=True)
class Dsn:
    """A DSN taken apart; `path` is that of the envelope door."""

    secure: bool
    host: str
    port: int | None
    path: str
    key: str


def read_dsn(text: str) -> Dsn | None:
    """Return a DSN taken apart; None when it is none."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return None
    match = _PROJECT.fullmatch(parts.path)
    if parts.scheme not in ("http", "https") or not parts.hostname or match is None:
        return None
    if not re.fullmatch(r"[0-9A-Za-z-]+", parts.username or "") or parts.query:
        return None
    path = f"{match['prefix']}/api/{match['project']}/envelope/"
    return Dsn(parts.scheme == "https", parts.hostname, port, path, parts.username or "")


def auth(dsn: Dsn) -> dict[str, str]:
    """Return the headers of a request that brings an envelope."""
    return {
        "Content-Type": "application/x-sentry-envelope",
        "User-Agent": CLIENT,
        "X-Sentry-Auth": f"Sentry sentry_version=7, sentry_key={dsn.key}, sentry_client={CLIENT}",
    }


def envelope(event: dict[str, Any]) -> bytes:
    """Return the envelope of one event, which has its id."""
    item = json.dumps(event, separators=(",", ":"), ensure_ascii=True).encode()
    head = json.dumps({"event_id": event["event_id"]}).encode()
    return b"\n".join((head, json.dumps({"type": "event", "length": len(item)}).encode(), item, b""))
