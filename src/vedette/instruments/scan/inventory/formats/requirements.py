"""`requirements.txt` (https://pip.pypa.io/en/stable/reference/requirements-file-format/), with what it includes.

Markers are kept beside a component, never used to leave it out: who installs it, and where, is not known here.
"""

import re
from collections.abc import Iterator, Mapping

import msgspec
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    parse_sdist_filename,
    parse_wheel_filename,
)

from vedette.instruments.scan.inventory import telling
from vedette.instruments.scan.inventory.naming import component
from vedette.instruments.scan.inventory.shapes import python
from vedette.instruments.scan.inventory.types import Broken, Format, Lockfile
from vedette.wire.scan import Component, Unknown

_DEEPEST, _LONGEST, _MOST_LINES = 20, 100_000, 500_000
_COMMENT = re.compile(r"(?:^|\s)#.*$")
_OPTION = re.compile(r"(--?[a-z-]+)(?:[ \t]*=[ \t]*|[ \t]+)?(.*)")
_HASH = re.compile(r"--hash[= ](\S+)")
_AFTER = re.compile(r"\s--(?:hash|global-option|config-settings?|install-option).*$")
PIN = "Pin it with ==, best by `pip freeze`, `uv export` or pip-compile."
_OWN = re.compile(r"^(?:\.{0,2}/|\.$|file:(?!//[^/]))|^[A-Za-z0-9_./-]+/$")
Pins = Mapping[str, str]


def _read(file: Lockfile) -> Iterator[Component | Unknown]:
    return _Reading().read(file, 0)


class _Reading:
    """One file with all that it includes, each once."""

    def __init__(self) -> None:
        self._seen: set[str] = set()
        self._pins: dict[str, str] = {}

    def read(self, file: Lockfile, depth: int) -> Iterator[Component | Unknown]:
        if file.place in self._seen:
            return
        if depth > _DEEPEST:
            raise Broken(f"Files include each other more than {_DEEPEST} deep.")
        self._seen.add(file.place)
        rows = list(_rows(file.text()))
        for line, text in rows:
            yield from self._constraints(file, line, text)
        for line, text in rows:
            yield from self._line(file, line, text, depth)

    def _constraints(self, file: Lockfile, line: int, text: str) -> Iterator[Unknown]:
        name, where = _option(text)
        if name not in {"-c", "--constraint"}:
            return
        found = file.beside(where)
        if found is None:
            yield _missing(file, line, where)
            return
        for _, each in _rows(found.text()):
            wanted = _requirement(each)
            if wanted is not None and (pin := _pin(wanted)):
                self._pins[python.name_of(wanted.name)] = pin

    def _line(self, file: Lockfile, line: int, text: str, depth: int) -> Iterator[Component | Unknown]:
        name, where = _option(text)
        if name in {"-r", "--requirement"}:
            found = file.beside(where)
            yield from [_missing(file, line, where)] if found is None else self.read(found, depth + 1)
        elif name in {"-e", "--editable"}:
            yield from self._address(file, line, where)
        elif not name:
            yield from self._wanted(file, line, text)

    def _wanted(self, file: Lockfile, line: int, text: str) -> Iterator[Component | Unknown]:
        plain = _AFTER.sub("", f"{text} ").strip()
        wanted = _requirement(plain)
        if wanted is None:
            yield from self._address(file, line, plain)
            return
        if wanted.url:
            yield from self._address(file, line, wanted.url, wanted.name)
            return
        version = _pin(wanted) or self._pins.get(python.name_of(wanted.name), "")
        if not version:
            yield telling.unpinned(file, line, wanted.name, PIN)
            return
        made = component(
            python.ECOSYSTEM, wanted.name, version, file.at(line), hashes=tuple(_HASH.findall(text))
        )
        labels = {"marker": str(wanted.marker)} if wanted.marker else {}
        yield msgspec.structs.replace(made, labels=labels)

    def _address(
        self, file: Lockfile, line: int, where: str, name: str = ""
    ) -> Iterator[Component | Unknown]:
        """Take what is installed from an address: an archive's name tells its version, own folders are no components."""
        last = where.partition("#")[0].partition("?")[0].rpartition("/")[2]
        told = _archive(last)
        if told is not None:
            yield component(python.ECOSYSTEM, *told, file.at(line))
        elif "://" in where or where.startswith("git+"):
            yield telling.unpinned(
                file,
                line,
                name or where,
                "Take it from an index with ==, or from an archive that names its version.",
            )
        elif not _OWN.match(where):
            yield telling.unread(
                file, line, f"{telling.shown(where)} is no requirement.", "Correct the line."
            )


