"""How much a request may bring: what its headers tell beforehand, and what its body turns out to be."""

from __future__ import annotations

from vedette_guard.decisions.asked import Asked, Refusal
from vedette_guard.decisions.jsondepth import JsonDepth
from vedette_guard.decisions.multipart import Multipart, boundary
from vedette_guard.durations import certain
from vedette_guard.policy import Limits

Scanner = JsonDepth | Multipart
PART = "limits"
MOST_DIGITS = 18


def why_not(limits: Limits, length: str, asked: Asked) -> Refusal | None:
    """Return the refusal of a request whose headers tell that its body is not wanted; `length` is its Content-Length."""
    if asked.header("transfer-encoding") is not None:
        return Refusal(400, PART, "Content-Length beside Transfer-Encoding")
    if not (length.isascii() and length.isdigit() and len(length) <= MOST_DIGITS):
        return Refusal(400, PART, "Content-Length is no number, or there are several")
    return _too_large(limits) if limits.body and int(length) > limits.body else None


def headers_too_large(most: int) -> Refusal:
    """Return the refusal of a request with more bytes of headers than allowed."""
    return Refusal(431, PART, f"more than {most} bytes of headers")


def _too_large(limits: Limits) -> Refusal:
    return Refusal(413, PART, f"a body of more than {limits.body} bytes")


class Body:
    """Watches the body of one request while it passes by; its time is that for which the client was waited for."""

    __slots__ = ("_limits", "_patience", "_scanner", "_taken", "_waited")

    def __init__(self, limits: Limits, scanner: Scanner | None) -> None:
        self._limits, self._scanner, self._taken, self._waited = limits, scanner, 0, 0.0
        self._patience = certain(limits.body_time)

    def left(self) -> float | None:
        """Return for how many seconds the next bytes may be waited for; None for any time."""
        if not self._patience:
            return None
        earned = self._taken / self._limits.body_rate if self._limits.body_rate else 0.0
        return max(0.0, self._patience + earned - self._waited)

    def feed(self, chunk: bytes, waited: float) -> Refusal | None:
        """Take the next bytes, that were waited for so many seconds; return the refusal when they are too many, too late, or of a shape that is refused."""
        self._taken += len(chunk)
        self._waited += waited
        if self._limits.body and self._taken > self._limits.body:
            return _too_large(self._limits)
        reason = self._scanner.feed(chunk) if self._scanner else ""
        if reason:
            return Refusal(400, PART, reason)
        return self.late() if chunk and self.left() == 0 else None

    def late(self) -> Refusal:
        """Return the refusal of a body that takes too long."""
        return Refusal(408, PART, "the body came too slowly")


def body(limits: Limits, asked: Asked) -> Body | Refusal:
    """Return the watch over a request's body, or the refusal of one whose content type is malformed."""
    kind = asked.header("content-type") or ""
    media = kind.partition(";")[0].strip().lower()
    if media.startswith("multipart/"):
        mark = boundary(kind)
        if mark is None:
            return Refusal(400, PART, "a multipart body without one well-formed boundary")
        return Body(limits, Multipart(mark, limits))
    deep = limits.json_depth and (media == "application/json" or media.endswith("+json"))
    return Body(limits, JsonDepth(limits.json_depth) if deep else None)
