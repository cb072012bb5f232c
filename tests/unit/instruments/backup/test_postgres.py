"""PostgreSQL dumped from a running server and proven in a throw-away one: what is not what was counted is red."""

import contextlib
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec
import pytest
from tests.support.clusters import OWNER, Live, live
from tests.support.greens import flip
from tests.support.saved import Saved, told

from vedette.instruments.backup import psql
from vedette.instruments.backup.types import Failed, Gathered
from vedette.instruments.backup.what.postgres import dumping
from vedette.instruments.backup.what.postgres.proposing import propose
from vedette.instruments.backup.what.postgres.putting import missing_roles
from vedette.wire.backup import Assertion, Check, Failure, Table

pytestmark = pytest.mark.xdist_group("backup-postgres")

SHOP = """
CREATE TYPE state AS ENUM ('open', 'paid');
CREATE TABLE orders (id serial PRIMARY KEY, total numeric CHECK (total > 0), state state DEFAULT 'open');
CREATE TABLE log (line text);
CREATE FUNCTION logged() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO log VALUES (NEW.id); RETURN NEW; END';
CREATE TRIGGER logged AFTER INSERT ON orders FOR EACH ROW EXECUTE FUNCTION logged();
CREATE VIEW paid AS SELECT * FROM orders WHERE state = 'paid';
CREATE SCHEMA "odd ""name";
CREATE TABLE "odd ""name"."a.b" (x int);
INSERT INTO orders (total) SELECT 5 FROM generate_series(1, 300);
ALTER TABLE orders OWNER TO keeper;
"""
MEANWHILE = """
INSERT INTO orders (total) SELECT 9 FROM generate_series(1, 50);
CREATE TABLE late (x int);
DELETE FROM log WHERE line = '1';
"""


@pytest.fixture(scope="module")
def cluster() -> Iterator[Live]:
    with live("archive_mode=off") as found:
        found.sql("CREATE ROLE keeper LOGIN; CREATE DATABASE shop;")
        found.sql(SHOP, "shop")
        yield found


def saved_of(folder: Path, cluster: Live, **more: object) -> Saved:
    settings = {"databases": ["shop"], "socket": str(cluster.folder), "run_as": OWNER, **more}
    return Saved(folder, "postgres", settings)


@pytest.fixture(scope="module")
def kept(cluster: Live, tmp_path_factory: pytest.TempPathFactory) -> tuple[Saved, Gathered]:
    """Return what was saved while others wrote: each test brings it back anew and none changes it."""
    folder = tmp_path_factory.mktemp("kept")
    programs = imitating(cluster, "pg_dump", f'{client(cluster)} -c "{MEANWHILE}" shop && exec {{real}} "$@"')
    saved = saved_of(folder, cluster, programs=str(programs))
    gathered = saved.gather()
    assert cluster.sql("SELECT count(*) FROM orders;", "shop").strip() == "350"
    return saved, gathered


def imitating(cluster: Live, name: str, script: str) -> Path:
    """Return a folder of PostgreSQL's programs of which one is a script."""
    place = cluster.folder.parent / f"programs-{name}-{len(script)}"
    place.mkdir(mode=0o755)
    real = psql.newest_programs()
    for path in real.iterdir():
        (place / path.name).symlink_to(path)
    (place / name).unlink()
    (place / name).write_text(f"#!/bin/sh\n{script.format(real=real / name)}\n")
    (place / name).chmod(0o755)
    return place


def client(cluster: Live) -> str:
    return f"{psql.newest_programs()}/psql -qX -v ON_ERROR_STOP=1 -h {cluster.folder} -U postgres"


def proven(
    kept: tuple[Saved, Gathered], cluster: Live, tmp_path: Path, *asserts: Assertion
) -> Mapping[str, Check]:
    """Bring what was kept back into another place, and prove it there."""
    return brought(kept, cluster, tmp_path)[0].prove(kept[1], asserts)


def brought(kept: tuple[Saved, Gathered], cluster: Live, tmp_path: Path) -> tuple[Saved, Path]:
    """Return another place with what came back, and the folder of its dumps."""
    saved, gathered = kept
    fresh = saved_of(tmp_path / "fresh", cluster)
    fresh.bring_back(gathered)
    return fresh, fresh.root / str(saved.staging).lstrip("/")


