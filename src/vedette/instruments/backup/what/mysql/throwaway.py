"""Throw-away MariaDB and MySQL servers: on a socket that only we reach, as nobody, without events, replication or network."""

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from vedette.core.clock import monotonic
from vedette.instruments.backup import clusters, program
from vedette.instruments.backup.types import Failed, Tools
from vedette.instruments.backup.what.mysql.client import Access, error_of
from vedette.wire.backup import Failure

_ALONE = (
    "--skip-networking", "--skip-slave-start", "--event-scheduler=OFF", "--innodb-flush-log-at-trx-commit=0",
    "--innodb-buffer-pool-size=128M", "--character-set-server=utf8mb4", "--max-allowed-packet=1G", "--local-infile=OFF",
)  # fmt: skip
_OPEN = Path("/var/tmp")  # noqa: S108 - a folder of our own below it, where others may not enter the scratch place


@contextmanager
def fresh(scratch: Path, tools: Tools, client: str = "mariadb") -> Iterator[Access]:
    """Yield a new, empty server, gone with the block; raises `Failed`."""
    user = clusters.bench_user()
    with _folder(scratch, user) as folder, program.private(tools, user) as near:
        daemon = _made(folder, client, user, tools)
        socket, log = near / "s", scratch / "mysql.log"
        words = (
            f"--datadir={folder}/data", f"--socket={socket}", f"--pid-file={near}/pid", f"--secure-file-priv={near}",
            f"--tmpdir={folder}",
        )  # fmt: skip
        dumper = "mariadb-dump" if client == "mariadb" else "mysqldump"
        access = Access(
            words=("--no-defaults", "-S", str(socket), "-u", "root"),
            place=str(socket),
            client=client,
            dumper=dumper,
            user=user,
        )
        command = [daemon, "--no-defaults", *words, *_ALONE]
        with program.running(command, tools=tools, user=user, log=log, farewell=signal.SIGTERM) as child:
            ends = monotonic() + tools.deadline
            while not socket.exists():
                if child.wait(0.05) or monotonic() > ends:
                    said = log.read_text(errors="replace")[-4_000:]
                    raise Failed(
                        Failure.ENGINE, f"No server could be started for the drill: {error_of(said)}", said
                    )
            yield access


def _made(folder: Path, client: str, user: str, tools: Tools) -> str:
    """Make the folder of data; return the name of the server's program."""
    data = f"--datadir={folder}/data"
    if client == "mariadb":
        daemon = "mariadbd"
        words = [
            "mariadb-install-db",
            "--no-defaults",
            data,
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
        ]
    else:
        daemon = "mysqld"
        words = [daemon, "--no-defaults", data, "--initialize-insecure"]
    program.find(daemon, tools)
    done = program.run(words, tools=tools, user=user, cwd=folder)
    if done.code != 0:
        raise Failed(
            Failure.ENGINE, f"No server could be made for the drill: {error_of(done.said)}", done.said
        )
    return daemon


@contextmanager
def _folder(scratch: Path, user: str) -> Iterator[Path]:
    place = scratch if not user or _open_to_others(scratch) else _OPEN
    folder = Path(tempfile.mkdtemp(prefix="vedette-", dir=place))
    try:
        clusters.own(folder, user)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _open_to_others(folder: Path) -> bool:
    return all(path.stat().st_mode & os.X_OK for path in (folder, *folder.resolve().parents))
