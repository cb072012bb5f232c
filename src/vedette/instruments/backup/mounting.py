"""A copy shown as a folder to read from, by the engine's own mount (FUSE), until it is ended."""

from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from vedette.instruments.backup import choosing
from vedette.instruments.backup.types import Failed, Repository, Tools
from vedette.instruments.backup.working import Work
from vedette.wire.backup import Aim, Failure

LONGEST = 7 * 86_400.0  # seconds


def mount(work: Work, folder: Path, snapshot: str = "") -> None:
    """Show a copy, or one snapshot of it, in an empty folder until the program is ended; raises `Failed`.

    pgBackRest keeps files of a cluster, which nobody reads by hand: it has no mount.
    """
    show = _MOUNTS.get(work.copy.engine)
    if show is None:
        raise Failed(
            Failure.NO_TOOL, f"{work.copy.engine} has no mount; restore single files instead (--file)."
        )
    if not folder.is_dir() or any(folder.iterdir()):
        raise Failed(Failure.AIM, f"{folder} is no empty folder.")
    tools = msgspec.structs.replace(work.tools, deadline=LONGEST)
    name = ""
    if snapshot:
        there = work.open(tools).snapshots(tools)
        name = choosing.snapshot(there, Aim(snapshot=snapshot), work.plan.name).name
    show(work.repository, folder, name, tools)


def _borg(repository: Repository, folder: Path, snapshot: str, tools: Tools) -> None:
    from vedette.instruments.backup.borg import asking

    at = f"{repository.at}::{snapshot}" if snapshot else repository.at
    asking.ask(repository, ["mount", "--foreground", at, folder], tools)


def _restic(repository: Repository, folder: Path, snapshot: str, tools: Tools) -> None:
    from vedette.instruments.backup.restic import asking

    del snapshot  # it shows all of them, each below `snapshots/`
    asking.ask(repository, ["mount", "--no-lock", folder], tools)


_MOUNTS: Mapping[str, Callable[[Repository, Path, str, Tools], None]] = {"borg": _borg, "restic": _restic}
