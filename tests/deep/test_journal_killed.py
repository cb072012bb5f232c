"""kill -9 at random moments: every message whose publish was answered is in the journal when it is opened again."""

import random
import subprocess
import sys
from pathlib import Path

import pytest

from vedette.core.clock import SystemClock
from vedette.plumbing.log.sqlite import SqliteEventLog

KILLS = 20
GROUPS = {"errors": frozenset({"event"})}


def run_and_kill(folder: Path, start: int, lines: int) -> list[str]:
    """Run the writer until it has printed some lines, kill it, and return all that it printed."""
    program = [sys.executable, str(Path(__file__).with_name("journal_writer.py")), str(folder), str(start)]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        printed = [process.stdout.readline() for _ in range(lines)]
        process.kill()
        printed += process.stdout.readlines()
    return [line.strip() for line in printed if line.endswith("\n")]


@pytest.mark.deep
@pytest.mark.timeout(600)
def test_no_answered_publish_is_lost(tmp_path: Path) -> None:
    chance = random.Random(20261125)
    answered: dict[int, int] = {}
    done: set[int] = set()
    for kill in range(KILLS):
        for line in run_and_kill(tmp_path, kill * 10_000_000, chance.randint(1, 4000)):
            first, second = line.split()
            if first == "done":
                done.add(int(second))
            else:
                assert int(first) not in answered, "a seq was given out twice"
                answered[int(first)] = int(second)
    log = SqliteEventLog(tmp_path, GROUPS)
    assert log.wait_open(30)
    found: dict[int, bytes] = {}
    while messages := log.pull("errors", 500, SystemClock().now()):
        found.update((m.seq, m.body) for m in messages)
    log.close()
    missing = set(answered) - done - set(found)
    assert not missing
    assert all(found[seq].startswith(b"%d:" % number) for seq, number in answered.items() if seq in found)
    assert len(answered) > 1000
