"""Manifests, the witnesses of backups: one lies in each snapshot, one beside us, one in each report of a run."""

import os
from collections.abc import Iterable
from pathlib import Path

import msgspec

from vedette.instruments.backup import counting
from vedette.instruments.backup.what.paths.gathering import LIST, tops_in
from vedette.instruments.backup.what.staged import DUMP
from vedette.instruments.backup.working import safe
from vedette.wire.backup import BackupRun, Manifest, Part

FILE = "vedette-manifest.json"
STAGING = "staging"
_MOST = 256 << 20  # bytes of one that is believed; a repository may hold anything


def put(folder: Path, manifest: Manifest) -> Path:
    """Write a manifest into the staging folder, from where it goes into the snapshot; return the file."""
    path = folder / FILE
    path.write_bytes(msgspec.json.encode(manifest))
    return path


def remember(folder: Path, copy: str, snapshot: str, manifest: Manifest, living: Iterable[str]) -> None:
    """Keep the manifest of a snapshot beside us, and forget those of snapshots that are gone."""
    shelf = _shelf(folder, copy)
    shelf.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = shelf / f"{safe(snapshot)}.json"
    new = path.with_suffix(".new")
    new.write_bytes(msgspec.json.encode(manifest))
    new.replace(path)
    keep = {f"{safe(name)}.json" for name in [*living, snapshot]}
    for old in shelf.iterdir():
        if old.name not in keep:
            old.unlink(missing_ok=True)


def recalled(folder: Path, copy: str, snapshot: str, runs: Iterable[BackupRun]) -> Manifest | None:
    """Return the manifest of a snapshot from reports of runs, else the one beside us."""
    told = (run.manifest for run in runs if run.snapshot == snapshot and run.manifest is not None)
    return next(told, None) or _read(_shelf(folder, copy) / f"{safe(snapshot)}.json")


def found(root: Path, plan: str) -> Manifest | None:
    """Return the manifest that lies in what was restored below a root, wherever the host that saved it kept its state."""
    tail = (safe(plan), STAGING)
    there = (one / FILE for one in counting.folders(root) if one.parts[-2:] == tail)
    return next((_read(path) for path in there if os.path.lexists(path)), None)


def paths_of(part: Part) -> tuple[str, ...]:
    """Return where one source lies in a snapshot (written names): its paths, its dump and its list; none when that is not known."""
    named = (part.facts.get(name, "") for name in (LIST, DUMP, STAGING))
    return tuple(dict.fromkeys(filter(None, (*named, *tops_in(part)))))


def ours(manifest: Manifest | None, part: Part | None = None) -> int:
    """Return how many files of a snapshot, or of one source in it, nobody made but us: the manifest, a list for each source of files."""
    if part is not None:
        return int(LIST in part.facts)
    return 1 + sum(LIST in one.facts for one in manifest.parts) if manifest else 0


def _shelf(folder: Path, copy: str) -> Path:
    return folder / "manifests" / safe(copy)


def _read(path: Path) -> Manifest | None:
    try:
        if path.is_symlink() or path.stat().st_size > _MOST:
            return None
        return msgspec.json.decode(path.read_bytes(), type=Manifest)
    except (OSError, msgspec.DecodeError, msgspec.ValidationError):
        return None
