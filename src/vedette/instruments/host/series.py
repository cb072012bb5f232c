"""Every series that is measured: its name with the unit, what its label is, and in words. The one table of them.

Rates are over the time since the sample before. docs/host-metrics.md is written of this table (`tools/metrics_page.py`).
"""

import functools
import re
from collections.abc import Sequence

import msgspec

LONGEST_LABEL = 100
_UNFIT = re.compile(r"[{}]")


class Series(msgspec.Struct, frozen=True):
    """A name (`disk.used.bytes`), its unit, a sentence, and what stands in braces where there are several (`{/var}`)."""

    name: str
    unit: str
    about: str
    label: str = ""


class Family(msgspec.Struct, frozen=True):
    """Series of one kind, with what people should know of all of them."""

    title: str
    series: tuple[Series, ...]


def shown(text: str, most: int = LONGEST_LABEL) -> str:
    """Return a name that the world chose, fit for a label or a page: printable, without braces, and short."""
    safe = "".join(letter if letter.isprintable() else "�" for letter in text[: most + 1])
    safe = _UNFIT.sub("_", safe)
    return safe if len(safe) <= most else f"{safe[: most - 1]}…"


@functools.lru_cache(maxsize=4096)
def of(name: str, label: str) -> str:
    """Return a series with its label: `disk.used.bytes{/var}`."""
    return f"{name}{{{shown(label)}}}"


def name_of(series: str) -> str:
    """Return the name of a series without its label."""
    return series.partition("{")[0]


_P, _B, _S, _N = "%", "bytes", "seconds", ""
_MODES = (
    ("user", "ordinary programs"), ("nice", "programs that give way to others"), ("system", "the kernel"),
    ("idle", "nothing"), ("iowait", "waiting for disks, with nothing else to do"), ("irq", "interrupts"),
    ("softirq", "what interrupts leave to be done, mostly of the network"),
    ("steal", "other guests of the same machine, while this one wanted to run"),
)  # fmt: skip

CPU = Family("Processors, load and processes", (
    Series("cpu.used.percent", _P, "What all processors together do, other than idle and wait for disks."),
    *(Series(f"cpu.{mode}.percent", _P, f"Share of the processors' time that went to {what}.") for mode, what in _MODES),
    Series("cpu.count", _N, "Processors that are online."),
    Series("cpu.switches.per_second", "1/s", "Changes from one process to another."),
    Series("load.1", _N, "Processes that run or wait for a processor or a disk, mean of a minute."),
    Series("load.5", _N, "The same over five minutes."),
    Series("load.15", _N, "The same over fifteen minutes."),
    Series("process.count", _N, "Threads of all processes."),
    Series("process.running", _N, "Threads that run or could run."),
    Series("process.blocked", _N, "Processes that wait for a disk."),
    Series("process.started.per_second", "1/s", "Processes and threads that were started."),
    Series("files.open", _N, "File descriptors that are open in the kernel."),
    Series("files.percent", _P, "How much of the most that may be open is open; left out where there is no limit."),
    Series("uptime.seconds", _S, "How long the host has been up."),
))  # fmt: skip

MEMORY = Family("Memory, swap and pressure", (
    Series("memory.size.bytes", _B, "Memory of the host."),
    Series("memory.used.bytes", _B, "Memory that cannot be had without writing to swap: size less available."),
    Series("memory.available.bytes", _B, "Memory that programs could have, with what caches would give back."),
    Series("memory.used.percent", _P, "How much of the memory is used."),
    Series("memory.cached.bytes", _B, "Files in memory."),
    Series("memory.dirty.bytes", _B, "What waits to be written to disks."),
    Series("memory.slab.bytes", _B, "What the kernel keeps for itself and could not give back."),
    Series("memory.faults.per_second", "1/s", "Page faults that had to wait for a disk."),
    Series("swap.size.bytes", _B, "Swap of the host; left out where there is none."),
    Series("swap.used.bytes", _B, "Swap that is used."),
    Series("swap.used.percent", _P, "How much of the swap is used."),
    Series("swap.in.bytes_per_second", "B/s", "What is read back from swap."),
    Series("swap.out.bytes_per_second", "B/s", "What is written to swap."),
    Series("pressure.some.percent", _P, "Share of the time in which something waited for it.", "resource"),
    Series("pressure.full.percent", _P, "Share of the time in which everything waited for it.", "resource"),
))  # fmt: skip

