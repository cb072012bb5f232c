"""JSON Schema (draft 2020-12) of bodies by `jsonschema`, bounded: patterns are RE2's, nothing is fetched.

`jsonschema` is loaded when the first schema is read. A schema that refers to another document is refused, and
`uniqueItems` compares by what values look like as JSON instead of each with each.
"""

import functools
import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator as Validator

_PATTERN_MEMORY = 1 << 20
_SHOWN = 200


class _Pattern(Protocol):
    """A compiled pattern."""

    def search(self, text: str) -> object:
        """Return what matches, None when nothing does."""
        ...


def why_wrong(text: str) -> str | None:
    """Return what is wrong with a schema (its JSON text), or None when it can be used."""
    from jsonschema.exceptions import SchemaError

    schema = json.loads(text)
    try:
        made = _validator(text)
        made.check_schema(schema)
        return _stranger(schema) or _bad_pattern(schema)
    except SchemaError as error:
        return _cut(error.message)
    except RecursionError:
        return "it is nested too deeply"


def mismatch(text: str, value: Any) -> str | None:
    """Return the first thing in which a value is not as a schema says (`items.0.id: 'x' is not of type 'integer'`), or None."""
    from referencing.exceptions import Unresolvable

    try:
        error = next(iter(_validator(text).iter_errors(value)), None)
    except RecursionError:
        return "schema or body are nested too deeply"
    except Unresolvable as problem:
        return f"the schema refers to {problem.ref}, which it does not hold"
    if error is None:
        return None
    where = ".".join(str(step) for step in error.absolute_path)
    return f"{where + ': ' if where else ''}{_cut(error.message)}"


@functools.lru_cache(maxsize=128)
def _validator(text: str) -> "Validator":
    from jsonschema import Draft202012Validator, validators
    from referencing import Registry

    rules = {"pattern": _pattern, "patternProperties": _pattern_properties, "uniqueItems": _unique_items}
    extend: Any = validators.extend  # it has no types
    made: Validator = extend(Draft202012Validator, rules)(json.loads(text), registry=Registry())
    return made


def _pattern(_: "Validator", pattern: str, value: object, __: object) -> Iterator[object]:
    from jsonschema.exceptions import ValidationError

    if isinstance(value, str) and not _compiled(pattern).search(value):
        yield ValidationError(f"{value[:80]!r} does not match {pattern!r}")


def _pattern_properties(
    validator: "Validator", patterns: Mapping[str, Any], value: object, _: object
) -> Iterator[object]:
    if not isinstance(value, dict):
        return
    for pattern, below in patterns.items():
        for key, member in value.items():
            if _compiled(pattern).search(key):
                yield from validator.descend(member, below, path=key, schema_path=pattern)


def _unique_items(_: "Validator", wanted: bool, value: object, __: object) -> Iterator[object]:
    from jsonschema.exceptions import ValidationError

    if not wanted or not isinstance(value, list):
        return
    if len({msgspec.json.encode(item, order="deterministic") for item in value}) < len(value):
        yield ValidationError("the items are not unique")


@functools.lru_cache(maxsize=256)
def _compiled(pattern: str) -> _Pattern:
    import re2

    options = re2.Options()
    options.max_mem = _PATTERN_MEMORY
    options.log_errors = False
    compiled: _Pattern = re2.compile(pattern, options)
    return compiled


def _parts(schema: object) -> Iterator[Mapping[str, object]]:
    waiting = [schema]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            yield part
            waiting.extend(part.values())
        elif isinstance(part, list):
            waiting.extend(part)


def _stranger(schema: object) -> str | None:
    """Return a complaint about a reference that leaves the document: nothing is fetched."""
    for part in _parts(schema):
        for key in ("$ref", "$dynamicRef"):
            ref = part.get(key)
            if isinstance(ref, str) and not ref.startswith("#"):
                return f"{key} may only lead into the schema itself (#/…), not to {ref[:80]}"
    return None


def _bad_pattern(schema: object) -> str | None:
    import re2

    for part in _parts(schema):
        inner = part.get("patternProperties")
        patterns = [part.get("pattern"), *(inner if isinstance(inner, dict) else ())]
        for pattern in patterns:
            try:
                if isinstance(pattern, str):
                    _compiled(pattern)
            except re2.error:
                return f"the pattern {pattern!r} is not one RE2 can use"
    return None


def _cut(message: str) -> str:
    return message if len(message) <= _SHOWN else f"{message[: _SHOWN - 1]}…"
