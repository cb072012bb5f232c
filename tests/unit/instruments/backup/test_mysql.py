"""MariaDB dumped from a running server and proven in a throw-away one: rows, code, counters and users, as they were counted."""

import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from tests.support import databases
from tests.support.daemons import program
from tests.support.ports import free_port
from tests.support.saved import Saved, told

from vedette.core.clock import SystemClock
from vedette.instruments.backup.types import Bench, Failed, Gathered, Tools
from vedette.instruments.backup.what.mysql import dumping, proving, users
from vedette.instruments.backup.what.mysql.proposing import propose
from vedette.instruments.backup.what.postgres import importing
from vedette.wire.backup import Assertion, Failure, Part, Table

pytestmark = pytest.mark.xdist_group("backup-mysql")

PASSWORD = "planted-secret-of-keeper"
SHOP = f"""
CREATE ROLE clerks; GRANT SELECT ON shop.* TO clerks; GRANT clerks TO checks@'%';
CREATE USER keeper@localhost IDENTIFIED BY '{PASSWORD}';
GRANT SELECT, RELOAD, LOCK TABLES, SHOW VIEW, TRIGGER, EVENT, PROCESS, CONNECTION ADMIN ON *.* TO keeper@localhost;
USE shop;
CREATE TABLE parcels (id INT AUTO_INCREMENT PRIMARY KEY, body BLOB, note VARCHAR(99)) ENGINE=InnoDB;
CREATE TABLE `odd ``name` (x INT) ENGINE=MyISAM;
CREATE TABLE basket (x INT) ENGINE=MEMORY; INSERT INTO basket VALUES (1);
INSERT INTO parcels (body, note) SELECT UNHEX('00ff0a0d1a5c27'), '🚀 tab\\t \\\\ "x"' FROM seq_1_to_300;
CREATE TRIGGER counted AFTER INSERT ON parcels FOR EACH ROW INSERT INTO `odd ``name` VALUES (NEW.id);
CREATE FUNCTION twice(n INT) RETURNS INT DETERMINISTIC RETURN 2 * n;
CREATE DEFINER=checks@'%' VIEW large AS SELECT * FROM parcels WHERE id > 10;
CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY DO DELETE FROM parcels;
"""  # noqa: S608 - of the tests' own
WRITTEN = "INSERT INTO shop.orders SELECT seq, NULL FROM shop.seq_10_to_59"


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with databases.mariadb("--event-scheduler=OFF") as found:
        sql(found, SHOP)
        yield found


def sql(port: int, text: str) -> str:
    command = [
        program("mariadb"),
        "--no-defaults",
        "-h",
        "127.0.0.1",
        "-P",
        str(port),
        "-u",
        "root",
        "-N",
        "--default-character-set=utf8mb4",
    ]
    return subprocess.run(command, input=text, text=True, check=True, stdout=subprocess.PIPE).stdout.strip()


def saved_of(folder: Path, port: int, dumper: Path | None = None, **more: object) -> Saved:
    programs = {"mariadb-dump": dumper} if dumper else {}
    return Saved(
        folder, "mysql", {"databases": ["shop"], "host": "127.0.0.1", "port": port, **more}, programs
    )


def writing(folder: Path, port: int) -> Path:
    """Return a dumper beside which somebody writes as soon as they may, who has done so when it ends."""
    path = folder / "mariadb-dump"
    write = f"{program('mariadb')} --no-defaults -h 127.0.0.1 -P {port} -u root"
    dump = f'{program("mariadb-dump")} "$@"'
    path.write_text(
        f'#!/bin/sh\n{write} -e "{WRITTEN}" &\n{dump} & dump=$!\nwait $dump; code=$?; wait; exit $code\n'
    )
    path.chmod(0o755)
    return path


@pytest.fixture(scope="module")
def kept(port: int, tmp_path_factory: pytest.TempPathFactory) -> tuple[Saved, Gathered]:
    """Return what a user who may no more than needed saved while others wrote, by a password in a file of their own."""
    folder = tmp_path_factory.mktemp("kept")
    options = folder / "options.cnf"
    options.touch(0o600)
    options.write_text(f"[client]\npassword={PASSWORD}\n")
    dumper = writing(folder, port)
    saved = saved_of(folder / "world", port, dumper, user="keeper", defaults_file=str(options))
    gathered = saved.gather()
    assert sql(port, "SELECT COUNT(*) FROM shop.orders") == "52"
    return saved, gathered


