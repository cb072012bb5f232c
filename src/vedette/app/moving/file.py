"""The file of an export: one JSON value a line, a header first; and the reader that believes nothing of it.

Header: `{"vedette": "export", "format": 1, "schema": …, "made_at": …, "columns": {table: […]}, "counts": {part: n},
"chain": hex, "again": […]}`. Then `{"t": table, "v": [values]}` in the order of the catalogue, then
`{"t": "events", "v": [kind, id, key, project, at, seq, body]}`. A BLOB is `{"b": base64}`. `chain` is the last of
SHA-256(previous + line), which can be continued after a stop, where one hash over all could not.
"""

import base64
import binascii
import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from vedette.app.moving.catalogue import BY_NAME, EVENTS, FORMAT
from vedette.core.errors import Invalid

Value = str | int | float | bytes | None
BEGIN = bytes(32)
_LONGEST = 64 * 1024 * 1024
_EVENT = msgspec.json.Decoder(tuple[str, str, str, int, float, int, str]).decode


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """The first line. `again` names what must be entered again, for it was left out."""

    vedette: str
    format: int
    schema: int
    made_at: str
    columns: Mapping[str, tuple[str, ...]]
    counts: Mapping[str, int]
    chain: str
    again: tuple[str, ...] = ()


class Row(msgspec.Struct, frozen=True):
    """A line after the header: its number, its part, its values."""

    line: int
    part: str
    values: tuple[Value, ...]


class _Line(msgspec.Struct, frozen=True):
    t: str
    v: list[object]


_LINE = msgspec.json.Decoder(_Line).decode
_HEADER = msgspec.json.Decoder(Header).decode


def linked(chain: bytes, line: bytes) -> bytes:
    """Return the chain with one more line (without its end)."""
    return hashlib.sha256(chain + line).digest()


def encoded(part: str, values: Sequence[Value]) -> bytes:
    """Return a row as a line, without its end."""
    told = [{"b": base64.b64encode(v).decode()} if isinstance(v, bytes) else v for v in values]
    return msgspec.json.encode({"t": part, "v": told})


def header(path: Path, schema: int) -> Header:
    """Return the header of a file; raises `Invalid` when it is none of ours or of another schema."""
    with path.open("rb") as source:
        first = source.readline(_LONGEST)
    try:
        found = _HEADER(first)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Invalid(f"{path}:1: this is not the header of an export of Vedette.") from None
    if found.vedette != "export" or found.format != FORMAT:
        raise Invalid(f"{path}:1: format {found.format} is not one this version reads ({FORMAT}).")
    if found.schema != schema:
        raise Invalid(
            f"{path}:1: it was made by a version of Vedette with another database. Bring both to the same version,"
            " export again, then import."
        )
    return found


def rows(path: Path) -> Iterator[Row]:
    """Yield the rows of a file that was checked."""
    with path.open("rb") as source:
        source.readline()
        for number, line in enumerate(source, 2):
            told = _LINE(line)
            yield Row(number, told.t, tuple(_value(v) for v in told.v))


def check(path: Path, head: Header) -> None:
    """Read a whole file; raises `Invalid` with file and line at the first thing that is wrong."""
    chain, counts, known = BEGIN, Counter[str](), {name: set[Value]() for name in BY_NAME}
    order = {name: place for place, name in enumerate((*BY_NAME, EVENTS))}
    last = 0
    with path.open("rb") as source:
        source.readline()
        for number, line in enumerate(source, 2):
            bare = line.rstrip(b"\n")
            try:
                part = _checked(bare, head, known)
            except (msgspec.DecodeError, UnicodeDecodeError, binascii.Error, ValueError, KeyError) as error:
                raise Invalid(
                    f"{path}:{number}: this line cannot be used: {error}. Nothing was changed."
                ) from None
            if order[part] < last:
                raise Invalid(f"{path}:{number}: {part} stands after what names it. Nothing was changed.")
            last, chain = order[part], linked(chain, bare)
            counts[part] += 1
    if dict(counts) != {part: n for part, n in head.counts.items() if n} or chain.hex() != head.chain:
        raise Invalid(
            f"{path}: after its last line the file is not what its header says ({sum(counts.values())} of"
            f" {sum(head.counts.values())} lines, or altered ones). Nothing was changed."
        )


def _checked(line: bytes, head: Header, known: dict[str, set[Value]]) -> str:
    """Check one line and return its part; raises `ValueError` in words, or what the decoder raises."""
    told = _LINE(line)
    if told.t == EVENTS:
        event = _EVENT(msgspec.json.encode(told.v))
        if event[3] not in known["projects_project"]:
            raise ValueError(f"it names project {event[3]}, which is not in the file")
        if len(bytes.fromhex(event[1])) != 16 or len(bytes.fromhex(event[2])) != 16:
            raise ValueError("an id and a key have 16 bytes")
        msgspec.json.decode(event[6])
        return EVENTS
    table = BY_NAME.get(told.t)
    if table is None:
        raise ValueError(f"{told.t} is no part this version knows")
    row = dict(zip(head.columns[told.t], [_value(v) for v in told.v], strict=True))
    for column, other in table.names.items():
        missing = [each for each in named(row[column]) if each not in known[other]]
        if missing:
            raise ValueError(f"its {column} names {missing[0]!r} of {other}, which is not in the file")
    if table.id:
        known[told.t].add(row[table.id])
    return told.t


def named(value: Value) -> list[int]:
    """Return the ids a value names: one, the members of a JSON list, or (negative: a whole project; 0: all) none."""
    if isinstance(value, str):
        return list(msgspec.json.decode(value, type=list[int]))
    return [value] if isinstance(value, int) and value > 0 else []


def _value(told: object) -> Value:
    if told is None or isinstance(told, str | int | float):
        return told
    if isinstance(told, dict) and set(told) == {"b"} and isinstance(told["b"], str):
        return base64.b64decode(told["b"], validate=True)
    raise ValueError("a value is a text, a number, nothing, or bytes")
