"""What a restored database is, held against what it was when it was saved. Pure."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from vedette.wire.backup import Check, Part, Table

_SHOWN = 5


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What came back: rows by table, values by sequence, the hash of how tables are made by database.

    `downward` are sequences that count down.
    """

    tables: Mapping[str, int] = {}
    sequences: Mapping[str, int] = {}
    schemas: Mapping[str, str] = {}
    downward: frozenset[str] = frozenset()


def compare(saved: Part, found: Found) -> tuple[Check, ...]:
    """Return whether rows, tables and sequences are as they were saved."""
    return (
        _rows(saved.tables, found.tables),
        _schemas(saved, found.schemas),
        _sequences(saved.sequences, found),
    )


def schemas_of(part: Part) -> Mapping[str, str]:
    """Return the hash of each database that a part remembers in its facts."""
    return {
        name.removeprefix("schema:"): text for name, text in part.facts.items() if name.startswith("schema:")
    }


def _rows(saved: Sequence[Table], found: Mapping[str, int]) -> Check:
    was = {table.name: table.rows for table in saved}
    wrong = [*_differing(was, found), *(f"{name} was not saved" for name in found if name not in was)]
    total = sum(was.values())
    good = f"{len(was):,} tables with {total:,} rows, as they were saved."
    return _check("Row counts", wrong, good)


def _differing(was: Mapping[str, int], found: Mapping[str, int]) -> Iterator[str]:
    for name, rows in was.items():
        if name not in found:
            yield f"{name} is missing ({rows:,} rows)"
        elif found[name] != rows:
            yield f"{name} has {found[name]:,} rows, {rows:,} were saved"


def _schemas(saved: Part, found: Mapping[str, str]) -> Check:
    was = schemas_of(saved)
    wrong = [f"{name} is made differently" for name, text in was.items() if found.get(name) != text]
    return _check(
        "Schema", wrong, f"Tables of {', '.join(was)} are made as they were saved." if was else "None."
    )


def _sequences(saved: Mapping[str, int], found: Found) -> Check:
    wrong = [text for name, value in saved.items() if (text := _behind(name, value, found))]
    return _check("Sequences", wrong, f"{len(saved):,} sequences go on where they were, or later.")


def _behind(name: str, value: int, found: Found) -> str:
    """Say that a sequence would give a number again; it may be further on, as it moves while the dump is made."""
    now = found.sequences.get(name)
    if now is None:
        return f"{name} is missing"
    behind = now > value if name in found.downward else now < value
    return f"{name} is at {now:,}, it was at {value:,}" if behind else ""


def _check(name: str, wrong: Sequence[str], good: str) -> Check:
    more = f"; and {len(wrong) - _SHOWN:,} more" if len(wrong) > _SHOWN else ""
    return Check(name=name, passed=not wrong, text=f"{'; '.join(wrong[:_SHOWN])}{more}." if wrong else good)
