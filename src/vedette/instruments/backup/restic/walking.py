"""Folders of a snapshot read from the trees themselves, where names are kept byte by byte. Pure: `cat` fetches.

A tree is JSON whose names are quoted as Go does it (`strconv.Quote`; restic's doc/design.rst, "Trees and Data").
"""

import os
import re
from collections.abc import Callable, Iterator

import msgspec

from vedette.core.names import written
from vedette.instruments.backup.restic import saying
from vedette.wire.backup import Entry

Cat = Callable[[str, str], str]
"""Fetches something by kind (`snapshot`, `blob`) and id, as text."""

_ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{3}|.)", re.DOTALL)
_SHORT = {"a": 7, "b": 8, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11}
_KINDS = {"file": "file", "dir": "folder", "symlink": "link"}


class _Node(msgspec.Struct, frozen=True):
    name: str
    type: str = ""
    size: int = 0
    mtime: str = ""
    subtree: str | None = None


class _Tree(msgspec.Struct, frozen=True):
    nodes: tuple[_Node, ...] = ()


class _Snapshot(msgspec.Struct, frozen=True):
    tree: str


def entries(cat: Cat, snapshot: str, below: str) -> Iterator[Entry]:
    """Yield what lies directly below a folder (a path without its first slash)."""
    tree = _tree(cat, msgspec.json.decode(cat("snapshot", snapshot), type=_Snapshot).tree)
    for part in filter(None, below.split("/")):
        within = next((node.subtree for node in tree.nodes if _name(node) == part and node.subtree), None)
        if within is None:
            return
        tree = _tree(cat, within)
    for node in tree.nodes:
        path = "/".join(filter(None, (below, _name(node))))
        yield Entry(
            written(f"/{path}"), _KINDS.get(node.type, "other"), node.size, saying.instant(node.mtime)
        )


def unquoted(text: str) -> str:
    """Return a name that Go quoted, as `os` takes it."""
    out, last = bytearray(), 0
    for found in _ESCAPE.finditer(text):
        out += text[last : found.start()].encode()
        out += _byte(found[1])
        last = found.end()
    return os.fsdecode(bytes(out + text[last:].encode()))


def _byte(word: str) -> bytes:
    if word[0] == "x" and len(word) == 3:
        return bytes([int(word[1:], 16)])
    if word[0] in "uU" and len(word) > 1:
        return chr(int(word[1:], 16)).encode("utf-8", "surrogatepass")
    if len(word) == 3:
        return bytes([int(word, 8) & 0xFF])
    return bytes([_SHORT[word]]) if word in _SHORT else word.encode()


def _tree(cat: Cat, name: str) -> _Tree:
    return msgspec.json.decode(cat("blob", name), type=_Tree)


def _name(node: _Node) -> str:
    return unquoted(node.name)
