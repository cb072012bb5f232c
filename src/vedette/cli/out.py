"""How commands print: one JSON value a line for programs, plain words and tables for people."""

import enum
from collections.abc import Mapping, Sequence
from typing import TypeVar

import msgspec

from vedette.core.errors import ConfigError

E = TypeVar("E", bound=enum.StrEnum)


def emit(value: object, text: str, *, json: bool) -> None:
    """Print the value as one line of JSON, or the text."""
    print(msgspec.json.encode(value).decode() if json else text)


def table(rows: Sequence[Mapping[str, str]], empty: str) -> str:
    """Return rows as an aligned table with a heading, or what to say when there are none."""
    if not rows:
        return empty
    heads = list(rows[0])
    widths = {h: max(len(h), *(len(row[h]) for row in rows)) for h in heads}
    lines = [heads_line(heads, widths)]
    lines += ["  ".join(row[h].ljust(widths[h]) for h in heads).rstrip() for row in rows]
    return "\n".join(lines)


def heads_line(heads: Sequence[str], widths: Mapping[str, int]) -> str:
    """Return the heading of a table."""
    return "  ".join(h.upper().ljust(widths[h]) for h in heads).rstrip()


def one_of(kind: type[E], text: str, option: str) -> E:
    """Return the member of an enum that a text names; raises `ConfigError` with the choices."""
    try:
        return kind(text)
    except ValueError:
        raise ConfigError(f"{option} {text}: it is one of {', '.join(kind)}.") from None
