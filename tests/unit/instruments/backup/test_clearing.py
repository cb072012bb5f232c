"""What a repository put into a folder of ours goes, whatever it is."""

import os
from pathlib import Path

import pytest

from vedette.instruments.backup import counting
from vedette.instruments.backup.clearing import clear

DEEP = 3_000  # folders in one another: more than calls in one another, or files open at once


def test_a_folder_goes_with_all_in_it_and_nothing_else(tmp_path: Path) -> None:
    folder, other = tmp_path / "ours", tmp_path / "theirs"
    (folder / "a" / "b").mkdir(parents=True)
    other.mkdir()
    (other / "kept").write_text("x")
    (folder / "a" / "file").write_text("x")
    (folder / "a" / "b" / "away").symlink_to(other)
    (folder / ".vedette-cleared-0").mkdir()
    (folder / ".vedette-cleared-0" / "file").write_text("x")
    (folder / ".vedette-cleared-1").write_text("x")
    os.mkfifo(folder / "pipe")
    clear(folder)
    assert not folder.exists()
    assert (other / "kept").read_text() == "x"


def test_a_thousand_folders_in_one_another_go(tmp_path: Path) -> None:
    folder = tmp_path / "ours"
    folder.mkdir()
    handle = os.open(folder, os.O_RDONLY)
    for _ in range(DEEP):
        os.mkdir("in", dir_fd=handle)
        inner = os.open("in", os.O_RDONLY, dir_fd=handle)
        os.close(handle)
        handle = inner
    os.close(handle)
    clear(folder)
    assert not folder.exists()


def test_what_is_no_folder_stays(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "link").symlink_to("there")
    (tmp_path / "file").write_text("x")
    for name in ("link", "file", "none"):
        clear(tmp_path / name)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "link", "there"]


def test_a_name_that_counts_is_found(tmp_path: Path) -> None:
    assert not counting.holds(tmp_path)
    (tmp_path / ".ours").touch()
    assert counting.holds(tmp_path)
    assert not counting.holds(tmp_path, lambda name: name != ".ours")
    with pytest.raises(NotADirectoryError):
        counting.holds(tmp_path / ".ours")
