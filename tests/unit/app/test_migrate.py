"""Migrating: only when needed, one at a time, and never without a copy of what was there."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from vedette.app import migrate
from vedette.core.errors import ConfigError
from vedette.core.settings import Settings


def versions(database: Path) -> tuple[int, str]:
    with sqlite3.connect(database) as connection:
        (number,) = connection.execute("PRAGMA user_version").fetchone()
        (value,) = connection.execute("SELECT value FROM plumbing_kv WHERE key = 'app/version'").fetchone()
    return number, value.decode()


def test_a_fresh_folder_is_made_ready_private_and_without_a_copy(tmp_path: Path) -> None:
    data = tmp_path / "data"
    migrate.ensure(Settings(data=data))
    assert migrate.is_current(data / "core.db")
    assert versions(data / "core.db")[0] == migrate.fingerprint()
    assert not (data / "backups").exists()
    assert [p for p in (data, *data.iterdir()) if p.stat().st_mode & 0o077] == []


def test_an_old_database_is_copied_first_and_three_copies_are_kept(tmp_path: Path) -> None:
    data = tmp_path / "data"
    settings = Settings(data=data)
    migrate.ensure(settings)
    with sqlite3.connect(data / "core.db") as connection:
        connection.execute("UPDATE plumbing_kv SET value = ? WHERE key = 'app/version'", [b"0.0.9"])
        connection.execute("PRAGMA user_version = 1")
    migrate.ensure(settings)
    (made,) = (data / "backups").iterdir()
    assert made.name.startswith("core-0.0.9-")
    assert made.stat().st_mode & 0o077 == 0
    assert versions(made) == (1, "0.0.9")
    for day in range(1, 6):
        newest = migrate.copy(data / "core.db", data / "backups", 1_764_000_000.0 + day * 86_400)
    kept = sorted((data / "backups").iterdir())
    assert len(kept) == migrate.COPIES
    assert newest in kept


def test_what_cannot_be_migrated_is_one_line(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    (data / "core.db").write_bytes(b"this is no database" * 100)
    with pytest.raises((ConfigError, sqlite3.DatabaseError)) as caught:
        migrate.ensure(Settings(data=data))
    assert "\n" not in str(caught.value)


@pytest.mark.deep
def test_two_at_once_migrate_once(tmp_path: Path) -> None:
    env = {k: v for k, v in os.environ.items() if k != "DJANGO_SETTINGS_MODULE"} | {
        "VEDETTE_DATA": str(tmp_path / "data")
    }
    command = [sys.executable, "-m", "vedette.app.migrate"]
    both = [subprocess.Popen(command, env=env) for _ in range(2)]
    assert [process.wait(60) for process in both] == [0, 0]
    assert not (tmp_path / "data" / "backups").exists()
