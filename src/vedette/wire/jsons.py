"""Taking JSON apart that others wrote: what is missing or of another type is empty, never an error.

A path is a row of keys: `text(raw, "location", "name")`.
"""

from collections.abc import Mapping

Record = Mapping[str, object]


def at(value: object, *path: str) -> object:
    """Return what stands under a path; None where there is nothing."""
    for key in path:
        if not isinstance(value, Mapping):
            return None
        value = value.get(key)
    return value


def text(value: object, *path: str) -> str:
    """Return a text; empty where there is none."""
    found = at(value, *path)
    return found if isinstance(found, str) else ""


def number(value: object, *path: str) -> int:
    """Return a whole number; 0 where there is none."""
    found = at(value, *path)
    return int(found) if isinstance(found, int | float) and not isinstance(found, bool) else 0


def flag(value: object, *path: str) -> bool:
    """Return whether true stands there."""
    return at(value, *path) is True


def record(value: object, *path: str) -> Record:
    """Return an object; an empty one where there is none."""
    found = at(value, *path)
    return found if isinstance(found, Mapping) else {}


def items(value: object, *path: str) -> tuple[object, ...]:
    """Return a list's items; none where there is no list."""
    found = at(value, *path)
    return tuple(found) if isinstance(found, list | tuple) else ()


def records(value: object, *path: str) -> tuple[Record, ...]:
    """Return the objects of a list."""
    return tuple(item for item in items(value, *path) if isinstance(item, Mapping))


def texts(value: object, *path: str) -> tuple[str, ...]:
    """Return the texts of a list."""
    return tuple(item for item in items(value, *path) if isinstance(item, str))


def numbers(value: object, *path: str) -> tuple[int, ...]:
    """Return the whole numbers of a list."""
    return tuple(item for item in items(value, *path) if isinstance(item, int) and not isinstance(item, bool))
