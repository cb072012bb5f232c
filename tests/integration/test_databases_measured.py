"""PostgreSQL and MariaDB as they are, measured by a role that may only read; what it may not see is left out."""

import contextlib
import os
import subprocess
import time
from collections.abc import Callable, Iterator

import pytest
from tests.support.daemons import program
from tests.support.databases import PASSWORD
from tests.support.looking import then_hangs_up, then_listens
from tests.support.naughty import Naughty
from tests.support.ports import free_port

from vedette.core.clock import SystemClock
from vedette.core.errors import Invalid
from vedette.instruments.databases.types import Database, Look
from vedette.instruments.host import series
from vedette.instruments.mysql.measuring import MysqlMeter
from vedette.instruments.postgres.measuring import PostgresMeter
from vedette.instruments.probe.postgres import wire

pytestmark = pytest.mark.xdist_group("kinds")
now = SystemClock().now


def pg(port: int, user: str = "monitor", password: str = PASSWORD) -> PostgresMeter:
    return PostgresMeter(
        Database(name="main", url=f"postgres://127.0.0.1:{port}/shop", user=user, password=password)
    )


def my(port: int, user: str = "monitor", password: str = PASSWORD) -> MysqlMeter:
    return MysqlMeter(Database(name="main", url=f"mysql://127.0.0.1:{port}", user=user, password=password))


def psql(port: int) -> list[str]:
    return [program("psql"), f"host=127.0.0.1 port={port} user=scram dbname=shop", "-qXAt"]


def client(port: int) -> list[str]:
    return [
        program("mariadb"),
        "--no-defaults",
        "-h127.0.0.1",
        f"-P{port}",
        "-uchecks",
        f"-p{PASSWORD}",
        "-N",
        "shop",
    ]


def said(command: list[str], text: str) -> None:
    subprocess.run(
        command,
        input=text,
        text=True,
        check=True,
        env={**os.environ, "PGPASSWORD": PASSWORD},
        stdout=subprocess.DEVNULL,
    )


@contextlib.contextmanager
def saying(command: list[str], text: str) -> Iterator[None]:
    """Have something said by a client that stays connected."""
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, "PGPASSWORD": PASSWORD})  # fmt: skip
    assert process.stdin is not None
    try:
        process.stdin.write(text.encode())
        process.stdin.flush()
        yield
    finally:
        process.kill()
        process.wait(10)
        process.stdin.close()


def until(meter: PostgresMeter | MysqlMeter, holds: Callable[[dict[str, float]], bool]) -> dict[str, float]:
    end = time.monotonic() + 15
    while True:
        found = values(meter.sample(now()))
        if holds(found):
            return found
        assert time.monotonic() < end, found
        time.sleep(
            0.12
        )  # InnoDB makes its table of transactions anew only when nobody read it for a tenth of a second


def values(look: Look) -> dict[str, float]:
    assert not set(map(series.name_of, look.sample.values)) - set(series.BY_NAME)
    return dict(look.sample.values)


def test_postgres_is_measured(postgres: int) -> None:
    meter = pg(postgres)
    said(psql(postgres), "CREATE TABLE IF NOT EXISTS basket (id int); INSERT INTO basket SELECT generate_series(1, 30000); DELETE FROM basket WHERE id > 15000; SELECT pg_stat_force_next_flush();")  # fmt: skip
    until(meter, lambda found: found.get("postgres.table.dead.percent{main/public.basket}") == 50.0)
    found = values(meter.sample(now()))
    assert found["postgres.up{main}"] == 1
    assert found["postgres.connections.used{main}"] >= 1
    assert (found["postgres.connections.max{main}"], found["postgres.connections.percent{main}"] < 50) == (
        100,
        True,
    )
    assert found["postgres.size.bytes{main/shop}"] > 5_000_000
    assert found["postgres.dead_rows{main/shop}"] >= 15_000
    assert 0 <= found["postgres.wraparound.percent{main}"] < 1
    assert found["postgres.commits.per_second{main}"] > 0
    assert found["postgres.statement.mean.ms{main}"] > 0
    assert 0 < found["postgres.cache.hit.percent{main}"] <= 100
    assert found["postgres.standbys{main}"] == 0
    missing = {"replication.lag.seconds", "archive.age.seconds", "slot.retained.bytes"}
    assert not missing & {series.name_of(name).removeprefix("postgres.") for name in found}, (
        "it is no replica and archives nothing"
    )


