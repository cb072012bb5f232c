"""Structured logs of our own: text on a terminal, JSON lines elsewhere; values under secret-looking names print as dots."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

from vedette.core.settings import Settings

_RICH = sys.modules.get("rich")
sys.modules["rich"] = None  # type: ignore[assignment]  # structlog would load it (6 MB) for tracebacks we print plainly
import structlog  # noqa: E402

if _RICH is None:
    del sys.modules["rich"]
else:
    sys.modules["rich"] = _RICH

_DOTS = "••••"
_SECRET_PARTS = ("password", "secret", "token", "authorization", "cookie", "seal", "dsn")
Event = MutableMapping[str, Any]


def configure(settings: Settings) -> None:
    """Send every log line of this process, ours and libraries', to standard error in one format."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        hide_secrets,
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared, processor=_renderer(settings.log_format)
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level.upper())
    for name in ("django.request", "django.server", "_granian", "urllib3"):
        logging.getLogger(name).setLevel(logging.ERROR)
    logging.getLogger("django.request").addFilter(lambda record: record.exc_info is not None)


def logger(name: str) -> structlog.stdlib.BoundLogger:
    """Return the logger of a part; made here so that structlog is loaded in one place."""
    bound: structlog.stdlib.BoundLogger = structlog.get_logger(name)
    return bound


def hide_secrets(_logger: Any, _method: str, event: Event) -> Event:
    """Replace values whose names look like secrets."""
    for name in event:
        if any(part in name.lower() for part in _SECRET_PARTS):
            event[name] = _DOTS
    return event


def _renderer(log_format: str) -> Any:
    if log_format == "text" or (log_format == "auto" and sys.stderr.isatty()):
        return structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    return structlog.processors.JSONRenderer()
