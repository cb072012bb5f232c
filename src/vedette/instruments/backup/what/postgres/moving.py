"""The files of a recovered cluster moved to where they shall be, never over those of a server that runs."""

import shutil
from pathlib import Path

from vedette.instruments.backup import clusters, psql
from vedette.instruments.backup.types import Bench, Failed
from vedette.instruments.backup.what.postgres.settings import Settings
from vedette.wire.backup import Check, Failure


def move_cluster(settings: Settings, bench: Bench, into: Path | None, stamp: str) -> Check:
    """Move the cluster below a folder (None: to where it was); what is there is renamed. Raises `Failed` for a server that runs.

    PostgreSQL recovers by itself when it is started: the WAL it needs lies in the folder.
    """
    came = bench.root / bench.part.facts["data"].lstrip("/")
    was = Path(bench.part.facts["data"])
    place = into / was.name if into else was
    if not (came / "PG_VERSION").is_file():
        raise Failed(Failure.NOT_PROVEN, "No cluster came back.")
    _refuse_running(place)
    kept = _aside(place, stamp)
    owner = psql.owner_of(kept or came) or settings.run_as
    shutil.move(came, place)
    for path in (place, *place.rglob("*")):
        clusters.own(path, owner)
    before = f" What was there before is {kept}." if kept else ""
    return Check(
        name="Cluster",
        passed=True,
        text=f"The cluster is back in {place}: start PostgreSQL, it recovers.{before}",
    )


def _refuse_running(place: Path) -> None:
    lock = place / "postmaster.pid"
    pid = lock.read_text().partition("\n")[0].strip() if lock.is_file() else ""
    if pid.isdecimal() and Path("/proc", pid).exists():
        raise Failed(Failure.LOCKED, f"A PostgreSQL runs in {place} (process {pid}): stop it first.")


def _aside(place: Path, stamp: str) -> Path | None:
    """Rename what is there, unless that is an empty folder."""
    if not place.exists() or (place.is_dir() and not any(place.iterdir())):
        shutil.rmtree(place, ignore_errors=True)
        place.parent.mkdir(parents=True, exist_ok=True)
        return None
    kept = place.with_name(f"{place.name}.before-{stamp}")
    place.rename(kept)
    return kept
