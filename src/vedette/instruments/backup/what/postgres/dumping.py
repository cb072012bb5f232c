"""Databases dumped, each inside one exported snapshot in which its witness was heard: what is stored is what was counted."""

from pathlib import Path
from urllib.parse import quote

import msgspec

from vedette.instruments.backup import program, psql
from vedette.instruments.backup.comparing import Found
from vedette.instruments.backup.psql import Reach
from vedette.instruments.backup.types import Failed, Tools
from vedette.instruments.backup.what.postgres import witnessing
from vedette.wire.backup import Failure, Progress

ROLES, TABLESPACES = "roles.sql", "tablespaces.sql"
_SNAPSHOT = "SELECT json_build_object('snapshot', pg_export_snapshot());\n"
_HOLD = "SELECT pg_sleep(1000000);\n"  # the transaction that exported it is open until the dump has ended


class _Dumped(Exception):
    """The dump is there: whoever holds its snapshot may go."""


class _Snapshot(msgspec.Struct):
    snapshot: str = ""


def file_of(staging: Path, database: str) -> Path:
    """Return where the dump of a database lies."""
    return staging / f"{quote(database, safe='')}.dump"


def dump(reach: Reach, database: str, staging: Path, tools: Tools) -> Found:
    """Dump a database below a folder; return what it was in the very snapshot that was dumped. Raises `Failed`."""
    witness = witnessing.Witness(database)

    def hear(line: str) -> None:
        snapshot = msgspec.json.decode(line, type=_Snapshot).snapshot
        if not snapshot:
            return witness.hear(line)
        _dump(reach, database, snapshot, file_of(staging, database), tools)
        raise _Dumped

    text = f"{witnessing.BEGIN}{witnessing.LOOK}{_SNAPSHOT}{_HOLD}"
    try:
        psql.script(reach, database, text, tools, on_line=hear)
    except _Dumped:
        return witness.found()
    raise Failed(Failure.ENGINE, f"{database} exported no snapshot to dump.")


def dump_globals(reach: Reach, database: str, staging: Path, tools: Tools) -> None:
    """Dump the roles and tablespaces of a server, which belong to no database; without passwords where we may not read them."""
    _dump_all(reach, database, ["--roles-only"], staging / ROLES, tools)
    _dump_all(reach, database, ["--tablespaces-only"], staging / TABLESPACES, tools)


def _dump(reach: Reach, database: str, snapshot: str, to: Path, tools: Tools) -> None:
    # Not compressed: repositories compress, and find again what did not change since the last dump.
    command = [
        reach.program("pg_dump"),
        "-w",
        "-Fc",
        "-Z0",
        f"--snapshot={snapshot}",
        "--lock-wait-timeout=60000",
    ]

    def tick() -> None:
        tools.tell(Progress(step=f"Dumping {database}", bytes=to.stat().st_size))

    done = program.run(command, tools=tools, env=reach.env(database), to=to, on_tick=tick, user=reach.user)
    if done.code != 0:
        raise Failed(
            psql.failure_of(done.err), f"{database} could not be dumped: {psql.error_of(done.err)}", done.said
        )


def _dump_all(reach: Reach, database: str, words: list[str], to: Path, tools: Tools) -> None:
    command = [reach.program("pg_dumpall"), "-w", *words]
    for more in ([], ["--no-role-passwords"]):
        done = program.run(
            [*command, *more],
            tools=tools,
            env={**reach.env(database), "PGDATABASE": database},
            to=to,
            user=reach.user,
        )
        if done.code == 0:
            return
    raise Failed(Failure.PARTIAL, f"Roles could not be dumped: {psql.error_of(done.err)}", done.said)
