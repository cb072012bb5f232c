"""Point in time, the whole way: a run, a table dropped by mistake, a drill, and restores to just before, started and counted."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from tests.support.clusters import OWNER, Live, live

from vedette.core import ids
from vedette.core.clock import SystemClock
from vedette.instruments.backup import clusters, drilling, psql, restoring, running
from vedette.instruments.backup.types import Tools
from vedette.instruments.backup.working import Work
from vedette.wire.backup import (
    Aim,
    Assertion,
    BackupRun,
    Copy,
    Drills,
    Failure,
    Keep,
    Plan,
    RestoreRun,
    Stage,
    What,
)

pytestmark = [pytest.mark.deep, pytest.mark.timeout(600)]
ROWS = 810_000
MISTAKE = """
SELECT extract(epoch FROM clock_timestamp());
SELECT pg_sleep(0.01);
BEGIN;
SELECT pg_current_xact_id();
DROP TABLE orders;
COMMIT;
CREATE TABLE after AS SELECT 1 AS id;
SELECT pg_switch_wal();
"""


class Shop(msgspec.Struct, frozen=True):
    """What was saved, and when and by which transaction the table was lost."""

    live: Live
    root: Path
    run: BackupRun
    before: float
    transaction: int

    def work(self) -> Work:
        return work_of(self.live, self.root)

    def restore(self, aim: Aim, into: Path) -> RestoreRun:
        return restoring.restore(self.work(), aim, into=str(into), runs=(self.run,))


def work_of(cluster: Live, root: Path) -> Work:
    known = cluster.repository()
    settings = {"mode": "pitr", "socket": str(cluster.folder), "run_as": OWNER}
    copy = Copy(name="box", engine="pgbackrest", at=known.at, settings=known.settings)
    asserts = (Assertion(name="shop", sql="SELECT count(*) FROM early", database="postgres", value="5"),)
    plan = Plan(
        name="shop", what=(What(kind="postgres", settings=settings),), copies=(copy,), keep=Keep(last=1), drills=Drills(asserts=asserts),
    )  # fmt: skip
    tools = Tools(now=SystemClock().now, state=root, deadline=300.0)
    return Work(id=ids.new_id(), plan=plan, copy=copy, repository=known, tools=tools)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    root = tmp_path_factory.mktemp("state")
    with live() as cluster:
        cluster.sql("CREATE TABLE early AS SELECT generate_series(1, 5) AS id;")
        run = running.run(work_of(cluster, root))
        assert run.stage is Stage.DONE, (run.sentence, run.output)
        cluster.sql(f"CREATE TABLE orders AS SELECT generate_series(1, {ROWS}) AS id;")
        before, _, transaction, *_ = cluster.sql(MISTAKE).split("\n")
        yield Shop(cluster, root, run, float(before), int(transaction))


def counted(into: Path, names: tuple[str, ...], root: Path) -> dict[str, str]:
    """Start what came back, let it recover, and return how many rows each table has; empty for one that is not there."""
    (version,) = into.rglob("base/1/PG_VERSION")
    tools = Tools(now=SystemClock().now, state=root, deadline=120.0)
    look = "CREATE FUNCTION pg_temp.n(t text) RETURNS text LANGUAGE plpgsql AS 'DECLARE n text; BEGIN EXECUTE ''SELECT count(*) FROM '' || t INTO n; RETURN n; END';"
    with clusters.started(version.parents[2], psql.newest_programs(), tools, role="postgres") as reach:
        asked = "".join(
            f"SELECT CASE WHEN to_regclass('{n}') IS NULL THEN '' ELSE pg_temp.n('{n}') END;" for n in names
        )
        return dict(zip(names, psql.script(reach, "postgres", look + asked, tools).split("\n"), strict=False))


def test_a_drill_recovers_to_the_end_of_what_was_archived(shop: Shop) -> None:
    drill = drilling.drill(shop.work(), runs=(shop.run,))
    assert drill.stage is Stage.DONE, (drill.sentence, drill.output)
    assert {check.name for check in drill.checks} >= {
        "postgres: Recovery", "postgres: Databases", "postgres: pg_amcheck", "postgres: Checksums", "postgres: shop", "repository",
    }  # fmt: skip


@pytest.mark.parametrize("to", ["instant", "transaction", "end"])
def test_a_dropped_table_and_all_its_rows_come_back(shop: Shop, to: str, tmp_path: Path) -> None:
    aims = {
        "instant": Aim(before=shop.before), "transaction": Aim(transaction=shop.transaction), "end": Aim(),
    }  # fmt: skip
    back = shop.restore(aims[to], tmp_path / "back")
    assert back.stage is Stage.DONE, (back.sentence, back.output)
    there = counted(tmp_path / "back", ("early", "orders", "after"), shop.root)
    lost, later = ("", "1") if to == "end" else (str(ROWS), "")
    assert there == {"early": "5", "orders": lost, "after": later}


@pytest.mark.parametrize(
    ("aim", "words"),
    [
        (Aim(before=1_700_000_000.0), "nothing older is kept"),
        (Aim(transaction=3), "No backup is older"),
        (Aim(before=SystemClock().now() + 86_400.0), "archive ends"),
        (Aim(transaction=4_000_000), "archive ends"),
    ],
)
def test_what_cannot_be_reached_is_told_and_not_brought_back(
    shop: Shop, aim: Aim, words: str, tmp_path: Path
) -> None:
    back = shop.restore(aim, tmp_path / "back")
    assert (back.stage, back.failure) == (Stage.FAILED, Failure.AIM), back.sentence
    assert words in back.sentence
