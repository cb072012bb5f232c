"""`yarn.lock` of Yarn 1, a form of its own, and of Yarn 2 and later (berry), which is YAML."""

import re
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from vedette.instruments.scan.inventory.shapes import node, yamls
from vedette.instruments.scan.inventory.shapes.jsons import table, word
from vedette.instruments.scan.inventory.types import Broken, Format, Lockfile
from vedette.wire.scan import Component, Unknown

_PAIR = re.compile(r'"?([^"\s]+)"?[ \t]+"?([^"]*)"?$')
_OWN = "@workspace:"


class _Block(msgspec.Struct):
    """A package of Yarn 1: whom it serves, at which line, and what is said of it."""

    keys: str
    line: int
    words: dict[str, str]
    needs: dict[str, object]


def _read(file: Lockfile) -> Iterator[Component | Unknown]:
    text = file.text()
    yield from (
        _berry(file, text)
        if "\n__metadata:" in text or text.startswith("__metadata:")
        else _first(file, text)
    )


def _first(file: Lockfile, text: str) -> Iterator[Component | Unknown]:
    asked = node.asked_beside(file)
    for block in _blocks(text):
        name, wanted = node.split(block.keys.partition(",")[0].strip().strip('"'))
        name = node.split(wanted.removeprefix("npm:"))[0] if wanted.startswith("npm:") else name
        package = {**block.words, "dependencies": block.needs}
        direct = None if asked is None else name in asked.names
        yield from node.components(
            (file, block.line), name, block.words.get("version", ""), package, direct=direct
        )


def _blocks(text: str) -> Iterator[_Block]:
    held: _Block | None = None
    needing = False
    for n, line in enumerate(text.splitlines(), 1):
        plain = line.strip()
        if not plain or plain.startswith("#"):
            continue
        if not line.startswith(" "):
            if held is not None:
                yield held
            if not plain.endswith(":"):
                raise Broken("A line names no package.", n)
            held, needing = _Block(plain[:-1], n, {}, {}), False
        elif held is None:
            raise Broken("A line belongs to no package.", n)
        elif plain.endswith(":") and not line.startswith("    "):
            needing = plain in {"dependencies:", "optionalDependencies:"}
        else:
            _take(held, line, plain, n, needing=needing)
    if held is not None:
        yield held


def _take(block: _Block, line: str, plain: str, n: int, *, needing: bool) -> None:
    found = _PAIR.match(plain)
    if found is None:
        raise Broken("A line has no value.", n)
    if not line.startswith("    "):
        block.words[found[1]] = found[2]
    elif needing:
        block.needs[found[1]] = found[2]


def _berry(file: Lockfile, text: str) -> Iterator[Component | Unknown]:
    told = yamls.read(text)
    packages = {key: table(value) for key, value in told.items() if key != "__metadata"}
    own = [each for each in packages.values() if _OWN in word(each.get("resolution"))]
    asked = node.asked(own)
    for key, package in packages.items():
        if _OWN not in word(package.get("resolution")):
            yield from _of_berry(file, yamls.lines(told).get(key, 0), package, asked)


def _of_berry(
    file: Lockfile, line: int, package: Mapping[str, object], asked: node.Asked
) -> Iterable[Component | Unknown]:
    name = node.split(word(package.get("resolution")))[0]
    return node.components(
        (file, line), name, word(package.get("version")), package, direct=name in asked.names
    )


FORMAT = Format(name="yarn", label="Yarn", names=("yarn.lock",), ecosystem=node.ECOSYSTEM, read=_read)
