"""kill -9 at 20 moments of a run, of its pruning, of a drill: nothing is called good that is not, and the next run is."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from tests.support.clustered import opened
from tests.support.greens import Place
from tests.support.matrix import ENGINES, cells

from vedette.instruments.backup import breaking
from vedette.instruments.backup.types import Failed
from vedette.wire.backup import BackupRun, Failure, Stage

MOMENTS = int(os.environ.get("VEDETTE_MOMENTS", "20"))
FIRST = {
    "run": "Looking at p",  # paths, postgres
    "prune": "Removing snapshots whose time is over",
    "drill": "Looking for the snapshot",
}
pytestmark = [pytest.mark.deep, pytest.mark.timeout(3_600)]


@pytest.fixture
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """Yield what was saved once, and well."""
    with opened(request.param, tmp_path) as made:
        made.note()
        made.good()
        yield made


class Killed:
    """An act that is started again and again, and killed each time a little later."""

    def __init__(self, place: Place, act: str) -> None:
        self.place, self.act, self.hit = place, act, 0
        self.span = max(0.05, self._let_run())

    def kill(self, moment: int) -> bool:
        """Kill it after a share of its time; tell whether it was still at work."""
        child = self._started()
        time.sleep(self.span * (moment - 0.5) / MOMENTS)
        below = psutil.Process(child.pid).children(recursive=True) if child.poll() is None else []
        alive = child.poll() is None
        child.kill()
        child.communicate()
        psutil.wait_procs(below, timeout=30)  # the kernel ends what it had started (PR_SET_PDEATHSIG)
        self.span *= 1.0 if alive else 0.7
        return alive

    def moments(self) -> Iterator[None]:
        """Kill it at as many moments of its work as there shall be."""
        tries = 0
        while self.hit < MOMENTS:
            tries += 1
            assert tries < 3 * MOMENTS, f"only {self.hit} of {tries} fell while it was at work"
            self.hit += self.kill(self.hit + 1)
            yield

    def _let_run(self) -> float:
        child = self._started()
        began = time.monotonic()
        out, _ = child.communicate()
        assert out.strip().splitlines()[-1].startswith("done"), out
        return time.monotonic() - began

    def _started(self) -> "subprocess.Popen[str]":
        """Start it, and return when it has come to its step."""
        self.place.change()
        act = "drill" if self.act == "drill" else "run"
        argv = [sys.executable, "-m", "tests.support.killable", act, str(self.place.root)]
        child = subprocess.Popen(
            argv,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": f"{Path.cwd()}:{Path.cwd()}/src"},
        )
        assert child.stdout is not None
        for line in child.stdout:
            if line.startswith(FIRST[self.act]):
                break
        return child


def good_again(place: Place) -> BackupRun:
    """Return a good run, after the lock was broken where somebody who is proven gone had left one."""
    for _ in range(3):
        ended = place.run()
        if ended.stage is Stage.DONE:
            return ended
        assert ended.failure is Failure.STALE_LOCK, (ended.failure, ended.sentence, ended.output)
        breaking.unlock(place.work())
    raise AssertionError(ended.sentence)


@cells("kill -9 mid-backup", *ENGINES)
def test_a_run_is_killed(place: Place) -> None:
    killed = Killed(place, "run")
    for _ in killed.moments():
        good_again(place)
    _is_well(place)


@cells("kill -9 mid-prune", *ENGINES)
def test_a_run_is_killed_while_it_prunes(place: Place) -> None:
    killed = Killed(place, "prune")
    for _ in killed.moments():
        good_again(place)
    _is_well(place)


@cells("kill -9 mid-drill", *ENGINES)
def test_a_drill_is_killed(place: Place) -> None:
    killed = Killed(place, "drill")
    for _ in killed.moments():
        with contextlib.suppress(Failed):  # a lock whose holder is alive is none of ours: the drill says so
            breaking.unlock(place.work())
        drill = place.drill()
        assert drill.stage is Stage.DONE, (drill.sentence, drill.output)
    _is_well(place)


def _is_well(place: Place) -> None:
    """Nothing is left of the kills, and all of it still comes back."""
    place.good()
    place.assert_whole()
    assert not list((place.root / "state/plans/shop").glob("staging/*"))
