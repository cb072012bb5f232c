"""Rolling samples: each drill proves a part of a huge set, all of it comes round, and what failed is not called proven."""

import os
from pathlib import Path

import msgspec
import pytest
from tests.support.backups import NOW, Vault, plan_of, work_of

from vedette.core.clock import ManualClock
from vedette.instruments.backup import drilling, running
from vedette.instruments.backup.what.paths.source import SOURCE as PATHS
from vedette.instruments.backup.working import Work
from vedette.wire.backup import DAY, BackupRun, DrillRun, Drills, Stage, What

SIZE, FILES = 1_000, 12


class Huge:
    """A folder of which each drill restores a part."""

    def __init__(self, tmp_path: Path) -> None:
        self.state, self.vault, self.clock = tmp_path / "state", Vault(), ManualClock(NOW)
        self.folder = tmp_path / "huge"
        for number in range(FILES):
            path = self.folder / f"{number % 4}" / f"{number}.bin"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(bytes([number + 1]) * SIZE)
            os.utime(path, (NOW - DAY, NOW - DAY))
        what = What(kind="paths", settings={"paths": [str(self.folder)]})
        self.plan = plan_of(self.folder, what=(what,), drills=Drills(sample=3_000, whole_days=30))
        self.run: BackupRun = running.run(self.work())
        assert self.run.stage is Stage.DONE, self.run.sentence
        self.past: list[DrillRun] = []

    def work(self) -> Work:
        made = work_of(self.state, self.vault, self.plan, clock=self.clock)
        return msgspec.structs.replace(made, sources={"paths": PATHS})

    def drill(self) -> DrillRun:
        self.clock.forward(7 * DAY)
        made = drilling.drill(self.work(), runs=(self.run,), past=tuple(reversed(self.past)))
        self.past.append(made)
        return made


@pytest.fixture
def huge(tmp_path: Path) -> Huge:
    return Huge(tmp_path)


def test_all_of_it_comes_round(huge: Huge) -> None:
    drills = [huge.drill() for _ in range(4)]
    assert all(one.stage is Stage.DONE for one in drills), [one.sentence for one in drills]
    assert [round(one.coverage, 2) for one in drills] == [0.25, 0.5, 0.75, 1.0]
    assert all(one.share == 0.25 for one in drills)
    assert "25% of all; 100% was proven within 30 days" in drills[-1].sentence


def test_the_next_round_takes_the_oldest_again(huge: Huge) -> None:
    covered = [huge.drill().coverage for _ in range(6)]
    assert covered[4:] == [1.0, 1.0]


def test_what_failed_is_not_proven(huge: Huge) -> None:
    kept = huge.vault.shelf().kept[huge.run.snapshot]
    good = dict(kept.files)
    kept.files = {name: body[:-1] if name.endswith(".bin") else body for name, body in good.items()}
    assert huge.drill().stage is Stage.FAILED
    kept.files = good
    assert huge.drill().coverage == 0.25
