"""From the text of a file to what it says; what is wrong is told with its line and what was meant.

`tomllib` gives no positions, so the lines of keys are found by a scan of our own: table headers and the keys at the
beginning of a line, outside of strings and arrays that go over several lines.
"""

import difflib
import re
import tomllib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any, Generic, TypeVar

import msgspec

from vedette.core.errors import ConfigError

T = TypeVar("T", bound=msgspec.Struct)
Path = tuple[str | int, ...]
Sections = Mapping[str, type[msgspec.Struct]]
LONGEST = 1_000_000
_PART = r"(?:[A-Za-z0-9_-]+|\"(?:[^\"\\]|\\.)*\"|'[^']*')"
_DOTTED = rf"{_PART}(?:\s*\.\s*{_PART})*"
_PARTS = re.compile(_PART)
_HEADER = re.compile(rf"\s*(\[\[?)\s*({_DOTTED})\s*\]\]?\s*(#.*)?")
_KEY = re.compile(rf"\s*({_DOTTED})\s*=\s*(.*)")
_AT_LINE = re.compile(r" \(at line (\d+), column \d+\)$")
_PLACE = re.compile(r" - at `\$(.*)`$")
_UNKNOWN = re.compile(r"Object contains unknown field `(.*)`")
_STEP = re.compile(r"\.([A-Za-z_]+)|\[(\d+)\]")
_OPENED = re.compile(r"\"\"\"|'''")
_STRING = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'[^']*'")


class Fault(msgspec.Struct, frozen=True):
    """What is wrong in a file: its name, the line, and what to write instead."""

    file: str
    line: int
    text: str

    def __str__(self) -> str:
        """Return it as compilers do."""
        return f"{self.file}:{self.line}: {self.text}"


class Document(msgspec.Struct, frozen=True):
    """A file that is TOML: what stands in it, the line of each key and section, the folder it lies in where that is known, its text."""

    name: str
    table: Mapping[str, Any]
    lines: Mapping[Path, int]
    folder: str = ""
    text: str = ""

    def fault(self, path: Path, text: str) -> Fault:
        """Return what is wrong at a place of this file."""
        return Fault(self.name, line_of(self.lines, path), text)

    def only(self, sections: Collection[str]) -> "Document":
        """Return it with these sections alone."""
        table = {name: value for name, value in self.table.items() if name in sections}
        return Document(self.name, table, self.lines, self.folder, self.text)


class Read(msgspec.Struct, Generic[T], frozen=True):
    """A file that was read: what it says, the line of each key and section, and the folder it lies in where that is known."""

    name: str
    said: T
    lines: Mapping[Path, int]
    folder: str = ""

    def fault(self, path: Path, text: str) -> Fault:
        """Return what is wrong at a place of this file."""
        return Fault(self.name, line_of(self.lines, path), text)


def parse(name: str, text: str, folder: str = "") -> Document | Fault:
    """Return a file (that lies in a folder) as TOML, or why it is none."""
    if len(text) > LONGEST:
        return Fault(name, 1, f"The file is longer than {LONGEST:,} characters; split it.")
    try:
        return Document(name, tomllib.loads(text), scan(text), folder, text)
    except tomllib.TOMLDecodeError as error:
        return _broken(name, text, str(error))
    except RecursionError:
        return Fault(name, 1, "The file is nested too deeply.")


def strays(document: Document, sections: Collection[str]) -> list[Fault]:
    """Return what is wrong with the top of a file: sections that nobody reads."""
    unknown = [name for name in document.table if name not in sections]
    return [document.fault((name,), _no_such(name, "", sections)) for name in unknown]


def said(document: Document, kind: type[T], sections: Sections) -> Read[T] | Fault:
    """Return what a file says as the struct of all its `sections`, or the first thing that is wrong with it."""
    try:
        return Read(document.name, msgspec.convert(document.table, kind), document.lines, document.folder)
    except msgspec.ValidationError as error:
        return _refused(document.name, document.lines, str(error), sections)


def checked(
    name: str, text: str, kind: type[T], sections: Sections, faults: Callable[[Read[T]], Iterator[Fault]]
) -> Read[T]:
    """Return what a text says and nothing is wrong with; raises `ConfigError` for the first of its `faults`."""
    document = parse(name, text)
    found = document if isinstance(document, Fault) else said(document, kind, sections)
    fault = found if isinstance(found, Fault) else next(faults(found), None)
    if isinstance(found, Fault) or fault is not None:
        raise ConfigError(str(fault))
    return found


