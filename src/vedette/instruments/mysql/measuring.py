"""MySQL (8 and later) and MariaDB (10.5 and later) as their status tells.

Source: "Server Status Variables" and "Performance Schema" of their documentation.
"""

from collections.abc import Mapping

from vedette.instruments.databases.looking import Asks, Context, Looker, Refused, Row, number
from vedette.instruments.databases.types import Database, Look
from vedette.instruments.host.happenings import Conditions
from vedette.instruments.host.rating import share
from vedette.instruments.mysql.asking import Beginning
from vedette.instruments.probe.mysql.probe import SCHEMES
from vedette.wire.agent.types import Happening

_EVERY = 300.0  # seconds between looks at sizes: they go through all tables
_STATUS = (
    "Threads_connected", "Threads_running", "Aborted_connects", "Questions", "Slow_queries", "Innodb_buffer_pool_reads",
    "Innodb_buffer_pool_read_requests", "Innodb_row_lock_current_waits", "Created_tmp_disk_tables", "Innodb_history_list_length",
    "Innodb_checkpoint_age", "Innodb_deadlocks",
)  # fmt: skip
_ASKED = "SHOW GLOBAL STATUS WHERE Variable_name IN ({})".format(", ".join(f"'{name}'" for name in _STATUS))
_METRICS = """
SELECT name, count AS value FROM information_schema.innodb_metrics
WHERE name IN ('trx_rseg_history_len', 'lock_deadlocks', 'log_lsn_checkpoint_age') AND status = 'enabled'"""
_LIMITS = "SHOW GLOBAL VARIABLES WHERE Variable_name = 'max_connections'"
_LONGEST = (
    "SELECT TIMESTAMPDIFF(SECOND, MIN(trx_started), NOW()) AS seconds FROM information_schema.innodb_trx"
)
_SIZES = """
SELECT table_schema AS name, SUM(data_length + index_length) AS size, SUM(data_free) AS free FROM information_schema.tables
WHERE table_schema NOT IN ('information_schema', 'performance_schema', 'sys') AND engine IS NOT NULL
GROUP BY table_schema ORDER BY 2 DESC LIMIT 50"""
_REPLICA = ("SHOW ALL REPLICAS STATUS", "SHOW REPLICA STATUS", "SHOW SLAVE STATUS")
_STATEMENTS = """
SELECT digest AS digest, digest_text AS text, count_star AS calls, sum_timer_wait / 1000000000 AS spent
FROM performance_schema.events_statements_summary_by_digest WHERE digest IS NOT NULL ORDER BY sum_timer_wait DESC LIMIT 50"""
_ALL = "SELECT SUM(count_star) AS calls, SUM(sum_timer_wait) / 1000000000 AS spent FROM performance_schema.events_statements_summary_by_digest"
_SHOWN = ("select", "insert", "update", "delete", "with", "replace", "(")
_FULL = (
    "{value:.0f} % of its connections are used; clients will be refused.",
    "it has connections to spare again.",
)
_LONG = (
    "a transaction has been open for {value:,.0f} s, so that nothing newer can be purged.",
    "no transaction is open for long any more.",
)


