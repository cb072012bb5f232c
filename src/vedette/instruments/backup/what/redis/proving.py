"""A throw-away Redis that loads what came back: its keys are counted there."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from vedette.instruments.backup import program
from vedette.instruments.backup.program import Child
from vedette.instruments.backup.types import Failed, Tools
from vedette.instruments.backup.what.apart import apart
from vedette.instruments.backup.what.redis.settings import Redis, answered, asked, keyspace
from vedette.wire.backup import Failure

_LOOK = 0.05
_LOG_END = 400


def loaded(dump: Path, tools: Tools) -> tuple[int, int]:
    """Return keys, and those that expire, of a dump as a Redis of this host loads it; raises `Failed(NOT_PROVEN)`."""
    with _server(dump, tools) as settings:
        return keyspace(answered(settings, tools, "INFO", "keyspace"))


@contextlib.contextmanager
def _server(dump: Path, tools: Tools) -> Iterator[Redis]:
    """Run a Redis that listens on a socket of its own, keeps nothing and belongs to nobody."""
    with apart() as place:
        place.bring(dump, "dump.rdb")
        log, socket = place.folder / "log", place.folder / "s"
        argv = ["redis-server", "--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "700", "--dir", str(place.folder),
                "--dbfilename", "dump.rdb", "--save", "", "--appendonly", "no", "--daemonize", "no", "--logfile", ""]  # fmt: skip
        with program.running(argv, tools=tools, log=log, user=place.user) as child:
            settings = Redis(socket=str(socket))
            _await(settings, child, log, tools)
            yield settings


def _await(settings: Redis, child: Child, log: Path, tools: Tools) -> None:
    """Wait until it has loaded; it ends by itself when it cannot."""
    tries = int(tools.deadline / _LOOK)
    for _ in range(tries):
        if child.wait(_LOOK):
            said = log.read_text(errors="replace")[-_LOG_END:]
            raise Failed(
                Failure.NOT_PROVEN, f"Redis cannot load what came back: {' '.join(said.split())}", said
            )
        if (
            Path(settings.socket).exists()
            and asked(settings, tools, "PING", seconds=10.0).out.strip() == "PONG"
        ):
            return
    raise Failed(Failure.TIMEOUT, "Redis did not load what came back in time.")
