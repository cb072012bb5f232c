"""From which backup an aim is reached, and what PostgreSQL is told to stop at. Pure."""

from collections.abc import Sequence
from datetime import UTC, datetime

from vedette.instruments.backup.pgbackrest.reading import Backup
from vedette.instruments.backup.types import Failed
from vedette.wire.backup import Aim, Failure


def choose(aim: Aim, there: Sequence[Backup]) -> Backup:
    """Return the newest whole backup from which the aim can be reached, the aimed one where it can; raises `Failed`.

    A backup of later than the aim already holds what must not be in it.
    """
    whole = [backup for backup in there if not backup.error]
    early = [backup for backup in whole if _is_before(aim, backup)]
    named = [backup for backup in early if backup.label == aim.snapshot]
    if aim.snapshot and not any(backup.label == aim.snapshot for backup in whole):
        raise Failed(Failure.AIM, f"The repository has no whole backup {aim.snapshot}.")
    if not early:
        raise Failed(Failure.AIM, f"No backup is older than what is aimed at{_oldest(whole)}.")
    return (named or [max(early, key=lambda backup: backup.timestamp.stop)])[0]


def target(aim: Aim) -> Sequence[str]:
    """Return the words of `restore` that stop the recovery just before the aim; none recover to the end of what was archived."""
    if aim.before is not None:
        instant = datetime.fromtimestamp(aim.before, UTC).strftime("%Y-%m-%d %H:%M:%S.%f+00")
        return ("--type=time", f"--target={instant}", "--target-exclusive", "--target-action=promote")
    if aim.transaction is not None:
        return ("--type=xid", f"--target={aim.transaction}", "--target-exclusive", "--target-action=promote")
    return ("--type=default",)


def enough(aim: Aim, chosen: Backup, there: Sequence[Backup]) -> str | None:
    """Return the last segment of WAL that can be needed (None: all): the first one of a later backup that is after the aim."""
    if aim.before is None and aim.transaction is None:
        return None
    later = [
        backup.archive.stop
        for backup in there
        if backup.timestamp.start > chosen.timestamp.stop
        and not _is_before(aim, backup)
        and backup.archive.stop
    ]
    return min(later, default=None)


def _is_before(aim: Aim, backup: Backup) -> bool:
    if aim.before is not None and backup.timestamp.stop >= aim.before:
        return False
    noted = backup.note("transaction")
    return aim.transaction is None or not noted.isdecimal() or int(noted) <= aim.transaction


def _oldest(whole: Sequence[Backup]) -> str:
    if not whole:
        return ": there is none"
    oldest = min(whole, key=lambda backup: backup.timestamp.stop)
    instant = datetime.fromtimestamp(oldest.timestamp.stop, UTC).strftime("%Y-%m-%d %H:%M:%S")
    return f": the oldest, {oldest.label}, ended at {instant} UTC"
