"""Throw-away MariaDB and MySQL servers: on a socket that only we reach, as nobody, without events, replication or network."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from vedette.core.clock import monotonic
from vedette.instruments.backup import program
from vedette.instruments.backup.types import Failed, Tools
from vedette.instruments.backup.what.apart import Apart, apart
from vedette.instruments.backup.what.mysql.client import Access, error_of
from vedette.wire.backup import Failure

_ALONE = (
    "--skip-networking", "--skip-slave-start", "--event-scheduler=OFF", "--innodb-flush-log-at-trx-commit=0",
    "--innodb-buffer-pool-size=128M", "--character-set-server=utf8mb4", "--max-allowed-packet=1G", "--local-infile=OFF",
)  # fmt: skip


@contextmanager
def fresh(scratch: Path, tools: Tools, client: str = "mariadb") -> Iterator[Access]:
    """Yield a new, empty server, gone with the block; raises `Failed`."""
    # As nobody, not as the real server's user: a dump may say DATA DIRECTORY, and that user could write among the real tables.
    with apart() as place, program.private(tools, place.user) as near:
        daemon = _made(place, client, tools)
        socket, log = near / "s", scratch / "mysql.log"
        words = (
            f"--datadir={place.folder}/data", f"--socket={socket}", f"--pid-file={near}/pid", f"--secure-file-priv={near}",
            f"--tmpdir={place.folder}",
        )  # fmt: skip
        access = Access(
            words=("--no-defaults", "-S", str(socket), "-u", "root"), place=str(socket), client=client, user=place.user
        )  # fmt: skip
        command = [daemon, "--no-defaults", *words, *_ALONE]
        with program.running(
            command, tools=tools, user=place.user, log=log, farewell=signal.SIGTERM
        ) as child:
            ends = monotonic() + tools.deadline
            while not socket.exists():
                if child.wait(0.05) or monotonic() > ends:
                    said = log.read_text(errors="replace")[-4_000:]
                    raise Failed(
                        Failure.ENGINE, f"No server could be started for the drill: {error_of(said)}", said
                    )
            yield access


def _made(place: Apart, client: str, tools: Tools) -> str:
    """Make the folder of data; return the name of the server's program."""
    data = f"--datadir={place.folder}/data"
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
    done = program.run(words, tools=tools, user=place.user, cwd=place.folder)
    if done.code != 0:
        raise Failed(
            Failure.ENGINE, f"No server could be made for the drill: {error_of(done.said)}", done.said
        )
    return daemon
