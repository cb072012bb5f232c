"""PostgreSQL (12 and later) as its statistics tell. Source: "The Cumulative Statistics System" and "Routine Vacuuming" of its documentation."""

from vedette.instruments.databases.looking import Asks, Context, Looker, Row, number
from vedette.instruments.databases.types import Database, Look
from vedette.instruments.host.happenings import Conditions
from vedette.instruments.host.rating import share
from vedette.instruments.postgres.asking import asking, begin
from vedette.instruments.probe.postgres.probe import SCHEMES
from vedette.wire.agent.types import Happening

_MOST_IDS = 2_147_483_648  # transaction numbers between the oldest row and the newest
_ACTIVITY = """
SELECT count(*) FILTER (WHERE backend_type = 'client backend') AS used,
 (SELECT sum(numbackends) FROM pg_stat_database) AS connected,
 count(*) FILTER (WHERE query = '<insufficient privilege>') AS hidden,
 count(*) FILTER (WHERE state LIKE 'idle in transaction%') AS idle,
 count(*) FILTER (WHERE wait_event_type = 'Lock') AS waiting,
 extract(epoch FROM clock_timestamp() - min(xact_start) FILTER (WHERE backend_type = 'client backend' AND pid <> pg_backend_pid())) AS longest,
 extract(epoch FROM clock_timestamp() - min(query_start) FILTER (WHERE backend_type = 'client backend' AND state = 'active' AND pid <> pg_backend_pid())) AS query,
 current_setting('max_connections') AS most
FROM pg_stat_activity"""
_DATABASES = """
SELECT sum(xact_commit) AS commits, sum(xact_rollback) AS rollbacks, sum(deadlocks) AS deadlocks, sum(temp_bytes) AS temporary,
 sum(blks_hit) AS hit, sum(blks_read) AS read FROM pg_stat_database"""
_SIZES = """
SELECT datname AS name, pg_database_size(oid) AS size FROM pg_database
WHERE datallowconn AND has_database_privilege(oid, 'CONNECT') ORDER BY 2 DESC LIMIT 50"""
_AGES = "SELECT max(age(datfrozenxid)) AS rows, max(mxid_age(datminmxid)) AS locks FROM pg_database"
_DEAD = "SELECT current_database() AS name, sum(n_dead_tup) AS dead, sum(n_live_tup) AS live FROM pg_stat_user_tables"
_TABLES = """
SELECT schemaname || '.' || relname AS name, n_dead_tup AS dead, n_live_tup AS live FROM pg_stat_user_tables
WHERE n_dead_tup > 10000 ORDER BY n_dead_tup::float8 / (n_dead_tup + n_live_tup) DESC LIMIT 5"""
_OLD_CHECKPOINTS = "SELECT checkpoints_timed AS timed, checkpoints_req AS requested FROM pg_stat_bgwriter"
_CHECKPOINTS = "SELECT num_timed AS timed, num_requested AS requested FROM pg_stat_checkpointer"
_ARCHIVER = """
SELECT failed_count AS failed, extract(epoch FROM now() - coalesce(last_archived_time, stats_reset)) AS age,
 coalesce(last_failed_time > coalesce(last_archived_time, '-infinity'), false) AS broken, last_failed_wal AS piece
FROM pg_stat_archiver WHERE current_setting('archive_mode') <> 'off'"""
_REPLICA = """
SELECT pg_is_in_recovery() AS replica, CASE WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0
 ELSE extract(epoch FROM now() - pg_last_xact_replay_timestamp()) END AS lag,
 (SELECT count(*) FROM pg_stat_wal_receiver) AS receivers, current_setting('primary_conninfo', true) AS primary"""
