"""What a project depends on, by its lock files, against advisories."""

from pathlib import Path

import msgspec

from vedette.instruments.scan import fixing, looking
from vedette.instruments.scan.inventory import reading, telling
from vedette.instruments.scan.inventory.types import Inventory
from vedette.instruments.scan.reaching import judging as reaching
from vedette.instruments.scan.reaching import looking as sources
from vedette.instruments.scan.timing import Until
from vedette.instruments.scan.types import Asked, CannotKnow, Progress
from vedette.wire.scan import ScanReport

KIND = "deps"
_MODES = ("", "show", "write")
_YES = frozenset({"1", "yes", "true", "on"})


def scan(asked: Asked, progress: Progress) -> ScanReport:
    """Return what is known to be wrong with what a folder or a file names; raises `CannotKnow` where nothing names versions."""
    path, progress = Path(asked.target), Until(asked).telling(progress)
    if not _is_there(path):
        raise CannotKnow(
            f"{telling.shown(asked.target)} is not there.", "Name a folder, or a file that names versions."
        )
    mode = asked.options.get("fix", "")
    if mode not in _MODES:
        raise CannotKnow(f"{telling.shown(mode)!r} is no way to fix.", "Say --fix show or --fix write.")
    excludes = tuple(filter(None, (each.strip(" /") for each in asked.options.get("exclude", "").split(","))))
    installed = asked.options.get("installed", "") in _YES
    inventory = reading.read(path, progress, installed=installed, excludes=excludes)
    _something(inventory, path)
    progress("imports", None)
    imported = (
        sources.imported(path, inventory.components, progress) if path.is_dir() else reaching.Imported()
    )
    reachable = reaching.reachable(imported, inventory.components)
    report, upgrades = looking.report(KIND, asked, inventory, reachable, progress)
    facts = fixing.apply(path, upgrades, write=mode == "write") if mode else {}
    excluded = {"excluded": ", ".join(inventory.excluded)} if inventory.excluded else {}
    return msgspec.structs.replace(report, facts={**report.facts, **excluded, **facts})


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError) as error:  # too long for a name, or no text a path can be
        raise CannotKnow(
            f"{telling.shown(str(path)[:200])} is no path: {error!a:.80}.", "Name a folder or a file."
        ) from None


def _something(inventory: Inventory, path: Path) -> None:
    if not inventory.files and not inventory.components and not inventory.unknown:
        raise CannotKnow(
            f"Nothing that names versions was found under {telling.shown(str(path))}.",
            "Write a lock file (docs/scans/dependencies.md names those that are read), or name the folder that has one.",
        )
