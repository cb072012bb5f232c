import os
from pathlib import Path

from vedette.plumbing.disk import DiskWatch


def test_free_space_is_asked_and_remembered_for_a_second(tmp_path: Path) -> None:
    stat = os.statvfs(tmp_path)
    watch = DiskWatch(tmp_path, least=0)
    assert abs(watch.free(100.0) - stat.f_bavail * stat.f_frsize) < 1 << 30
    watch._free = -1
    assert watch.free(100.9) == -1
    assert watch.free(101.0) > 0
    watch._free = -1
    assert watch.free(50.0) > 0


def test_low_compares_with_what_must_stay_free(tmp_path: Path) -> None:
    assert not DiskWatch(tmp_path, least=0).low(1.0)
    assert DiskWatch(tmp_path, least=1 << 60).low(1.0)
