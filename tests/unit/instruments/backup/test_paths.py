"""Files and folders: what is listed when they are saved, what a drill finds, and how they are put back."""

import os
import socket
import subprocess
from pathlib import Path

import msgspec
import pytest
from tests.support.saved import Saved, told

from vedette.core import names
from vedette.instruments.backup.what.paths.listing import FILE, FOLDER, LINK, Line, line_of


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Return a folder with everything a file system can hold."""
    folder = tmp_path / "shop"
    (folder / "uploads" / "deep").mkdir(parents=True)
    (folder / "index.html").write_text("<h1>shop</h1>")
    (folder / "uploads" / "deep" / "a").write_bytes(os.urandom(5_000))
    os.link(folder / "index.html", folder / "uploads" / "same.html")
    (folder / "current").symlink_to("uploads/deep")
    (folder / "loop").symlink_to("loop")
    (folder / "line\nbreak").write_text("1")
    Path(os.fsdecode(os.fsencode(folder) + b"/latin-\xe9-100%")).write_text("2")
    with (folder / "sparse").open("wb") as file:
        file.seek(30 << 20)
        file.write(b"end")
    os.setxattr(folder / "index.html", "user.note", b"precious")
    subprocess.run(["setfacl", "-m", "u:nobody:r", folder / "uploads" / "deep" / "a"], check=True)
    os.mkfifo(folder / "pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        os.chdir(folder)
        listening.bind("socket")
        os.chdir("/")
    (folder / "script").write_text("#!/bin/sh\n")
    (folder / "script").chmod(0o4755)
    for path in folder.rglob("*"):
        if not path.is_symlink() and path.is_file():
            os.utime(path, (1_700_000_000, 1_700_000_000))
    return folder


@pytest.fixture
def saved(tmp_path: Path, shop: Path) -> Saved:
    return Saved(tmp_path, "paths", {"paths": [str(shop)], "excludes": ["*.tmp"]})


def seen(folder: Path) -> list[tuple[str, Line, bytes]]:
    """Return all there is of a folder's files, folders and links, by their names in it."""
    found = []
    for path in sorted(folder.rglob("*")):
        line = line_of(str(path), path.lstat())
        if line.kind in {FILE, FOLDER, LINK}:
            content = path.read_bytes() if line.kind == FILE else b""
            same = msgspec.structs.replace(line, name="", more=line.more if line.kind == LINK else "")
            found.append((names.written(path.relative_to(folder)), same, content))
    return found


def test_everything_is_counted_and_comes_back_as_it_was(saved: Saved) -> None:
    gathered = saved.save()
    part = gathered.part
    assert (part.files, part.bytes, part.facts["links"], part.facts["left_out"]) == (
        7,
        13 + 13 + 5_000 + 1 + 1 + 10 + (30 << 20) + 3,
        "2",
        "2",
    )
    assert len(part.samples) == 6  # the sparse one is more than may be read twice
    checks = saved.prove(gathered)
    assert not told(checks)
    assert list(checks) == ["files", "rights", "links", "content"]


def test_what_is_put_back_is_the_same_to_the_last_attribute(saved: Saved, shop: Path, tmp_path: Path) -> None:
    gathered = saved.save()
    into = tmp_path / "back"
    (check,) = saved.put_back(gathered, into)
    assert check.passed, check.text
    there = into / shop.relative_to("/")
    assert (there / "index.html").samefile(there / "uploads" / "same.html")
    assert (there / "sparse").stat().st_blocks < 1_000
    assert seen(there) == seen(shop)
    (again,) = saved.put_back(gathered, into)
    assert again.text.startswith("3 files")  # links are written again, soft and hard
