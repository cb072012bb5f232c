"""`Pipfile.lock` (https://pipenv.pypa.io/en/latest/pipfile.html)."""

from collections.abc import Iterable, Iterator, Mapping

from vedette.instruments.scan.inventory import telling
from vedette.instruments.scan.inventory.naming import component, normal
from vedette.instruments.scan.inventory.shapes import jsons, python, tomls
from vedette.instruments.scan.inventory.shapes.jsons import table, word, words
from vedette.instruments.scan.inventory.types import Broken, Format, Lockfile
from vedette.wire.scan import Component, Unknown

_MAIN = "default"
_FIX = "Give it a version in the Pipfile and run `pipenv lock`."


def _read(file: Lockfile) -> Iterator[Component | Unknown]:
    text = file.text()
    told, lines, asked = jsons.read(text), jsons.lines(text), _asked(file)
    if not {"_meta", _MAIN} & told.keys():
        raise Broken("It lists no packages.", 1)
    for group in told:
        for name, package in () if group == "_meta" else jsons.held(told, group).items():
            place = (file, lines.get(name, 0))
            yield from _component(place, group, name, table(package), asked)


def _component(
    place: tuple[Lockfile, int],
    group: str,
    name: str,
    package: Mapping[str, object],
    asked: frozenset[str] | None,
) -> Iterable[Component | Unknown]:
    file, line = place
    version = word(package.get("version"))
    if not version.startswith("=="):
        own = "path" in package or "file" in package
        return [] if own else [telling.unpinned(file, line, name, _FIX)]
    made = component(
        python.ECOSYSTEM, name, version.lstrip("="), file.at(line), groups=() if group == _MAIN else (group,),
        direct=None if asked is None else normal(python.ECOSYSTEM, name) in asked, hashes=words(package.get("hashes")),
    )  # fmt: skip
    return [made]


def _asked(file: Lockfile) -> frozenset[str] | None:
    beside = file.beside("Pipfile")
    try:
        told = {} if beside is None else tomls.read(beside.text())
    except Broken:
        return None
    groups = [
        table(value) for key, value in told.items() if key not in {"source", "requires", "scripts", "pipenv"}
    ]
    return frozenset(normal(python.ECOSYSTEM, name) for each in groups for name in each) if told else None


FORMAT = Format(
    name="pipenv", label="Pipenv", names=("pipfile.lock",), ecosystem=python.ECOSYSTEM, read=_read
)
