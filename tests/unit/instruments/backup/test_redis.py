"""Redis: its snapshot is taken from a running one, and loaded by another in a drill."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support import pki
from tests.support.daemons import folder_of, program, running
from tests.support.databases import redis
from tests.support.ports import free_port
from tests.support.saved import Saved, told

from vedette.instruments.backup.types import Failed
from vedette.wire.backup import Failure

PASSWORD = "planted-password"


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    found = free_port()
    with folder_of("nobody") as folder:
        words = [
            "--port",
            str(found),
            "--requirepass",
            PASSWORD,
            "--save",
            "",
            "--repl-diskless-sync-delay",
            "0",
            "--dir",
            str(folder),
        ]
        with running([program("redis-server"), *words], folder, [found], owner="nobody"):
            ask(
                found,
                "".join(f"SET order:{n} {n}\n" for n in range(1_000))
                + "SET basket 1 EX 3600\nSELECT 3\nSET other 1\n",
            )
            yield found


def ask(port: int, words: str) -> None:
    subprocess.run(
        [program("redis-cli"), "-p", str(port)],
        input=words,
        text=True,
        check=True,
        env={"REDISCLI_AUTH": PASSWORD},
        stdout=subprocess.DEVNULL,
    )


def saved_of(tmp_path: Path, port: int, password: str = PASSWORD) -> Saved:
    (tmp_path / "password").write_text(f"{password}\n")
    return Saved(
        tmp_path / "world",
        "redis",
        {"port": port, "password_file": str(tmp_path / "password"), "file": f"{tmp_path}/dump.rdb"},
    )


def test_every_key_comes_back(tmp_path: Path, port: int) -> None:
    saved = saved_of(tmp_path, port)
    gathered = saved.save()
    assert {t.name: t.rows for t in gathered.part.tables} == {"keys": 1_002, "keys that do not expire": 1_001}
    checks = saved.prove(gathered)
    assert not told(checks)
    assert checks["keys"].text.startswith("1002 keys were loaded, 1 of them expire")
    (check,) = saved.put_back(gathered, tmp_path / "into")
    assert check.passed
    assert (tmp_path / "into" / "dump.rdb").read_bytes() == (saved.staging / "dump.rdb").read_bytes()


def test_over_a_running_one_nothing_is_put_and_beside_a_stopped_one_its_file_is(
    tmp_path: Path, port: int
) -> None:
    saved = saved_of(tmp_path, port)
    gathered = saved.save()
    with pytest.raises(Failed, match="stop it first"):
        saved.put_back(gathered, None)
    (tmp_path / "redis").mkdir()
    stopped = Saved(
        tmp_path / "other", "redis", {"port": free_port(), "file": str(tmp_path / "redis" / "dump.rdb")}
    )
    stopped.root = saved.root
    stopped.put_back(gathered, None)
    assert (tmp_path / "redis" / "dump.rdb").read_bytes() == (saved.staging / "dump.rdb").read_bytes()


def test_what_redis_cannot_load_is_not_proven(tmp_path: Path, port: int) -> None:
    saved = saved_of(tmp_path, port)
    gathered = saved.save()
    came = saved.root / saved.staging.relative_to("/") / "dump.rdb"
    content = bytearray(came.read_bytes())
    content[len(content) // 2 : len(content) // 2 + 8] = b"\xff" * 8
    came.write_bytes(content)
    said = told(saved.prove(gathered))
    assert "content: " in said
    assert "keys: Redis cannot load" in said


def test_who_is_not_let_in_or_meets_nobody_has_no_backup(tmp_path: Path, port: int) -> None:
    for at, password in ((port, "wrong-one"), (free_port(), PASSWORD)):
        (tmp_path / str(at)).mkdir()
        with pytest.raises(Failed) as caught:
            saved_of(tmp_path / str(at), at, password).gather()
        assert caught.value.failure is Failure.SOURCE_MISSING
        assert "wrong-one" not in f"{caught.value}{caught.value.output}"


@pytest.mark.deep
def test_it_is_asked_in_tls_and_by_an_authority_of_ones_own(tmp_path: Path) -> None:
    with redis(tls=True) as secure:
        authority = tmp_path / "root.pem"
        authority.write_text(pki.root().pem)
        settings = {
            "host": "localhost",
            "port": secure,
            "tls": True,
            "authority": str(authority),
            "may_be_empty": True,
        }
        assert Saved(tmp_path / "world", "redis", settings).gather().part.files == 1
        with pytest.raises(Failed, match="certificate verify failed"):
            Saved(tmp_path / "other", "redis", {**settings, "authority": ""}).gather()
