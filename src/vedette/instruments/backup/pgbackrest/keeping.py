"""Which backups are kept: the newest of each hour, day, week, month and year, and all those that they are made of. Pure."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from vedette.instruments.backup.pgbackrest.reading import Backup
from vedette.wire.backup import Keep

_FORMATS = {
    "hourly": "%Y-%m-%d %H",
    "daily": "%Y-%m-%d",
    "weekly": "%G-%V",
    "monthly": "%Y-%m",
    "yearly": "%Y",
}


def expired(backups: Sequence[Backup], keep: Keep) -> tuple[str, ...]:
    """Return the labels of those whose time is over, newest first, so that none goes before what was made of it."""
    newest = sorted(backups, key=lambda backup: backup.timestamp.stop, reverse=True)
    if not any((keep.last, *(getattr(keep, name) for name in _FORMATS))):
        return ()
    kept = {backup.label for backup in newest[: max(1, keep.last)]}
    for name, form in _FORMATS.items():
        kept |= _newest_of_each(newest, getattr(keep, name), lambda at, form=form: _written(at, form))  # type: ignore[misc]
    needed = {label for backup in newest if backup.label in kept for label in backup.reference or ()}
    return tuple(backup.label for backup in newest if backup.label not in kept | needed)


def is_full_due(backups: Sequence[Backup], now: float, days: float) -> bool:
    """Tell whether the next one has to be whole: there is no whole one, or the last is too old."""
    fulls = [backup.timestamp.stop for backup in backups if backup.type == "full" and not backup.error]
    return not fulls or now - max(fulls) >= days * 86_400.0


def _newest_of_each(newest: Sequence[Backup], count: int, span: Callable[[float], str]) -> set[str]:
    first: dict[str, str] = {}
    for backup in newest:
        first.setdefault(span(backup.timestamp.stop), backup.label)
    return set(list(first.values())[:count])


def _written(at: float, form: str) -> str:
    return datetime.fromtimestamp(at, UTC).strftime(form)
