"""Each source with borg: good is green and proven; what is missing, empty or not what it was is red with its word."""

import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import pytest
from tests.support.clusters import OWNER, Live, live
from tests.support.daemons import folder_of, program, running
from tests.support.greens import Place
from tests.support.imitated import DOCKER, MONGOD, MONGODUMP, MONGORESTORE, imitated
from tests.support.ports import free_port

from vedette.instruments.probe.mongodb.bson import encoded
from vedette.wire.backup import BackupRun, DrillRun, Failure, Stage, Table, What

pytestmark = [pytest.mark.deep, pytest.mark.timeout(600)]


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
            _redis(port, "".join(f"SET order:{n} {n}\n" for n in range(100)))
            settings = {"port": port, "file": f"{tmp_path}/dump.rdb"}
            yield Source(
                "redis", settings, {**settings, "port": free_port()}, lambda: _redis(port, "FLUSHALL\n")
            )


def _redis(port: int, said: str) -> None:
    subprocess.run(
        [program("redis-cli"), "-p", str(port)], input=said, text=True, check=True, stdout=subprocess.DEVNULL
    )


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
        yield Source("mongo", {}, {"port": 1}, lambda: orders.write_bytes(b""), programs=programs)


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


@pytest.fixture(params=["sqlite_", "redis", "command", "volumes", "mongo", "postgres"])
def source(request: pytest.FixtureRequest) -> Source:
    found = request.getfixturevalue(request.param)
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


def test_good_is_green_and_proven(place: Place) -> None:
    drill = place.drill()
    assert drill.stage is Stage.DONE, (drill.sentence, drill.output)
    assert drill.checks


def test_missing_is_red(place: Place, source: Source) -> None:
    if callable(source.missing):
        source.missing()
    else:
        place.what = What(kind=source.kind, settings=source.missing)
    assert_red(place.run(), *source.failures)


def test_empty_is_red(place: Place, source: Source) -> None:
    assert source.empty is not None
    source.empty()
    assert_red(place.run(), Failure.SOURCE_EMPTY)


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


def test_a_dump_that_its_own_version_cannot_import_is_red(
    cluster: Live, postgres: Source, tmp_path: Path
) -> None:
    """A check that looks for its table by the search path, which a dump empties: pg_dump is content, pg_restore is not."""
    cluster.sql(
        "CREATE FUNCTION known(int) RETURNS bool LANGUAGE sql AS 'SELECT EXISTS (SELECT FROM orders WHERE id = $1)';"
        "CREATE TABLE parcels (order_id int CHECK (known(order_id))); INSERT INTO parcels VALUES (1);",
        "shop",
    )
    root = tmp_path / "place"
    root.mkdir()
    made = Place(root, "borg", what=What(kind="postgres", settings=postgres.settings))
    made.good()
    drill = made.drill()
    assert_red(drill, Failure.NOT_PROVEN)
    assert "pg_restore" in drill.sentence
    assert shutil.which("pg_restore")
