"""Write docs/host-metrics.md from the tables of series and happenings; the test compares what is there with what this makes."""

from pathlib import Path

from vedette.instruments.host.happenings import KINDS
from vedette.instruments.host.series import FAMILIES, Series

PAGE = Path(__file__).parents[1] / "docs" / "host-metrics.md"
HEAD = """# What is measured on a host

The agent measures its host every 10 seconds and tells the server: 10-second values for 48 hours, then coarser ones for a year.
A value that cannot be measured is left out, never zero: a host without swap has no `swap.*`, the first sample after a start
has no rates. Everything is read from the kernel's own files; nothing is installed, and a sample costs about 1.5 ms of a
processor.

Where there are several of something, its name stands in braces: `disk.used.percent{/var}`. Names that the world chose (of
mounts, containers, programs) are made printable and cut.

Once a minute the ten processes that use the most processor time and the ten that use the most memory are told of, by the name
of their program and their user. **Command lines are never read**: they hold passwords.

Left out on purpose: file systems of the network and in user space (asking one whose server is away waits for ever), those
that are full by nature (squashfs), bind mounts (each file system counts once), partitions (their disk counts), loopback and
the inner ends of containers' networks.
"""
MIDDLE = """
## What happens

What is no measure is told when it happens, and what lasts is told to be over.

| kind | severity | lasts | what it is |
|---|---|---|---|
"""
FOOT = """
## What is looked at beside the kernel

- **Packages** are those that `apt-get --simulate dist-upgrade` would update, from the lists that are there (no network is
  used); those from a security archive come first. It is asked again only when the lists or what is installed changed. A
  restart is needed when the system says so (`/run/reboot-required`) or a newer kernel of the same kind is installed.
- **Containers** are found by their control groups: Docker, Podman, containerd, CRI-O, LXC, systemd-nspawn. Of Docker's own
  file about a container the name is read and nothing else.
- **The clock** is compared by whoever knows: chrony, systemd-timesyncd, else one SNTP question a minute to the time servers
  of the host's configuration (servers that do not answer are left alone for a quarter of an hour). Without any of these it is
  left out.
- **Certificates** are the files of Let's Encrypt, Caddy and nginx (`ssl_certificate`), and others that you name.
- **Backups** are what you name: a pattern of files, of which the newest counts.
- **OOM kills** are counted by the kernel; which process it was is read from the kernel's log where that is allowed
  (`CAP_SYSLOG` when `kernel.dmesg_restrict` is on).

## What you name: /etc/vedette/measure.toml

Everything in it may be left out. It may hold passwords, so others than its owner must not be able to read it (`chmod 600`). What
is wrong is told with file, line, key and what was meant.

```toml
certificates = ["/srv/*/tls/*.pem"]     # beside those that are found
time_servers = ["192.0.2.1"]            # asked when no program of the host knows how far its clock is off

[backups]
shop = "/var/backups/shop-*.dump"       # the newest of these files counts

[[database]]
name = "shop"                           # what it is called in charts
url = "postgres://127.0.0.1:5432/shop"  # or mysql://, mariadb://
user = "vedette"
password = "…"                          # not needed with a socket where the system's user counts
# socket = "/run/postgresql/.s.PGSQL.5432"
# tls = true                            # verified, by `authority` (a PEM file) or the system's authorities
```

## PostgreSQL

Asked once a minute (what was found stands in the host's samples until then) over its own protocol, in transactions that may only read, with a time limit. Make a role that sees
statistics and no rows:

```sql
CREATE ROLE vedette LOGIN PASSWORD '…' CONNECTION LIMIT 3;
GRANT pg_monitor TO vedette;
```

Without `pg_monitor` only what everybody may see is measured. Slow statements need the extension `pg_stat_statements`
(`shared_preload_libraries`, then `CREATE EXTENSION pg_stat_statements` in the database that is asked); its texts have
placeholders for values, and statements other than SELECT, INSERT, UPDATE, DELETE, MERGE and WITH are never shown. Dead rows are those of the
database that is asked.

With a `socket` (`/run/postgresql/.s.PGSQL.5432`) and `peer` in `pg_hba.conf` no password is needed. A password goes over TLS or
as SCRAM or MD5, never in clear.

## MySQL and MariaDB

Asked once a minute likewise:

```sql
CREATE USER vedette@localhost IDENTIFIED BY '…' WITH MAX_USER_CONNECTIONS 3;
GRANT PROCESS, REPLICATION CLIENT ON *.* TO vedette@localhost;   -- MariaDB 10.5 and later: also SLAVE MONITOR
GRANT SELECT ON performance_schema.* TO vedette@localhost;       -- for slow statements, where it is on
```

`PROCESS` shows transactions of others, `REPLICATION CLIENT` (or `SLAVE MONITOR`) how a replica fares. Sizes are those of the
databases that the user may see any table of; they are looked at every five minutes.
"""


def page() -> str:
    """Return the page."""
    parts = [HEAD]
    for family in FAMILIES:
        rows = "".join(_row(one) for one in family.series)
        parts.append(f"\n## {family.title}\n\n| series | unit | what it is |\n|---|---|---|\n{rows}")
    parts.append(MIDDLE)
    parts += [f"| `{kind}` | {one.severity} | {'yes' if one.lasting else '–'} | {one.about} |\n" for kind, one in KINDS.items()]  # fmt: skip
    return "".join([*parts, FOOT])


def _row(one: Series) -> str:
    label = f"{{{one.label}}}" if one.label else ""
    return f"| `{one.name}{label}` | {one.unit or '–'} | {one.about} |\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