def brought(kept: tuple[Saved, Gathered], port: int, tmp_path: Path) -> tuple[Saved, Path]:
    """Return another place with what came back, and the folder of its dump."""
    saved, gathered = kept
    fresh = saved_of(tmp_path / "fresh", port)
    fresh.bring_back(gathered)
    return fresh, fresh.root / str(saved.staging).lstrip("/")


def part_with(gathered: Gathered, **facts: str) -> Gathered:
    part = msgspec.structs.replace(gathered.part, facts={**gathered.part.facts, **facts})
    return msgspec.structs.replace(gathered, part=part)


def evil(folder: Path) -> Path:
    """Return a program that a manifest may name and nobody may run."""
    path = folder / "mysql-of-the-manifest"
    path.write_text(f"#!/bin/sh\ntouch {folder}/pwned\n")
    path.chmod(0o755)
    return path


def test_rows_code_counters_and_users_come_back_however_much_is_written_meanwhile(
    kept: tuple[Saved, Gathered], port: int, tmp_path: Path
) -> None:
    part = kept[1].part
    assert {table.name: table.rows for table in part.tables} == {
        "shop.orders": 2, "shop.parcels": 300, "shop.odd `name": 0, "shop.basket": 1,
    }  # fmt: skip
    fresh, dumps = brought(kept, port, tmp_path)
    assert PASSWORD not in (dumps / users.FILE).read_text()
    asserts = (
        Assertion(name="code", sql="SELECT twice(COUNT(*)) FROM large", value="580", is_="="),
        Assertion(name="body", sql="SELECT COUNT(*) FROM parcels WHERE HEX(body) = '00FF0A0D1A5C27'", value="300"),
        Assertion(name="shell", sql=f"\\! touch {dumps}/pwned"),
        Assertion(name="writing", sql="DELETE FROM parcels"),
        Assertion(name="a setting", sql="SET GLOBAL general_log_file = 'elsewhere.log'"),
    )  # fmt: skip
    lying = part_with(kept[1], client=str(evil(tmp_path)))
    checks = fresh.prove(lying, asserts)
    assert not (tmp_path / "pwned").exists()
    assert {name for name, check in checks.items() if not check.passed} == {"shell", "writing", "a setting"}
    assert "denied" in checks["writing"].text
    assert {"Import", "Users", "Row counts", "Schema", "Sequences", "CHECK TABLE"} < set(checks)
    assert checks["Users"].text == "6 were missing and are there again."
    assert (
        checks["CHECK TABLE"].text
        == "3 tables are whole. 1 of an engine that cannot check were counted alone."
    )
    assert not (dumps / "pwned").exists()


@pytest.mark.deep
def test_what_differs_from_its_witness_is_told(
    kept: tuple[Saved, Gathered], port: int, tmp_path: Path
) -> None:
    part = kept[1].part
    other = msgspec.structs.replace(
        part,
        tables=(Table("shop.parcels", 301), *(one for one in part.tables if one.name != "shop.parcels")),
        facts={**part.facts, "schema:shop": "0" * 64},
    )
    fresh, dumps = brought(kept, port, tmp_path)
    (dumps / users.FILE).unlink()
    assert set(told(fresh.prove(msgspec.structs.replace(kept[1], part=other))).split(" | ")) == {
        "Users: users.sql did not come back.",
        "Row counts: shop.parcels has 300 rows, 301 were saved.",
        "Schema: shop is made differently.",
    }


def test_a_dump_that_ends_early_is_no_dump(kept: tuple[Saved, Gathered], port: int, tmp_path: Path) -> None:
    fresh, dumps = brought(kept, port, tmp_path)
    dump = dumps / dumping.DUMP
    assert dumping.whole(dump)
    dump.write_bytes(dump.read_bytes()[:-300])
    assert not dumping.whole(dump)
    assert not dumping.whole(dumps / "none")
    with pytest.raises(Failed, match="has tables"):
        fresh.put_back(kept[1], None)


