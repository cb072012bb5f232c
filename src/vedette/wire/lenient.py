"""JSON as clients really send it: decoding that never fails and says what it could not keep."""

import codecs
import json
from collections.abc import Iterator
from gc import is_tracked

import msgspec

from vedette.wire import tolerant
from vedette.wire.delivery import Note
from vedette.wire.tolerant import DEPTH, TOO_DEEP, Json

NOTHING = Note(where="", what="The payload is not JSON; nothing of it could be kept.")
REPAIRED = Note(where="", what="The payload is not valid JSON; it was read as it was probably meant.")
_CONTAINERS = frozenset((dict, list))
_MOST_NOTES = 50
_DECODE = msgspec.json.Decoder().decode
_ENCODE = msgspec.json.Encoder().encode
_WIDE = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_Where = tuple["_Where", str] | None


def decode(payload: bytes) -> tuple[Json, tuple[Note, ...]]:
    """Return the value a payload holds, and notes about what could not be kept as sent.

    Total: it never raises. Valid JSON costs one msgspec decode and a look at its depth; anything else gets a
    second, tolerant try. The value nests at most 64 levels deep, holds no NUL, no lone surrogate, no NaN and
    no infinity. Of duplicate keys the last wins. What is no JSON at all yields `{}` and a note.
    """
    try:
        value = _DECODE(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _second_try(payload)
    notes: list[Note] = []
    if _is_deep(value):
        _trim(value, notes)
    if b"\\u0000" in payload:
        value = _cleaned(value, notes)
    return value, tuple(notes)


def encode(value: Json) -> bytes:
    """Return a value as compact UTF-8 JSON; what UTF-8 cannot hold is replaced, NaN becomes null."""
    try:
        return _ENCODE(value)
    except UnicodeEncodeError:
        return _ENCODE(_cleaned(json.loads(json.dumps(value)), []))


def _second_try(payload: bytes) -> tuple[Json, tuple[Note, ...]]:
    text, notes = to_text(payload)
    parsed = tolerant.parse(text)
    if not parsed.found:
        return {}, (*notes, NOTHING)
    told = (*notes, *parsed.notes)
    return parsed.value, told if told or _is_json(text) else (REPAIRED,)


def _is_json(text: str) -> bool:
    """Tell whether a text that was no JSON as bytes is JSON; then a byte order mark was all that stood in the way."""
    try:
        _DECODE(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return False
    return True


def to_text(payload: bytes) -> tuple[str, tuple[Note, ...]]:
    """Return bytes as text whatever their encoding: UTF-8, or UTF-16/32 when a byte order mark says so."""
    encoding = next((name for mark, name in _WIDE if payload.startswith(mark)), "utf-8-sig")
    try:
        return payload.decode(encoding), ()
    except UnicodeDecodeError:
        note = Note(where="", what=f"Bytes that are not {encoding.upper()[:6].rstrip('-')} were replaced.")
        return payload.decode(encoding, "replace"), (note,)


def _is_deep(value: Json) -> bool:
    """Return whether the value may nest deeper than `DEPTH`; level by level, for a recursion would cost more.

    `gc.is_tracked` is False for a dict of nothing but scalars, which spares looking into most dicts.
    """
    level: list[Json] = [value] if type(value) in _CONTAINERS else []
    for _ in range(DEPTH - 1):
        level = [
            child
            for node in level
            for child in (node.values() if type(node) is dict else node)  # type: ignore[union-attr]
            if type(child) in _CONTAINERS and is_tracked(child)
        ]
        if not level:
            return False
    return True


def _trim(value: Json, notes: list[Note]) -> None:
    """Replace, in place, every container at level `DEPTH` + 1."""
    level: list[tuple[Json, _Where]] = [(value, None)]
    for _ in range(DEPTH - 1):
        level = [
            (child, (where, str(key)))
            for node, where in level
            for key, child in _pairs(node)
            if isinstance(child, dict | list)
        ]
    for node, where in level:
        for key, child in list(_pairs(node)):
            if isinstance(child, dict | list):
                _set(node, key, TOO_DEEP)
                _add(notes, (where, str(key)), f"What is nested deeper than {DEPTH} levels was dropped.")


def _cleaned(value: Json, notes: list[Note]) -> Json:
    """Return the value with every text and key made fit for any store; containers change in place."""
    holder: list[Json] = [value]
    stack: list[tuple[Json, _Where]] = [(holder, None)]
    while stack:
        node, where = stack.pop()
        for key, child in list(_pairs(node)):
            here = None if node is holder else (where, str(key))
            if isinstance(child, dict | list):
                stack.append((child, here))
            elif isinstance(child, str):
                text, what = tolerant.clean(child)
                if what:
                    _set(node, key, text)
                    _add(notes, here, what)
        if isinstance(node, dict):
            _clean_keys(node, where, notes)
    return holder[0]


def _clean_keys(node: dict[str, Json], where: _Where, notes: list[Note]) -> None:
    for key in list(node):
        text, what = tolerant.clean(key)
        if what:
            node[text] = node.pop(key)
            _add(notes, (where, text), what)


def _pairs(node: Json) -> Iterator[tuple[str | int, Json]]:
    if isinstance(node, dict):
        yield from node.items()
    elif isinstance(node, list):
        yield from enumerate(node)


def _set(node: Json, key: str | int, value: Json) -> None:
    node[key] = value  # type: ignore[index]  # `key` came from _pairs(node)


def _add(notes: list[Note], where: _Where, what: str) -> None:
    if len(notes) >= _MOST_NOTES:
        return
    keys: list[str] = []
    while where is not None:
        where, key = where
        keys.append(key)
    note = Note(where=".".join(reversed(keys))[:200], what=what)
    if note not in notes:
        notes.append(note)
