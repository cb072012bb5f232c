"""What databases of other versions and in other states are asked, by made answers: limits crossed, standbys, replicas."""

import asyncio
from collections.abc import Mapping

import pytest

from vedette.instruments.databases.looking import Context, Refused, Rows
from vedette.instruments.databases.types import Database
from vedette.instruments.mysql import measuring as mysql
from vedette.instruments.postgres import measuring as postgres
from vedette.instruments.probe.types import Cause
from vedette.wire.agent.types import Happening

NOW = 1_764_000_000.0


class Made:
    """A database that answers by what stands in a question; refuses the rest."""

    def __init__(self, says: Mapping[str, Rows], version: str = "150018") -> None:
        self.says, self.version = dict(says), version

    async def ask(self, query: str) -> Rows:
        for words, rows in self.says.items():
            if words in query:
                return rows
        raise Refused(Cause.QUERY_FAILED, "no such thing")


def context(kind: str = "postgres") -> Context:
    return Context(kind, Database(name="main", url=f"{kind}://x", user="u"))


def ran(part: object, about: Context, made: Made, now: float = NOW) -> list[Happening]:
    return asyncio.run(part(about, made, now))  # type: ignore[operator]


def activity(**values: str) -> Rows:
    return [
        {
            "used": "5",
            "connected": "9",
            "hidden": "0",
            "idle": "0",
            "waiting": "0",
            "longest": None,
            "query": None,
            "most": "10",
            **values,
        }
    ]


def test_connections_and_transactions_cross_limits_and_come_back() -> None:
    about, made = context(), Made({"pg_stat_activity": activity()})
    told = []
    for row in (
        activity(),
        activity(used="10", longest="3601"),
        activity(used="9", longest="4000"),
        activity(used="8", longest="2"),
    ):
        made.says["pg_stat_activity"] = row
        told += [(one.kind, one.resolved) for one in ran(postgres._activity, about, made)]
    assert told == [
        ("connections-full", False),
        ("transaction-long", False),
        ("connections-full", True),
        ("transaction-long", True),
    ]
    assert about.value("transaction.longest.seconds") == 2


def test_no_transaction_is_zero_and_one_that_is_hidden_is_nothing() -> None:
    about = context()
    ran(postgres._activity, about, Made({"pg_stat_activity": activity()}))
    assert about.found["postgres.transaction.longest.seconds{main}"] == 0
    hidden = context()
    ran(postgres._activity, hidden, Made({"pg_stat_activity": activity(hidden="4")}))
    assert set(hidden.found) == {
        f"postgres.connections.{name}{{main}}" for name in ("used", "max", "percent")
    }
    assert hidden.value("connections.used") == 9


def test_transaction_numbers_run_out() -> None:
    about = context()
    told = [
        [
            (one.kind, one.resolved, one.severity)
            for one in ran(postgres._ages, about, Made({"datfrozenxid": [{"rows": rows, "locks": locks}]}))
        ]
        for rows, locks in (("200000000", "5"), ("100", "1400000000"), ("1200000000", "5"), ("1000", "5"))
    ]
    assert told == [[], [("wraparound-near", False, "critical")], [], [("wraparound-near", True, "info")]]


@pytest.mark.parametrize(
    ("version", "view"),
    [("120001", "pg_stat_bgwriter"), ("160004", "pg_stat_bgwriter"), ("170000", "pg_stat_checkpointer")],
)
def test_checkpoints_of_each_version(version: str, view: str) -> None:
    about = context()
    for at in (1, 11):
        about.rates.turn(at)
        ran(
            postgres._checkpoints,
            about,
            Made({view: [{"timed": str(at), "requested": str(at * 2)}]}, version),
        )
    assert about.found == {
        "postgres.checkpoints.timed.per_second{main}": 1.0,
        "postgres.checkpoints.requested.per_second{main}": 2.0,
    }


