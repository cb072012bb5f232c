"""Which values fit a field of a policy, by its annotation; and what would have."""

from __future__ import annotations

import dataclasses
import difflib
import functools
import types
import typing
from collections.abc import Iterable, Mapping
from typing import Any

from vedette_guard.policy import PolicyError

_SCALARS = {str: "a text", bool: "true or false", int: "a whole number, 0 or more"}


def fail(key: str, value: object, meant: str) -> typing.NoReturn:
    """Raise the error of a value that cannot be meant."""
    raise PolicyError(f"{key} = {value!r}: meant is {meant}")


def unknown(key: str, name: str, known: Iterable[str]) -> typing.NoReturn:
    """Raise the error of a key there is not, with the nearest one."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, 1)
    guess = f"did you mean `{near[0]}`?" if near else f"there are {', '.join(names)}"
    raise PolicyError(f"{key}.{name}: there is no such key; {guess}")


def hints(section: type) -> Mapping[str, Any]:
    """Return the annotations of a section, resolved."""
    return _hints(section)


@functools.cache  # to resolve them compiles each
def _hints(section: type) -> Mapping[str, Any]:
    return typing.get_type_hints(section)


def section_of(hint: Any) -> Any:
    """Return the section (a dataclass) that an annotation speaks of, also an optional one; None when there is none."""
    if dataclasses.is_dataclass(hint):
        return hint
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        return next((arg for arg in typing.get_args(hint) if dataclasses.is_dataclass(arg)), None)
    return None


def require(key: str, value: object, hint: Any) -> None:
    """Raise PolicyError unless a value has the shape that its annotation asks for, down to the last part."""
    origin = typing.get_origin(hint)
    if origin in (typing.Union, types.UnionType):
        _require_one(key, value, typing.get_args(hint))
    elif origin is typing.Literal:
        _require_choice(key, value, typing.get_args(hint))
    elif origin is tuple:
        _require_many(key, value, typing.get_args(hint)[0])
    elif isinstance(origin, type) and issubclass(origin, Mapping):
        _require_table(key, value, typing.get_args(hint)[1])
    else:
        _require_plain(key, value, hint)


def _require_one(key: str, value: object, hints_: tuple[Any, ...]) -> None:
    if value is not None:
        require(key, value, next(hint for hint in hints_ if hint is not type(None)))


def _require_choice(key: str, value: object, choices: tuple[Any, ...]) -> None:
    if value not in choices:
        fail(key, value, "one of " + ", ".join(repr(choice) for choice in choices))


def _require_many(key: str, value: object, part: Any) -> None:
    if not isinstance(value, (tuple, list)):
        fail(key, value, f"several: ({value!r},)" if isinstance(value, str) else "several, in parentheses")
    for n, one in enumerate(value):
        require(f"{key}[{n}]", one, part)


def _require_table(key: str, value: object, part: Any) -> None:
    if not isinstance(value, Mapping):
        fail(key, value, "a table of names and values")
    for name, one in value.items():
        require(f"{key}.{name}", one, part)


def _require_plain(key: str, value: object, hint: Any) -> None:
    if dataclasses.is_dataclass(hint):
        _require_section(key, value, hint)
    elif not isinstance(value, hint) or (hint is int and (isinstance(value, bool) or value < 0)):
        fail(key, value, _SCALARS.get(hint, str(hint)))


def _require_section(key: str, value: object, section: Any) -> None:
    if not isinstance(value, section):
        fail(key, value, f"a {section.__name__}")
    for name, hint in hints(section).items():
        require(f"{key}.{name}", getattr(value, name), hint)
