"""The outermost layer of Django: one log line a request, and how long the server took."""

import re
from collections.abc import Callable
from typing import Protocol

from django.http import HttpRequest, HttpResponse

from vedette.app import logs
from vedette.core.clock import monotonic
from vedette.core.errors import VedetteError

LOG = logs.logger("vedette.request")
Next = Callable[[HttpRequest], HttpResponse]
_SECRET_PATHS = re.compile(r"^(/setup/|/invitation/|/password/reset/key/|/a/|/on-call/feeds/)[^/]{20,}")


def safe_path(path: str) -> str:
    """Return a path as it may be logged: the secrets of set-up, invitation, reset and notice links as dots."""
    return _SECRET_PATHS.sub(r"\1••••", path)


class Log(Protocol):
    """Where the lines go."""

    def info(self, event: str, **values: object) -> object:
        """Write a line."""
        ...

    def error(self, event: str, **values: object) -> object:
        """Write a line about a fault."""
        ...


class RequestLog:
    """Logs method, path (never the query), status, milliseconds and who asked; tells the time as `Server-Timing`."""

    def __init__(self, get_response: Next, log: Log = LOG) -> None:
        self._next, self._log = get_response, log

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on and log it."""
        began = monotonic()
        response = self._next(request)
        took = round((monotonic() - began) * 1000, 1)
        response.headers["Server-Timing"] = f"app;dur={took}"
        actor = getattr(request, "actor", None)
        self._log.info(
            "request",
            method=request.method,
            path=safe_path(request.path),
            status=response.status_code,
            ms=took,
            actor=f"{actor.kind}:{actor.id}" if actor is not None else "-",
        )
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        """Log what nobody foresaw; errors of ours are answers, not faults."""
        if not isinstance(exception, VedetteError):
            self._log.error("page failed", path=safe_path(request.path), exc_info=exception)
