"""Structured fields, by the vectors of the HTTP working group."""

import base64
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from vedette_guard import structured
from vedette_guard.structured import Token

WRITERS = {
    "item": lambda v: structured.item(*v),
    "list": structured.list_of,
    "dictionary": structured.dictionary,
}


class Other(Exception):
    """A kind of value that the guard does not write: dates and display strings."""


def value(said: Any) -> Any:
    """Return a bare item as the vectors write it."""
    if not isinstance(said, dict):
        return said
    if said["__type"] == "token":
        return Token(said["value"])
    if said["__type"] == "binary":
        return base64.b32decode(said["value"])
    raise Other


def item(said: list[Any]) -> tuple[Any, dict[str, Any]]:
    """Return an item or inner list with its parameters."""
    first, parameters = said
    given = {name: value(one) for name, one in parameters}
    if isinstance(first, list):
        return [item(one) for one in first], given
    return value(first), given


def whole(kind: str, said: Any) -> Any:
    """Return what a vector expects, as the writer of its kind takes it."""
    if kind == "item":
        return item(said)
    if kind == "list":
        return [item(one) for one in said]
    return {name: item(one) for name, one in said}


@pytest.mark.corpus
def test_fields_are_written_as_the_vectors_say(corpora: Path) -> None:
    counted = refused = 0
    for path in sorted((corpora / "sfv").rglob("*.json")):
        for vector in json.loads(path.read_text(), parse_float=Decimal):
            if "expected" not in vector or (vector.get("can_fail") and "canonical" not in vector):
                continue
            try:
                wanted = whole(vector["header_type"], vector["expected"])
            except Other:
                continue
            writer: Any = WRITERS[vector["header_type"]]
            if vector.get("must_fail"):
                with pytest.raises(ValueError):
                    writer(wanted)
                refused += 1
                continue
            written = writer(wanted)
            assert [written] == (vector.get("canonical", vector.get("raw")) or [""]), vector["name"]
            counted += 1
    assert counted > 700
    assert refused > 200
