"""A dump of MySQL or MariaDB imported into a throw-away server, counted, compared, and every table of it read."""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from vedette.core.clock import monotonic
from vedette.instruments.backup import comparing
from vedette.instruments.backup.types import Bench, Failed
from vedette.instruments.backup.what import asserted, staged
from vedette.instruments.backup.what.mysql import dumping, throwaway, users, witnessing
from vedette.instruments.backup.what.mysql.client import Access, ident, script
from vedette.wire.backup import Check, Part

_READER = "vedette_reader"
_MAKE = f"""\
DROP USER IF EXISTS {_READER}@localhost;
CREATE USER {_READER}@localhost;
GRANT SELECT, EXECUTE, SHOW VIEW ON *.* TO {_READER}@localhost;
"""
_NO_CHECK = [
    "note",
    "The storage engine for the table doesn't support check",
]  # MEMORY, and others that keep nothing


def prove(settings: msgspec.Struct, bench: Bench) -> tuple[Check, ...]:  # noqa: ARG001 - the part says all
    """Return what a drill found; a dump that cannot be imported is a failed check. Raises `Failed`."""
    return tuple(_proved(bench))


def dump_of(bench: Bench) -> Path:
    """Return the dump that came back; raises `Failed(NOT_PROVEN)` where a manifest that lies would lead elsewhere."""
    return staged.came_back(bench, f"{bench.part.facts['staging']}/{dumping.DUMP}")


def databases_of(part: Part) -> tuple[str, ...]:
    """Return the databases a part remembers."""
    return msgspec.json.decode(part.facts["databases"], type=tuple[str, ...])


def bring_in(access: Access, bench: Bench) -> Check:
    """Import the dump; the first error is the last, and a dump without its end is none."""
    file, began = dump_of(bench), monotonic()
    if not dumping.whole(file):
        return Check(name="Import", passed=False, text="The dump did not come back with its end.")
    try:
        script(access, file, bench.tools)
    except Failed as error:
        return Check(name="Import", passed=False, text=str(error), seconds=monotonic() - began)
    text = f"{file.stat().st_size:,} bytes were taken in."
    return Check(name="Import", passed=True, text=text, seconds=monotonic() - began)


def bring_users(access: Access, bench: Bench) -> Check:
    """Make the users that were saved and are missing; tell where none could be saved."""
    told = bench.part.facts.get("users")
    if told is None:
        return Check(
            name="Users", passed=True, text="None were saved: the user of the plan may not read mysql.user."
        )
    version = script(access, "SELECT VERSION();\n", bench.tools).strip()
    wanted = msgspec.json.decode(told, type=tuple[users.User, ...])
    return users.bring_in(access, dump_of(bench).with_name(users.FILE), version, wanted, bench.tools)


def compared(access: Access, bench: Bench) -> tuple[Check, ...]:
    """Return whether databases are as they were saved."""
    return comparing.compare(bench.part, witnessing.look(access, databases_of(bench.part), bench.tools))


def _proved(bench: Bench) -> Iterator[Check]:
    client = (
        "mysql" if bench.part.facts.get("client") == "mysql" else "mariadb"
    )  # never run what a manifest names
    with throwaway.fresh(bench.scratch, bench.tools, client) as access:
        imported = bring_in(access, bench)
        yield imported
        if imported.passed:
            yield bring_users(access, bench)
            yield from compared(access, bench)
            yield from _asserted(access, bench)
            yield _check_tables(access, bench)


def _asserted(access: Access, bench: Bench) -> Iterator[Check]:
    """Ask as somebody who may read all and nothing else: whoever writes plans may be a server far away."""
    names = databases_of(bench.part)
    ours = asserted.of_ours(bench.asserts, names)
    if not ours:
        return
    script(access, _MAKE, bench.tools)
    reader = msgspec.structs.replace(access, words=(*access.words, "-u", _READER))

    def answer(database: str, query: str) -> str:
        told = script(reader, f"USE {ident(database)};\n{query.rstrip('; ')};\n", bench.tools)
        return told.partition("\n")[0].partition("\t")[0]

    yield from asserted.answered(ours, names, answer)


def _check_tables(access: Access, bench: Bench) -> Check:
    began = monotonic()
    there = witnessing.tables(access, databases_of(bench.part), bench.tools)
    said = script(access, dumping.check_words(there), bench.tools, forced=True)
    rows = [line.split("\t") for line in said.splitlines()]
    good = {row[0] for row in rows if row[2:] == ["status", "OK"]}
    unknown = {row[0] for row in rows if row[2:] == _NO_CHECK} - good
    bad = [row for row in rows if len(row) > 3 and row[2].lower() in {"error", "warning"}]
    passed = len(good) + len(unknown) == len(there) and not bad
    more = f" {len(unknown):,} of an engine that cannot check were counted alone." if unknown else ""
    text = (
        f"{len(good):,} tables are whole.{more}"
        if passed
        else f"{'; '.join(' '.join(row) for row in bad[:5]) or 'Not all of them were read'}."
    )
    return Check(name="CHECK TABLE", passed=passed, text=text, seconds=monotonic() - began)