_STANDBYS = """
SELECT coalesce(nullif(application_name, ''), client_addr::text, 'standby') AS name,
 pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn) AS bytes, extract(epoch FROM replay_lag) AS lag FROM pg_stat_replication
WHERE application_name <> 'pg_basebackup' LIMIT 50"""
_SLOTS = """
SELECT slot_name AS name, active, pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn) AS kept FROM pg_replication_slots LIMIT 50"""
_STATEMENTS = """
SELECT sum(calls) OVER () AS calls, sum({spent}) OVER () AS spent, queryid AS key, calls AS own_calls, {spent} AS own_spent, left(query, 400) AS text
FROM pg_stat_statements ORDER BY {spent} DESC LIMIT 50"""
_FULL = (
    "{value:.0f} % of its connections are used; clients will be refused.",
    "it has connections to spare again.",
)
_LONG = (
    "a transaction has been open for {value:,.0f} s, so that nothing newer can be vacuumed.",
    "no transaction is open for long any more.",
)
_NEAR = (
    "{value:.0f} % of its transaction numbers are used up; at 100 it stops. Look what keeps VACUUM from freezing.",
    "its oldest rows are frozen again.",
)
_SHOWN = ("select", "insert", "update", "delete", "with", "merge")  # others may hold a password as it is


class PostgresMeter:
    """Measures one PostgreSQL server; for one thread. Made to be asked each minute."""

    def __init__(self, database: Database) -> None:
        self._database = database
        parts = (_activity, _databases, _sizes, _ages, _dead, _tables, _checkpoints, _archiver, _replica, _standbys, _slots, _statements)  # fmt: skip
        self._looker = Looker("postgres", SCHEMES, database, parts)

    def remember(self, conditions: Conditions) -> None:
        """Tell what lasts by conditions that are kept, which may be those of several databases."""
        self._looker.remember(conditions)

    def sample(self, now: float) -> Look:
        """Return what is measured and what has to be told; never raises for what the server does."""
        return self._looker.look(now, lambda talk: asking(talk, self._database), begin(self._database))


async def _activity(context: Context, asks: Asks, now: float) -> list[Happening]:
    """What others do is hidden from a role that is not in pg_monitor; then only connections are counted."""
    row = (await asks.ask(_ACTIVITY))[0]
    hidden = row["hidden"] != "0"
    used, most = number(row, "connected" if hidden else "used"), number(row, "most")
    context.put("connections.used", used)
    context.put("connections.max", most)
    context.put("connections.percent", share(used, most))
    if not hidden:
        _running(context, row)
    return [
        *context.crossed("connections-full", now, "connections.percent", (90.0, 80.0), _FULL),
        *context.crossed("transaction-long", now, "transaction.longest.seconds", (3600.0, 3600.0), _LONG),
    ]


def _running(context: Context, row: Row) -> None:
    context.put("connections.idle_in_transaction", number(row, "idle"))
    context.put("locks.waiting", number(row, "waiting"))
    context.put("transaction.longest.seconds", number(row, "longest") or 0.0)
    context.put("query.longest.seconds", number(row, "query") or 0.0)


async def _databases(context: Context, asks: Asks, _: float) -> list[Happening]:
    row = (await asks.ask(_DATABASES))[0]
    for name, column in (("commits", "commits"), ("rollbacks", "rollbacks"), ("deadlocks", "deadlocks")):
        context.rate(f"{name}.per_second", name, number(row, column))
    context.rate("temporary.bytes_per_second", "temporary", number(row, "temporary"))
    hit, read = (context.rates.grown(name, number(row, name) or 0.0) for name in ("hit", "read"))
    context.put("cache.hit.percent", None if hit is None or read is None else share(hit, hit + read))
    return []


async def _sizes(context: Context, asks: Asks, _: float) -> list[Happening]:
    for row in await asks.ask(_SIZES):
        context.put("size.bytes", number(row, "size"), row["name"] or "")
    return []


async def _ages(context: Context, asks: Asks, now: float) -> list[Happening]:
    row = (await asks.ask(_AGES))[0]
    ages = [age for age in (number(row, "rows"), number(row, "locks")) if age is not None]
    context.put("wraparound.percent", share(max(ages, default=None), _MOST_IDS))
    return context.crossed("wraparound-near", now, "wraparound.percent", (60.0, 50.0), _NEAR)