DISKS = Family("Disks", (
    Series("disk.size.bytes", _B, "What ordinary programs can use of a file system: used and free together.", "mount"),
    Series("disk.used.bytes", _B, "What is used of a file system.", "mount"),
    Series("disk.free.bytes", _B, "What ordinary programs can still write.", "mount"),
    Series("disk.used.percent", _P, "How full a file system is, as `df` tells.", "mount"),
    Series("disk.inodes.percent", _P, "How many of its inodes are used; left out where a file system has no limit.", "mount"),
    Series("disk.read_only", _N, "1 when nothing can be written, as after an error of the disk; else 0.", "mount"),
    Series("disk.read.bytes_per_second", "B/s", "What is read from a disk.", "disk"),
    Series("disk.written.bytes_per_second", "B/s", "What is written to a disk.", "disk"),
    Series("disk.reads.per_second", "1/s", "Requests to read.", "disk"),
    Series("disk.writes.per_second", "1/s", "Requests to write.", "disk"),
    Series("disk.latency.ms", "ms", "How long a request took, mean; left out while there are none.", "disk"),
    Series("disk.busy.percent", _P, "Share of the time in which a disk had something to do.", "disk"),
    Series("disk.queue", _N, "Requests that are under way, mean.", "disk"),
))  # fmt: skip

NETWORK = Family("Network", (
    Series("net.received.bytes_per_second", "B/s", "What an interface receives.", "interface"),
    Series("net.sent.bytes_per_second", "B/s", "What an interface sends.", "interface"),
    Series("net.received.packets_per_second", "1/s", "Packets that it receives.", "interface"),
    Series("net.sent.packets_per_second", "1/s", "Packets that it sends.", "interface"),
    Series("net.errors.per_second", "1/s", "Packets that were broken, both ways.", "interface"),
    Series("net.drops.per_second", "1/s", "Packets for which there was no room, both ways.", "interface"),
    Series("tcp.connections", _N, "TCP connections by state. Those that are established (or half closed) and in time_wait are counted in each sample, the others each minute, and only up to 2,000 sockets.", "state"),
    Series("tcp.opened.per_second", "1/s", "Connections that others opened."),
    Series("tcp.connected.per_second", "1/s", "Connections that this host opened."),
    Series("tcp.retransmits.per_second", "1/s", "Segments that were sent again."),
    Series("tcp.retransmits.percent", _P, "Share of the segments that were sent again; left out while none is sent."),
    Series("tcp.listen_overflows.per_second", "1/s", "Connections that were refused because a program did not take them in time."),
    Series("tcp.listen_drops.per_second", "1/s", "Connections that were dropped before a program saw them."),
    Series("udp.drops.per_second", "1/s", "Datagrams that were dropped because a program did not read them in time."),
    Series("conntrack.used", _N, "Connections that the packet filter follows."),
    Series("conntrack.percent", _P, "How much of its table is used; when it is full, new connections are dropped."),
))  # fmt: skip

CONTAINERS = Family("Containers (cgroup v2)", (
    Series("container.cpu.percent", "% of a processor", "Processor time of a container: 200 are two processors.", "container"),
    Series("container.throttled.percent", _P, "Share of its periods in which it used up its limit and had to stop.", "container"),
    Series("container.memory.bytes", _B, "Memory of a container without files that could be given back.", "container"),
    Series("container.memory.limit.bytes", _B, "The most that it may use; left out where there is no limit.", "container"),
    Series("container.memory.percent", _P, "How much of its limit is used.", "container"),
    Series("container.processes", _N, "Its processes and threads.", "container"),
    Series("container.oom_kills", _N, "Processes in it that were killed for want of memory since it was started.", "container"),
))  # fmt: skip

MACHINE = Family("The machine and its clock", (
    Series("temperature.celsius", "°C", "What a sensor tells.", "sensor"),
    Series("clock.offset.ms", "ms", "How far the clock is ahead of its time servers (behind: negative). Looked at each minute."),
    Series("certificate.left.seconds", _S, "How long a certificate file is still valid; negative once it expired. Looked at each hour.", "file"),
    Series("backup.age.seconds", _S, "How old the newest file of a backup is, where you named one.", "backup"),
))  # fmt: skip

