"""Vedette itself: its data folder is saved while it is used, put together again, migrated and looked at by doctor."""

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from tests.support.saved import Saved, told

from vedette.app import keyfile, migrate
from vedette.instruments.backup.types import Failed
from vedette.wire.backup import Failure

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def data(
    tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker: Any
) -> Iterator[Path]:
    """Return the data folder of a Vedette that is in use: core.db has a log beside it."""
    folder = tmp_path_factory.mktemp("vedette") / "data"
    keyfile.read_or_create(folder)
    with django_db_blocker.unblock(), contextlib.closing(sqlite3.connect(folder / "core.db")) as core:
        connection.ensure_connection()
        connection.connection.backup(core)  # it knows every migration, which takes its time
        core.execute(f"PRAGMA user_version = {migrate.fingerprint():d}")
    (folder / "telemetry").mkdir(mode=0o700)
    (folder / "attachments").mkdir(mode=0o700)
    (folder / "attachments" / "screenshot").write_bytes(os.urandom(2_000))
    (folder / "feeds").mkdir(mode=0o700)
    (folder / "feeds" / "osv").write_bytes(b"fetched again")
    with contextlib.closing(sqlite3.connect(folder / "core.db", isolation_level=None)) as core:
        core.execute("PRAGMA journal_mode=WAL")
        core.execute("INSERT INTO plumbing_kv (key, value, revision) VALUES ('settings/test', x'01', 99)")
        for path in (*folder.rglob("*"), folder):
            path.chmod(0o700 if path.is_dir() else 0o600)
        yield folder


def test_it_begins_again_from_its_backup(tmp_path: Path, data: Path) -> None:
    saved = Saved(tmp_path, "vedette", {"data": str(data)})
    gathered = saved.save()
    assert any(table.name == "plumbing_kv" and table.rows for table in gathered.part.tables)
    assert any(pattern.endswith("core.db-wal") for pattern in gathered.excludes)
    checks = saved.prove(gathered)
    assert not told(checks)
    assert {"files", "content", "integrity", "rows", "migrate", "doctor"} <= checks.keys()
    with pytest.raises(Failed, match="stop Vedette first"):
        saved.put_back(gathered, None)
    (check,) = saved.put_back(gathered, tmp_path / "into")
    assert check.passed, check.text
    assert (tmp_path / "into" / data.relative_to("/") / "core.db").stat().st_mode & 0o777 == 0o600
    with contextlib.closing(sqlite3.connect(tmp_path / "into" / data.relative_to("/") / "core.db")) as core:
        assert core.execute("SELECT value FROM plumbing_kv WHERE key = 'settings/test'").fetchone() == (
            b"\1",
        )


def test_without_its_key_or_with_a_damaged_database_it_is_not_proven(tmp_path: Path, data: Path) -> None:
    saved = Saved(tmp_path, "vedette", {"data": str(data)})
    gathered = saved.save()
    (saved.root / data.relative_to("/") / "secret.key").unlink()
    damaged = saved.root / str(saved.staging).lstrip("/") / "databases/telemetry.db"
    damaged.write_bytes(b"no database" * 100)
    said = told(saved.prove(gathered))
    assert "doctor: " in said
    assert "integrity: telemetry.db cannot be read: file is not a database" in said


def test_another_folder_is_none(tmp_path: Path) -> None:
    with pytest.raises(Failed) as caught:
        Saved(tmp_path, "vedette", {"data": str(tmp_path)}).gather()
    assert caught.value.failure is Failure.SOURCE_MISSING
