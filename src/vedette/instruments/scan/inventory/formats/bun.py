"""`bun.lock` (https://bun.com/docs/pm/lockfile), JSON with trailing commas."""

from collections.abc import Iterator, Mapping

from vedette.instruments.scan.inventory import graphs
from vedette.instruments.scan.inventory.shapes import jsonc, jsons, node
from vedette.instruments.scan.inventory.shapes.jsons import rows, table, word
from vedette.instruments.scan.inventory.types import Format, Lockfile
from vedette.wire.scan import Component, Unknown

_OWN = "workspace:"


def _read(file: Lockfile) -> Iterator[Component | Unknown]:
    text = jsonc.plain(file.text())
    told, lines = jsons.read(text), jsons.lines(text)
    asked = node.asked(table(told.get("workspaces")).values())
    packages = {key: rows(value) for key, value in jsons.held(told, "packages").items()}
    edges = {key: node.needs(_about(row)) for key, row in packages.items()}
    groups = graphs.groups(asked.main, {"dev": asked.dev}, edges)
    for key, row in packages.items():
        name, version = node.split(word(row[0]) if row else "")
        if not version.startswith(_OWN):
            held = {**_about(row), "integrity": row[-1] if len(row) > 3 else None}
            place = (file, lines.get(key, 0))
            direct = key in asked.names
            yield from node.components(
                place, name or key, version, held, groups=groups.get(key, ()), direct=direct
            )


def _about(row: object) -> Mapping[str, object]:
    """Return what a package needs: the one mapping of its row."""
    return next((table(each) for each in rows(row) if isinstance(each, dict)), {})


FORMAT = Format(name="bun", label="Bun", names=("bun.lock",), ecosystem=node.ECOSYSTEM, read=_read)
