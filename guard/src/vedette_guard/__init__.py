"""Vedette's guard: one policy protects a Python web application from inside, whatever way it is served.

`Guard(app)` (ASGI) and `WsgiGuard(app)` (WSGI) are safe defaults; `Policy` and its presets refine them. Django has
`vedette_guard.doors.django.GuardMiddleware`. Nothing but the standard library is needed.
"""

from vedette_guard.doors.asgi import Guard
from vedette_guard.doors.wsgi import WsgiGuard
from vedette_guard.passage import client, nonce
from vedette_guard.policy import (
    Cookies,
    Cors,
    Counting,
    Csrf,
    Decisions,
    Headers,
    Https,
    Inspect,
    Limits,
    PathPolicy,
    Policy,
    PolicyError,
    Proxies,
    Rate,
    Reports,
    Telemetry,
    UploadPolicy,
)
from vedette_guard.telling import failed, failed_sign_in, tell

__all__ = [
    "Cookies",
    "Cors",
    "Counting",
    "Csrf",
    "Decisions",
    "Guard",
    "Headers",
    "Https",
    "Inspect",
    "Limits",
    "PathPolicy",
    "Policy",
    "PolicyError",
    "Proxies",
    "Rate",
    "Reports",
    "Telemetry",
    "UploadPolicy",
    "WsgiGuard",
    "client",
    "failed",
    "failed_sign_in",
    "nonce",
    "tell",
]
