"""What `vedette backup …` can be told of plans: which file they stand in, or one that is made of flags."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

QUIETLY = Parameter(negative=(), show_default=False)  # "[default: ()]" tells nobody anything


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Where:
    """Which plans, and with which secrets; no server is asked.

    Parameters
    ----------
    config
        The file with `[[backup]]`; else vedette.toml here, or /etc/vedette/vedette.toml.
    adhoc
        Use a plan that is made of --path and --to, and of no file.
    path
        What an ad-hoc plan saves: a file or folder; may be repeated.
    to
        Where an ad-hoc plan keeps it: a path, or an address the engine understands.
    engine
        The engine of an ad-hoc plan: borg (without it) or restic.
    exclude
        A pattern of what an ad-hoc plan leaves out; may be repeated.
    copy
        The copy that is meant, where a plan has several.
    password_file
        A file whose first line is the repository's password; else $VEDETTE_BACKUP_PASSWORD, or the one that was made here.
    secret
        Another secret of the copy, NAME=FILE (access_key=/root/key); may be repeated.
    state
        The folder for what is remembered here: runs, keys, caches.
    json
        Print JSON, a line for each.
    quiet
        Print no progress.
    """

    config: Path | None = None
    adhoc: bool = False
    path: tuple[Path, ...] = ()
    to: str = ""
    engine: str = "borg"
    exclude: tuple[str, ...] = ()
    copy: str = ""
    password_file: Path | None = None
    secret: tuple[str, ...] = ()
    state: Path | None = None
    json: bool = False
    quiet: Annotated[bool, Parameter(name=("--quiet", "-q"))] = False


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is restored, and where to.

    Parameters
    ----------
    snapshot
        The snapshot, or the beginning of its name; else the newest.
    before
        The newest state before this instant (`2026-11-27 14:03:20`, UTC unless it names a zone); to the second with
        point-in-time recovery.
    transaction
        Before this transaction, with point-in-time recovery.
    what
        One source of the plan alone: postgres/shop.
    file
        A file or folder to bring back, by its whole path; may be repeated.
    into
        The folder to restore into, made where it is not there.
    live
        Restore to where it was, over live data.
    confirm
        The name of the live data that is overwritten.
    dry_run
        Say what would come back and how long that takes, and do nothing.
    yes
        Ask nothing: take the newest snapshot and everything, unless flags say otherwise.
    """

    snapshot: str = ""
    before: str = ""
    transaction: int | None = None
    what: str = ""
    file: tuple[str, ...] = ()
    into: Path | None = None
    live: bool = False
    confirm: str = ""
    dry_run: bool = False
    yes: bool = False


NOTHING_SAID = Where()
NOTHING_WANTED = Wanted()
