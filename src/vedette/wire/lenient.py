"""JSON as clients really send it: decoding that never fails, and says what it could not keep."""

import msgspec

from vedette.wire.delivery import Note

type_error = "The payload is not JSON; nothing of it could be kept."
Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


def decode(payload: bytes) -> tuple[Json, tuple[Note, ...]]:
    """Return the value a payload holds and notes about what could not be kept as sent; never raises."""
    try:
        return msgspec.json.decode(payload), ()
    except (msgspec.DecodeError, RecursionError, ValueError):
        return {}, (Note(where="", what=type_error),)


def encode(value: Json) -> bytes:
    """Return a value as compact UTF-8 JSON."""
    return msgspec.json.encode(value)
