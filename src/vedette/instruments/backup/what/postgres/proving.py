"""A PostgreSQL brought back in a throw-away cluster and looked at: imported or recovered, counted, compared, read to its last page."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import msgspec

from vedette.core.clock import monotonic
from vedette.instruments.backup import clusters, comparing, program, psql
from vedette.instruments.backup.comparing import Found
from vedette.instruments.backup.psql import Reach
from vedette.instruments.backup.types import Bench, Failed
from vedette.instruments.backup.what.postgres import asking, importing, witnessing
from vedette.instruments.backup.what.postgres.settings import Settings
from vedette.wire.backup import Check, Failure, Part

_MAJOR = 10_000
_HERE = """
SELECT (SELECT system_identifier::text FROM pg_control_system()) AS system,
 coalesce(pg_last_wal_replay_lsn(), pg_current_wal_lsn())::text AS lsn,
 coalesce(pg_last_wal_replay_lsn(), pg_current_wal_lsn()) >= '{lsn}'::pg_lsn AS reached"""
_NAMES = "SELECT datname AS name FROM pg_database WHERE datallowconn AND NOT datistemplate"


def prove(settings: msgspec.Struct, bench: Bench) -> tuple[Check, ...]:
    """Return what a drill found; a dump that cannot be imported, or a cluster that does not start, is a failed check."""
    assert isinstance(settings, Settings)  # noqa: S101 - the registry converts them
    programs = psql.programs_of(int(bench.part.facts["version"]) // _MAJOR, settings.programs)
    if bench.part.facts.get("mode") == "pitr":
        return tuple(_recovered(settings, bench, programs))
    return tuple(_imported(bench, programs))


def _imported(bench: Bench, programs: Path) -> Iterator[Check]:
    data = bench.scratch / "postgres"
    with clusters.fresh(data, programs, bench.tools) as reach:
        imported = tuple(importing.bring_in(reach, bench))
        yield from imported
        if all(check.passed for check in imported):
            yield from _compared(reach, bench)
            yield from asking.asked(reach, databases_of(bench.part), bench)
            yield _amcheck(reach, bench)
    yield _checksums(data, programs, bench)


def _recovered(settings: Settings, bench: Bench, programs: Path) -> Iterator[Check]:
    data = bench.root / bench.part.facts["data"].lstrip("/")
    began = monotonic()
    with contextlib.ExitStack() as stack:
        try:
            reach = stack.enter_context(
                clusters.started(data, programs, bench.tools, role=settings.user, preload=settings.preload)
            )
        except Failed as error:
            if error.failure is not Failure.NOT_PROVEN:
                raise
            yield Check(name="Recovery", passed=False, text=str(error), seconds=monotonic() - began)
            return
        yield _position(reach, bench, monotonic() - began)
        yield _names(reach, bench)
        yield from asking.asked(reach, databases_of(bench.part), bench)
        yield _amcheck(reach, bench)
    if bench.part.facts.get("checksums") == "on":
        yield _checksums(data, programs, bench)


def databases_of(part: Part) -> tuple[str, ...]:
    """Return the databases a part remembers."""
    return msgspec.json.decode(part.facts["databases"], type=tuple[str, ...])


def _position(reach: Reach, bench: Bench, seconds: float) -> Check:
    facts = bench.part.facts
    row = psql.ask(reach, "template1", _HERE.format(lsn=facts["lsn"].replace("'", "")), bench.tools)[0]
    same = row["system"] == facts["system"]
    text = f"It recovered to {row['lsn']}; it was at {facts['lsn']} when it was saved."
    if not same:
        text = f"It is another cluster ({row['system']}) than was saved ({facts['system']})."
    return Check(name="Recovery", passed=same and bool(row["reached"]), text=text, seconds=seconds)


def _names(reach: Reach, bench: Bench) -> Check:
    there = {row["name"] for row in psql.ask(reach, "template1", _NAMES, bench.tools)}
    missing = [name for name in databases_of(bench.part) if name not in there]
    text = f"{', '.join(missing)} did not come back." if missing else f"{len(there)} came back."
    return Check(name="Databases", passed=not missing, text=text)


def _compared(reach: Reach, bench: Bench) -> tuple[Check, ...]:
    found = [witnessing.look(reach, name, bench.tools) for name in databases_of(bench.part)]
    whole = Found(
        tables={name: rows for each in found for name, rows in each.tables.items()},
        sequences={name: value for each in found for name, value in each.sequences.items()},
        schemas={name: text for each in found for name, text in each.schemas.items()},
        downward=frozenset(name for each in found for name in each.downward),
    )
    return comparing.compare(bench.part, whole)


def _amcheck(reach: Reach, bench: Bench) -> Check:
    words = ("--all", "--maintenance-db=template1", "--install-missing", "--no-password")
    began = monotonic()
    done = program.run(
        [reach.program("pg_amcheck"), *words], tools=bench.tools, env=reach.env("template1"), user=reach.user
    )
    return _of_program("pg_amcheck", done, "Every table and index is whole.", monotonic() - began)


def _checksums(data: Path, programs: Path, bench: Bench) -> Check:
    began = monotonic()
    done = clusters.checksums(data, programs, bench.tools)
    return _of_program("Checksums", done, "Every page has the checksum it should have.", monotonic() - began)


def _of_program(name: str, done: program.Done, good: str, seconds: float) -> Check:
    text = good if done.code == 0 else f"It ended with {done.code}: {done.said[-400:]}"
    return Check(name=name, passed=done.code == 0, text=text, seconds=seconds)
