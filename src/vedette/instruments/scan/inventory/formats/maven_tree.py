"""What `mvn dependency:tree -DoutputFile=dependency-tree.txt` writes, also as JSON (`-DoutputType=json`).

https://maven.apache.org/plugins/maven-dependency-plugin/tree-mojo.html
"""

import re
from collections.abc import Iterator, Mapping

from vedette.instruments.scan.inventory.naming import component
from vedette.instruments.scan.inventory.shapes import jsons
from vedette.instruments.scan.inventory.shapes.jsons import rows, table, word
from vedette.instruments.scan.inventory.types import Broken, Format, Lockfile
from vedette.wire.scan import Component

ECOSYSTEM = "Maven"
_ROW = re.compile(r"(?:\[INFO\] )?((?:[| ] {2})*(?:[+\\]- )?)([^\s:()]+(?::[^\s:()]+){3,5})(?: \(.*)?$")
_SCOPES = frozenset({"compile", "provided", "runtime", "test", "system", "import"})
_NOISE = re.compile(r"\[(?:INFO|WARNING)\]|\s*$")


def _read(file: Lockfile) -> Iterator[Component]:
    text = file.text()
    found = _objects(file, text) if text.lstrip().startswith("{") else _lines(file, text)
    yield from found


def _lines(file: Lockfile, text: str) -> Iterator[Component]:
    roots = 0
    for n, line in enumerate(text.splitlines(), 1):
        found = _ROW.match(line)
        if found is None and not _NOISE.match(line):
            raise Broken("A line is no part of a tree.", n)
        if found is not None and not found[1]:
            roots += 1
        elif found is not None:
            yield _component(file, n, found[2].split(":"), direct=len(found[1]) == 3)
    if not roots:
        raise Broken("It holds no tree.", 1)


def _component(file: Lockfile, line: int, parts: list[str], *, direct: bool) -> Component:
    """Take group:artifact:type[:classifier]:version:scope."""
    scope = parts[-1] if parts[-1] in _SCOPES else ""
    version = parts[-2] if scope else parts[-1]
    return component(
        ECOSYSTEM, f"{parts[0]}:{parts[1]}", version, file.at(line), groups=_groups(scope), direct=direct
    )


def _objects(file: Lockfile, text: str) -> Iterator[Component]:
    root = jsons.read(text)
    if not word(root.get("artifactId")):
        raise Broken("It holds no tree.", 1)
    left = [(table(each), True) for each in jsons.listed(root, "children")]
    while left:
        node, direct = left.pop()
        names = [word(node.get(key)) for key in ("groupId", "artifactId", "version")]
        if not all(names):
            raise Broken("A part of the tree has no group, artifact or version.")
        inner = [table(each) for each in rows(node.get("children"))]
        left += [(each, False) for each in inner]
        yield component(
            ECOSYSTEM, f"{names[0]}:{names[1]}", names[2], file.place, groups=_groups(word(node.get("scope"))),
            direct=direct, requires=tuple(map(_name, inner)),
        )  # fmt: skip


def _name(node: Mapping[str, object]) -> str:
    return f"{word(node.get('groupId'))}:{word(node.get('artifactId'))}"


def _groups(scope: str) -> tuple[str, ...]:
    return (scope,) if scope in {"test", "provided"} else ()


FORMAT = Format(
    name="maven-tree", label="Maven's resolved tree", ecosystem=ECOSYSTEM, read=_read,
    names=("dependency-tree.txt", "dependency-tree.json"),
)  # fmt: skip
