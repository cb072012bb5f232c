"""Files are brought back into a target that somebody prepared, or that is ended in the middle, or full: never outside of it."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path, PurePath

import msgspec
import pytest
from tests.support.saved import Saved

from vedette.core.clock import SystemClock
from vedette.instruments.backup.types import Failed, Tools
from vedette.instruments.backup.what.putting import Putting
from vedette.wire.backup import Failure, Progress


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Return a folder as an engine brought it back."""
    folder = tmp_path / "root" / "shop"
    (folder / "uploads" / "deep").mkdir(parents=True)
    (folder / "uploads" / "deep" / "file").write_text("from the backup")
    (folder / "index").write_text("from the backup")
    os.link(folder / "index", folder / "uploads" / "same")
    return folder


@pytest.fixture
def outside(tmp_path: Path) -> Iterator[Path]:
    """Yield a folder beside the target; it must be as it was at the end."""
    folder = tmp_path / "outside"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "file").write_text("mine")
    (folder / "index").write_text("mine")
    folder.chmod(0o750)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    yield folder
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    assert sorted(path.name for path in folder.rglob("*")) == ["deep", "file", "index"]
    assert folder.stat().st_mode & 0o777 == 0o750


def putting(tmp_path: Path, *, live: bool = True) -> Putting:
    (tmp_path / "into").mkdir(exist_ok=True)
    return Putting(tmp_path / "into", Tools(now=SystemClock().now, state=tmp_path), live=live)


def test_a_link_in_the_target_is_not_followed(tmp_path: Path, source: Path, outside: Path) -> None:
    one = putting(tmp_path)
    (tmp_path / "into" / "shop").mkdir()
    (tmp_path / "into" / "shop" / "uploads").symlink_to(outside)
    (tmp_path / "into" / "shop" / "index").symlink_to(outside / "index")
    one.bring(source, PurePath("shop"))
    check = one.put.check()
    assert not check.passed
    assert (
        "shop/uploads is a link in the target, which is not followed" in check.text
        or "something else in the target" in check.text
    )
    assert (tmp_path / "into" / "shop" / "index").read_text() == "from the backup"
    assert not (tmp_path / "into" / "shop" / "index").is_symlink()


def test_a_link_on_the_way_is_not_followed(tmp_path: Path, source: Path, outside: Path) -> None:
    (tmp_path / "into").mkdir()
    (tmp_path / "into" / "srv").symlink_to(outside)
    with pytest.raises(Failed) as caught:
        putting(tmp_path).bring(source, PurePath("srv/shop"))
    assert caught.value.failure is Failure.TARGET_MISSING


@pytest.mark.parametrize("below", ["../outside", "/etc", ".", "a/../../outside"])
def test_a_path_that_leads_out_is_refused(tmp_path: Path, source: Path, outside: Path, below: str) -> None:
    with pytest.raises(Failed):
        putting(tmp_path).bring(source, PurePath(below))


def test_what_a_repository_calls_a_folder_and_is_a_link_is_brought_as_a_link(
    tmp_path: Path, source: Path, outside: Path
) -> None:
    (source / "uploads" / "deep" / "file").unlink()
    (source / "uploads" / "deep").rmdir()
    (source / "uploads" / "deep").symlink_to(outside)
    one = putting(tmp_path)
    one.bring(source, PurePath("shop"))
    assert (tmp_path / "into" / "shop" / "uploads" / "deep").readlink() == outside


def test_a_link_that_is_put_there_meanwhile_is_not_followed(
    tmp_path: Path, source: Path, outside: Path
) -> None:
    """Whoever may write in the target turns a folder into a link between two files: the hard link would be made outside."""
    one = putting(tmp_path)
    one.bring(source / "uploads", PurePath("shop/uploads"))
    before = tmp_path / "into" / "shop"
    before.rename(tmp_path / "away")
    (tmp_path / "into" / "shop").symlink_to(outside)
    with pytest.raises(Failed):
        one.bring(source / "index", PurePath("shop/index"))


def test_a_file_where_a_folder_is_and_a_folder_where_a_file_is_stay(tmp_path: Path, source: Path) -> None:
    one = putting(tmp_path)
    (tmp_path / "into" / "shop" / "index").mkdir(parents=True)
    (tmp_path / "into" / "shop" / "uploads").write_text("a file")
    one.bring(source, PurePath("shop"))
    assert one.put.left == 2
    assert (tmp_path / "into" / "shop" / "uploads").read_text() == "a file"


