"""MongoDB, by imitations of its programs (they are in no Debian): documents are counted and loaded into a server of their own."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from tests.support.daemons import folder_of
from tests.support.imitated import MONGOD, MONGODUMP, MONGORESTORE, imitated
from tests.support.saved import Saved, told

from vedette.instruments.backup.types import Failed
from vedette.instruments.probe.mongodb.bson import encoded
from vedette.wire.backup import Failure

PASSWORD = "planted-password"
WITH_PASSWORD = {"user": "backup", "password_file": "PASSWORD"}


@pytest.fixture
def host() -> Iterator[Path]:
    """Yield a folder with imitated programs that a server of nobody may run, too."""
    with folder_of("nobody") as folder:
        yield filled(folder)


def filled(folder: Path) -> Path:
    (folder / "mongo" / "shop").mkdir(parents=True)
    (folder / "mongo" / "admin").mkdir()
    (folder / "mongo" / "shop" / "orders.bson").write_bytes(
        b"".join(encoded({"n": n, "text": "x" * n}) for n in range(50))
    )
    (folder / "mongo" / "admin" / "system.version.bson").write_bytes(encoded({"v": 1}))
    imitated(folder, mongodump=MONGODUMP, mongod=MONGOD, mongorestore=MONGORESTORE)
    return folder


def saved_of(tmp_path: Path, host: Path, more: Mapping[str, object], password: str = PASSWORD) -> Saved:
    tmp_path.mkdir(exist_ok=True)
    (tmp_path / "password").write_text(password)
    settings = {
        name: str(tmp_path / "password") if value == "PASSWORD" else value for name, value in more.items()
    }
    return Saved(
        tmp_path / "world",
        "mongo",
        settings,
        {name: host / name for name in ("mongodump", "mongod", "mongorestore")},
    )


def test_documents_are_counted_and_loaded(tmp_path: Path, host: Path) -> None:
    saved = saved_of(tmp_path, host, WITH_PASSWORD)
    gathered = saved.save()
    assert {t.name: t.rows for t in gathered.part.tables} == {"shop.orders": 50, "admin.system.version": 1}
    checks = saved.prove(gathered)
    assert not told(checks)
    assert checks["loaded"].text == "51 documents were loaded, 0 were refused; 50 were saved."
    (check,) = saved.put_back(gathered, tmp_path / "into")
    assert check.passed
    assert (tmp_path / "into" / "dump" / "shop" / "orders.bson").is_file()


def test_a_dump_that_was_cut_is_not_proven(tmp_path: Path, host: Path) -> None:
    saved = saved_of(tmp_path, host, {})
    gathered = saved.save()
    came = saved.root / saved.staging.relative_to("/") / "dump" / "shop" / "orders.bson"
    came.write_bytes(came.read_bytes()[:-3])
    assert "document 50 is cut short" in told(saved.prove(gathered))


@pytest.mark.parametrize(
    ("more", "password", "failure"),
    [
        ({"port": 1}, "", Failure.SOURCE_MISSING),
        (WITH_PASSWORD, "wrong-one", Failure.SOURCE_MISSING),
        ({"user": "x", "password_file": "/nowhere"}, "", Failure.SOURCE_MISSING),
    ],
)
def test_who_is_not_let_in_has_no_backup(
    tmp_path: Path, host: Path, more: dict[str, object], password: str, failure: Failure
) -> None:
    with pytest.raises(Failed) as caught:
        saved_of(tmp_path, host, more, password).gather()
    assert caught.value.failure is failure
    assert "wrong-one" not in f"{caught.value} {caught.value.output}"


def test_an_empty_one_and_one_without_programs_are_told(tmp_path: Path, host: Path) -> None:
    (host / "mongo" / "shop" / "orders.bson").write_bytes(b"")
    with pytest.raises(Failed) as caught:
        saved_of(tmp_path, host, {}).gather()
    assert caught.value.failure is Failure.SOURCE_EMPTY
    (host / "mongodump").unlink()
    with pytest.raises(Failed) as caught:
        saved_of(tmp_path / "again", host, {}).gather()
    assert caught.value.failure is Failure.NO_TOOL