def _rows(text: str) -> Iterator[tuple[int, str]]:
    """Return the lines without comments, continued ones joined, with the number of the first."""
    held, began = "", 0
    if text.count("\n") > _MOST_LINES:
        raise Broken(f"It has more than {_MOST_LINES:,} lines.")
    for n, line in enumerate(text.splitlines(), 1):
        began = began or n
        if len(held) + len(line) > _LONGEST:
            raise Broken("A line is too long.", began)
        if line.rstrip().endswith("\\") and not line.lstrip().startswith("#"):
            held += line.rstrip()[:-1] + " "
            continue
        whole = _COMMENT.sub("", held + line).strip()
        if whole:
            yield began, whole
        held, began = "", 0
    if held.strip():
        yield began, held.strip()


def _option(text: str) -> tuple[str, str]:
    found = _OPTION.match(text) if text.startswith("-") else None
    if found is None:
        return "", ""
    glued = text[:2] if text[:2] in {"-r", "-c", "-e"} and text[2:3] not in {"", " ", "="} else ""
    return (glued, text[2:].strip()) if glued else (found[1], found[2].strip().strip("'\""))


def _requirement(text: str) -> Requirement | None:
    try:
        return Requirement(text)
    except (InvalidRequirement, ValueError, RecursionError):
        return None


def _pin(wanted: Requirement) -> str:
    pins = [
        each.version
        for each in wanted.specifier
        if each.operator in {"==", "==="} and "*" not in each.version
    ]
    return pins[0] if len(set(pins)) == 1 else ""


def _archive(name: str) -> tuple[str, str] | None:
    try:
        found = parse_wheel_filename(name)[:2] if name.endswith(".whl") else parse_sdist_filename(name)
    except (InvalidWheelFilename, InvalidSdistFilename, ValueError):
        return None
    return str(found[0]), str(found[1])


def _missing(file: Lockfile, line: int, where: str) -> Unknown:
    why = f"{telling.shown(where)}, which it includes, is not there or lies outside of what is scanned."
    return telling.unread(file, line, why, "Scan the folder that holds both, or correct the path.")


def _sniff(head: bytes) -> bool:
    """Tell a file of any name (`dev.txt`) by its lines: all are requirements or options, and one wants a version."""
    if head.lstrip()[:1] in {b"{", b"[", b"<"}:
        return False  # JSON or XML, of which there are many
    try:
        whole, end, _ = head.rpartition(b"\n") if len(head) >= 4096 else (head, b"\n", b"")
        rows = [text for _, text in _rows(whole.decode("utf-8-sig"))] if end else []
    except (UnicodeDecodeError, Broken):
        return False
    held = False
    for text in rows:
        wanted = _requirement(_AFTER.sub("", f"{text} ").strip()) if text[0].isalnum() else None
        if wanted is None and not _option(text)[0]:
            return False
        held = held or (wanted is not None and bool(wanted.specifier))
    return held


FORMAT = Format(
    name="requirements", label="requirements.txt", ecosystem=python.ECOSYSTEM, read=_read,
    names=("requirements*.txt", "*-requirements.txt", "*_requirements.txt", "requirements/*.txt"), sniff=_sniff,
)  # fmt: skip
