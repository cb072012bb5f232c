"""Vedette itself: its data folder. A drill puts it together again, migrates the copy and lets `vedette doctor` look at it."""

import os
import sqlite3
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePath

import msgspec

from vedette.core import names
from vedette.instruments.backup import program
from vedette.instruments.backup.phrasing import count
from vedette.instruments.backup.types import Bench, Failed, Gathered, Source, Tools
from vedette.instruments.backup.what import holding, offering, staged
from vedette.instruments.backup.what.paths import gathering as listed
from vedette.instruments.backup.what.paths import proving
from vedette.instruments.backup.what.paths.settings import Paths
from vedette.instruments.backup.what.putting import Put, Putting, putting_into
from vedette.instruments.backup.what.sqlite import copying
from vedette.instruments.backup.what.vedette import gathering
from vedette.instruments.backup.what.vedette.gathering import CORE, KIND
from vedette.wire.backup import Check, Failure, Proposal, What

_LOOKS = ("data folder", "key file", "database")  # what doctor says of the data, and not of the host
_DOCTOR = ("-c", "from vedette.cli.main import main; main()", "doctor", "--json")
_MIGRATE = ("-m", "vedette.app.migrate")
_MOST_TOLD = 3


class Vedette(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The data folder of a Vedette on this host, as a written name."""

    data: str = "/var/lib/vedette"


class _Finding(msgspec.Struct, frozen=True):
    check: str
    state: str
    text: str


class _Looked(msgspec.Struct, frozen=True):
    findings: tuple[_Finding, ...]


def gather(settings: msgspec.Struct, staging: Path, tools: Tools) -> Gathered:
    """Copy databases that are in use, list the rest; raises SOURCE_MISSING, NOT_PROVEN for a damaged database."""
    assert isinstance(settings, Vedette)  # noqa: S101 - the registry made it
    path = names.read(settings.data)
    if not path.startswith("/"):
        raise Failed(Failure.SOURCE_MISSING, f"{settings.data} is no whole path.")
    return gathering.gather(Path(path).resolve(), staging, tools)


def prove(settings: msgspec.Struct, bench: Bench) -> tuple[Check, ...]:
    """Put the folder together in a scratch place, migrate it there and let doctor look at it; its rows are counted before."""
    del settings
    files = proving.prove(Paths(paths=(), restless=gathering.RESTLESS), bench)
    data = bench.scratch / "data"
    put = _together(bench, Putting(data.parent, bench.tools, live=False), PurePath("data"))
    if put.left or not (data / CORE).is_file():
        return (*files, put.check())
    return (*files, *_databases(bench, data), *_looked_over(bench, data))


def _databases(bench: Bench, data: Path) -> Iterator[Check]:
    """Read every page of the databases that were copied, and compare the rows of core.db."""
    paths = tuple(dict.fromkeys((Path(CORE), *_dumped(bench))))
    bad = [fault for path in paths if (fault := _fault(data, path))]
    text = "; ".join(bad[:_MOST_TOLD]) or f"every page of {count(len(paths), 'database')} is whole"
    yield Check(name="integrity", passed=not bad, text=text)
    if bad:
        return
    try:
        with copying.opened(data / CORE) as connection:
            seen = copying.look(connection)
    except sqlite3.Error as error:
        yield Check(name="rows", passed=False, text=f"{CORE} cannot be read: {error}.")
        return
    yield staged.same_tables(bench.part.tables, seen.tables)
    yield staged.same("schema", bench.part.schema, seen.schema)


def _fault(data: Path, path: Path) -> str:
    """Return what is wrong with one database, by its name; empty when nothing is."""
    try:
        with copying.opened(data / path, mode="rw") as connection:
            found = copying.faults(connection)
    except sqlite3.Error as error:
        return f"{names.written(path)} cannot be read: {error}"
    return f"{names.written(path)}: {found}" if found else ""


def _looked_over(bench: Bench, data: Path) -> tuple[Check, ...]:
    """Migrate a data folder and let doctor look at it; both by the Vedette that runs this."""
    return (staged.timed(lambda: _migrated(bench, data)), staged.timed(lambda: _doctored(bench, data)))


def _migrated(bench: Bench, data: Path) -> Check:
    done = program.run([sys.executable, *_MIGRATE], tools=bench.tools, env=_environment(data), seconds=600.0)
    return Check(
        name="migrate",
        passed=not done.code,
        text=done.said[-300:] if done.code else "this version of Vedette begins with it",
    )


def _doctored(bench: Bench, data: Path) -> Check:
    done = program.run([sys.executable, *_DOCTOR], tools=bench.tools, env=_environment(data), seconds=300.0)
    try:
        found = msgspec.json.decode(done.out, type=_Looked).findings
    except msgspec.DecodeError:
        return Check(
            name="doctor", passed=False, text=f"It says nothing that can be read: {done.said[-300:]}"
        )
    looked = [one for one in found if one.check in _LOOKS]
    bad = [one.text for one in looked if one.state == "fail"]
    enough = {one.check for one in looked} >= set(_LOOKS)
    text = "; ".join(bad) or (
        "data folder, key file and databases are well" if enough else "it did not look at everything"
    )
    return Check(name="doctor", passed=enough and not bad, text=text)


def _environment(data: Path) -> Mapping[str, str]:
    """The same Vedette as this one, with another data folder and nothing of this one's settings."""
    return {
        "VEDETTE_DATA": str(data),
        "VEDETTE_AGENT": "off",
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        "PYTHONSAFEPATH": "1",
    }


def put_back(settings: msgspec.Struct, bench: Bench, into: Path | None) -> tuple[Check, ...]:
    """Bring the folder back below another with its whole path, or to where it was (None); then Vedette must not run."""
    assert isinstance(settings, Vedette)  # noqa: S101
    home = Path(names.read(_top(bench)))
    if into is None:
        staged.meant((_top(bench),), (settings.data,))
        _emptied(bench, home)
    return (_together(bench, putting_into(into, bench.tools), home.relative_to("/")).check(),)


def _emptied(bench: Bench, home: Path) -> None:
    """See that no Vedette runs there, and remove the logs of databases that are brought back: they belong to the old ones."""
    users = holding.holders(home / CORE)
    if users:
        raise Failed(
            Failure.TARGET_MISSING, f"{home / CORE} is open in {', '.join(users)}: stop Vedette first."
        )
    for path in _dumped(bench):
        for end in ("-wal", "-shm", "-journal"):
            Path(f"{home / path}{end}").unlink(missing_ok=True)


def _together(bench: Bench, putting: Putting, below: PurePath) -> Put:
    """Bring the files to a place, and the copies of databases in among them."""
    source = staged.came_back(bench, _top(bench))
    if source.is_dir():
        putting.bring(source, below)
    for path in _dumped(bench):
        putting.bring(staged.dump_of(bench) / path, below / path)
    return putting.put


def _top(bench: Bench) -> str:
    tops = listed.tops_in(bench.part)
    if len(tops) != 1 or not tops[0].startswith("/"):
        raise Failed(Failure.NOT_PROVEN, "The manifest does not say which data folder was saved.")
    return tops[0]


def _dumped(bench: Bench) -> tuple[Path, ...]:
    folder = staged.dump_of(bench)
    return tuple(
        sorted(p.relative_to(folder) for p in folder.rglob("*") if p.is_file() and not p.is_symlink())
    )


def propose(root: Path) -> tuple[Proposal, ...]:
    """Propose the data folder of a Vedette that was set up as a service."""
    found = []
    for folder in ("var/lib/vedette", "opt/vedette/data", "srv/vedette/data"):
        if (root / folder / CORE).is_file():
            _, size, _ = offering.measured(root / folder)
            what = What(kind=KIND, settings={"data": f"/{folder}"})
            found.append(
                Proposal(
                    what=what,
                    sentence=f"Vedette itself keeps its data in /{folder}, {offering.amount(size)}.",
                    bytes=size,
                )
            )
    return tuple(found)


SOURCE = Source(
    kind=KIND, label="Vedette itself", about="Its data folder, the key file too; a drill lets `vedette doctor` look at the copy.",
    settings=Vedette, gather=gather, prove=prove, put_back=put_back, propose=propose,
)  # fmt: skip