@pytest.mark.parametrize(
    ("more", "failure", "words"),
    [
        ({"databases": ["ship"]}, Failure.SOURCE_MISSING, "no database ship; it has shop"),
        ({"port": 0}, Failure.SOURCE_MISSING, "does not answer"),
        ({"user": "checks"}, Failure.SOURCE_MISSING, "Access denied"),
    ],
)
def test_what_cannot_be_saved_is_told_by_its_name(
    more: dict[str, object], failure: Failure, words: str, port: int, tmp_path: Path
) -> None:
    if more.get("port") == 0:
        more = {"port": free_port()}
    with pytest.raises(Failed, match=words) as caught:
        saved_of(tmp_path, **{"port": port, **more}).gather()  # type: ignore[arg-type]
    assert caught.value.failure is failure


def test_a_dumper_that_never_begins_is_ended(port: int, tmp_path: Path) -> None:
    dumper = tmp_path / "mariadb-dump"
    dumper.write_text("#!/bin/sh\nexec sleep 300\n")
    dumper.chmod(0o755)
    saved = saved_of(tmp_path / "world", port, dumper)
    saved.tools = msgspec.structs.replace(saved.tools, deadline=2.0)
    with pytest.raises(Failed) as caught:
        saved.gather()
    assert caught.value.failure is Failure.TIMEOUT


@pytest.mark.parametrize("staging", ["/../beside", "/linked"])
def test_a_manifest_that_lies_leads_to_no_other_dump(staging: str, tmp_path: Path) -> None:
    root, beside = tmp_path / "root", tmp_path / "beside"
    root.mkdir()
    beside.mkdir()
    (beside / dumping.DUMP).touch()
    (root / "linked").symlink_to(beside)
    part, tools = Part(what="mysql", facts={"staging": staging}), Tools(now=SystemClock().now, state=tmp_path)
    bench = Bench(root=root, scratch=tmp_path, part=part, tools=tools)
    for find in (proving.dump_of, importing.dumps_of):
        with pytest.raises(Failed) as caught:
            find(bench)
        assert caught.value.failure is Failure.NOT_PROVEN


@pytest.mark.deep
def test_where_the_database_is_gone_it_is_put_back_and_users_keep_their_passwords(
    kept: tuple[Saved, Gathered], port: int, tmp_path: Path
) -> None:
    fresh, dumps = brought(kept, port, tmp_path)
    (tmp_path / "into").mkdir()
    (laid,) = fresh.put_back(kept[1], tmp_path / "into")
    assert laid.passed
    assert (tmp_path / "into" / dumping.DUMP).read_bytes() == (dumps / dumping.DUMP).read_bytes()
    sql(port, "DROP DATABASE shop; DROP USER tls@'%'; ALTER USER checks@'%' IDENTIFIED BY 'changed since';")
    was = sql(port, "SHOW CREATE USER checks@'%'")
    checks = {check.name: check for check in fresh.put_back(kept[1], None)}
    assert not told(checks)
    assert checks["Users"].text == "1 were missing and are there again."
    assert sql(port, "SELECT COUNT(*) FROM shop.parcels") == "300"
    assert sql(port, "SHOW CREATE USER checks@'%'") == was
    assert "REQUIRE SSL" in sql(port, "SHOW CREATE USER tls@'%'")


def test_a_host_is_proposed_what_listens_there_or_stopped(tmp_path: Path) -> None:
    assert not propose(tmp_path)
    (tmp_path / "var/lib/mysql").mkdir(parents=True)
    (tmp_path / "var/lib/mysql/ibdata1").touch()
    assert "does not run" in propose(tmp_path)[0].sentence
    for folder, settings in (("tmp", {"socket": "/tmp/mysql.sock"}), ("run/mysqld", {})):
        (tmp_path / folder).mkdir(parents=True)
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(str(tmp_path / folder / ("mysql.sock" if folder == "tmp" else "mysqld.sock")))
        assert dict(propose(tmp_path)[0].what.settings) == settings
    shutil.rmtree(tmp_path / "run")