async def _dead(context: Context, asks: Asks, _: float) -> list[Happening]:
    row = (await asks.ask(_DEAD))[0]
    dead, live = number(row, "dead"), number(row, "live")
    if dead is not None and live is not None:
        context.put("dead_rows", dead, row["name"] or "")
        context.put("dead_rows.percent", share(dead, dead + live), row["name"] or "")
    return []


async def _tables(context: Context, asks: Asks, _: float) -> list[Happening]:
    for row in await asks.ask(_TABLES):
        dead, live = number(row, "dead") or 0.0, number(row, "live") or 0.0
        context.put("table.dead.percent", share(dead, dead + live), row["name"] or "")
    return []


async def _checkpoints(context: Context, asks: Asks, _: float) -> list[Happening]:
    row = (await asks.ask(_CHECKPOINTS if int(asks.version) >= 170_000 else _OLD_CHECKPOINTS))[0]
    for name in ("timed", "requested"):
        context.rate(f"checkpoints.{name}.per_second", name, number(row, name))
    return []


async def _archiver(context: Context, asks: Asks, now: float) -> list[Happening]:
    told: list[Happening] = []
    for row in await asks.ask(_ARCHIVER):
        context.put("archive.age.seconds", number(row, "age"))
        context.rate("archive.failures.per_second", "failed", number(row, "failed"))
        text = f"its log cannot be archived (at {row['piece']}): archive_command fails."
        told += context.judged(
            "archiving-failed", now, on=row["broken"] == "t", text=text, over="its log is archived again."
        )
    return told


async def _replica(context: Context, asks: Asks, now: float) -> list[Happening]:
    """A replica without a receiver follows an archive at best; one that is told of no primary is meant to."""
    row = (await asks.ask(_REPLICA))[0]
    if row["replica"] == "t":
        context.put("replication.lag.seconds", number(row, "lag"))
    broken = row["replica"] == "t" and row["receivers"] == "0" and bool(row["primary"])
    text = "it is a replica and receives nothing from its primary."
    return context.judged(
        "replication-broken", now, on=broken, text=text, over="it follows its primary again."
    )


async def _standbys(context: Context, asks: Asks, now: float) -> list[Happening]:
    """A standby that was seen and is gone is told of until it is back."""
    rows = await asks.ask(_STANDBYS)
    context.put("standbys", len(rows))
    here = {row["name"] or "" for row in rows}
    for row in rows:
        context.put("standby.lag.bytes", number(row, "bytes"), row["name"] or "")
        context.put("standby.lag.seconds", number(row, "lag"), row["name"] or "")
    context.followers |= here
    told: list[Happening] = []
    for name in sorted(context.followers):
        text, over = "this standby is not connected any more.", "this standby is connected again."
        told += context.judged(
            "replication-broken", now, on=name not in here, subject=name, text=text, over=over
        )
    return told


async def _slots(context: Context, asks: Asks, _: float) -> list[Happening]:
    for row in await asks.ask(_SLOTS):
        context.put("slot.retained.bytes", number(row, "kept"), row["name"] or "")
    return []


async def _statements(context: Context, asks: Asks, now: float) -> list[Happening]:
    """Only where the extension pg_stat_statements is; its texts have placeholders for what was in them."""
    spent = "total_exec_time" if int(asks.version) >= 130_000 else "total_time"
    rows = await asks.ask(_STATEMENTS.format(spent=spent))
    for row in rows[:1]:
        calls, took = (context.rates.grown(name, number(row, name) or 0.0) for name in ("calls", "spent"))
        context.put("statement.mean.ms", took / calls if calls and took is not None else None)
    told: list[Happening] = []
    for row in rows:
        text = row["text"] or ""
        if text.lstrip(" (\n\t").lower().startswith(_SHOWN):
            counted = number(row, "own_calls") or 0.0, number(row, "own_spent") or 0.0
            told += context.slow(row["key"] or text, text, counted, now)
    return told
