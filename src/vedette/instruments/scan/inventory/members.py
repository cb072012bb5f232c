"""Which folders a lock file holds the packages of: its own, and those it, or the project beside it, names as parts."""

import fnmatch
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType

from vedette.instruments.scan.inventory.opening import Opener
from vedette.instruments.scan.inventory.shapes import jsonc, jsons, yamls
from vedette.instruments.scan.inventory.types import Broken

_UV = re.compile(rb'\b(?:editable|virtual|directory|path)\s{0,9}=\s{0,9}"([^"\n]{1,300})"')
_BERRY = re.compile(rb'@workspace:([^",\n]{1,300})')
_LIST = re.compile(
    rb'\b(?:workspaces?|packages|members)"?\s{0,9}[:=]\s{0,99}(?:\{\s{0,99}"packages"\s{0,9}:\s{0,99})?'
    rb"(?:\[([^\]]{0,20000})\]|((?:-[^\n]{0,300}\n\s{0,99}){1,500}))"
)
_ITEM = re.compile(rb"[^\s,\"'\[\]#-][^\s,\"'\[\]#]{0,300}")
_PATH = re.compile(rb'\bpath\s{0,9}=\s{0,9}"([^"\n]{1,300})"')
_APPS = re.compile(rb'\bapps_path:\s{0,9}"([^"\n]{1,300})"')
_BESIDE: Mapping[str, str] = MappingProxyType({
    "yarn": "package.json", "bun-binary": "package.json", "cargo": "Cargo.toml", "pub": "pubspec.yaml", "mix": "mix.exs",
})  # fmt: skip


class Held:
    """Lock files (path, format) of a tree; each is opened once at most, and only for what lies below it."""

    def __init__(self, opener: Opener, locks: Sequence[tuple[str, str]]) -> None:
        self._opener = opener
        self._locks: dict[tuple[str, str], list[str]] = {}
        for path, kind in locks:
            self._locks.setdefault((path.rpartition("/")[0], kind), []).append(path)
        self._named: dict[str, frozenset[str]] = {}

    def holds(self, folder: str, kinds: Sequence[str]) -> bool:
        """Tell whether a lock file of one of these formats holds what is asked for in a folder."""
        beside = (folder, f"{folder}/requirements".lstrip("/"))
        if any((place, kind) in self._locks for place in beside for kind in kinds):
            return True
        return any(self._names(above, folder, kind) for above in _above(folder) for kind in kinds)

    def _names(self, above: str, folder: str, kind: str) -> bool:
        part = folder[len(above) :].strip("/")
        locks = self._locks.get((above, kind), ())
        return any(_fits(part, self._parts(path, kind, above)) for path in locks)

    def _parts(self, lock: str, kind: str, folder: str) -> frozenset[str]:
        if lock not in self._named:
            beside = _BESIDE.get(kind)
            found = [*_in_lock(kind, self._body(lock))]
            found += _in_project(self._body(f"{folder}/{beside}".lstrip("/"))) if beside else ()
            self._named[lock] = frozenset(each.removeprefix("./").strip("/") for each in found)
        return self._named[lock]

    def _body(self, path: str) -> bytes:
        try:
            return self._opener(path) or b""
        except Broken:
            return b""  # whoever reads it tells that it cannot be read


def _above(folder: str) -> Iterator[str]:
    while folder:
        folder = folder.rpartition("/")[0]
        yield folder


def _fits(part: str, named: frozenset[str]) -> bool:
    return part in named or any("*" in each and fnmatch.fnmatchcase(part, each) for each in named)


def _in_lock(kind: str, body: bytes) -> Iterator[str]:
    reader = _READERS.get(kind)
    try:
        yield from reader(body) if reader else ()
    except Broken:
        return


def _in_project(body: bytes) -> Iterator[str]:
    for listed in _LIST.finditer(body):
        yield from (_text(each) for each in _ITEM.findall(listed[1] or listed[2] or b""))
    yield from (_text(each) for each in _PATH.findall(body))
    yield from (f"{_text(each)}/*" for each in _APPS.findall(body))


def _of_npm(body: bytes) -> Sequence[str]:
    return [
        each for each in jsons.table(jsons.read(_text(body)).get("packages")) if "node_modules/" not in each
    ]


def _of_bun(body: bytes) -> Sequence[str]:
    return list(jsons.table(jsons.read(jsonc.plain(_text(body))).get("workspaces")))


def _of_pnpm(body: bytes) -> Sequence[str]:
    return list(jsons.table(yamls.read(_text(body)).get("importers")))


def _of_uv(body: bytes) -> Sequence[str]:
    return [_text(each) for each in _UV.findall(body)]


def _of_yarn(body: bytes) -> Sequence[str]:
    return [_text(each) for each in _BERRY.findall(body)]


def _text(body: bytes) -> str:
    return body.decode("utf-8", "replace")


_READERS: Mapping[str, Callable[[bytes], Sequence[str]]] = MappingProxyType({
    "npm": _of_npm, "bun": _of_bun, "pnpm": _of_pnpm, "uv": _of_uv, "poetry": _of_uv, "yarn": _of_yarn,
})  # fmt: skip
