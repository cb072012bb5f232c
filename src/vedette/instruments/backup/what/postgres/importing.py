"""Dumps imported: strictly and whole into a throw-away cluster, where the first error is the last."""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from vedette.core.clock import monotonic
from vedette.instruments.backup import program, psql
from vedette.instruments.backup.psql import Reach
from vedette.instruments.backup.types import Bench, Failed
from vedette.instruments.backup.what import staged
from vedette.instruments.backup.what.postgres import dumping
from vedette.wire.backup import Check

_JOBS = 2
_TO_PSQL = ("\\restrict ", "\\unrestrict ")


def bring_in(reach: Reach, bench: Bench) -> Iterator[Check]:
    """Import roles and every database; yield whether each could be, and how long it took. Ends with the first that could not."""
    names = msgspec.json.decode(bench.part.facts["databases"], type=tuple[str, ...])
    place = dumps_of(bench)
    if "postgres" in names:  # the dump brings its own
        psql.script(reach, "template1", "DROP DATABASE postgres;\n", bench.tools)
    check = _roles(reach, place, bench)
    yield check
    for name in names:
        if not check.passed:
            return
        check = _database(reach, place, name, bench)
        yield check


def dumps_of(bench: Bench) -> Path:
    """Return the folder in which the dumps came back; raises `Failed(NOT_PROVEN)` where a manifest that lies would lead elsewhere."""
    return staged.came_back(bench, bench.part.facts["staging"])


def roles_of(bench: Bench) -> str:
    """Return the statements that make the roles, without what newer dumps tell psql itself."""
    lines = (dumps_of(bench) / dumping.ROLES).read_text(encoding="utf-8").splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith(_TO_PSQL))


def _roles(reach: Reach, place: Path, bench: Bench) -> Check:
    file = place / dumping.ROLES
    if not file.is_file():
        return _missing("Import of roles", file)
    began = monotonic()
    try:
        psql.whole(reach, "template1", roles_of(bench), bench.tools)
    except Failed as error:
        return Check(name="Import of roles", passed=False, text=str(error), seconds=monotonic() - began)
    return Check(
        name="Import of roles", passed=True, text="All roles came back.", seconds=monotonic() - began
    )


def _database(reach: Reach, place: Path, name: str, bench: Bench) -> Check:
    file, title = dumping.file_of(place, name), f"Import of {name}"
    if not file.is_file():
        return _missing(title, file)
    began = monotonic()
    done = restore(reach, "template1", file, bench, "--create", "--exit-on-error", "--no-tablespaces")
    text = f"pg_restore took {file.stat().st_size:,} bytes in."
    if done.code != 0:
        text = f"pg_restore ended with {done.code}: {psql.error_of(done.err)}"
    return Check(name=title, passed=done.code == 0, text=text, seconds=monotonic() - began)


def restore(reach: Reach, database: str, file: Path, bench: Bench, *words: str) -> program.Done:
    """Run pg_restore as ourselves, who may read the dump."""
    command = [
        reach.program("pg_restore"),
        "-w",
        f"--jobs={_JOBS}",
        "--no-subscriptions",
        "-d",
        database,
        *words,
    ]
    return program.run([*command, str(file)], tools=bench.tools, env=reach.env(database))


def _missing(name: str, file: Path) -> Check:
    return Check(name=name, passed=False, text=f"{file.name} did not come back.")
