"""A hook that hangs, hears no signal and started others: it is ended with them, in time, and the run is red."""

import os
from pathlib import Path

import msgspec
import pytest
from tests.support.greens import Place, filled
from tests.support.netns import until

from vedette.core.clock import monotonic
from vedette.instruments.backup import running
from vedette.wire.backup import Failure, Hook, Stage

pytestmark = [pytest.mark.deep, pytest.mark.timeout(120)]
DEAF = "trap '' INT TERM HUP; sleep 300 & echo $$ $! > {note}; while :; do sleep 1; done"


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_hook_that_hears_nothing_is_ended_with_what_it_started(when: str, tmp_path: Path) -> None:
    place, note = Place(tmp_path, "restic"), tmp_path / "note"
    filled(place.folder)
    hook = Hook(run=("/bin/sh", "-c", DEAF.format(note=note)), seconds=1.0)
    work = place.work()
    work = msgspec.structs.replace(work, plan=msgspec.structs.replace(work.plan, **{when: (hook,)}))
    began = monotonic()
    ended = running.run(work)
    assert (ended.stage, ended.failure) == (Stage.FAILED, Failure.HOOK), ended.sentence
    assert "ended after 1 s with all it had started" in ended.sentence
    assert monotonic() - began < 60.0
    pids = [int(pid) for pid in note.read_text().split()]
    assert len(pids) == 2
    assert until(lambda: not any(_runs(pid) for pid in pids))


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