def test_over_live_data_only_what_is_the_same_to_the_last_byte_stays(tmp_path: Path, source: Path) -> None:
    one = putting(tmp_path)
    one.bring(source, PurePath("shop"))
    file = tmp_path / "into" / "shop" / "uploads" / "deep" / "file"
    found = file.stat()
    file.write_text("from a burglar!")
    os.utime(file, ns=(found.st_atime_ns, found.st_mtime_ns))
    again = putting(tmp_path)
    again.bring(source, PurePath("shop"))
    assert file.read_text() == "from the backup"
    (tmp_path / "into" / "shop" / "extra").write_text("of today")
    putting(tmp_path).bring(source, PurePath("shop"))
    assert (tmp_path / "into" / "shop" / "extra").exists()


def test_an_ended_restore_goes_on_and_leaves_no_half_file(tmp_path: Path) -> None:
    shop = tmp_path / "shop"
    shop.mkdir()
    for number in range(1_200):
        (shop / f"{number}").write_text(f"{number}")
    saved = Saved(tmp_path / "world", "paths", {"paths": [str(shop)]})
    gathered = saved.save()

    def ended(progress: Progress) -> None:
        if progress.files == 1_000:
            raise Failed(Failure.INTERRUPTED, "killed")

    bench = msgspec.structs.replace(
        saved.bench(gathered), tools=msgspec.structs.replace(saved.tools, tell=ended)
    )
    into = tmp_path / "into"
    with pytest.raises(Failed):
        saved.source.put_back(saved.settings, bench, into)
    (check,) = saved.put_back(gathered, into)
    assert check.text.startswith("200 files") or check.text.startswith("201 files")
    there = into / shop.relative_to("/")
    assert {path.name: path.read_text() for path in there.iterdir()} == {f"{n}": f"{n}" for n in range(1_200)}


@pytest.mark.skipif(os.geteuid() != 0, reason="root alone may mount")
def test_a_full_target_is_told(tmp_path: Path, source: Path) -> None:
    (tmp_path / "into").mkdir()
    (source / "large").write_bytes(b"x" * 2_000_000)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", tmp_path / "into"], check=True)
    try:
        with pytest.raises(Failed) as caught:
            putting(tmp_path).bring(source, PurePath("shop"))
    finally:
        subprocess.run(["umount", tmp_path / "into"], check=True)
    assert caught.value.failure is Failure.TARGET_FULL


def test_too_deep_a_tree_is_told(tmp_path: Path, source: Path) -> None:
    deep = source
    handle = os.open(deep, os.O_RDONLY)
    for _ in range(420):
        os.mkdir("d", dir_fd=handle)
        inner = os.open("d", os.O_RDONLY, dir_fd=handle)
        os.close(handle)
        handle = inner
    os.close(handle)
    one = putting(tmp_path)
    one.bring(source, PurePath("shop"))
    assert one.put.left == 1


def test_a_target_that_is_a_link_is_refused(tmp_path: Path, outside: Path) -> None:
    shop = tmp_path / "shop"
    shop.mkdir()
    (shop / "index").write_text("from the backup")
    (tmp_path / "into").symlink_to(outside)
    saved = Saved(tmp_path / "world", "paths", {"paths": [str(shop)]})
    with pytest.raises(Failed) as caught:
        saved.put_back(saved.save(), tmp_path / "into")
    assert caught.value.failure is Failure.TARGET_MISSING


@pytest.mark.parametrize("lie", ["/etc", "/srv/../etc"])
def test_a_manifest_that_lies_about_where_it_was_is_not_followed(tmp_path: Path, lie: str) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "index").write_text("from the backup")
    saved = Saved(tmp_path / "world", "paths", {"paths": [str(tmp_path / "shop")]})
    gathered = saved.save()
    part = msgspec.structs.replace(gathered.part, facts={**gathered.part.facts, "tops": f'["{lie}"]'})
    with pytest.raises(Failed, match="name a folder"):
        saved.put_back(msgspec.structs.replace(gathered, part=part), None)
    (check,) = saved.put_back(gathered, None)
    assert check.text.startswith("0 files")