def line_of(lines: Mapping[Path, int], path: Path) -> int:
    """Return the line of a place, or of what it lies in."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


def scan(text: str) -> dict[Path, int]:
    """Return the line of each key and section. `[[route.route]]` is the next one below the last `[[route]]`."""
    lines: dict[Path, int] = {}
    counts: dict[Path, int] = {}
    here: Path = ()
    inside = ""
    depth = 0
    array = _Array()
    for number, line in enumerate(text.splitlines(), 1):
        if inside:
            inside = "" if inside in line else inside
            continue
        header, key = _HEADER.fullmatch(line), _KEY.match(line)
        if depth == 0 and header:
            here = _section(_parts(header[2]), counts, many=header[1] == "[[")
            lines[here] = number
            continue
        if depth == 0 and key:
            array = _Array((*here, *_parts(key[1])))
            lines.setdefault(array.path, number)
        value = key[2] if key and depth == 0 else line
        array.take(value, number, lines)
        inside, depth = _goes_on(value, depth)
    return lines


class _Array:
    """The elements of an array that goes over several lines: each has a line of its own."""

    def __init__(self, path: Path = ()) -> None:
        self.path = path
        self._depth = 0
        self._index = 0
        self._begins = False
        self._is_known = True

    def take(self, value: str, number: int, lines: dict[Path, int]) -> None:
        """Enter the elements that begin in a line; texts that go over several lines end the counting."""
        self._is_known = self._is_known and not _OPENED.search(value)
        if not self._is_known:
            return
        for sign in _bare(value):
            if self._begins and self._depth == 1 and sign not in " \t,]":
                lines[*self.path, self._index] = number
                self._begins = False
            if sign in "[{":
                self._begins = self._begins or (self._depth == 0 and sign == "[")
                self._depth += 1
            elif sign in "]}":
                self._depth -= 1
            elif sign == "," and self._depth == 1:
                self._index += 1
                self._begins = True


def _goes_on(value: str, depth: int) -> tuple[str, int]:
    """Return the quotes of a string that goes on in the next line, and how many arrays are open at its end."""
    quotes = _OPENED.findall(value)
    if len(quotes) % 2:
        return quotes[-1], depth
    bare = _bare(value)
    return "", max(0, depth + bare.count("[") + bare.count("{") - bare.count("]") - bare.count("}"))


def _bare(value: str) -> str:
    """Return a value with its strings as single letters, and without its comment."""
    return _STRING.sub("s", value).partition("#")[0]


def _parts(dotted: str) -> list[str]:
    return [_unquoted(part) for part in _PARTS.findall(dotted)]


def _unquoted(part: str) -> str:
    """Return a key without its quotes."""
    return (
        str(tomllib.loads(f"key = {part}")["key"])
        if part.startswith('"') and "\\" in part
        else part.strip("\"'")
    )


def _section(parts: Iterable[str], counts: dict[Path, int], *, many: bool) -> Path:
    *above, last = parts
    here: Path = ()
    for part in above:
        here = (*here, part)
        if here in counts:
            here = (*here, counts[here])
    here = (*here, last)
    if not many:
        return here
    counts[here] = counts.get(here, -1) + 1
    found = (*here, counts[here])
    for deeper in [path for path in counts if len(path) > len(here) and path[: len(found)] == found]:
        del counts[deeper]
    return found


def _broken(name: str, text: str, told: str) -> Fault:
    place = _AT_LINE.search(told)
    line = int(place[1]) if place else len(text.splitlines()) or 1
    return Fault(
        name, line, f"This is no TOML: {_AT_LINE.sub('', told).removesuffix(' (at end of document)')}."
    )


def _refused(name: str, lines: Mapping[Path, int], told: str, sections: Sections) -> Fault:
    found = _PLACE.search(told)
    path: Path = tuple(step[0] or int(step[1]) for step in _STEP.findall(found[1] if found else ""))
    bare = _PLACE.sub("", told)
    unknown = _UNKNOWN.fullmatch(bare)
    if unknown:
        section = next((str(part) for part in reversed(path) if part in sections), "")
        known = sections[section].__struct_encode_fields__ if section else tuple(sections)
        return Fault(name, line_of(lines, (*path, unknown[1])), _no_such(unknown[1], section, known))
    return Fault(name, line_of(lines, path), f"{_where(path)}{bare}.")


def _no_such(key: str, section: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(key, known, 1)
    of = f"[[{section}]]" if section else "A file"
    hint = f"did you mean `{near[0]}`?" if near else f"it takes {', '.join(known)}."
    return f"{of} has no `{key}`; {hint}"


def _where(path: Path) -> str:
    named = [part for part in path if isinstance(part, str)]
    return f"`{named[-1]}`: " if len(named) > 1 else f"[[{named[0]}]]: " if named else ""
