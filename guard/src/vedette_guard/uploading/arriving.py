"""A file as a framework hands it over: its name, its declared type, and bytes that can be read.

Starlette and FastAPI, Litestar, Werkzeug (Flask, Quart), Django and Bottle each have a class of their own; a plain open
file will do, too.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol, cast

STEP = 64 * 1024


class Readable(Protocol):
    """Bytes that can be read in steps."""

    def read(self, size: int = ..., /) -> bytes:
        """Return at most `size` bytes; none at the end."""
        ...


@dataclass(frozen=True)
class Arriving:
    """What came: `name` and `declared` are a stranger's words."""

    name: str
    declared: str
    stream: Readable

    def chunks(self) -> Iterator[bytes]:
        """Yield the bytes, from the beginning when they can be read again."""
        with suppress(AttributeError, OSError, ValueError):
            self.stream.seek(0)  # type: ignore[attr-defined]
        while chunk := self.stream.read(STEP):
            if not isinstance(chunk, (bytes, bytearray)):
                raise TypeError(
                    f"an upload is read as bytes, and {self.name!r} reads as {type(chunk).__name__}"
                )
            yield chunk


def arriving(file: Any, name: str | None = None, declared: str | None = None) -> Arriving:
    """Return what a framework's file, or an open one, brings; `name` and `declared` stand over what it says itself."""
    said = _declared(file) if declared is None else declared
    return Arriving(_name(file) if name is None else name, said, _stream(file))


def _name(file: Any) -> str:
    """Return the name as it was sent: Bottle keeps it as `raw_filename`, and `name` of an open file is its path."""
    for attribute in ("raw_filename", "filename"):
        if hasattr(file, attribute):
            return str(getattr(file, attribute) or "")
    name = str(getattr(file, "name", "") or "")
    return name if hasattr(file, "content_type") else os.path.basename(name)  # noqa: PTH119 (of any system)


def _declared(file: Any) -> str:
    return str(getattr(file, "content_type", "") or "")


def _stream(file: Any) -> Readable:
    """Return what reads synchronously: `read` of Starlette's and Litestar's files themselves does not."""
    for found in (getattr(file, "file", None), getattr(file, "stream", None), file):
        if hasattr(found, "read"):
            return cast(Readable, found)
    raise TypeError(f"a file is wanted, and {type(file).__name__} has no read()")
