"""Whether a cluster archives its WAL into the repository; if not, with which lines it would."""

import os
from pathlib import Path

from vedette.instruments.backup import clusters, psql
from vedette.instruments.backup.pgbackrest import options
from vedette.instruments.backup.pgbackrest.running import Runner
from vedette.instruments.backup.psql import Reach
from vedette.instruments.backup.types import Cluster, Failed, Tools
from vedette.wire.backup import Failure

_MAJOR = 10_000


def reach_of(cluster: Cluster) -> Reach:
    """Return how a running cluster is asked; raises `Failed(NO_TOOL)`."""
    socket = cluster.socket / f".s.PGSQL.{cluster.port}"
    return Reach(
        host=str(cluster.socket), port=cluster.port, role=cluster.user, user=psql.owner_of(socket),
        programs=psql.programs_of(int(cluster.version) // _MAJOR),
    )  # fmt: skip


def require(runner: Runner, cluster: Cluster, tools: Tools) -> None:
    """Write the file that the archive command reads; raises `Failed` with the missing lines of postgresql.conf."""
    _write(runner, cluster)
    reach = reach_of(cluster)
    mode = psql.value(reach, "template1", "SHOW archive_mode", tools)
    command = psql.value(reach, "template1", "SHOW archive_command", tools)
    lines = options.unfit(mode, command, runner.config, runner.stanza)
    if lines:
        raise Failed(
            Failure.ENGINE,
            f"PostgreSQL does not archive its WAL here, without which there is no point in time to go back to. "
            f"Add to postgresql.conf and restart it: {'; '.join(lines)}",
        )


def _write(runner: Runner, cluster: Cluster) -> None:
    text = runner.text_of_config(options.of_cluster(cluster))
    path = runner.config
    try:
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, text, runner.user)
    except OSError as error:
        raise Failed(
            Failure.ENGINE, f"{path} cannot be written for the archive command: {error.strerror}; name another file (config)."
        ) from None  # fmt: skip


def _replace(path: Path, text: str, user: str) -> None:
    new = path.with_name(f".{path.name}.new")
    new.unlink(missing_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    with os.fdopen(os.open(new, flags, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    clusters.own(new, user)
    new.replace(path)