def test_statements_of_each_version_and_what_is_never_shown() -> None:
    for version, column in (("120001", "total_time"), ("150001", "total_exec_time")):
        about, told = context(), []
        for turn in range(4):
            about.rates.turn(turn + 1)
            rows = [
                {
                    "calls": str(turn * 10),
                    "spent": str(turn * 50),
                    "key": str(n),
                    "own_calls": str(turn),
                    "own_spent": str(turn * 5000),
                    "text": text,
                }
                for n, text in enumerate(("SELECT  $1\n, 2", "ALTER ROLE x PASSWORD 'planted'"))
            ]
            told += ran(postgres._statements, about, Made({column: rows}, version), NOW + turn)
        assert [one.text for one in told] == ["main: 1 × 5.0 s: SELECT $1 , 2"]
        assert about.value("statement.mean.ms") == 5


def test_a_replica_without_a_primary() -> None:
    about, told = context(), []
    for receivers in ("1", "0", "0", "1"):
        row = {"replica": "t", "lag": "3.5", "receivers": receivers, "primary": "host=x"}
        told += [
            (one.kind, one.resolved)
            for one in ran(postgres._replica, about, Made({"pg_is_in_recovery": [row]}))
        ]
    assert told == [("replication-broken", False), ("replication-broken", True)]
    assert about.value("replication.lag.seconds") == 3.5


SLAVE = {
    "Slave_IO_Running": "Yes",
    "Slave_SQL_Running": "Yes",
    "Seconds_Behind_Master": "7",
    "Last_SQL_Error": "",
    "Last_IO_Error": "",
}
REPLICA = {name.replace("Slave", "Replica").replace("Master", "Source"): text for name, text in SLAVE.items()}


@pytest.mark.parametrize(
    ("query", "row", "broken"),
    [
        ("SHOW SLAVE STATUS", SLAVE, {"Slave_SQL_Running": "No", "Seconds_Behind_Master": None, "Last_SQL_Error": "Duplicate entry '1'"}),
        ("SHOW REPLICA STATUS", REPLICA, {"Replica_SQL_Running": "No", "Seconds_Behind_Source": None, "Last_SQL_Error": "Duplicate entry '1'"}),
        ("SHOW ALL REPLICAS STATUS", {**SLAVE, "Connection_name": ""}, {"Slave_SQL_Running": "No", "Last_SQL_Error": "Duplicate entry '1'"}),
    ],
)  # fmt: skip
def test_a_replica_in_the_words_of_each_version(
    query: str, row: dict[str, str | None], broken: dict[str, str | None]
) -> None:
    about = context("mysql")
    assert ran(mysql._replica, about, Made({query: [row]})) == []
    assert about.value("replication.lag.seconds") == 7
    told = ran(mysql._replica, about, Made({query: [{**row, **broken}]}))
    assert [one.text for one in told] == [
        "main: it is a replica and its SQL thread does not run: Duplicate entry '1'"
    ]
    assert [one.resolved for one in ran(mysql._replica, about, Made({query: [row]}))] == [True]


def test_a_server_that_is_no_replica_and_one_that_tells_nothing() -> None:
    about = context("mysql")
    assert ran(mysql._replica, about, Made({"SHOW REPLICA STATUS": []})) == []
    assert ran(mysql._replica, about, Made({})) == []
    assert about.found == {}


def test_mysql_counts_where_mariadb_has_status() -> None:
    about = context("mysql")
    metrics: Rows = [
        {"name": "trx_rseg_history_len", "value": "12"},
        {"name": "lock_deadlocks", "value": "3"},
    ]
    status: Rows = [
        {"Variable_name": name, "Value": "5"}
        for name in ("Threads_running", "Innodb_buffer_pool_reads", "Innodb_buffer_pool_read_requests")
    ]
    ran(mysql._status, about, Made({"SHOW GLOBAL STATUS": status, "innodb_metrics": metrics}, "8.0.36"))
    assert about.found == {"mysql.connections.running{main}": 5.0, "mysql.history.length{main}": 12.0}


def test_names_of_a_server_are_made_fit() -> None:
    about = context()
    about.put("size.bytes", 1.0, "a}b\x1b" + "x" * 500)
    name = next(iter(about.found))
    assert (name.isprintable(), len(name) < 150, name.startswith("postgres.size.bytes{main/a_b�xxx")) == (
        True,
        True,
        True,
    )
