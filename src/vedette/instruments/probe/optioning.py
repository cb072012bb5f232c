"""From the options of a request, as JSON holds them, to those of a probe."""

import functools
import re
from collections.abc import Mapping
from typing import TypeVar

import msgspec

from vedette.core.errors import Invalid

T = TypeVar("T", bound=msgspec.Struct)
NO_JSON = (
    msgspec.DecodeError,
    UnicodeDecodeError,
    RecursionError,
)  # what decoding of anything at all may raise

_PLACE = re.compile(r" - at `\$\.?(?P<path>[^`]*)`$")
_UNKNOWN = re.compile(r"Object contains unknown field `(?P<name>[^`]+)`")


def decoded(kind: type[T], options: Mapping[str, object]) -> T:
    """Return options as a probe's struct; raises `Invalid` that names the one that is wrong."""
    try:
        found: T = _decoded(kind, msgspec.msgpack.encode(options))
        return found
    except msgspec.ValidationError as error:
        raise _invalid(kind, str(error)) from error
    except (TypeError, OverflowError) as error:  # nothing that JSON could have held
        raise wrong("options", str(error)) from error


@functools.lru_cache(maxsize=16_384)
def _decoded(kind: type[T], options: bytes) -> T:
    """Return what options say; kept, for checks come again with the same ones."""
    return msgspec.msgpack.decode(options, type=kind)


def _invalid(kind: type[msgspec.Struct], text: str) -> Invalid:
    unknown = _UNKNOWN.search(text)
    if unknown:
        known = ", ".join(kind.__struct_fields__)
        return wrong(unknown["name"], f"there is no such option; there are {known}")
    found = _PLACE.search(text)
    return wrong(found["path"] if found else "options", _PLACE.sub("", text).replace("`", ""))


def wrong(option: str, why: str) -> Invalid:
    """Return the error that names an option and what is wrong with it."""
    return Invalid(f"{option}: {why}.", {option: why})
