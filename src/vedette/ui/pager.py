"""Pages by cursor: an opaque text that says where the next page starts, stable while new rows arrive."""

import base64
import binascii
from collections.abc import Sequence
from typing import Generic, TypeVar

import msgspec

from vedette.core.errors import Invalid

T = TypeVar("T")
MAX_PAGE = 100
_LONGEST = 512


class Page(msgspec.Struct, Generic[T], frozen=True):
    """A page of things and the cursor of the next one (None at the end)."""

    items: Sequence[T]
    cursor: str | None = None


def encode(*place: float | str | None) -> str:
    """Return the values of the last row's sort key as a cursor."""
    return base64.urlsafe_b64encode(msgspec.msgpack.encode(place)).decode().rstrip("=")


def decode(cursor: str, kind: type[T]) -> T:
    """Return the values a cursor holds as `kind` (a tuple type); raises `Invalid` for a cursor we did not make."""
    if len(cursor) > _LONGEST:
        raise Invalid("The cursor is too long; take it from the page before as it is.")
    try:
        return msgspec.msgpack.decode(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)), type=kind)
    except (msgspec.MsgspecError, binascii.Error, UnicodeError, ValueError):
        raise Invalid("The cursor is not one of ours; take it from the page before as it is.") from None


def size(asked: int | None, default: int = 25, most: int = MAX_PAGE) -> int:
    """Return how many rows a page gets: what was asked, between 1 and `most`."""
    return default if asked is None else max(1, min(most, asked))
