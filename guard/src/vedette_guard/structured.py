"""Structured field values (RFC 9651): writing them strictly, as section 4.1 tells.

Bare items are `bool`, `int`, `Decimal` or `float`, `str` (a string), `Token`, and `bytes`.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_EVEN, Decimal

_KEY = re.compile(r"[a-z*][a-z0-9_\-.*]*")
_TOKEN = re.compile(r"[A-Za-z*][A-Za-z0-9!#$%&'*+\-.^_`|~:/]*")
_PRINTABLE = re.compile(r"[\x20-\x7e]*")
MOST_INTEGER = 999_999_999_999_999
MOST_DECIMAL = Decimal(999_999_999_999)


class Token(str):
    """A text written without quotes."""

    __slots__ = ()


Bare = bool | int | float | Decimal | str | bytes
Parameters = Mapping[str, Bare]
Item = tuple[Bare, Parameters]
InnerList = tuple[Sequence[Item], Parameters]


def bare(value: Bare) -> str:
    """Return a bare item as text. Raise ValueError for what has no such form."""
    if isinstance(value, bool):
        return "?1" if value else "?0"
    if isinstance(value, int):
        return _integer(value)
    if isinstance(value, (float, Decimal)):
        return _decimal(Decimal(str(value)))
    if isinstance(value, bytes):
        return f":{base64.b64encode(value).decode()}:"
    return _token(value) if isinstance(value, Token) else _string(value)


def item(value: Bare, parameters: Parameters | None = None) -> str:
    """Return an item and its parameters: `"day";q=100;w=60`."""
    return bare(value) + _parameters(parameters or {})


def inner_list(members: InnerList) -> str:
    """Return an inner list: `("a" "b");p`."""
    items, parameters = members
    return f"({' '.join(item(*member) for member in items)})" + _parameters(parameters)


def list_of(members: Sequence[Item | InnerList]) -> str:
    """Return a list; its members are items or inner lists."""
    return ", ".join(_member(member) for member in members)


def dictionary(members: Mapping[str, Item | InnerList]) -> str:
    """Return a dictionary: a member that is `True` stands by its key alone."""
    return ", ".join(_entry(name, member) for name, member in members.items())


def key(name: str) -> str:
    """Return a key. Raise ValueError for what is none."""
    if not _KEY.fullmatch(name):
        raise ValueError(f"{name!r} is no key of a structured field")
    return name


def _member(member: Item | InnerList) -> str:
    value, parameters = member
    if isinstance(value, (bool, int, float, Decimal, str, bytes)):
        return item(value, parameters)
    return inner_list((value, parameters))


def _entry(name: str, member: Item | InnerList) -> str:
    value, parameters = member
    if value is True:
        return key(name) + _parameters(parameters)
    return f"{key(name)}={_member(member)}"


def _parameters(parameters: Parameters) -> str:
    return "".join(
        f";{key(name)}" if value is True else f";{key(name)}={bare(value)}"
        for name, value in parameters.items()
    )


def _integer(value: int) -> str:
    if abs(value) > MOST_INTEGER:
        raise ValueError(f"{value} has more than 15 digits")
    return str(value)


def _decimal(value: Decimal) -> str:
    rounded = value.quantize(Decimal("0.001"), rounding=ROUND_HALF_EVEN)
    if abs(rounded) > MOST_DECIMAL + Decimal("0.999"):
        raise ValueError(f"{value} has more than 12 digits before its point")
    whole, _, fraction = f"{rounded:f}".partition(".")
    return f"{whole}.{fraction.rstrip('0') or '0'}"


def _string(value: str) -> str:
    if not _PRINTABLE.fullmatch(value):
        raise ValueError(f"{value!r} has characters that a string of a structured field cannot hold")
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _token(value: str) -> str:
    if not _TOKEN.fullmatch(value):
        raise ValueError(f"{value!r} is no token")
    return str(value)
