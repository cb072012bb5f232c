"""MongoDB: mongodump's files, loaded by mongorestore into a mongod of their own in a drill. Proven with fakes of the programs here."""

import contextlib
import re
import shutil
from collections.abc import Iterator
from pathlib import Path, PurePath
from urllib.parse import quote

import msgspec

from vedette.instruments.backup import program
from vedette.instruments.backup.program import Child
from vedette.instruments.backup.types import Bench, Failed, Gathered, Source, Tools
from vedette.instruments.backup.what import staged
from vedette.instruments.backup.what.apart import apart
from vedette.instruments.backup.what.mongo import documents
from vedette.instruments.backup.what.putting import putting_into
from vedette.wire.backup import Check, Failure, Proposal, Sampled, Table, What

KIND = "mongo"
_DUMPED = re.compile(r"done dumping (\S+) \((\d+) documents?\)")
_LOADED = re.compile(r"(\d+) document\(s\) restored successfully\. (\d+) document\(s\) failed")
_OWN = ("admin.", "config.", "local.")
_LOOK, _MOST_FILES = 0.1, 200


class Mongo(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A MongoDB at a host and port. `password_file` holds the password in its first line; `databases` (none: all) are saved.

    `oplog` saves what is written meanwhile, too (replica sets): then all is of one moment.
    """

    host: str = "127.0.0.1"
    port: int = 27017
    user: str = ""
    password_file: str = ""
    auth_database: str = "admin"
    tls: bool = False
    database: str = ""
    oplog: bool = False
    may_be_empty: bool = False


def gather(settings: msgspec.Struct, staging: Path, tools: Tools) -> Gathered:
    """Dump; raises SOURCE_MISSING, SOURCE_EMPTY, PARTIAL where the dump holds other than mongodump says."""
    assert isinstance(settings, Mongo)  # noqa: S101 - the registry made it
    dump = staging / "dump"
    dump.mkdir(mode=0o700)
    staged.told(tools, "mongodump is at work")
    done = _dumped(settings, dump, tools)
    if done.code:
        raise Failed(
            Failure.SOURCE_MISSING, f"mongodump ended with {done.code}: {done.said[-200:]}", done.said
        )
    tables = _counted(dump, done.said)
    if not settings.may_be_empty and not any(
        table.rows for table in tables if not table.name.startswith(_OWN)
    ):
        raise Failed(
            Failure.SOURCE_EMPTY, f"MongoDB at {settings.host}:{settings.port} holds no document.", done.said
        )
    part = staged.part_of(KIND, dump, {}, tables)
    return Gathered(part=msgspec.structs.replace(part, samples=_hashed(dump)), steady=(dump,))


def _dumped(settings: Mongo, dump: Path, tools: Tools) -> program.Done:
    words = ["mongodump", "--host", settings.host, "--port", str(settings.port), "--out", str(dump)]
    words += ["--db", settings.database] if settings.database else []
    words += ["--oplog"] if settings.oplog else []
    words += ["--ssl"] if settings.tls else []
    with program.private(tools) as folder:
        if settings.user:
            password = staged.secret_in(settings.password_file)
            conf = program.keep_secret(
                folder, "conf", f"password: {msgspec.json.encode(password).decode()}\n"
            )
            words += [
                "--username",
                settings.user,
                "--authenticationDatabase",
                settings.auth_database,
                "--config",
                str(conf),
            ]
        return program.run(words, tools=tools)


def _counted(dump: Path, said: str) -> tuple[Table, ...]:
    """Return the collections of the dump; what mongodump says of each must lie there."""
    try:
        tables = documents.counted(dump)
    except ValueError as error:
        raise Failed(Failure.PARTIAL, f"mongodump's files are not whole: {error}.", said) from None
    there = {table.name: table.rows for table in tables}
    for name, count in _DUMPED.findall(said):
        if there.get(name, 0) != int(count):
            raise Failed(
                Failure.PARTIAL,
                f"mongodump says {count} documents of {name}, and {there.get(name, 0)} are there.",
                said,
            )
    return tables


def _hashed(dump: Path) -> tuple[Sampled, ...]:
    files = sorted(path for path in dump.rglob("*") if path.is_file())[:_MOST_FILES]
    return tuple(
        Sampled(str(path.relative_to(dump)), path.stat().st_size, staged.sha256(path)) for path in files
    )


def prove(settings: msgspec.Struct, bench: Bench) -> tuple[Check, ...]:
    """Compare the dump with its hashes, count its documents, and load it into a mongod of its own."""
    del settings
    try:
        dump = staged.dump_of(bench)
        same = staged.same("content", bench.part.samples, _hashed(dump))
        rows = staged.same_tables(bench.part.tables, documents.counted(dump))
    except (Failed, OSError, ValueError) as error:
        return (Check(name="content", passed=False, text=f"{error}"),)
    return (same, rows, staged.timed(lambda: _loaded(bench, dump)))


def _loaded(bench: Bench, dump: Path) -> Check:
    want = sum(table.rows for table in bench.part.tables if not table.name.startswith(_OWN))
    with _server(bench.tools) as socket:
        done = program.run(
            ["mongorestore", f"--uri=mongodb://{quote(socket, safe='')}/", "--dir", dump], tools=bench.tools
        )
    found = _LOADED.search(done.said)
    count, failed = (int(found[1]), int(found[2])) if found else (0, 0)
    good = not done.code and not failed and count >= want
    text = f"{count} documents were loaded, {failed} were refused; {want} were saved"
    return Check(name="loaded", passed=good, text=f"{text}{'' if good else f': {done.said[-200:]}'}.")


@contextlib.contextmanager
def _server(tools: Tools) -> Iterator[str]:
    """Run a mongod that listens on a socket of its own and belongs to nobody; yield the socket."""
    with apart() as place:
        data, socket = place.folder / "data", str(place.folder / "mongodb.sock")
        data.mkdir(mode=0o700)
        place.own(data)
        argv = ["mongod", "--dbpath", str(data), "--bind_ip", socket, "--wiredTigerCacheSizeGB", "0.25"]
        with program.running(argv, tools=tools, log=place.folder / "log", user=place.user) as child:
            _await(child, Path(socket), place.folder / "log", tools)
            yield socket


def _await(child: Child, socket: Path, log: Path, tools: Tools) -> None:
    for _ in range(int(min(tools.deadline, 60.0) / _LOOK)):
        if socket.exists():
            return
        if child.wait(_LOOK):
            said = log.read_text(errors="replace")[-400:]
            raise Failed(Failure.ENGINE, f"mongod does not start: {' '.join(said.split())}", said)
    raise Failed(Failure.TIMEOUT, "mongod did not start in time.")


def put_back(settings: msgspec.Struct, bench: Bench, into: Path | None) -> tuple[Check, ...]:
    """Bring the dump into a folder, for mongorestore (None is refused: which collections it takes the place of is a person's word)."""
    del settings
    if into is None:
        raise Failed(
            Failure.TARGET_MISSING,
            "Name a folder; then `mongorestore --drop --dir FOLDER/dump` loads it over what is there.",
        )
    putting = putting_into(into, bench.tools)
    putting.bring(staged.dump_of(bench), PurePath("dump"))
    return (putting.put.check(),)


def propose(root: Path) -> tuple[Proposal, ...]:
    """Propose a MongoDB that was set up by a package."""
    if not (root / "etc/mongod.conf").is_file():
        return ()
    missing = "" if shutil.which("mongodump") else " mongodump is not installed."
    return (Proposal(what=What(kind=KIND), sentence=f"MongoDB is set up by /etc/mongod.conf.{missing}"),)


SOURCE = Source(
    kind=KIND, label="MongoDB", about="mongodump's files; a drill counts their documents and loads them into a mongod of its own.",
    settings=Mongo, gather=gather, prove=prove, put_back=put_back, propose=propose,
)  # fmt: skip
