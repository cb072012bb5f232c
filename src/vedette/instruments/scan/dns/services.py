"""Services where whoever comes next gets a name that was given back, and what they say of one that nobody has.

Data with its source (`services.json`).
"""

import functools
from pathlib import Path

import msgspec

_FILE = Path(__file__).with_name("services.json")
_MOST = 64 << 10


class Service(msgspec.Struct, frozen=True, kw_only=True):
    """A service: its names end in one of `suffixes`; `says` are sentences of its page for a name that nobody has."""

    name: str
    suffixes: tuple[str, ...]
    says: tuple[str, ...]


class _File(msgspec.Struct, frozen=True):
    source: str
    services: tuple[Service, ...]


@functools.cache
def services() -> tuple[Service, ...]:
    """Return all of them."""
    return msgspec.json.decode(_FILE.read_bytes(), type=_File).services


def service_of(target: str) -> Service | None:
    """Return the service a name belongs to, given in lower case without a dot at its end."""
    return next(
        (each for each in services() if any(f".{target}".endswith(f".{suffix}") for suffix in each.suffixes)),
        None,
    )


def says_unclaimed(service: Service, page: str) -> str:
    """Return the sentence by which a service tells that nobody has the name, empty when its page says none."""
    return next((text for text in service.says if text in page[:_MOST]), "")
