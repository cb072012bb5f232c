"""Lock files of every format, each in a folder with what must be read of it (`expected`).

Those of uv, Poetry, Pipenv, npm, pnpm, Yarn and Bun were written by the tools themselves; the others after their documentation.
"""

from pathlib import Path

from vedette.instruments.scan.inventory.types import Inventory

FOLDER = Path(__file__).parent / "lockfiles"
EXPECTED = "expected"


def told(inventory: Inventory) -> list[str]:
    """Return what was read as lines: how it is asked for, what, where, for which groups, and what it needs."""
    asked = {True: "asked", False: "along", None: "?"}
    rows = [
        f"{asked[each.direct]:5} {each.ecosystem} {each.name} {each.version}  {each.place}"
        + (f"  ({', '.join(each.groups)})" if each.groups else "")
        + (f"  needs {', '.join(each.requires)}" if each.requires else "")
        + (f"  source {each.source} {each.labels.get('source_version', '')}".rstrip() if each.source else "")
        + (f"  hashes {len(each.hashes)}" if each.hashes else "")
        + (f"  marker {each.labels['marker']}" if "marker" in each.labels else "")
        for each in inventory.components
    ]
    return rows + [f"unknown {each.subject}: {each.why}" for each in inventory.unknown]


def expected(folder: Path) -> list[str]:
    """Return what must be read of a folder."""
    return (folder / EXPECTED).read_text().splitlines()


def folders() -> list[Path]:
    """Return the folders, each named by its format and, behind a hyphen, by what is special."""
    return sorted(each for each in FOLDER.iterdir() if each.is_dir())