def test_what_was_counted_is_what_was_dumped_however_much_is_written_meanwhile(
    kept: tuple[Saved, Gathered], cluster: Live, tmp_path: Path
) -> None:
    part = kept[1].part
    assert {table.name: table.rows for table in part.tables} == {
        "shop.public.orders": 300, "shop.public.log": 300, 'shop.odd "name.a.b': 0,
    }  # fmt: skip
    assert part.sequences == {"shop.public.orders_id_seq": 300}
    pwned = cluster.folder.parent / "pwned"
    pwned.parent.chmod(0o777)
    asserts = (
        Assertion(name="orders", sql="SELECT count(*) FROM orders;", value="300"),
        Assertion(name="paid", sql="SELECT count(*) FROM paid", database="shop", is_=">", value="0"),
        Assertion(name="typing", sql="SELECT nothing", value="1"),
        Assertion(name="shell", sql=f"\\! touch {pwned}"),
        Assertion(name="program", sql=f"COPY log TO PROGRAM 'cat > {pwned}'"),
        Assertion(name="writing", sql="DELETE FROM orders"),
    )
    checks = proven(kept, cluster, tmp_path, *asserts)
    assert {name for name, check in checks.items() if not check.passed} == {
        "paid", "typing", "shell", "program", "writing",
    }  # fmt: skip
    assert not pwned.exists()
    assert {"Import of roles", "Import of shop", "Row counts", "Schema", "Sequences", "pg_amcheck", "Checksums"} < set(checks)  # fmt: skip
    assert checks["orders"].text == "300 >= 300: yes."
    assert "does not exist" in checks["typing"].text


def test_a_row_a_table_a_number_or_a_column_that_is_missing_is_told(
    kept: tuple[Saved, Gathered], cluster: Live, tmp_path: Path
) -> None:
    saved, gathered = kept
    part = gathered.part
    other = msgspec.structs.replace(
        part,
        tables=(
            Table("shop.public.orders", 301),
            Table("shop.public.log", 300),
            Table("shop.public.gone", 7),
        ),
        sequences={"shop.public.orders_id_seq": 9_000},
        facts={**part.facts, "schema:shop": "0" * 64},
    )
    checks = proven((saved, msgspec.structs.replace(gathered, part=other)), cluster, tmp_path)
    assert set(told(checks).replace(" | ", "\n").splitlines()) == {
        'Row counts: shop.public.orders has 300 rows, 301 were saved; shop.public.gone is missing (7 rows); shop.odd "name.a.b was not saved.',
        "Schema: shop is made differently.",
        "Sequences: shop.public.orders_id_seq is at 350, it was at 9,000.",
    }


@pytest.mark.deep
def test_a_dump_of_roles_runs_no_program_and_a_damaged_one_is_red(
    kept: tuple[Saved, Gathered], cluster: Live, tmp_path: Path
) -> None:
    fresh, dumps = brought(kept, cluster, tmp_path)
    with (dumps / dumping.ROLES).open("a") as roles:
        roles.write(f"CREATE ROLE late;\n\\! touch {dumps}/pwned\n")
    assert "Import of roles: PostgreSQL" in told(fresh.prove(kept[1]))
    with pytest.raises(Failed, match="syntax error"):
        psql.whole(cluster.reach, "postgres", f"SELECT 1;\n\\! touch {dumps}/pwned", fresh.tools)
    assert not (dumps / "pwned").exists()


@pytest.mark.deep
def test_a_restore_that_does_nothing_and_a_dump_that_is_damaged_are_red(
    kept: tuple[Saved, Gathered], cluster: Live, tmp_path: Path
) -> None:
    idle = saved_of(tmp_path / "idle", cluster, programs=str(imitating(cluster, "pg_restore", "exit 0")))
    idle.bring_back(kept[1])
    with pytest.raises(Failed, match='database "shop" does not exist'):  # a drill makes it a failed check
        idle.prove(kept[1])
    fresh, dumps = brought(kept, cluster, tmp_path)
    flip(dumps / "shop.dump", 0.1)
    assert "Import of shop: pg_restore ended with 1: " in told(fresh.prove(kept[1]))


