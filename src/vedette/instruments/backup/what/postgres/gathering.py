"""A PostgreSQL made ready to be saved: dumped below a folder, or named to an engine that saves its files and WAL."""

import hashlib
from pathlib import Path

import msgspec

from vedette.instruments.backup import psql
from vedette.instruments.backup.comparing import Found
from vedette.instruments.backup.psql import Reach
from vedette.instruments.backup.types import Cluster, Failed, Gathered, Tools
from vedette.instruments.backup.what.postgres import dumping
from vedette.instruments.backup.what.postgres.settings import Settings, reach_of
from vedette.wire.backup import Failure, Part, Table

_DATABASES = """
SELECT datname AS name FROM pg_database WHERE datallowconn AND NOT datistemplate ORDER BY datname"""
_STANDING = """
SELECT current_setting('data_directory') AS data, pg_is_in_recovery() AS replica,
 (SELECT system_identifier::text FROM pg_control_system()) AS system, current_setting('data_checksums') AS checksums,
 CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END::text AS lsn,
 (SELECT timeline_id FROM pg_control_checkpoint()) AS timeline, pg_database_size(current_database()) AS one,
 (SELECT sum(pg_database_size(oid))::bigint FROM pg_database) AS bytes"""

_ANY = """\
SELECT CASE WHEN has_table_privilege(c.oid, 'SELECT') THEN format('SELECT EXISTS (SELECT FROM ONLY %I.%I)', nspname, relname)
 ELSE 'SELECT true' END
FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
WHERE relkind = 'r' AND nspname !~ '^pg_' AND nspname <> 'information_schema' AND pg_relation_size(c.oid) > 0
ORDER BY relname \\gexec
"""


def gather(settings: msgspec.Struct, staging: Path, tools: Tools) -> Gathered:
    """Dump the databases below `staging`, or name the cluster; raises `Failed`: SOURCE_MISSING, SOURCE_EMPTY."""
    assert isinstance(settings, Settings)  # noqa: S101 - the registry converts them
    reach, version = reach_of(settings, tools)
    if settings.mode == "pitr":
        return _named(settings, reach, version, tools)
    return _dumped(settings, reach, version, staging, tools)


def databases_of(settings: Settings, reach: Reach, tools: Tools) -> tuple[str, ...]:
    """Return the databases that are saved; raises SOURCE_MISSING for one that is not there, SOURCE_EMPTY for none."""
    there = tuple(str(row["name"]) for row in psql.ask(reach, "template1", _DATABASES, tools))
    missing = [name for name in settings.databases if name not in there]
    if missing:
        raise Failed(
            Failure.SOURCE_MISSING,
            f"PostgreSQL at {reach.place} has no database {missing[0]}; it has {', '.join(there)}.",
        )
    return settings.databases or there


def _dumped(settings: Settings, reach: Reach, version: int, staging: Path, tools: Tools) -> Gathered:
    names = databases_of(settings, reach, tools)
    if not names:
        raise Failed(Failure.SOURCE_EMPTY, f"PostgreSQL at {reach.place} has no databases.")
    dumping.dump_globals(reach, names[0], staging, tools)
    found = [dumping.dump(reach, name, staging, tools) for name in names]
    if not any(rows for each in found for rows in each.tables.values()):
        raise Failed(Failure.SOURCE_EMPTY, f"No table of {', '.join(names)} at {reach.place} has a row.")
    part = _part(names, found, staging)
    facts = {**part.facts, "version": str(version), "staging": str(staging)}
    return Gathered(part=msgspec.structs.replace(part, facts=facts), steady=(staging,))


def _part(names: tuple[str, ...], found: list[Found], staging: Path) -> Part:
    files = [path for path in staging.iterdir() if path.is_file()]
    schemas = {f"schema:{name}": each.schemas[name] for name, each in zip(names, found, strict=True)}
    return Part(
        what="postgres",
        files=len(files),
        bytes=sum(path.stat().st_size for path in files),
        tables=tuple(Table(name, rows) for each in found for name, rows in each.tables.items()),
        sequences={name: value for each in found for name, value in each.sequences.items()},
        schema=hashlib.sha256(msgspec.json.encode(schemas)).hexdigest(),
        facts={**schemas, "databases": msgspec.json.encode(names).decode()},
    )


def _named(settings: Settings, reach: Reach, version: int, tools: Tools) -> Gathered:
    row = psql.ask(reach, "template1", _STANDING, tools)[0]
    names = [str(each["name"]) for each in psql.ask(reach, "template1", _DATABASES, tools)]
    if not any(_has_a_row(reach, name, tools) for name in names):
        raise Failed(Failure.SOURCE_EMPTY, f"No table of {', '.join(names)} at {reach.place} has a row.")
    data = Path(str(row["data"]))
    facts = {name: str(row[name]) for name in ("data", "system", "checksums", "lsn", "timeline")} | {
        "version": str(version),
        "databases": msgspec.json.encode(names).decode(),
        "mode": "pitr",
    }
    cluster = Cluster(
        data=data, port=settings.port, socket=Path(settings.socket), user=settings.user, version=str(version)
    )
    return Gathered(part=Part(what="postgres", bytes=int(str(row["bytes"])), facts=facts), cluster=cluster)


def _has_a_row(reach: Reach, database: str, tools: Tools) -> bool:
    """Tell whether any table has anything in it; a cluster of empty tables has megabytes, too.

    One that this role may not read counts by its size.
    """
    return "t" in psql.script(reach, database, _ANY, tools).split()
