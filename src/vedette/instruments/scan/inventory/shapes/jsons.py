"""JSON of somebody else as plain values, and the line of each key; bounded. Pure."""

import json
import re
from collections.abc import Mapping, Sequence

from vedette.instruments.scan.inventory.types import Broken

MOST_VALUES = 3_000_000  # so that a few bytes each cannot fill the memory
_KEY = re.compile(r'^[ \t]*(?:\{[ \t]*)?"((?:[^"\\\n]|\\.){1,300})"[ \t]*:[ \t]*[\[{]', re.MULTILINE)


def read(text: str) -> Mapping[str, object]:
    """Return an object of JSON; raises `Broken` with the line."""
    if text.count("{") + text.count("[") > MOST_VALUES or text.count(",") > MOST_VALUES:
        raise Broken(f"Its JSON holds more than {MOST_VALUES:,} values.")
    try:
        found: object = json.loads(text)
    except json.JSONDecodeError as error:
        raise Broken(f"It is no JSON: {error.msg}.", error.lineno) from None
    except RecursionError:
        raise Broken("Its JSON is nested too deeply.") from None
    except ValueError as error:
        raise Broken(f"It is no JSON: {error}.") from None
    if not isinstance(found, dict):
        raise Broken("It holds no object.", 1)
    return found


def lines(text: str) -> Mapping[str, int]:
    """Return the line on which each key of an object or a list stands first; keys on a line of their own only."""
    found: dict[str, int] = {}
    line, at = 1, 0
    for match in _KEY.finditer(text):
        line, at = line + text.count("\n", at, match.start(1)), match.start(1)
        found.setdefault(match[1], line)
    return found


def held(told: Mapping[str, object], key: str) -> Mapping[str, object]:
    """Return the mapping under a key, an empty one where there is none; raises `Broken` for anything else."""
    found = told.get(key)
    if found is not None and not isinstance(found, dict):
        raise Broken(f"Its {key} are no object.")
    return found or {}


def listed(told: Mapping[str, object], key: str) -> Sequence[object]:
    """Return the list under a key, an empty one where there is none; raises `Broken` for anything else."""
    found = told.get(key)
    if found is not None and not isinstance(found, list):
        raise Broken(f"Its {key} are no list.")
    return found or []


def table(value: object) -> Mapping[str, object]:
    """Return a mapping, an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def rows(value: object) -> Sequence[object]:
    """Return a list, an empty one for anything else."""
    return value if isinstance(value, list) else []


def word(value: object) -> str:
    """Return a text, empty for anything else."""
    return value if isinstance(value, str) else ""


def words(value: object) -> tuple[str, ...]:
    """Return the texts of a list."""
    return tuple(each for each in rows(value) if isinstance(each, str))
