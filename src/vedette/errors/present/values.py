"""Turn any JSON value of an event into rows a person can read: a dotted name and a text."""

import re
from collections.abc import Iterator, Mapping, Sequence

import msgspec

SHORT_LIST = 240
MOST_ROWS = 1_000
_GAP = re.compile(r"\[Filtered(?:: ([^\]]{1,80}))?\]")


class Row(msgspec.Struct, frozen=True):
    """A name and a text."""

    name: str
    text: str


def scalar(value: object) -> str:
    """Return the text of a value that is neither object nor list, as JSON would name it; texts stay bare."""
    if isinstance(value, str):
        return value
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def row(name: str, value: object) -> Row:
    """Return one row for a scalar."""
    return Row(name, scalar(value))


def pieces(text: str) -> tuple[tuple[str, str], ...]:
    """Part a text into (kept, hidden) pairs: what stands before each gap a scrubbing rule left, and the gap in words.

    The scrubber leaves `[Filtered: rule]` behind, an SDK that scrubs by itself `[Filtered]`.
    """
    found, at = [], 0
    for gap in _GAP.finditer(text):
        found.append((text[at : gap.start()], f"hidden by rule “{gap[1]}”" if gap[1] else "hidden"))
        at = gap.end()
    return (*found, (text[at:], "")) if at < len(text) or not found else tuple(found)


def rows(value: object, name: str = "") -> tuple[Row, ...]:
    """Flatten a value into rows, depth first; beyond `MOST_ROWS` one row says how to read the rest."""
    found: list[Row] = []
    for item in _walk(value, name):
        if len(found) == MOST_ROWS:
            found.append(Row("…", "More is in the event's raw JSON."))
            break
        found.append(item)
    return tuple(found)


def _walk(value: object, name: str) -> Iterator[Row]:
    if isinstance(value, Mapping):
        yield from _walk_object(value, name)
    elif isinstance(value, Sequence) and not isinstance(value, str | bytes):
        yield from _walk_list(value, name)
    else:
        yield row(name, value)


def _walk_object(value: Mapping[object, object], name: str) -> Iterator[Row]:
    if not value and name:
        yield Row(name, "{}")
    for key, member in value.items():
        yield from _walk(member, f"{name}.{key}" if name else str(key))


def _walk_list(value: Sequence[object], name: str) -> Iterator[Row]:
    short = _short_list(value)
    if short is not None:
        yield Row(name, short)
        return
    for index, member in enumerate(value):
        yield from _walk(member, f"{name}[{index}]")


def _short_list(value: Sequence[object]) -> str | None:
    """Return a list of scalars on one line, or None when it is too long or holds more than scalars."""
    if any(isinstance(member, Mapping | Sequence) and not isinstance(member, str) for member in value):
        return None
    texts = [scalar(member) for member in value]
    text = f"[{', '.join(texts)}]"
    return text if len(text) <= SHORT_LIST else None


def pairs(value: object, name: str = "") -> tuple[Row, ...]:
    """Flatten what the protocol allows as an object, a list of pairs or a plain text (headers, tags, query)."""
    if isinstance(value, Sequence) and not isinstance(value, str) and all(map(_is_pair, value)):
        return tuple(found for key, member in value for found in rows(member, scalar(key)))
    if isinstance(value, str) or value is None:
        return (row(name, value),) if value else ()
    return rows(value, name if not isinstance(value, Mapping) else "")


def _is_pair(value: object) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str) and len(value) == 2


def text_of(value: object) -> str:
    """Return a value on one line: scalars as they are, anything else as `name=text` joined by commas."""
    if not isinstance(value, Mapping | list | tuple):
        return "" if value is None else scalar(value)
    return ", ".join(f"{r.name}={r.text}" if r.name else r.text for r in rows(value))


def mapping(value: object) -> Mapping[str, object]:
    """Return the value when it is an object, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def members(value: object) -> tuple[Mapping[str, object], ...]:
    """Return the objects of a list that stands bare or under `values`; nulls and strangers are left out."""
    listed = value.get("values", [value] if value else []) if isinstance(value, Mapping) else value
    if not isinstance(listed, Sequence) or isinstance(listed, str):
        return ()
    return tuple(member for member in listed if isinstance(member, Mapping))


def rest(value: Mapping[str, object], known: frozenset[str]) -> tuple[Row, ...]:
    """Flatten what an object holds beyond the keys that are drawn elsewhere; nulls and empty ones carry nothing."""
    return rows(
        {
            key: member
            for key, member in value.items()
            if key not in known and member not in (None, "", [], {})
        }
    )
