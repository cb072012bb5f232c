"""Python: PEP 440 by `packaging`; what PEP 440 cannot read is older than all it can, in the order of setuptools before it.

The old order: https://setuptools.pypa.io/en/latest/pkg_resources.html#parsing-utilities, "parse_version", as of setuptools 7.
"""

import re
from collections.abc import Iterator

from packaging.version import InvalidVersion, Version

from vedette.instruments.scan.versions.types import Key, NoVersion

_PART = re.compile(r"[0-9]+|[a-z]+|\.|-|[^0-9a-z.-]+")
_LEGAL = re.compile(r"[0-9A-Za-z.+!_:-]+")
_MEANT = {"pre": "c", "preview": "c", "-": "final-", "rc": "c", "dev": "@"}


def key(text: str) -> Key:
    """Return the key of a version."""
    try:
        return (1, Version(text))
    except InvalidVersion:
        if not _LEGAL.fullmatch(text):
            raise NoVersion from None
        return (0, _legacy(text.lower()))


def _legacy(text: str) -> Key:
    parts: list[str] = []
    for part in _spelled(text):
        if part.startswith("*"):
            _shorten(parts, part)
        parts.append(part)
    return tuple(parts)


def _shorten(parts: list[str], part: str) -> None:
    """Drop the dash before a pre-release, and the zeros before any word."""
    while part < "*final" and parts and parts[-1] == "*final-":
        parts.pop()
    while parts and parts[-1] == "00000000":
        parts.pop()


def _spelled(text: str) -> Iterator[str]:
    for found in _PART.finditer(text):
        part = _MEANT.get(found.group(), found.group())
        if part == ".":
            continue
        yield part.zfill(8) if part[0].isdigit() else f"*{part}"
    yield "*final"