def test_postgres_with_a_transaction_that_waits_for_a_lock(postgres: int) -> None:
    meter = pg(postgres)
    said(psql(postgres), "CREATE TABLE IF NOT EXISTS held (id int);")
    with saying(psql(postgres), "BEGIN; LOCK TABLE held;\n"):
        until(meter, lambda found: found["postgres.connections.idle_in_transaction{main}"] == 1)
        with saying(psql(postgres), "SELECT * FROM held;\n"):
            found = until(meter, lambda found: found["postgres.locks.waiting{main}"] == 1)
        assert found["postgres.connections.idle_in_transaction{main}"] == 1
        assert 0 < found["postgres.transaction.longest.seconds{main}"] < 100
        assert found["postgres.query.longest.seconds{main}"] > 0
    until(meter, lambda found: found["postgres.transaction.longest.seconds{main}"] == 0)


@pytest.mark.deep
def test_postgres_tells_of_a_slow_statement_once_and_without_what_was_in_it(postgres: int) -> None:
    meter = pg(postgres)
    meter.sample(now())
    found = []
    for _ in range(2):
        said(psql(postgres), "SELECT pg_sleep(1.05), 'planted-value';")
        found += [one for one in meter.sample(now()).happened if one.kind == "slow-statement"]
    assert [(one.subject, one.text.partition(": SELECT")[2]) for one in found] == [
        ("main", " pg_sleep($1), $2")
    ]
    assert found[0].text.startswith("main: 1 × 1.")


def test_postgres_by_a_role_that_sees_little(postgres: int) -> None:
    found = values(pg(postgres, "scram").sample(now()))
    assert found["postgres.connections.used{main}"] >= 1
    hidden = {
        "postgres.transaction.longest.seconds{main}",
        "postgres.locks.waiting{main}",
        "postgres.connections.idle_in_transaction{main}",
    }
    assert not hidden & set(found), "what cannot be seen is left out"


