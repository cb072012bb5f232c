"""MySQL and MariaDB made ready to be saved: dumped and counted below a folder."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import msgspec

from vedette.instruments.backup.comparing import Found
from vedette.instruments.backup.types import Failed, Gathered, Tools
from vedette.instruments.backup.what.mysql import dumping, users, witnessing
from vedette.instruments.backup.what.mysql.client import Settings, access_of, script
from vedette.wire.backup import Failure, Part, Table


def gather(settings: msgspec.Struct, staging: Path, tools: Tools) -> Gathered:
    """Dump the databases below `staging`; raises `Failed`: SOURCE_MISSING, SOURCE_EMPTY."""
    assert isinstance(settings, Settings)  # noqa: S101 - the registry converts them
    access = access_of(settings, tools)
    there = witnessing.databases(access, tools)
    missing = [name for name in settings.databases if name not in there]
    if missing:
        raise Failed(
            Failure.SOURCE_MISSING,
            f"MySQL at {access.place} has no database {missing[0]}; it has {', '.join(there) or 'none'}.",
        )
    names = settings.databases or there
    if not names:
        raise Failed(Failure.SOURCE_EMPTY, f"MySQL at {access.place} has no databases.")
    version = script(access, "SELECT VERSION();\n", tools).strip()
    found = dumping.dump(access, names, staging, tools)
    if not any(found.tables.values()):
        raise Failed(Failure.SOURCE_EMPTY, f"No table of {', '.join(names)} at {access.place} has a row.")
    facts = {"version": version, "client": access.client, "staging": str(staging)}
    if (known := users.save(access, version, staging, tools)) is not None:
        facts["users"] = msgspec.json.encode(known).decode()
    return Gathered(part=_part(names, found, staging, facts), steady=(staging,))


def _part(names: Sequence[str], found: Found, staging: Path, facts: dict[str, str]) -> Part:
    schemas = {f"schema:{name}": text for name, text in found.schemas.items()}
    files = [path for path in staging.iterdir() if path.is_file()]
    return Part(
        what="mysql",
        files=len(files),
        bytes=sum(path.stat().st_size for path in files),
        tables=tuple(Table(name, rows) for name, rows in found.tables.items()),
        sequences=found.sequences,
        schema=hashlib.sha256(msgspec.json.encode(schemas)).hexdigest(),
        facts={**facts, **schemas, "databases": msgspec.json.encode(names).decode()},
    )
