"""The doctor names what is wrong and what to do."""

import dataclasses
import io
import shutil
import socket
import threading
from pathlib import Path

import pytest
from tests.support.ports import free_port

from vedette.app import doctor, migrate
from vedette.core.settings import Settings
from vedette.plumbing.breaches import builder

pytestmark = pytest.mark.xdist_group("doctor")  # migrated once


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("doctor") / "data"
    migrate.ensure(Settings(data=data))
    return data


@pytest.fixture
def settings(tmp_path: Path, migrated: Path) -> Settings:
    shutil.copytree(migrated, tmp_path / "data")
    return Settings(data=tmp_path / "data", port=free_port(), min_free_disk_bytes=1)


def states(settings: Settings) -> dict[str, str]:
    worst = ["ok", "warn", "fail"]
    found: dict[str, str] = {}
    for finding in doctor.examine(settings):
        found[finding.check] = max(found.get(finding.check, "ok"), finding.state, key=worst.index)
    return found


def test_journeys_without_their_user(settings: Settings) -> None:
    walked = dataclasses.replace(settings, journey_user="no-such-user")
    (found,) = [one for one in doctor.examine(walked) if one.check == "journeys"]
    assert (found.state, "useradd --system" in found.text) == ("fail", True)


def test_a_good_installation(settings: Settings) -> None:
    assert states(settings) == {
        "data folder": "ok", "file modes": "ok", "key file": "ok", "database": "ok", "disk": "ok", "server": "ok",
        "mail": "warn", "agent": "ok", "clock": "ok",
    }  # fmt: skip


def test_nothing_there_yet_is_no_failure(tmp_path: Path) -> None:
    assert "fail" not in states(Settings(data=tmp_path / "none", port=free_port())).values()


def test_files_others_can_read(settings: Settings) -> None:
    (settings.data / "core.db").chmod(0o644)
    assert states(settings)["file modes"] == "fail"


def test_a_missing_or_short_key_file(settings: Settings) -> None:
    key = settings.data / "secret.key"
    key.write_bytes(b"short")
    assert states(settings)["key file"] == "fail"
    key.unlink()
    assert states(settings)["key file"] == "fail"
    assert not key.exists(), "the doctor makes no new key: sealed secrets would be lost for good"


def test_a_damaged_database(settings: Settings) -> None:
    core = settings.data / "core.db"
    body = bytearray(core.read_bytes())
    body[4096:12288] = b"\xff" * 8192
    core.write_bytes(body)
    assert states(settings)["database"] == "fail"


def test_a_full_disk(settings: Settings) -> None:
    full = Settings(data=settings.data, port=settings.port, min_free_disk_bytes=2**60)
    assert states(full)["disk"] == "fail"


def test_somebody_else_on_the_port(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def greet() -> None:
            for _ in range(2):
                with listener.accept()[0] as client:
                    client.sendall(b"220 mail.example ready\r\n")

        greeter = threading.Thread(target=greet)
        greeter.start()
        other = Settings(data=settings.data, port=listener.getsockname()[1], min_free_disk_bytes=1)
        assert states(other)["server"] == "fail"
        greeter.join(5)


def test_a_mail_server_that_does_not_answer(settings: Settings) -> None:
    silent = Settings(data=settings.data, port=settings.port, smtp_host="127.0.0.1", smtp_port=free_port())
    assert states(silent)["mail"] == "fail"


def test_every_failure_says_what_to_do(settings: Settings) -> None:
    (settings.data / "core.db").chmod(0o644)
    failed = [finding for finding in doctor.examine(settings) if finding.state == "fail"]
    assert failed
    assert all(finding.todo for finding in failed)


def test_the_filter_of_leaked_passwords(settings: Settings) -> None:
    path = settings.data / "passwords.filter"
    builder.build(io.BytesIO(b"one\ntwo\n"), path, 1_764_000_000.0)
    assert states(settings)["password filter"] == "ok"
    assert states(settings)["file modes"] == "ok"
    raw = bytearray(path.read_bytes())
    raw[70] ^= 1
    path.write_bytes(raw)
    found = next(f for f in doctor.examine(settings) if f.check == "password filter")
    assert found.state == "fail"
    assert "content is damaged" in found.text
    gone = dataclasses.replace(settings, password_filter=str(settings.data / "elsewhere"))
    assert states(gone)["password filter"] == "fail"