class MysqlMeter:
    """Measures one MySQL or MariaDB server; for one thread. Made to be asked each minute."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._sizes: list[Row] = []
        self._sized: float | None = None
        parts = (_connections, _status, _longest, self._measure_sizes, _replica, _statements)
        self._looker = Looker("mysql", SCHEMES, database, parts)

    def remember(self, conditions: Conditions) -> None:
        """Tell what lasts by conditions that are kept, which may be those of several databases."""
        self._looker.remember(conditions)

    def sample(self, now: float) -> Look:
        """Return what is measured and what has to be told; never raises for what the server does."""
        beginning = Beginning(self._database)
        return self._looker.look(now, beginning.asking, beginning.talk())

    async def _measure_sizes(self, context: Context, asks: Asks, now: float) -> list[Happening]:
        if self._sized is None or not 0 <= now - self._sized < _EVERY:
            self._sizes, self._sized = list(await asks.ask(_SIZES)), now
        for row in self._sizes:
            context.put("size.bytes", number(row, "size"), row["name"] or "")
            context.put("free.bytes", number(row, "free"), row["name"] or "")
        return []


async def _connections(context: Context, asks: Asks, now: float) -> list[Happening]:
    status = await _told(asks, "SHOW GLOBAL STATUS WHERE Variable_name = 'Threads_connected'")
    used = status.get("threads_connected")
    most = (await _told(asks, _LIMITS)).get("max_connections")
    context.put("connections.used", used)
    context.put("connections.max", most)
    context.put("connections.percent", share(used, most))
    return context.crossed("connections-full", now, "connections.percent", (90.0, 80.0), _FULL)


async def _status(context: Context, asks: Asks, _: float) -> list[Happening]:
    status = await _told(asks, _ASKED)
    metrics = await _metrics(asks)
    context.put("connections.running", status.get("threads_running"))
    context.rate("connections.aborted.per_second", "aborted", status.get("aborted_connects"))
    context.rate("statements.per_second", "statements", status.get("questions"))
    context.rate("slow.per_second", "slow", status.get("slow_queries"))
    context.rate("temporary.per_second", "temporary", status.get("created_tmp_disk_tables"))
    context.put("locks.waiting", status.get("innodb_row_lock_current_waits"))
    context.rate(
        "deadlocks.per_second", "deadlocks", status.get("innodb_deadlocks", metrics.get("lock_deadlocks"))
    )
    context.put(
        "history.length", status.get("innodb_history_list_length", metrics.get("trx_rseg_history_len"))
    )
    context.put(
        "checkpoint.age.bytes", status.get("innodb_checkpoint_age", metrics.get("log_lsn_checkpoint_age"))
    )
    _hits(context, status)
    return []


def _hits(context: Context, status: Mapping[str, float]) -> None:
    names = ("innodb_buffer_pool_reads", "innodb_buffer_pool_read_requests")
    missed, asked = (context.rates.grown(name, status[name]) for name in names)
    if missed is not None and asked:
        context.put("cache.hit.percent", max(0.0, 100.0 - (share(missed, asked) or 0.0)))


async def _told(asks: Asks, query: str) -> dict[str, float]:
    """Return what a SHOW tells, by lower-case name."""
    return {
        (row["Variable_name"] or "").lower(): float(row["Value"] or "nan") for row in await asks.ask(query)
    }


async def _metrics(asks: Asks) -> dict[str, float]:
    """Return what stands in a view that wants the privilege PROCESS; nothing without that."""
    try:
        return {row["name"] or "": number(row, "value") or 0.0 for row in await asks.ask(_METRICS)}
    except Refused:
        return {}


async def _longest(context: Context, asks: Asks, now: float) -> list[Happening]:
    """Refused without the privilege PROCESS, else every open transaction is seen; the sum of none is none at all."""
    row = (await asks.ask(_LONGEST))[0]
    context.put("transaction.longest.seconds", number(row, "seconds") or 0.0)
    return context.crossed("transaction-long", now, "transaction.longest.seconds", (3600.0, 3600.0), _LONG)


async def _replica(context: Context, asks: Asks, now: float) -> list[Happening]:
    """Both threads of each source must run; the words changed from slave to replica with the versions."""
    told: list[Happening] = []
    lags: list[float] = []
    for row in await _followed(asks):
        read = {
            name.lower().replace("slave", "replica").replace("master", "source"): text
            for name, text in row.items()
        }
        states = {what: read.get(f"replica_{what}_running") for what in ("io", "sql")}
        lag = number(read, "seconds_behind_source")
        lags += [] if lag is None else [lag]
        stopped = [what.upper() for what, state in states.items() if state != "Yes"]
        why = read.get("last_sql_error") or read.get("last_io_error") or "it was stopped"
        text = f"it is a replica and its {' and '.join(stopped)} thread does not run: {why[:300]}"
        source = read.get("connection_name") or read.get("channel_name") or ""
        told += context.judged(
            "replication-broken",
            now,
            on=bool(stopped),
            subject=source,
            text=text,
            over="it follows its source again.",
        )
    context.put("replication.lag.seconds", max(lags, default=None))
    return told


async def _followed(asks: Asks) -> list[Row]:
    for query in _REPLICA:
        try:
            return list(await asks.ask(query))
        except Refused:  # another version's words, or a privilege that is missing
            continue
    return []


async def _statements(context: Context, asks: Asks, now: float) -> list[Happening]:
    """Only where performance_schema is on; its texts have placeholders for what was in them."""
    for row in await asks.ask(_ALL):
        calls, took = (context.rates.grown(name, number(row, name) or 0.0) for name in ("calls", "spent"))
        context.put("statement.mean.ms", took / calls if calls and took is not None else None)
    told: list[Happening] = []
    for row in await asks.ask(_STATEMENTS):
        text = row["text"] or ""
        if text.lstrip().lower().startswith(_SHOWN):
            counted = number(row, "calls") or 0.0, number(row, "spent") or 0.0
            told += context.slow(row["digest"] or text, text, counted, now)
    return told
