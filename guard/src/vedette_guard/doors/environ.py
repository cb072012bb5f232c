"""What a WSGI environment tells of a request, and its body under watch: shared by the WSGI and the Django door."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NoReturn, Protocol
from urllib.parse import quote

from vedette_guard.decisions import limits
from vedette_guard.decisions.asked import Refusal
from vedette_guard.engine import BodyLook
from vedette_guard.passage import Passage

SAFE_IN_PATHS = "/:@!$&'()*+,;=~-._"
_BARE = {"content-length": "CONTENT_LENGTH", "content-type": "CONTENT_TYPE"}


class EnvironAsked:
    """A request as its environment tells it.

    Servers write `X_FORWARDED_FOR` and `X-Forwarded-For` into one variable; only what a trusted proxy wrote counts, so
    let the proxy drop names with underscores (nginx does by itself).
    """

    __slots__ = ("_environ", "method", "path", "peer", "scheme", "websocket")

    def __init__(self, environ: Mapping[str, Any]) -> None:
        self._environ = environ
        self.websocket = False
        self.method: str = environ["REQUEST_METHOD"]
        self.scheme: str = environ.get("wsgi.url_scheme", "http")
        self.path: str = self._raw_path().decode("utf-8", "replace")
        self.peer: str = environ.get("REMOTE_ADDR") or ""

    def _raw_path(self) -> bytes:
        path: str = self._environ.get("SCRIPT_NAME", "") + self._environ.get("PATH_INFO", "")
        return path.encode("latin-1", "replace") or b"/"

    def header(self, name: str) -> str | None:
        """Return a header's value; None when it was not sent, or empty."""
        key = _BARE.get(name) or "HTTP_" + name.upper().replace("-", "_")
        return self._environ.get(key) or None

    def header_bytes(self) -> int:
        """Return how many bytes all headers take."""
        pairs = (
            (name, value) for name, value in self._environ.items() if name.startswith(("HTTP_", "CONTENT_"))
        )
        return sum(len(name) - 5 + len(value) for name, value in pairs)

    def all_headers(self) -> tuple[tuple[str, str], ...]:
        """Return all names and values of headers; those of the same name came joined."""
        sent = ((name, value) for name, value in self._environ.items() if name.startswith("HTTP_"))
        return tuple((name[5:].lower().replace("_", "-"), value) for name, value in sent)

    def target(self) -> str:
        """Return path and query, percent-encoded."""
        query = self._environ.get("QUERY_STRING", "")
        path = quote(self._raw_path(), safe=SAFE_IN_PATHS)
        return path + ("?" + quote(query, safe=SAFE_IN_PATHS + "%?", encoding="latin-1") if query else "")

    def has_body(self) -> bool:
        """Tell whether there may be a body."""
        return (self.header("content-length") or "0") != "0" or self.header("transfer-encoding") is not None


class Readable(Protocol):
    """A body that is read: `wsgi.input`, or the stream of a Django request."""

    def read(self, size: int = ..., /) -> bytes:
        """Return the next bytes, empty at the end."""

    def readline(self, size: int = ..., /) -> bytes:
        """Return the next line."""


class BodyRefused(Exception):
    """A body that goes no further: the passage knows why, and the door answers."""


class WatchedBody:
    """A body that raises BodyRefused when it turns out to be too large, too slow, or of a shape that is refused."""

    STEP = 65536

    def __init__(
        self,
        inner: Readable,
        passage: Passage,
        watch: limits.Body,
        clock: Callable[[], float],
        look: BodyLook | None = None,
    ) -> None:
        self._inner, self._passage, self._watch, self._clock = inner, passage, watch, clock
        self._look = look
        self._head = io.BytesIO()

    def read(self, size: int | None = -1, /) -> bytes:
        """Return up to `size` bytes, or all."""
        if size is None or size < 0:
            return b"".join(self._pieces())
        return self._take(size)

    def _pieces(self) -> Iterator[bytes]:
        while piece := self._take(self.STEP):
            yield piece

    def _take(self, size: int) -> bytes:
        if self._look is not None:
            self._look_first(self._look)
        piece = self._head.read(size)
        return piece if len(piece) == size else piece + self._seen(self._inner.read, size - len(piece))

    def _line(self, most: int) -> bytes:
        if self._look is not None:
            self._look_first(self._look)
        line = self._head.readline(most)
        if line.endswith(b"\n") or len(line) == most:
            return line
        return line + self._seen(self._inner.readline, most - len(line))

    def _look_first(self, look: BodyLook) -> None:
        """Read as much of the body as is looked at, before anybody sees it."""
        self._look = None
        pieces, left = [], look.most
        while left > 0 and (piece := self._seen(self._inner.read, min(left, self.STEP))):
            pieces.append(piece)
            left -= len(piece)
        self._head = io.BytesIO(b"".join(pieces))
        refusal = look(self._head.getvalue())
        if refusal is not None:
            self._refused(refusal)

    def readline(self, size: int | None = -1, /) -> bytes:
        """Return the next line, at most `size` bytes of it."""
        most = self.STEP if size is None or size < 0 else size
        line = self._line(most)
        while line and (size is None or size < 0) and not line.endswith(b"\n"):
            more = self._line(most)
            if not more:
                break
            line += more
        return line

    def readlines(self, hint: int | None = -1, /) -> list[bytes]:
        """Return all lines; the hint is not needed."""
        del hint
        return list(self)

    def __iter__(self) -> Iterator[bytes]:
        while line := self.readline():
            yield line

    def close(self) -> None:
        """Close the body, where it can be closed."""
        close = getattr(self._inner, "close", None)
        if close is not None:
            close()

    def _seen(self, read: Callable[[int], bytes], size: int) -> bytes:
        began = self._clock()
        piece = read(size)
        refusal = self._watch.feed(piece, self._clock() - began)
        if refusal is not None:
            self._refused(refusal)
        return piece

    def _refused(self, refusal: Refusal) -> NoReturn:
        refuse(self._passage, refusal)


def refuse(passage: Passage, refusal: Refusal) -> NoReturn:
    """Note why a body is refused, unless an answer is on its way, and raise BodyRefused."""
    passage.refuse(refusal)
    raise BodyRefused(refusal.reason)
