"""MySQL put back: into its server where the databases are gone or empty, else as a dump below a folder.

A database cannot be renamed there, so none that has tables is overwritten: it has to be moved away by hand first.
"""

from pathlib import Path

import msgspec

from vedette.instruments.backup.types import Bench, Failed
from vedette.instruments.backup.what.mysql import dumping, proving, users, witnessing
from vedette.instruments.backup.what.mysql.client import Settings, access_of
from vedette.instruments.backup.what.putting import laid
from vedette.wire.backup import Check, Failure


def put_back(settings: msgspec.Struct, bench: Bench, into: Path | None) -> tuple[Check, ...]:
    """Restore the databases into the server of the settings (None), or lay the dump below a folder. Raises `Failed`."""
    assert isinstance(settings, Settings)  # noqa: S101 - the registry converts them
    if into is not None:
        return (_laid(bench, into),)
    access = access_of(settings, bench.tools)
    names = proving.databases_of(bench.part)
    there = [name for name in names if name in witnessing.databases(access, bench.tools)]
    standing = witnessing.tables(access, there, bench.tools) if there else ()
    if standing:
        raise Failed(
            Failure.LOCKED,
            f"The database {standing[0][0]} has tables: move or drop it, or restore the dump into a folder.",
        )
    imported = proving.bring_in(access, bench)
    if not imported.passed:
        return (imported,)
    return (imported, proving.bring_users(access, bench), *proving.compared(access, bench))


def _laid(bench: Bench, into: Path) -> Check:
    text = f"The dump lies in {into}: mariadb --binary-mode < {dumping.DUMP} imports it, then < {users.FILE} its users."
    return laid(proving.dump_of(bench).parent, into, bench.tools, text)
