"""What a plan says of a PostgreSQL, and how it is reached."""

from pathlib import Path
from typing import Literal

import msgspec

from vedette.instruments.backup import psql
from vedette.instruments.backup.psql import Reach
from vedette.instruments.backup.types import Tools

_MAJOR = 10_000  # server_version_num of 15.4 is 150004


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which databases (none named: all) of which server, and how: dumps, or its files and WAL for point-in-time recovery.

    Without `host` it is asked at its socket, by root as the socket's owner or `run_as`. Passwords stand in `passfile`, made like
    `~/.pgpass`. `programs` names the folder of pg_dump, `preload` libraries without which a restored server does not start.
    """

    mode: Literal["dump", "pitr"] = "dump"
    databases: tuple[str, ...] = ()
    host: str = ""
    port: int = 5432
    socket: str = "/var/run/postgresql"
    user: str = "postgres"
    run_as: str = ""
    passfile: str = ""
    programs: str = ""
    preload: str = ""


def reach_of(settings: Settings, tools: Tools) -> tuple[Reach, int]:
    """Return how the server is reached with programs of its version, and its `server_version_num`; raises `Failed`."""
    first = _reach(settings, psql.newest_programs(settings.programs))
    number = int(psql.value(first, "template1", "SHOW server_version_num", tools))
    return _reach(settings, psql.programs_of(number // _MAJOR, settings.programs)), number


def _reach(settings: Settings, programs: Path) -> Reach:
    socket = Path(settings.socket, f".s.PGSQL.{settings.port}")
    user = settings.run_as or ("" if settings.host else psql.owner_of(socket))
    return Reach(
        host=settings.host or settings.socket, port=settings.port, role=settings.user,
        user=user, passfile=settings.passfile, programs=programs,
    )  # fmt: skip
