"""Replication and archiving of real PostgreSQL and MariaDB: followed, broken, told of once, and over."""

import contextlib
import subprocess
import time
from collections.abc import Callable

import pytest
from tests.support import databases
from tests.support.daemons import program
from tests.support.databases import PASSWORD

from vedette.core.clock import SystemClock
from vedette.instruments.databases.types import Database
from vedette.instruments.mysql.measuring import MysqlMeter
from vedette.instruments.postgres.measuring import PostgresMeter
from vedette.wire.agent.types import Happening

pytestmark = pytest.mark.deep
now = SystemClock().now


def pg(port: int, name: str) -> PostgresMeter:
    return PostgresMeter(
        Database(name=name, url=f"postgres://127.0.0.1:{port}/shop", user="monitor", password=PASSWORD)
    )


def my(port: int, name: str) -> MysqlMeter:
    return MysqlMeter(Database(name=name, url=f"mysql://127.0.0.1:{port}", user="monitor", password=PASSWORD))


def until(
    meter: PostgresMeter | MysqlMeter, holds: Callable[[dict[str, float], list[Happening]], bool]
) -> list[tuple[str, str, bool]]:
    end, told = time.monotonic() + 30, list[Happening]()
    while True:
        look = meter.sample(now())
        told += look.happened
        if holds(dict(look.sample.values), told):
            return [(one.kind, one.subject, one.resolved) for one in told]
        assert time.monotonic() < end, (look, told)
        time.sleep(0.12)


def test_a_standby_of_postgres_that_goes_and_a_primary_that_goes() -> None:
    with contextlib.ExitStack() as first:
        primary = first.enter_context(databases.postgres("archive_mode=on", "archive_command=false"))
        one = pg(primary, "one")
        with databases.standby(primary) as port:
            two = pg(port, "two")
            until(two, lambda found, _: found.get("postgres.replication.lag.seconds{two}") == 0)
            broken = until(
                one,
                lambda found, told: found.get("postgres.standby.lag.bytes{one/second}") == 0 and bool(told),
            )
            assert broken == [("archiving-failed", "one", False)]
            assert one.sample(now()).sample.values["postgres.standbys{one}"] == 1
            first.close()
            gone = until(two, lambda _, told: bool(told))
            assert gone == [("replication-broken", "two", False)]


def test_a_standby_that_is_gone_is_told_by_its_primary() -> None:
    with databases.postgres() as primary:
        one = pg(primary, "one")
        with databases.standby(primary):
            until(one, lambda found, _: found.get("postgres.standbys{one}") == 1)
        assert until(one, lambda _, told: bool(told)) == [("replication-broken", "one/second", False)]
        with databases.standby(primary):
            assert until(one, lambda _, told: bool(told)) == [("replication-broken", "one/second", True)]


def test_a_replica_of_mariadb() -> None:
    with contextlib.ExitStack() as first:
        source = first.enter_context(databases.mariadb("--log-bin", "--server-id=1"))
        with databases.mariadb("--server-id=2", "--slave-net-timeout=4", "--skip-slave-start") as port:
            two = my(port, "two")
            assert "mysql.replication.lag.seconds{two}" not in two.sample(now()).sample.values
            _said(source, "RESET MASTER;")  # what made both alike is not to be done again
            _said(port, f"CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT={source}, MASTER_USER='monitor', MASTER_PASSWORD='{PASSWORD}', MASTER_CONNECT_RETRY=1;")  # fmt: skip
            assert until(two, lambda _, told: bool(told)) == [("replication-broken", "two", False)]
            _said(port, "START SLAVE;")
            follows = until(two, lambda found, _: "mysql.replication.lag.seconds{two}" in found)
            assert follows == [("replication-broken", "two", True)]
            _said(port, "DROP TABLE shop.orders;")
            _said(source, "INSERT INTO shop.orders VALUES (3, 'x');")
            assert until(two, lambda _, told: bool(told)) == [("replication-broken", "two", False)]


def _said(port: int, text: str) -> None:
    subprocess.run([program("mariadb"), "--no-defaults", "-h127.0.0.1", f"-P{port}", "-uroot"], input=text, text=True, check=True)  # fmt: skip
