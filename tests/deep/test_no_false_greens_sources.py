"""Each source with borg: good is green and proven; what is missing, empty or not what it was is red with its word."""

import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import pytest
from tests.deep.conftest import PLANTED
from tests.e2e.conftest import Template
from tests.support.clusters import OWNER, Live, live, tools_in
from tests.support.daemons import folder_of, program, running
from tests.support.greens import Place, filled
from tests.support.imitated import DOCKER, MONGOD, MONGODUMP, MONGORESTORE, imitated
from tests.support.matrix import SOURCES, cells
from tests.support.ports import free_port

from vedette.instruments.backup.what.mysql import throwaway
from vedette.instruments.backup.what.mysql.client import script
from vedette.instruments.probe.mongodb.bson import encoded
from vedette.wire.backup import BackupRun, DrillRun, Failure, Stage, Table, What

pytestmark = [pytest.mark.deep, pytest.mark.timeout(600), pytest.mark.usefixtures("unheard")]


@dataclass
class Source:
    """A source as a plan names it, and what makes it missing and empty."""

    kind: str
    settings: Mapping[str, object]
    missing: Callable[[], None] | Mapping[str, object]
    empty: Callable[[], None] | None = None
    failures: tuple[Failure, ...] = (Failure.SOURCE_MISSING,)
    programs: dict[str, Path] = field(default_factory=dict)


@pytest.fixture
def sqlite_(tmp_path: Path) -> Source:
    path = tmp_path / "shop.db"
    _sqlite(path, "CREATE TABLE orders (id INTEGER PRIMARY KEY); INSERT INTO orders VALUES (1), (2), (3);")
    return Source("sqlite", {"paths": [str(path)]}, path.unlink, lambda: _sqlite(path, "DELETE FROM orders;"))


def _sqlite(path: Path, script: str) -> None:
    connection = sqlite3.connect(path)
    connection.executescript(script)
    connection.close()


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Source]:
    port = free_port()
    with folder_of("nobody") as folder:
        words = ["--port", str(port), "--save", "", "--repl-diskless-sync-delay", "0", "--dir", str(folder)]
        with running([program("redis-server"), *words], folder, [port], owner="nobody"):
            orders = "".join(f"SET order:{n} {n}\n" for n in range(100))
            _redis(port, f"{orders}CONFIG SET requirepass {PLANTED}\n")
            settings = {"port": port, "password_file": _planted(tmp_path), "file": f"{tmp_path}/dump.rdb"}
            missing = {**settings, "port": free_port()}
            yield Source("redis", settings, missing, lambda: _redis(port, f"AUTH {PLANTED}\nFLUSHALL\n"))


def _redis(port: int, said: str) -> None:
    words = [program("redis-cli"), "-p", str(port)]
    subprocess.run(words, input=said, text=True, check=True, stdout=subprocess.DEVNULL)


def _planted(folder: Path, text: str = PLANTED) -> str:
    """Return a file with the password of a source."""
    path = folder / "planted"
    path.write_text(text)
    path.chmod(0o600)
    return str(path)


@pytest.fixture
def command(tmp_path: Path) -> Source:
    told = tmp_path / "told"
    told.write_text("42 orders\n")
    settings = {"run": ["/bin/cat", str(told)]}
    failures = (Failure.SOURCE_MISSING, Failure.PARTIAL, Failure.HOOK, Failure.ENGINE)
    return Source("command", settings, told.unlink, lambda: told.write_text(""), failures)


@pytest.fixture
def volumes(tmp_path: Path) -> Source:
    data = tmp_path / "docker/volumes/shop/_data"
    data.mkdir(parents=True)
    (data / "file").write_text("hello")
    programs = imitated(tmp_path / "docker", docker=DOCKER)
    settings = {"volumes": ["shop"]}
    return Source("volumes", settings, {"volumes": ["none"]}, (data / "file").unlink, programs=programs)


@pytest.fixture
def mongo(tmp_path: Path) -> Iterator[Source]:
    with folder_of("nobody") as folder:
        for database in ("shop", "admin"):
            (folder / "mongo" / database).mkdir(parents=True)
        orders = folder / "mongo/shop/orders.bson"
        orders.write_bytes(b"".join(encoded({"n": n}) for n in range(50)))
        (folder / "mongo/admin/system.version.bson").write_bytes(encoded({"v": 1}))
        programs = imitated(folder, mongodump=MONGODUMP, mongod=MONGOD, mongorestore=MONGORESTORE)
        settings = {"user": "backup", "password_file": _planted(tmp_path)}
        yield Source(
            "mongo", settings, {**settings, "port": 1}, lambda: orders.write_bytes(b""), programs=programs
        )


@pytest.fixture
def cluster() -> Iterator[Live]:
    with live() as found:
        found.sql("CREATE DATABASE shop;")
        found.sql(
            "CREATE TABLE orders (id int PRIMARY KEY); INSERT INTO orders SELECT generate_series(1, 500);",
            "shop",
        )
        yield found


