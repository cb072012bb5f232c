"""Brings core.db up to date, and copies it first when there is something to lose.

Whether anything is to be done is told by `PRAGMA user_version` (a checksum of all migrations and of the versions of
Django and allauth), so a start that has nothing to migrate loads nothing. The work itself is done by a short-lived
child (`python -m vedette.app.migrate`), under a file lock.
"""

import contextlib
import fcntl
import os
import sqlite3
import subprocess
import sys
import zlib
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from vedette import app
from vedette.core.clock import SystemClock, to_datetime
from vedette.core.errors import ConfigError
from vedette.core.settings import Settings, load

COPIES = 3
_ROOMS = Path(app.__file__).parents[1]


def fingerprint() -> int:
    """Return a 31-bit checksum of every migration this version knows."""
    names = sorted(str(path.relative_to(_ROOMS)) for path in _ROOMS.glob("**/migrations/0*.py"))
    names += [version("django"), version("django-allauth")]
    return (zlib.crc32("\n".join(names).encode()) & 0x7FFFFFFF) or 1


def is_current(database: Path) -> bool:
    """Tell whether a database knows every migration; False when there is none yet."""
    if not database.is_file():
        return False
    with _opened(database) as connection:
        return bool(connection.execute("PRAGMA user_version").fetchone()[0] == fingerprint())


def begin(settings: Settings) -> "subprocess.Popen[str] | None":
    """Start migrating in a child process when needed, and return it at once.

    It is a head start: `ensure` waits until it has ended, and tells what went wrong.
    """
    return None if is_current(settings.data / "core.db") else _child(settings, subprocess.DEVNULL)


def ensure(settings: Settings) -> None:
    """Migrate in a child process when needed; raises `ConfigError` with the child's last line when it fails."""
    if is_current(settings.data / "core.db"):
        return
    child = _child(settings, subprocess.PIPE)
    _, said = child.communicate()
    if child.returncode:
        last = (said.strip() or "it gave no reason").splitlines()[-1]
        raise ConfigError(f"{settings.data / 'core.db'}: could not be brought up to date: {last}")


def _child(settings: Settings, stderr: int) -> "subprocess.Popen[str]":
    """Start a child that migrates; of several at once one does, and the others find it done."""
    return subprocess.Popen(
        [sys.executable, "-m", "vedette.app.migrate"],
        env={**os.environ, "VEDETTE_DATA": str(settings.data.absolute())},
        stderr=stderr,
        text=True,
    )


def main() -> None:
    """Copy, migrate, remember; one process at a time."""
    settings = load()
    os.umask(0o077)
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    database = settings.data / "core.db"
    with _alone(settings.data / "migrate.lock"):
        if is_current(database):
            return
        if database.is_file() and database.stat().st_size:
            copy(database, settings.data / "backups", SystemClock().now())
        _migrate()
        _remember(database)


def copy(database: Path, folder: Path, now: float) -> Path:
    """Copy a database into `core-<version it was written by>-<UTC stamp>.db`; the last `COPIES` are kept."""
    from vedette.plumbing.db.files import copy_database

    folder.mkdir(mode=0o700, exist_ok=True)
    stamp = to_datetime(now).strftime("%Y%m%dT%H%M%SZ")
    target = folder / f"core-{_written_by(database)}-{stamp}.db"
    copy_database(database, target)
    for old in sorted(folder.glob("core-*.db"), key=lambda path: path.stat().st_mtime)[:-COPIES]:
        old.unlink()
    return target


def _migrate() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vedette.app.django_settings")
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0, interactive=False)


def _remember(database: Path) -> None:
    with _opened(database) as connection, connection:
        connection.execute(
            "INSERT INTO plumbing_kv (key, value, revision) VALUES ('app/version', ?,"
            " (SELECT coalesce(max(revision), 0) + 1 FROM plumbing_kv))"
            " ON CONFLICT (key) DO UPDATE SET value = excluded.value, revision = excluded.revision",
            [version("vedette").encode()],
        )
        connection.execute(f"PRAGMA user_version = {fingerprint():d}")


def _written_by(database: Path) -> str:
    with _opened(database) as connection:
        try:
            row = connection.execute("SELECT value FROM plumbing_kv WHERE key = 'app/version'").fetchone()
        except sqlite3.OperationalError:
            return "unknown"
    return row[0].decode() if row else "unknown"


@contextlib.contextmanager
def _opened(database: Path) -> Iterator[sqlite3.Connection]:
    with contextlib.closing(sqlite3.connect(database, timeout=30)) as connection:
        yield connection


@contextlib.contextmanager
def _alone(lock: Path) -> Iterator[None]:
    with lock.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    main()