_SERVER, _DB = "server", "server/database"
_COMMON = (
    ("up", _N, "1 when it could be asked, else 0.", _SERVER),
    ("connections.used", _N, "Clients that are connected.", _SERVER),
    ("connections.max", _N, "The most that may be connected.", _SERVER),
    ("connections.percent", _P, "How much of that is used.", _SERVER),
    ("transaction.longest.seconds", _S, "How long the longest open transaction has been open.", _SERVER),
    ("locks.waiting", _N, "Statements that wait for a lock.", _SERVER),
    ("cache.hit.percent", _P, "Share of the pages that were in memory; left out while none is read.", _SERVER),
    ("size.bytes", _B, "What a database takes.", _DB),
    ("replication.lag.seconds", _S, "How far this replica is behind; only on replicas.", _SERVER),
    ("statement.mean.ms", "ms", "How long a statement took, mean; left out where statements are not counted.", _SERVER),
)  # fmt: skip
POSTGRES = Family("PostgreSQL", (
    *(Series(f"postgres.{name}", unit, about, label) for name, unit, about, label in _COMMON),
    Series("postgres.connections.idle_in_transaction", _N, "Clients that opened a transaction and do nothing.", _SERVER),
    Series("postgres.query.longest.seconds", _S, "How long the longest statement has been running.", _SERVER),
    Series("postgres.commits.per_second", "1/s", "Transactions that were committed.", _SERVER),
    Series("postgres.rollbacks.per_second", "1/s", "Transactions that were rolled back.", _SERVER),
    Series("postgres.deadlocks.per_second", "1/s", "Transactions that were ended because each waited for the other.", _SERVER),
    Series("postgres.temporary.bytes_per_second", "B/s", "What is written to temporary files: sorts that have no room in memory.", _SERVER),
    Series("postgres.checkpoints.timed.per_second", "1/s", "Checkpoints that were due.", _SERVER),
    Series("postgres.checkpoints.requested.per_second", "1/s", "Checkpoints that came early: too much was written.", _SERVER),
    Series("postgres.wraparound.percent", _P, "How much of the transaction numbers the oldest row has used up; at 100 the server stops.", _SERVER),
    Series("postgres.dead_rows", _N, "Rows that were deleted or changed and not yet vacuumed, in the database that is asked.", _DB),
    Series("postgres.dead_rows.percent", _P, "The same as a share of all rows.", _DB),
    Series("postgres.table.dead.percent", _P, "The same of the worst five tables that have more than 10,000 of them.", "server/table"),
    Series("postgres.standby.lag.bytes", _B, "How much a standby has still to replay, as the primary sees it.", "server/standby"),
    Series("postgres.standby.lag.seconds", _S, "The same in time; left out while it has replayed all.", "server/standby"),
    Series("postgres.standbys", _N, "Standbys that are connected.", _SERVER),
    Series("postgres.slot.retained.bytes", _B, "What is kept of the log for a replication slot.", "server/slot"),
    Series("postgres.archive.age.seconds", _S, "How long ago a piece of the log was archived; only with archiving on.", _SERVER),
    Series("postgres.archive.failures.per_second", "1/s", "Pieces of the log that could not be archived.", _SERVER),
))  # fmt: skip
MYSQL = Family("MySQL and MariaDB", (
    *(Series(f"mysql.{name}", unit, about, label) for name, unit, about, label in _COMMON),
    Series("mysql.connections.running", _N, "Clients whose statement is being worked on.", _SERVER),
    Series("mysql.connections.aborted.per_second", "1/s", "Tries to connect that failed.", _SERVER),
    Series("mysql.statements.per_second", "1/s", "Statements of clients.", _SERVER),
    Series("mysql.slow.per_second", "1/s", "Statements that took longer than `long_query_time`.", _SERVER),
    Series("mysql.deadlocks.per_second", "1/s", "Transactions that were ended because each waited for the other.", _SERVER),
    Series("mysql.temporary.per_second", "1/s", "Temporary tables that had no room in memory.", _SERVER),
    Series("mysql.history.length", _N, "Old versions of rows that wait to be purged.", _SERVER),
    Series("mysql.checkpoint.age.bytes", _B, "What of the log has not reached the tables yet.", _SERVER),
    Series("mysql.free.bytes", _B, "What a database's tables hold empty and do not give back.", _DB),
))  # fmt: skip

FAMILIES: Sequence[Family] = (CPU, MEMORY, DISKS, NETWORK, CONTAINERS, MACHINE, POSTGRES, MYSQL)
BY_NAME = {one.name: one for family in FAMILIES for one in family.series}