def test_databases_by_their_sockets_without_a_password(postgres: int, mariadb: int) -> None:
    shown = subprocess.run(
        [program("psql"), f"host=127.0.0.1 port={postgres} user=monitor dbname=shop", "-qXAtc", "SHOW unix_socket_directories"],
        env={**os.environ, "PGPASSWORD": PASSWORD}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    socket = f"{shown.stdout.strip()}/.s.PGSQL.{postgres}"
    found = PostgresMeter(
        Database(name="main", url="postgres://localhost/shop", user="monitor", socket=socket)
    ).sample(now())
    assert found.sample.values["postgres.transaction.longest.seconds{main}"] == 0
    path = subprocess.run(
        [*client(mariadb), "-e", "SELECT @@socket"], capture_output=True, text=True, check=True
    ).stdout.strip()
    other = MysqlMeter(Database(name="main", url="mysql://localhost", user="root", socket=path)).sample(now())
    assert other.sample.values["mysql.transaction.longest.seconds{main}"] == 0
    away = PostgresMeter(
        Database(name="main", url="postgres://localhost", user="u", socket="/nonexistent/s")
    ).sample(now())
    assert "/nonexistent/s does not exist" in away.happened[0].text


def test_a_database_that_cannot_be_asked_is_told_of_once(postgres: int, mariadb: int) -> None:
    for meter, kind in (
        (pg(postgres, password="planted-wrong"), "postgres"),
        (my(mariadb, password="planted-wrong"), "mysql"),
    ):
        look = meter.sample(now())
        assert look.sample.values == {f"{kind}.up{{main}}": 0.0}
        assert [(one.kind, one.subject, one.severity) for one in look.happened] == [
            ("database-unreachable", "main", "critical")
        ]
        assert "planted" not in repr(look)
        assert meter.sample(now()).happened == ()
    gone = pg(free_port()).sample(now())
    assert "connection was refused" in gone.happened[0].text
    assert "planted" not in repr(Database(name="x", url="postgres://x", user="u", password="planted"))


@pytest.mark.parametrize("make", [PostgresMeter, MysqlMeter])
def test_a_database_that_never_works_is_refused(make: type[PostgresMeter] | type[MysqlMeter]) -> None:
    for url, user in (
        ("http://127.0.0.1/x", "u"),
        ("postgres://127.0.0.1", ""),
        ("mysql://127.0.0.1", ""),
        ("mysql://", "u"),
    ):
        with pytest.raises(Invalid):
            make(Database(name="x", url=url, user=user))


def test_mariadb_is_measured(mariadb: int) -> None:
    meter = my(mariadb)
    meter.sample(now())
    said(client(mariadb), "SELECT * FROM orders; SELECT * FROM orders;")
    found = values(meter.sample(now()))
    assert (found["mysql.up{main}"], found["mysql.connections.max{main}"]) == (1, 151)
    assert found["mysql.connections.used{main}"] >= 1
    assert found["mysql.statements.per_second{main}"] > 0
    assert 0 < found["mysql.cache.hit.percent{main}"] <= 100
    assert found["mysql.history.length{main}"] >= 0
    assert found["mysql.statement.mean.ms{main}"] > 0
    assert found["mysql.transaction.longest.seconds{main}"] <= 2  # whole seconds, of the question itself
    assert "mysql.replication.lag.seconds{main}" not in found


def test_mariadb_with_a_transaction_that_waits_for_a_lock(mariadb: int) -> None:
    meter, lock = my(mariadb), "BEGIN; SELECT * FROM orders FOR UPDATE;\n"
    with saying(client(mariadb), lock), saying(client(mariadb), lock):
        found = until(meter, lambda found: found["mysql.locks.waiting{main}"] == 1)
        assert found["mysql.connections.running{main}"] >= 1
        until(meter, lambda found: found["mysql.transaction.longest.seconds{main}"] >= 1)


def test_mariadb_by_a_user_that_sees_little(mariadb: int) -> None:
    found = values(my(mariadb, "checks").sample(now()))
    assert found["mysql.size.bytes{main/shop}"] > 0
    assert "mysql.transaction.longest.seconds{main}" not in found


@pytest.mark.deep
def test_mariadb_tells_of_a_slow_statement(mariadb: int) -> None:
    meter = my(mariadb)
    meter.sample(now())
    said(client(mariadb), "SELECT SLEEP(1.05), 'planted-value';")
    found = [one.text for one in meter.sample(now()).happened if one.kind == "slow-statement"]
    assert len(found) == 1
    assert found[0].startswith("main: 1 × 1.")
    assert "SLEEP" in found[0]
    assert "planted" not in found[0]


READY = wire.message(b"R", bytes(4)) + wire.message(b"Z", b"I")
ANSWERED = wire.message(b"C", b"SET\0") + wire.message(b"Z", b"I")
COLUMN = wire.message(b"T", b"\0\x01number\0" + bytes(18))
NAUGHTY = {
    "postgres nothing": (PostgresMeter, b""),
    "postgres noise": (PostgresMeter, b"\xff" * 4000),
    "postgres no version": (PostgresMeter, READY + ANSWERED * 2),
    "postgres rows cut short": (
        PostgresMeter,
        READY + ANSWERED + COLUMN + wire.message(b"D", b"\0\x09\0") + ANSWERED,
    ),
    "postgres endless rows": (
        PostgresMeter,
        READY + ANSWERED + COLUMN + wire.message(b"D", b"\0\x01\0\0\0\x011") * 6000,
    ),
    "mysql nothing": (MysqlMeter, b""),
    "mysql noise": (MysqlMeter, b"\x03\0\0\0abc" * 900),
}


@pytest.mark.parametrize("name", NAUGHTY)
def test_servers_that_do_not_behave_are_told_of(name: str) -> None:
    make, says = NAUGHTY[name]
    server = Naughty(then_hangs_up(says), reads=False)
    kind = name.split(maxsplit=1)[0]
    try:
        look = make(
            Database(
                name="main", url=f"{kind}://127.0.0.1:{server.port}", user="u", password=PASSWORD, deadline=2
            )
        ).sample(now())
    finally:
        server.close()
    assert look.sample.values == {f"{kind}.up{{main}}": 0.0}
    assert [one.kind for one in look.happened] == ["database-unreachable"]
    assert look.happened[0].text.isprintable()


def test_numbers_that_are_none_are_left_out() -> None:
    rows = wire.message(b"D", b"\0\x01\0\0\0\x06150018")
    values = (
        READY
        + ANSWERED
        + COLUMN
        + rows
        + ANSWERED
        + (COLUMN + wire.message(b"D", b"\0\x01\0\0\0\x03inf") + ANSWERED) * 12
    )
    server = Naughty(then_listens(values), reads=False)
    try:
        look = PostgresMeter(Database(name="m", url=f"postgres://127.0.0.1:{server.port}", user="u")).sample(
            now()
        )
    finally:
        server.close()
    assert set(look.sample.values) <= {"postgres.up{m}", "postgres.standbys{m}"}
    assert look.sample.values["postgres.up{m}"] == 1
