"""What the front door says: always JSON, never an empty body (an SDK breaks on one)."""

import math
from collections.abc import Mapping, Sequence

import msgspec

from vedette.core.errors import (
    Forbidden,
    Invalid,
    NotFound,
    Throttled,
    Unauthenticated,
    Unavailable,
    VedetteError,
)
from vedette.intake.asgi import Send
from vedette.intake.cors import Headers
from vedette.wire.encoding import TooLarge, UnknownEncoding


class MethodNotAllowed(VedetteError):
    """The door takes POST (and OPTIONS) only, or what `allowed` says."""

    def __init__(self, message: str, allowed: bytes = b"POST, OPTIONS") -> None:
        super().__init__(message)
        self.allowed = allowed


class BodyTimeout(VedetteError):
    """The body did not arrive in time."""


class RateLimited(Throttled):
    """A quota is used up. `limits` is the value of X-Sentry-Rate-Limits."""

    def __init__(self, message: str, retry_after: float, limits: str) -> None:
        super().__init__(message, retry_after)
        self.limits = limits


class Answer(msgspec.Struct, frozen=True):
    """A status, a body (JSON but for OTLP) and headers beside the usual ones."""

    status: int
    body: bytes
    headers: Headers = []
    content_type: bytes = b"application/json"


_STATUS: tuple[tuple[type[VedetteError], int], ...] = (
    (Unauthenticated, 401),
    (Forbidden, 403),
    (Throttled, 429),
    (TooLarge, 413),
    (UnknownEncoding, 415),
    (Unavailable, 503),
    (NotFound, 404),
    (MethodNotAllowed, 405),
    (BodyTimeout, 408),
    (Invalid, 400),
)
PROTOBUF = b"application/x-protobuf"


def kept(event_id: str) -> Answer:
    """Return the answer to the plain case: one event came and is kept."""
    return Answer(200, b'{"id":"%s"}' % event_id.encode())


def accepted(
    answer_id: str, events: Sequence[str], not_kept: Mapping[str, int], headers: Headers | None = None
) -> Answer:
    """Return the answer to anything else that is accepted: which events are kept, and what is not."""
    body = msgspec.json.encode({"id": answer_id, "events": events, "not_kept": not_kept})
    return Answer(200, body, headers or [])


def failure(error: VedetteError) -> Answer:
    """Return the answer that tells a client what went wrong."""
    status = next((code for kind, code in _STATUS if isinstance(error, kind)), 400)
    detail = str(error)
    headers: Headers = [(b"x-sentry-error", detail.encode("ascii", "replace").replace(b"\n", b" ")[:400])]
    if isinstance(error, Throttled | Unavailable):
        headers.append((b"retry-after", b"%d" % max(1, math.ceil(error.retry_after))))
    if isinstance(error, RateLimited):
        headers.append((b"x-sentry-rate-limits", error.limits.encode()))
    if isinstance(error, Unauthenticated):
        headers.append((b"www-authenticate", b'Bearer, Basic realm="Vedette"'))
    if isinstance(error, MethodNotAllowed):
        headers.append((b"allow", error.allowed))
    return Answer(status, msgspec.json.encode({"detail": detail}), headers)


async def send(answer: Answer, cors: Headers, send: Send, *, head: bool = False) -> None:
    """Send an answer; to HEAD without its body. A 304 has no length: it would be taken for that of what is kept."""
    length = [] if answer.status == 304 else [(b"content-length", b"%d" % len(answer.body))]
    await send(
        {
            "type": "http.response.start",
            "status": answer.status,
            "headers": [(b"content-type", answer.content_type), *length, *answer.headers, *cors],
        }
    )
    await send({"type": "http.response.body", "body": b"" if head else answer.body})
