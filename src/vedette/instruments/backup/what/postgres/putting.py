"""PostgreSQL put back. Nothing is overwritten: what stands in the way is renamed first, and named in what was done."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from vedette.core.clock import monotonic
from vedette.instruments.backup import psql
from vedette.instruments.backup.psql import Reach
from vedette.instruments.backup.types import Bench, Failed
from vedette.instruments.backup.what.postgres import dumping, importing, moving
from vedette.instruments.backup.what.postgres.proving import databases_of
from vedette.instruments.backup.what.postgres.settings import Settings, reach_of
from vedette.instruments.backup.what.putting import laid
from vedette.wire.backup import Check, Failure

_CREATE = re.compile(r'CREATE ROLE ("(?:[^"]|"")+"|[\w$]+);')


def put_back(settings: msgspec.Struct, bench: Bench, into: Path | None) -> tuple[Check, ...]:
    """Restore databases into the server of the settings (None), or lay dumps or the cluster's files below a folder.

    A database or folder of the same name is renamed with the instant, and comes back when the restore fails. Raises `Failed`.
    """
    assert isinstance(settings, Settings)  # noqa: S101 - the registry converts them
    stamp = datetime.fromtimestamp(bench.tools.now(), UTC).strftime("%Y%m%d%H%M%S")
    if bench.part.facts.get("mode") == "pitr":
        return (moving.move_cluster(settings, bench, into, stamp),)
    if into is not None:
        return (_laid(bench, into),)
    reach, _ = reach_of(settings, bench.tools)
    return (
        _roles(reach, bench),
        *(_database(reach, name, bench, stamp) for name in databases_of(bench.part)),
    )


def _laid(bench: Bench, into: Path) -> Check:
    text = f"The dumps lie in {into}: psql -f {dumping.ROLES}, then pg_restore --create -d template1 NAME.dump for each."
    return laid(importing.dumps_of(bench), into, bench.tools, text)


def _roles(reach: Reach, bench: Bench) -> Check:
    """Make the roles that are missing; those that are there keep their passwords and rights."""
    there = {
        str(row["name"])
        for row in psql.ask(
            reach, "template1", "SELECT quote_ident(rolname) AS name FROM pg_roles", bench.tools
        )
    }
    lines = tuple(missing_roles(importing.roles_of(bench), there))
    if lines:
        psql.whole(reach, "template1", "".join(lines), bench.tools)
    made = sum(line.startswith("CREATE ROLE ") for line in lines)
    return Check(
        name="Roles",
        passed=True,
        text=f"{made} were missing and are there again." if made else "None was missing.",
    )


def missing_roles(text: str, there: set[str]) -> Iterator[str]:
    """Yield the statements of a dump of roles that make those that are not there (names as SQL writes them)."""
    lines = text.splitlines(keepends=True)
    missing = {_made(line) for line in lines} - there - {""}
    return (line for line in lines if any(_is_of(line, name) for name in missing))


def _made(line: str) -> str:
    found = _CREATE.fullmatch(line.rstrip())
    return found[1] if found else ""


def _is_of(line: str, name: str) -> bool:
    given = line.partition(" TO ")[2] if line.startswith("GRANT ") else ""
    return (
        _made(line) == name
        or line.startswith(f"ALTER ROLE {name} ")
        or given.startswith((f"{name};", f"{name} "))
    )


def _database(reach: Reach, name: str, bench: Bench, stamp: str) -> Check:
    began = monotonic()
    aside = _aside(reach, name, bench, stamp)
    file = dumping.file_of(importing.dumps_of(bench), name)
    done = importing.restore(reach, "template1", file, bench, "--create", "--exit-on-error")
    if done.code != 0:
        psql.script(reach, "template1", _back(name, aside), bench.tools)
        raise Failed(
            Failure.NOT_PROVEN,
            f"{name} could not be restored and is as it was: {psql.error_of(done.err)}",
            done.said,
        )
    kept = f" What was there before is {aside}; drop it when nobody misses anything." if aside else ""
    return Check(name=name, passed=True, text=f"{name} is back.{kept}", seconds=monotonic() - began)


def _aside(reach: Reach, name: str, bench: Bench, stamp: str) -> str:
    """Rename a database that is there, with nobody in it; return its new name, empty where there was none."""
    known = psql.ask(reach, "template1", "SELECT datname AS name FROM pg_database", bench.tools)
    if name not in {row["name"] for row in known}:
        return ""
    aside = f"{name[:40]}_before_{stamp}"
    psql.script(reach, "template1", _rename(name, aside), bench.tools)
    return aside


def _rename(name: str, to: str) -> str:
    return (
        f"ALTER DATABASE {ident(name)} ALLOW_CONNECTIONS false;\n"
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = {literal(name)};\n"
        f"ALTER DATABASE {ident(name)} RENAME TO {ident(to)};\n"
    )


def _back(name: str, aside: str) -> str:
    gone = f"DROP DATABASE IF EXISTS {ident(name)};\n"
    if not aside:
        return gone
    return f"{gone}ALTER DATABASE {ident(aside)} RENAME TO {ident(name)};\nALTER DATABASE {ident(name)} ALLOW_CONNECTIONS true;\n"


def ident(name: str) -> str:
    """Return a name as SQL takes it."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return a text as SQL takes it."""
    return "'" + text.replace("'", "''") + "'"