@pytest.mark.parametrize(
    ("more", "failure", "words"),
    [
        ({"databases": ["ship"]}, Failure.SOURCE_MISSING, "no database ship; it has postgres, shop"),
        ({"databases": ["postgres"]}, Failure.SOURCE_EMPTY, "No table of postgres"),
        ({"port": 6}, Failure.SOURCE_MISSING, "does not answer"),
        ({"user": "keeper", "databases": ["shop"]}, Failure.PARTIAL, "permission denied"),
    ],
)
def test_what_cannot_be_saved_whole_is_told_by_its_name(
    more: dict[str, object], failure: Failure, words: str, cluster: Live, tmp_path: Path
) -> None:
    with pytest.raises(Failed, match=words) as caught:
        saved_of(tmp_path, cluster, **more).gather()
    assert caught.value.failure is failure


@pytest.mark.deep
def test_over_live_data_what_was_there_is_kept_beside_and_roles_keep_their_passwords(
    kept: tuple[Saved, Gathered], cluster: Live, tmp_path: Path
) -> None:
    fresh, dumps = brought(kept, cluster, tmp_path)
    cluster.sql("ALTER ROLE keeper PASSWORD 'changed since';")
    secret = "SELECT rolpassword FROM pg_authid WHERE rolname = 'keeper';"
    was = cluster.sql(secret)
    checks = fresh.put_back(kept[1], None)
    assert all(check.passed for check in checks)
    kept_as = checks[1].text.partition("What was there before is ")[2].partition(";")[0]
    assert cluster.sql("SELECT count(*) FROM orders;", "shop").strip() == "300"
    cluster.sql(f"ALTER DATABASE {kept_as} ALLOW_CONNECTIONS true;")
    assert cluster.sql("SELECT count(*) FROM orders;", kept_as).strip() == "350"
    assert cluster.sql(secret) == was
    flip(dumps / "shop.dump", 0.1)
    fresh.tools = msgspec.structs.replace(fresh.tools, now=lambda: 1_700_000_000.0)
    with pytest.raises(Failed, match="shop could not be restored and is as it was"):
        fresh.put_back(kept[1], None)
    assert cluster.sql("SELECT count(*) FROM orders;", "shop").strip() == "300"


def test_into_a_folder_the_dumps_are_laid(
    kept: tuple[Saved, Gathered], cluster: Live, tmp_path: Path
) -> None:
    fresh, dumps = brought(kept, cluster, tmp_path)
    (tmp_path / "into").mkdir()
    (dumps / "beside").symlink_to("/etc/passwd")
    (check,) = fresh.put_back(kept[1], tmp_path / "into")
    assert check.passed
    assert (tmp_path / "into/beside").is_symlink()  # a repository that lies has nothing of this host copied
    assert (tmp_path / "into/shop.dump").read_bytes() == (dumps / "shop.dump").read_bytes()


def test_of_roles_only_the_missing_are_made() -> None:
    text = """\
CREATE ROLE keeper;
ALTER ROLE keeper WITH LOGIN PASSWORD 'md5';
CREATE ROLE "odd role";
ALTER ROLE "odd role" WITH NOLOGIN;
GRANT keeper TO "odd role" GRANTED BY postgres;
GRANT pg_monitor TO keeper;
"""
    assert list(missing_roles(text, {"keeper"})) == text.splitlines(keepends=True)[2:5]
    assert not list(missing_roles(text, {"keeper", '"odd role"'}))


def test_a_host_is_proposed_what_listens_there_or_stopped(tmp_path_factory: pytest.TempPathFactory) -> None:
    tmp_path = tmp_path_factory.mktemp("p")  # an address of a socket is short
    data = tmp_path / "var/lib/postgresql/15/main"
    data.mkdir(parents=True)
    assert not propose(tmp_path)
    (data / "PG_VERSION").write_text("15\n")
    (stopped,) = propose(tmp_path)
    assert stopped.what.name == "15-main"
    folder = tmp_path / "var/run/postgresql"
    folder.mkdir(parents=True)
    with contextlib.ExitStack() as stack:
        for port in (5432, 5433):
            listening = stack.enter_context(socket.socket(socket.AF_UNIX))
            listening.bind(str(folder / f".s.PGSQL.{port}"))
        (folder / ".s.PGSQL.5434.lock").write_text("1\n")
        assert [dict(one.what.settings) for one in propose(tmp_path)] == [{}, {"port": 5433}]
