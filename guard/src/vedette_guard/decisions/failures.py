"""An exception that left the application, as an event of Sentry's protocol: frames with lines around them, no values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from vedette_guard.decisions.masking import masked

AROUND, FRAMES, OUTERMOST, CHAIN, LONGEST, LINE = 5, 50, 10, 5, 1000, 200
LIBRARIES = ("/site-packages/", "/dist-packages/", "/lib/python3", "<frozen ")


@dataclass(frozen=True)
class Frame:
    """Where a call stood: the file, the module, the function and the line (from 1)."""

    filename: str
    module: str
    function: str
    line: int


@dataclass(frozen=True)
class Raised:
    """One exception of a chain: its type, where that is from, what it says, and its frames, outermost first."""

    type: str
    module: str
    says: str
    frames: tuple[Frame, ...]


@dataclass
class Failure:
    """An exception that left the application, `times` times; the chain begins with the first cause."""

    chain: tuple[Raised, ...]
    first: float
    last: float
    client: str = ""
    method: str = ""
    route: str = ""
    times: int = 1
    kind: str = "failure"

    @property
    def key(self) -> object:
        """Return what makes another failure the same one, repeated."""
        last = self.chain[-1]
        return self.kind, last.type, last.frames[-1:], self.method, self.route, self.client

    @property
    def size(self) -> int:
        """Return about how many bytes it takes to tell: a frame has eleven lines."""
        return 1000 + sum(len(raised.says) + 800 * len(raised.frames) for raised in self.chain)


Lines = Sequence[str]


def frame_of(frame: Frame, lines: Lines) -> dict[str, Any]:
    """Return a frame as the protocol has it; `lines` are those of its file (none: not to be had)."""
    found = {
        "filename": frame.filename, "abs_path": frame.filename, "module": frame.module, "function": frame.function,
        "lineno": frame.line, "in_app": not any(part in frame.filename for part in LIBRARIES),
    }  # fmt: skip
    place = frame.line - 1
    if not 0 <= place < len(lines):
        return found
    return {
        **found,
        "pre_context": [_line(line) for line in lines[max(0, place - AROUND) : place]],
        "context_line": _line(lines[place]),
        "post_context": [_line(line) for line in lines[place + 1 : place + 1 + AROUND]],
    }


def _line(line: str) -> str:
    return masked(line.rstrip("\r\n")[:LINE])


def shortened(frames: Sequence[Frame]) -> tuple[Frame, ...]:
    """Return so many frames as are told: the outermost few, and the innermost."""
    if len(frames) <= FRAMES:
        return tuple(frames)
    return (*frames[:OUTERMOST], *frames[OUTERMOST - FRAMES :])


def event_of_failure(failure: Failure, values: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the event that tells of a failure; `values` are its exceptions as `value_of` has them."""
    return {
        "level": "error",
        "logger": "vedette.guard",
        "timestamp": failure.last,
        "platform": "python",
        "transaction": failure.route,
        "exception": {"values": values},
        "user": {"ip_address": failure.client} if failure.client else {},
        "request": {"method": failure.method, "url": failure.route},
        "contexts": {"guard": {"times": failure.times, "first": failure.first, "last": failure.last}},
    }


def value_of(raised: Raised, frames: list[dict[str, Any]]) -> dict[str, Any]:
    """Return an exception as the protocol has it."""
    return {
        "type": raised.type,
        "module": raised.module,
        "value": masked(raised.says[:LONGEST]),
        "mechanism": {"type": "vedette_guard", "handled": False},
        "stacktrace": {"frames": frames},
    }
