"""From a table of TOML to a struct, with everything that is wrong in it and not only the first thing. Pure."""

import re
import typing
from collections.abc import Iterator, Mapping
from typing import TypeGuard, TypeVar

import msgspec

from vedette.deploy.suggesting import no_such
from vedette.wire.ascode.reading import Path

T = TypeVar("T", bound=msgspec.Struct)
Wrong = tuple[Path, str]
_PLACE = re.compile(r" - at `(?:key in )?\$(.*)`$")
_STEP = re.compile(r"\.([A-Za-z_]+)|\[(\d+)\]")


def shaped(kind: type[T], table: object, called: str) -> tuple[T | None, tuple[Wrong, ...]]:
    """Return a table as a struct (None where something is wrong), and what is: where below the table, and what to write.

    `called` is what the table is to people: `[servers.web]`.
    """
    wrongs = tuple(_wrongs(kind, table, called))
    return (None, wrongs) if wrongs else (msgspec.convert(table, kind), ())


def _wrongs(kind: type[msgspec.Struct], table: object, called: str, here: Path = ()) -> Iterator[Wrong]:
    if not isinstance(table, Mapping):
        yield here, f"{called} is a table, not {_told(table)}."
        return
    fields = {each.encode_name: each for each in msgspec.structs.fields(kind)}
    for name in table:
        if name not in fields:
            yield (*here, name), no_such(str(name), fields, called)
    for name, each in fields.items():
        if name in table:
            yield from _field(each.type, table[name], called, (*here, name))
        elif each.required:
            yield here, f"{called} needs `{name}`."


def _field(kind: object, value: object, called: str, here: Path) -> Iterator[Wrong]:
    bare = typing.get_args(kind)[0] if typing.get_origin(kind) is typing.Annotated else kind
    inner = typing.get_args(bare)
    if _is_struct(bare):
        yield from _wrongs(bare, value, f"`{here[-1]}` of {called}", here)
    elif typing.get_origin(bare) is tuple and _is_struct(inner[0]) and isinstance(value, list):
        for number, one in enumerate(value):
            yield from _wrongs(inner[0], one, f"`{here[-1]}` of {called}", (*here, number))
    else:
        yield from _converted(kind, value, here)


def _is_struct(kind: object) -> TypeGuard[type[msgspec.Struct]]:
    return isinstance(kind, type) and not typing.get_args(kind) and issubclass(kind, msgspec.Struct)


def _converted(kind: object, value: object, here: Path) -> Iterator[Wrong]:
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        told = str(error)
        place = _PLACE.search(told)
        steps: Path = tuple(a or int(b) for a, b in _STEP.findall(place[1] if place else ""))
        name = next(part for part in reversed(here) if isinstance(part, str))
        yield (*here, *steps), f"`{name}`: {_PLACE.sub('', told)}."


def _told(value: object) -> str:
    names = {str: "text", bool: "true or false", int: "a number", float: "a number", list: "a list"}
    return names.get(type(value), "that")