@pytest.fixture
def postgres(cluster: Live) -> Source:
    settings = {"databases": ["shop"], "socket": str(cluster.folder), "run_as": OWNER}
    return Source(
        "postgres", settings, {**settings, "databases": ["ship"]}, lambda: _sql(cluster, "TRUNCATE orders;")
    )


def _sql(cluster: Live, text: str) -> None:
    cluster.sql(text, "shop")


@pytest.fixture
def mysql(tmp_path: Path) -> Iterator[Source]:
    bench = tmp_path / "mysql"
    bench.mkdir()
    with throwaway.fresh(bench, tools_in(tmp_path)) as access:

        def sql(text: str) -> None:
            script(access, text, tools_in(tmp_path))

        sql(
            "CREATE DATABASE shop; CREATE TABLE shop.orders (id int PRIMARY KEY); INSERT INTO shop.orders VALUES (1), (2);"
        )
        sql(f"CREATE USER saver@localhost IDENTIFIED BY '{PLANTED}'; GRANT ALL ON *.* TO saver@localhost;")
        options = _planted(tmp_path, f"[client]\npassword={PLANTED}\n")
        settings = {"databases": ["shop"], "socket": access.place, "user": "saver", "defaults_file": options}
        missing = {**settings, "databases": ["ship"]}
        yield Source("mysql", settings, missing, lambda: sql("DELETE FROM shop.orders;"))


@pytest.fixture
def paths(tmp_path: Path) -> Source:
    folder = filled(tmp_path / "shop")

    def hollow() -> None:
        shutil.rmtree(folder)
        folder.mkdir()

    return Source("paths", {"paths": [str(folder)]}, lambda: shutil.rmtree(folder), hollow)


@pytest.fixture
def vedette(tmp_path: Path, template: Template) -> Source:
    data = tmp_path / "vedette"
    for folder in (data, data / "telemetry", data / "attachments"):
        folder.mkdir(mode=0o700)
    shutil.copy2(template.core_db, data)
    shutil.copy2(template.core_db.with_name("secret.key"), data)
    core = data / "core.db"

    def hollow() -> None:
        core.unlink()
        core.touch(mode=0o600)

    return Source("vedette", {"data": str(data)}, core.unlink, hollow)


FIXTURES = {"sqlite": "sqlite_"}  # whose name is a module's here


@pytest.fixture
def source(request: pytest.FixtureRequest) -> Source:
    found = request.getfixturevalue(FIXTURES.get(request.param, request.param))
    assert isinstance(found, Source)
    return found


@pytest.fixture
def place(source: Source, tmp_path: Path) -> Place:
    root = tmp_path / "place"
    root.mkdir()
    what = What(kind=source.kind, settings=source.settings)
    made = Place(root, "borg", what=what, programs=source.programs)
    made.good()
    return made


def assert_red(ended: BackupRun | DrillRun, *failures: Failure) -> None:
    assert ended.stage is Stage.FAILED, ended.sentence
    assert ended.failure in failures, (ended.failure, ended.sentence, ended.output)


@cells("good", *SOURCES, fixture="source")
def test_good_is_green_and_proven(place: Place, source: Source) -> None:
    drill = place.drill()
    assert drill.stage is Stage.DONE, (drill.sentence, drill.output)
    assert drill.checks
    back = place.restore(place.root / "back")
    assert back.stage is Stage.DONE, (source.kind, back.sentence, back.output)


@cells("missing", *SOURCES, fixture="source")
def test_missing_is_red(place: Place, source: Source) -> None:
    if callable(source.missing):
        source.missing()
    else:
        place.what = What(kind=source.kind, settings=source.missing)
    assert_red(place.run(), *source.failures)


@cells("empty", *SOURCES, fixture="source")
def test_empty_is_red(place: Place, source: Source) -> None:
    assert source.empty is not None
    source.empty()
    assert_red(place.run(), Failure.SOURCE_EMPTY)


@cells("not what it was", *SOURCES, fixture="source")
def test_what_is_not_as_it_was_is_red(place: Place) -> None:
    """The witness of the run says something else than what comes back: a row more, a byte more, another hash."""
    run = place.runs[-1]
    assert run.manifest is not None
    part = run.manifest.parts[0]
    other = msgspec.structs.replace(
        part, bytes=part.bytes + 1, files=part.files + 1, names="0" * 64,
        tables=tuple(Table(table.name, table.rows + 1) for table in part.tables),
        samples=tuple(msgspec.structs.replace(one, sha256="0" * 64) for one in part.samples),
        facts={name: "0" * 64 if "sha256" in name else value for name, value in part.facts.items()},
    )  # fmt: skip
    place.runs[-1] = msgspec.structs.replace(
        run, manifest=msgspec.structs.replace(run.manifest, parts=(other,))
    )
    assert_red(place.drill(), Failure.NOT_PROVEN)
