"""Throw-away PostgreSQL clusters: on a socket of their own that only we reach, as a user who may nothing else, gone with the block.

What was restored may hold whatever its database held: functions that run programs, subscriptions, an archive command. So nobody
but us can connect, nothing connects outwards, nothing is archived, and the server runs as `nobody`.
"""

import contextlib
import os
import pwd
import shutil
import signal
from collections.abc import Iterator, Sequence
from pathlib import Path

from vedette.core.clock import monotonic
from vedette.instruments.backup import program, psql
from vedette.instruments.backup.program import Child
from vedette.instruments.backup.psql import Reach
from vedette.instruments.backup.types import Failed, Tools
from vedette.wire.backup import Failure

ROLE = "vedette_bench"  # its superuser; a name that no dump brings with it
PORT = 5432  # of the socket's name alone: nothing listens on the network
_LOOK = 0.05
_TABLESPACES = "vedette_tablespaces"
_TRUST = "local all all trust\n"

# The folder is opened by whoever may, before: so the server needs no right to the folders above it, which are closed to others.
_INSIDE = ("/bin/sh", "-c", 'exec 9<. && cd / && exec "$@"', "sh")
_HERE = "/proc/self/fd/9"

# Nothing goes out, nothing comes in, nothing is loaded; and nothing is safe, as it lives for minutes.
_ALONE = (
    "listen_addresses=", "archive_mode=off", "primary_conninfo=", "max_logical_replication_workers=0", "max_wal_senders=0",
    "ssl=off", "hot_standby=off", "external_pid_file=", "logging_collector=off", "log_destination=stderr", "lc_messages=C",
    "synchronous_standby_names=", "synchronous_commit=off", "fsync=off", "full_page_writes=off", "autovacuum=off",
    "shared_buffers=64MB", "maintenance_work_mem=128MB", "max_wal_size=4GB", "huge_pages=off", "session_preload_libraries=",
    "local_preload_libraries=", "event_source=", "cluster_name=vedette",
)  # fmt: skip


def bench_user() -> str:
    """Return as whom throw-away servers run: nobody, where we are root."""
    return "nobody" if os.geteuid() == 0 else ""


@contextlib.contextmanager
def fresh(
    data: Path, programs: Path, tools: Tools, *, role: str = ROLE, options: Sequence[str] = ()
) -> Iterator[Reach]:
    """Yield a new, empty cluster in a folder that is made; raises `Failed`."""
    user = bench_user()
    data.mkdir(mode=0o700)
    own(data, user)
    done = program.run(
        [*_INSIDE, f"{programs}/initdb", "-D", _HERE, "-U", role, "-A", "trust", "-E", "UTF8", "--locale=C", "-k", "-N"],
        tools=tools, cwd=data, user=user,
    )  # fmt: skip
    if done.code != 0:
        raise Failed(
            Failure.ENGINE, f"No PostgreSQL could be made for the drill: {psql.error_of(done.err)}", done.said
        )
    with started(data, programs, tools, role=role, options=options) as reach:
        yield reach


@contextlib.contextmanager
def started(
    data: Path,
    programs: Path,
    tools: Tools,
    *,
    role: str = ROLE,
    preload: str = "",
    options: Sequence[str] = (),
) -> Iterator[Reach]:
    """Yield a server over a folder of data that was brought back, when it has recovered; the folder becomes the server's user's.

    Tablespaces may lie beside the folder, nowhere else.

    Raises `Failed(NOT_PROVEN)` with the end of its log for one that does not come up, TIMEOUT after the tools' deadline.
    """
    user = bench_user()
    _settle(data, user)
    with program.private(tools, user) as folder:
        rules = program.keep_secret(folder, "hba", _TRUST, user)
        settings = program.keep_secret(folder, "conf", "", user)
        words = (
            *_ALONE, f"shared_preload_libraries={preload}", f"unix_socket_directories={folder}", f"hba_file={rules}",
            f"ident_file={settings}", f"config_file={settings}", f"data_directory={_HERE}", f"port={PORT}", *options,
        )  # fmt: skip
        command = [
            *_INSIDE,
            f"{programs}/postgres",
            "-D",
            _HERE,
            *(part for word in words for part in ("-c", word)),
        ]
        reach = Reach(host=str(folder), port=PORT, role=role, user=user, programs=programs)
        log = data.parent / f"{data.name}.log"
        with program.running(
            command, tools=tools, cwd=data, user=user, log=log, farewell=signal.SIGINT
        ) as child:
            _await(child, reach, log, tools)
            yield reach


def checksums(data: Path, programs: Path, tools: Tools) -> program.Done:
    """Read every page of a stopped cluster and compare its checksum."""
    return program.run(
        [*_INSIDE, f"{programs}/pg_checksums", "--check", "-D", _HERE],
        tools=tools,
        cwd=data,
        user=bench_user(),
    )


def own(path: Path, user: str) -> None:
    """Make a file or folder a user's, not what a link points to."""
    if user:
        account = pwd.getpwnam(user)
        os.chown(path, account.pw_uid, account.pw_gid, follow_symlinks=False)


def _settle(data: Path, user: str) -> None:
    """Bring what lies in other places into the folder, and make all of it the user's."""
    (data / "postmaster.pid").unlink(missing_ok=True)
    _gather_tablespaces(data)
    own(data, user)
    data.chmod(0o700)
    for folder, folders, files in os.walk(data):
        for name in (*folders, *files):
            own(Path(folder, name), user)


def _gather_tablespaces(data: Path) -> None:
    """Move tablespaces into the folder: links that lead out of it lead nowhere for whoever may not enter the folders above."""
    for link in sorted((data / "pg_tblspc").glob("*")):
        if not link.is_symlink() or not link.readlink().is_absolute():
            continue
        if not link.resolve().is_relative_to(data.resolve().parent):  # a repository may hold any link
            raise Failed(Failure.NOT_PROVEN, f"The tablespace {link.name} leads out of what was restored.")
        place = data / _TABLESPACES / link.name
        place.parent.mkdir(mode=0o700, exist_ok=True)
        shutil.move(link.readlink(), place)
        link.unlink()
        link.symlink_to(Path("..", _TABLESPACES, link.name))


def _await(child: Child, reach: Reach, log: Path, tools: Tools) -> None:
    ends = monotonic() + tools.deadline
    ready = [reach.program("pg_isready"), "-q"]
    while program.run(ready, tools=tools, env=reach.env("template1"), user=reach.user).code != 0:
        if child.wait(_LOOK):
            said = log.read_text(errors="replace")[-4_000:]
            raise Failed(
                Failure.NOT_PROVEN, f"The restored PostgreSQL does not start: {_last_error(said)}", said
            )
        if monotonic() > ends:
            raise Failed(Failure.TIMEOUT, "The restored PostgreSQL did not come up in time.")


def _last_error(said: str) -> str:
    lines = [line.partition("FATAL:")[2] or line.partition("PANIC:")[2] for line in said.splitlines()]
    return next((line.strip() for line in lines if line), said.strip()[-200:] or "it said nothing")
