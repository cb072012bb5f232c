"""Lengths of time as files write them: `30s`, `5m`, `1h30m`, `1d`."""

import re
from typing import Annotated

import msgspec

from vedette.core.errors import Invalid

_LENGTH = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")
_SECONDS = (86_400, 3_600, 60, 1)
_MOST_DIGITS = 12
Length = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^(\d+[dhms])+$", max_length=60, description="a length of time: 30s, 5m, 1h30m, 1d"
    ),
]
Wall = Annotated[str, msgspec.Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$", description="a wall time: 23:30")]


def seconds(length: str) -> float:
    """Return the seconds of a length of time (`1h30m`); raises `Invalid`."""
    found = _LENGTH.fullmatch(length)
    if found is None or not length or any(len(n or "") > _MOST_DIGITS for n in found.groups()):
        raise Invalid(f"{length!r} is no length of time: write 30s, 5m, 1h30m or 1d, the longest first.")
    return float(sum(int(n or 0) * size for n, size in zip(found.groups(), _SECONDS, strict=True)))


def written(length: float) -> str:
    """Return whole seconds as a length of time; what is less than one is left out."""
    left, found = int(length), ""
    for size, unit in zip(_SECONDS, "dhms", strict=True):
        n, left = divmod(left, size)
        found += f"{n}{unit}" if n else ""
    return found or "0s"
