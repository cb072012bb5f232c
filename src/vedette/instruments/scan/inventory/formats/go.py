"""`go.mod` (https://go.dev/ref/mod#go-mod-file). From Go 1.17 on it lists all that is built in, the indirect too."""

import re
from collections.abc import Iterator, Mapping

import msgspec

from vedette.instruments.scan.inventory import telling
from vedette.instruments.scan.inventory.naming import component
from vedette.instruments.scan.inventory.shapes import golang
from vedette.instruments.scan.inventory.types import Broken, Format, Lockfile
from vedette.wire.scan import Component, Unknown

_WORD = re.compile(r'"[^"]*"|`[^`]*`|[^\s]+')
_VERBS = frozenset(
    {"module", "go", "toolchain", "require", "replace", "exclude", "retract", "godebug", "tool", "ignore"}
)


class _Module(msgspec.Struct, frozen=True):
    name: str
    version: str
    line: int
    direct: bool


def _read(file: Lockfile) -> Iterator[Component | Unknown]:
    required, replaced, toolchain = _parsed(file.text())
    for module in required:
        name, version = (
            replaced.get(f"{module.name}@{module.version}")
            or replaced.get(module.name)
            or (module.name, module.version)
        )
        if version:
            yield component(
                golang.ECOSYSTEM, name, version.removeprefix("v"), file.at(module.line), direct=module.direct
            )
        elif not name.startswith((".", "/")):
            yield telling.unpinned(file, module.line, name, "Run `go mod tidy`.")
    if toolchain is not None:
        yield component(golang.ECOSYSTEM, "stdlib", toolchain.version, file.at(toolchain.line), direct=True)


def _parsed(text: str) -> tuple[list[_Module], Mapping[str, tuple[str, str]], _Module | None]:
    required, replaced, toolchain, block = list[_Module](), dict[str, tuple[str, str]](), None, ""
    for n, line in enumerate(text.splitlines(), 1):
        code, _, comment = line.partition("//")
        words = [each.strip('"`') for each in _WORD.findall(code)]
        if not words:
            continue
        if words == [")"]:
            block = ""
            continue
        if len(words) == 2 and words[1] == "(":
            block = words[0]
            continue
        verb, rest = (block, words) if block else (words[0], words[1:])
        if verb == "require":
            required.append(_required(rest, n, direct="indirect" not in comment))
        elif verb not in _VERBS:
            raise Broken("A line is no directive that is known.", n)
        elif verb == "replace":
            replaced |= _replaced(rest, n)
        elif verb == "toolchain" and rest and rest[0].startswith("go1"):
            toolchain = _Module("stdlib", rest[0].removeprefix("go").partition("-")[0], n, direct=True)
    return required, replaced, toolchain


def _required(words: list[str], line: int, *, direct: bool) -> _Module:
    if len(words) != 2 or not words[1].startswith("v"):
        raise Broken("A requirement is no module with a version.", line)
    return _Module(words[0], words[1], line, direct)


def _replaced(words: list[str], line: int) -> Mapping[str, tuple[str, str]]:
    if "=>" not in words:
        raise Broken("A replacement has no =>.", line)
    at = words.index("=>")
    old, new = words[:at], words[at + 1 :]
    if not old or not new:
        raise Broken("A replacement names nothing.", line)
    return {"@".join(old[:2]): (new[0], new[1] if len(new) > 1 else "")}


FORMAT = Format(name="go", label="Go modules", names=("go.mod",), ecosystem=golang.ECOSYSTEM, read=_read)
