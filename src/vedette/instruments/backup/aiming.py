"""What an order of save, restore or prune means for any engine: what is there, which snapshot, how many are kept."""

import shlex
from collections.abc import Sequence
from pathlib import Path

from vedette.core.names import written
from vedette.instruments.backup.listing import Tally
from vedette.instruments.backup.types import Cargo, Failed, Repository
from vedette.wire.backup import Aim, Failure, Keep, Snapshot

_KEEPS = ("last", "hourly", "daily", "weekly", "monthly", "yearly")


def there(cargo: Cargo) -> tuple[Path, ...]:
    """Return the paths that are to be saved; raises SOURCE_MISSING for one that is not there, ENGINE for what no paths are."""
    paths = (*cargo.paths, *cargo.steady)
    if not paths:
        raise Failed(Failure.SOURCE_MISSING, "No path is to be saved.")
    for path in paths:
        if not path.is_absolute():
            raise Failed(Failure.SOURCE_MISSING, f"{written(path)} is no whole path.")
        if not path.is_symlink() and not path.exists():
            raise Failed(Failure.SOURCE_MISSING, f"{written(path)} is not there.")
    return paths


def chosen(snapshots: Sequence[Snapshot], name: str, plan: str) -> Snapshot:
    """Return a snapshot by its name, or the newest of the plan (where it has none: of all); raises TARGET_MISSING."""
    if name:
        found = next((one for one in snapshots if one.name == name), None)
    else:
        found = next((one for one in snapshots if one.plan == plan), next(iter(snapshots), None))
    if found is None:
        what = f"no snapshot {name}" if name else "no snapshot"
        raise Failed(
            Failure.TARGET_MISSING, f"The repository holds {what}: it may be pruned, or never have been made."
        )
    return found


def something(tally: Tally, aim: Aim, snapshot: str) -> None:
    """Raise AIM where nothing of what is asked for is in a snapshot: a restore of nothing is none."""
    if not tally.items:
        what = ", ".join(aim.paths[:3]) or "anything"
        raise Failed(Failure.AIM, f"Snapshot {snapshot} does not hold {what}: look at what it holds.")


def no_instant(aim: Aim, engine: str) -> None:
    """Raise ENGINE for an instant between snapshots."""
    if aim.before is not None or aim.transaction is not None:
        raise Failed(Failure.ENGINE, f"{engine} knows no instants between snapshots: choose a snapshot.")


def kept(keep: Keep) -> tuple[str, ...]:
    """Return the options by which borg and restic keep snapshots, none where everything is kept."""
    return tuple(
        word
        for name in _KEEPS
        if (count := getattr(keep, name)) > 0
        for word in (f"--keep-{name}", str(count))
    )


def plan_of(repository: Repository) -> str:
    """Return the plan of a repository's name (`plan/copy`)."""
    return repository.name.rpartition("/")[0]


def quoted(text: str) -> str:
    """Return a word for a shell."""
    return shlex.quote(text)
