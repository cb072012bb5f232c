"""What every adapter of the Files port promises."""

import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from found import adapters

from vedette.core.errors import Unavailable
from vedette.plumbing.files.folder import FolderFiles
from vedette.plumbing.files.memory import MemoryFiles
from vedette.plumbing.files.port import Files

NOW = 1_764_072_000.0  # 2025-11-25 12:00
DAY = 86_400.0
Make = Callable[[int], Files]
ADAPTERS = ("FolderFiles", "MemoryFiles")


def test_every_adapter_is_in_the_suite() -> None:
    assert adapters("files", Files) == set(ADAPTERS)


@pytest.fixture(params=ADAPTERS)
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Make:
    if request.param == "MemoryFiles":
        return MemoryFiles
    return lambda most: FolderFiles(tmp_path, most)


def kept(files: Files, body: bytes, now: float = NOW) -> str:
    sheet = files.new(now)
    sheet.write(body)
    return sheet.keep()


def read(files: Files, name: str) -> bytes | None:
    opened = files.open(name)
    if opened is None:
        return None
    with opened:
        return opened.read()


def test_what_is_kept_can_be_read_under_its_day(make: Make) -> None:
    files = make(100)
    name = kept(files, b"one")
    assert name.startswith("2025-11-25/")
    assert read(files, name) == b"one"
    assert files.used() == 3


def test_an_empty_file_is_a_file(make: Make) -> None:
    files = make(100)
    name = files.new(NOW).keep()
    assert read(files, name) == b""


def test_what_is_dropped_is_gone_and_its_room_free(make: Make) -> None:
    files = make(10)
    for finished in (True, False):
        sheet = files.new(NOW)
        sheet.write(memoryview(b"12345678"))
        name = sheet.keep() if finished else ""
        sheet.drop()
        sheet.drop()
        assert read(files, name) is None
        assert files.used() == 0
    kept(files, b"12345678")


def test_beyond_the_budget_nothing_is_taken(make: Make) -> None:
    files = make(10)
    kept(files, b"12345678")
    sheet = files.new(NOW)
    with pytest.raises(Unavailable, match="no room"):
        sheet.write(b"123")
    sheet.drop()
    kept(files, b"12")


def test_deleting_frees_room_and_passes_over_strangers(make: Make) -> None:
    files = make(10)
    name = kept(files, b"1234567890")
    files.delete([name, name, "../../etc/passwd", "2025-11-25/" + "0" * 32])
    assert read(files, name) is None
    kept(files, b"1234567890")


def test_old_days_go(make: Make) -> None:
    files = make(100)
    old, new = kept(files, b"old", NOW - DAY), kept(files, b"new")
    assert files.drop_before("2025-11-25") == ["2025-11-24"]
    assert (read(files, old), read(files, new)) == (None, b"new")
    assert files.drop_before("2025-11-25") == []
    assert files.used() == 3


@pytest.mark.parametrize("name", ["", "../secret.key", "2025-11-25/../../x", "/etc/passwd", "2025-11-25/zz"])
def test_no_name_leads_out_of_the_folder(make: Make, name: str) -> None:
    assert make(10).open(name) is None


DIES = """
import os, sys
from pathlib import Path
from vedette.plumbing.files.folder import FolderFiles
sheet = FolderFiles(Path(sys.argv[1]), 100).new(float(sys.argv[2]))
sheet.write(b"half")
sheet._out.flush()
os._exit(1)
"""


def test_nobody_else_may_read_and_what_a_dead_process_left_goes_with_the_next_start(tmp_path: Path) -> None:
    name = kept(FolderFiles(tmp_path, 100), b"secret")
    assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
    subprocess.run([sys.executable, "-c", DIES, str(tmp_path), str(NOW)], check=False)
    assert [path.read_bytes() for path in tmp_path.rglob("*.part")] == [b"half"]
    assert FolderFiles(tmp_path, 100).used() == 6
    assert list(tmp_path.rglob("*.part")) == []


def test_a_file_that_is_being_written_survives_the_start_of_another_process(tmp_path: Path) -> None:
    sheet = FolderFiles(tmp_path, 100).new(NOW)
    sheet.write(b"first, ")
    other = FolderFiles(tmp_path, 100)
    sheet.write(b"last")
    assert read(other, sheet.keep()) == b"first, last"


def test_a_full_disk_takes_nothing(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="nearly full"):
        FolderFiles(tmp_path, 1 << 62, min_free_disk_bytes=1 << 62).new(NOW).write(b"x")
