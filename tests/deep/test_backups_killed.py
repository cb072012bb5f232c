"""kill -9 at 20 moments of a run, of its pruning, of a drill: nothing is called good that is not, and the next run is."""

import contextlib
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.support.greens import Place, filled

from vedette.instruments.backup import breaking, registry
from vedette.instruments.backup.types import Failed
from vedette.wire.backup import BackupRun, Failure, Stage

ENGINES = [kind for kind, engine in registry.engines().items() if not engine.cluster]
MOMENTS = int(os.environ.get("VEDETTE_MOMENTS", "20"))
FIRST = {
    "run": "Looking at paths",
    "prune": "Removing snapshots whose time is over",
    "drill": "Looking for the snapshot",
}
pytestmark = [pytest.mark.deep, pytest.mark.timeout(3_600)]


class Killed:
    """An act that is started again and again, and killed each time a little later."""

    def __init__(self, place: Place, act: str) -> None:
        self.place, self.act = place, act
        self.span = max(0.5, self._let_run())

    def kill(self, moment: int) -> bool:
        """Kill it after a share of its time; tell whether it was still at work."""
        child = self._started()
        time.sleep(self.span * moment / MOMENTS)
        alive = child.poll() is None
        child.kill()
        child.communicate()
        time.sleep(0.1)  # the kernel ends what it had started (PR_SET_PDEATHSIG)
        return alive

    def _let_run(self) -> float:
        child = self._started()
        began = time.monotonic()
        out, _ = child.communicate()
        assert out.strip().splitlines()[-1].startswith("done"), out
        return time.monotonic() - began

    def _started(self) -> "subprocess.Popen[str]":
        """Start it, and return when it has come to its step."""
        (self.place.folder / "deep/new.bin").write_bytes(os.urandom(300_000))
        act = "drill" if self.act == "drill" else "run"
        argv = [sys.executable, "-m", "tests.support.killable", act, str(self.place.root), self.place.engine]
        child = subprocess.Popen(
            argv,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": f"{Path.cwd()}:{Path.cwd()}/src"},
        )
        assert child.stdout is not None
        for line in child.stdout:
            if line.strip() == FIRST[self.act]:
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


@pytest.mark.parametrize("act", FIRST)
@pytest.mark.parametrize("kind", ENGINES)
def test_whatever_is_killed_nothing_is_lost_and_nothing_is_called_good(
    kind: str, act: str, tmp_path: Path
) -> None:
    place = Place(tmp_path, kind)
    filled(place.folder)
    place.good()
    killed = Killed(place, act)
    hit = 0
    for moment in range(1, MOMENTS + 1):
        hit += killed.kill(moment)
        if act == "drill":
            _still_drills(place)
        else:
            good_again(place)
    assert hit >= MOMENTS * 0.6, f"only {hit} of {MOMENTS} fell while it was at work"
    place.good()
    place.assert_whole()
    assert not list((tmp_path / "state/plans/shop").glob("staging/*"))


def _still_drills(place: Place) -> None:
    with contextlib.suppress(Failed):  # a lock whose holder is alive is none of ours: the drill says so
        breaking.unlock(place.work())
    drill = place.drill()
    assert drill.stage is Stage.DONE, (drill.sentence, drill.output)
