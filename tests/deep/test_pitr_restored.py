"""Point in time, the whole way: a run, a table dropped by mistake, a drill, and a restore to just before."""

from pathlib import Path

import pytest
from tests.support.clusters import OWNER, live

from vedette.core.clock import SystemClock
from vedette.instruments.backup import drilling, restoring, running
from vedette.instruments.backup.types import Tools
from vedette.instruments.backup.working import Work
from vedette.wire.backup import Aim, Copy, Keep, Plan, Stage, What

pytestmark = [pytest.mark.deep, pytest.mark.timeout(600)]
ROWS = 810_000


def test_a_dropped_table_and_all_its_rows_come_back(tmp_path: Path) -> None:
    with live() as cluster:
        cluster.sql(f"CREATE TABLE orders AS SELECT generate_series(1, {ROWS}) AS id;")
        known = cluster.repository()
        what = What(
            kind="postgres", settings={"mode": "pitr", "socket": str(cluster.folder), "run_as": OWNER}
        )
        copy = Copy(name="box", engine="pgbackrest", at=known.at, settings=known.settings)
        plan = Plan(name="shop", what=(what,), copies=(copy,), keep=Keep(last=1))
        state = tmp_path / "state"
        state.mkdir(mode=0o700)
        work = Work(
            id="1" * 32, plan=plan, copy=copy, repository=known,
            tools=Tools(now=SystemClock().now, state=state, deadline=300.0),
        )  # fmt: skip
        run = running.run(work)
        assert run.stage is Stage.DONE, (run.sentence, run.output)
        cluster.sql("CREATE TABLE later AS SELECT 1 AS id;")
        before = SystemClock().now()
        cluster.sql("SELECT pg_sleep(1.1);")
        cluster.sql("DROP TABLE orders;")
        cluster.sql("SELECT pg_switch_wal(); CHECKPOINT;")
        drill = drilling.drill(work, runs=(run,))
        assert drill.stage is Stage.DONE, (drill.sentence, drill.output)
        back = restoring.restore(work, Aim(before=before + 1.0), into=str(tmp_path / "back"), runs=(run,))
        assert back.stage is Stage.DONE, (back.sentence, back.output)
        assert list((tmp_path / "back").rglob("PG_VERSION"))
