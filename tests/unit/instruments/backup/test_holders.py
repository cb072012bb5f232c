"""Whether the holder of a lock works: one that ended is gone, though nobody has asked for its end yet."""

import os
import socket
import subprocess

from tests.support.netns import until

from vedette.instruments.backup import holders
from vedette.instruments.backup.types import Held


def held(pid: int) -> Held:
    return Held(host=socket.gethostname(), pid=pid, since=None, text=f"process {pid}", boot=holders.boot())


def test_who_works_is_not_gone() -> None:
    assert not holders.judged(held(os.getpid())).gone


def test_who_ended_and_is_left_as_a_zombie_is_gone() -> None:
    child = subprocess.Popen(["/bin/true"])
    try:
        assert until(lambda: holders.judged(held(child.pid)).gone)
    finally:
        child.wait()
    assert holders.judged(held(child.pid)).gone
