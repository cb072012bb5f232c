"""What a drill says of files that did not come back as they were: red for each fault, green for what changed by itself."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from tests.support.saved import Saved, told

from vedette.instruments.backup.types import Failed, Gathered
from vedette.instruments.backup.what.paths.gathering import without
from vedette.wire.backup import Failure, Manifest

OLD = (1_700_000_000, 1_700_000_000)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    (folder / "uploads").mkdir(parents=True)
    for number in range(20):
        path = folder / "uploads" / f"{number}"
        path.write_bytes(os.urandom(500))
        os.utime(path, OLD)
    os.link(folder / "uploads" / "0", folder / "same")
    (folder / "link").symlink_to("uploads")
    return folder


@pytest.fixture
def saved(tmp_path: Path, shop: Path) -> Saved:
    return Saved(tmp_path / "world", "paths", {"paths": [str(shop)], "restless": ["*.pid"]})


def came(saved: Saved, shop: Path) -> Path:
    return saved.root / shop.relative_to("/")


def touched(path: Path, change: Callable[[Path], object]) -> None:
    """Change a file and leave its time as it was: what a fault of a disk or an engine does."""
    change(path)
    os.utime(path, OLD)


FAULTS: dict[str, tuple[Callable[[Path], object], str]] = {
    "a file is missing": (lambda c: (c / "uploads" / "7").unlink(), "uploads/7 did not come back"),
    "a file is shorter": (lambda c: touched(c / "uploads" / "7", lambda p: os.truncate(p, 10)), "had 500 bytes and has 10"),
    "eight bytes were flipped": (lambda c: touched(c / "uploads" / "7", lambda p: p.write_bytes(b"x" * 8 + p.read_bytes()[8:])), "content: "),
    "everything is missing": (shutil.rmtree, "and 21 more"),
    "a mode was lost": (lambda c: (c / "uploads" / "7").chmod(0o777), "had mode 0644 and has 0777"),
    "an owner was lost": (lambda c: os.chown(c / "uploads" / "7", 33, 33), "belonged to 0:0 and belongs to 33:33"),
    "an attribute was added": (lambda c: os.setxattr(c / "uploads" / "7", "user.x", b"1"), "other attributes"),
    "a time was lost": (lambda c: os.utime(c / "uploads" / "7", (1, 1)), "has another time"),
    "a link leads elsewhere": (lambda c: ((c / "link").unlink(), (c / "link").symlink_to("/etc")), "led to uploads and leads to /etc"),
    "a hard link is two files": (lambda c: ((c / "same").unlink(), shutil.copy2(c / "uploads" / "0", c / "same")), "was one file"),
    "a file is a link": (lambda c: ((c / "uploads" / "7").unlink(), (c / "uploads" / "7").symlink_to("/etc/passwd")), "came back as something else"),
    "a folder is a file": (lambda c: (shutil.rmtree(c / "uploads"), (c / "uploads").write_text("")), "came back as something else"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_is_red(saved: Saved, shop: Path, fault: str) -> None:
    gathered = saved.save()
    change, words = FAULTS[fault]
    change(came(saved, shop))
    assert words in told(saved.prove(gathered))


def test_a_folder_that_is_a_link_to_the_live_one_is_not_looked_through(saved: Saved, shop: Path) -> None:
    gathered = saved.save()
    top = saved.root / shop.relative_to("/").parts[0]
    shutil.rmtree(top)
    top.symlink_to("/tmp")
    assert "behind a link" in told(saved.prove(gathered))


@pytest.mark.parametrize(
    "change",
    [
        Path.unlink,
        lambda path: path.write_text("[]\n"),
        lambda path: path.write_bytes(path.read_bytes()[:-9]),
    ],
)
def test_without_its_list_nothing_is_proven(saved: Saved, change: Callable[[Path], object]) -> None:
    gathered = saved.save()
    change(saved.root / saved.staging.relative_to("/") / "paths.list")
    assert told(saved.prove(gathered)).startswith("list: ")


def test_what_changed_while_it_was_saved_is_told_and_fails_nothing(saved: Saved, shop: Path) -> None:
    (shop / "a.pid").write_text("1")
    gathered = saved.gather()
    (shop / "uploads" / "3").write_text("longer now " * 99)
    (shop / "a.pid").unlink()
    saved.bring_back(gathered)
    checks = saved.prove(gathered)
    assert not told(checks)
    assert checks["files"].text.endswith("; 1 changed while they were saved.")


def test_what_changes_all_the_time_wants_a_snapshot(saved: Saved, shop: Path) -> None:
    gathered = saved.gather()
    for path in (shop / "uploads").iterdir():
        path.write_text("again")
    saved.bring_back(gathered)
    assert "use a snapshot or a dump" in told(saved.prove(gathered))


def test_new_files_that_went_are_forgiven_when_they_are_few(tmp_path: Path) -> None:
    shop = tmp_path / "shop"
    shop.mkdir()
    for number in range(200):
        (shop / f"{number}").write_text("x")
    saved = Saved(tmp_path / "world", "paths", {"paths": [str(shop)]})
    gathered = saved.gather()
    (shop / "7").unlink()
    saved.bring_back(gathered)
    assert not told(saved.prove(gathered))
    for number in range(10):
        (came(saved, shop) / f"{number}").unlink(missing_ok=True)
    assert "10 names that were made within the hour" in told(saved.prove(gathered))


def test_what_the_run_saw_going_is_not_missed(saved: Saved, shop: Path) -> None:
    gathered = saved.gather()
    (shop / "same").unlink()
    saved.bring_back(gathered)
    assert "same did not come back" in told(saved.prove(gathered))
    manifest = without(Manifest(at=0.0, parts=(gathered.part,)), {f"{shop}/same"})
    remembered = msgspec.structs.replace(gathered, part=manifest.parts[0])
    assert not told(saved.prove(remembered))


def test_of_a_sample_only_what_was_asked_for_is_missed(saved: Saved, shop: Path) -> None:
    gathered = saved.save()
    for number in (1, 11):
        (came(saved, shop) / "uploads" / f"{number}").unlink()
    (came(saved, shop) / "same").unlink()
    assert not told(saved.prove(gathered, only=(f"{shop}/uploads/2", f"{shop}/uploads/3")))
    assert "uploads/11 did not" in told(saved.prove(gathered, only=(f"{shop}/uploads/11",)))


def gathering(tmp_path: Path, *paths: object, **more: object) -> Gathered:
    return Saved(tmp_path / "world", "paths", {"paths": [str(path) for path in paths], **more}).gather()


@pytest.mark.parametrize(
    ("paths", "failure"),
    [
        (["{}/shop", "{}/nowhere"], Failure.SOURCE_MISSING),
        (["{}/broken"], Failure.SOURCE_MISSING),
        (["{}/shop", "{}/unmounted"], Failure.SOURCE_EMPTY),
        (["{}/hollow"], Failure.SOURCE_EMPTY),
        (["shop"], Failure.SOURCE_MISSING),
        (["{}/shop/../shop"], Failure.SOURCE_MISSING),
        ([], Failure.SOURCE_MISSING),
    ],
)
def test_what_is_not_there_or_empty_is_no_backup(
    tmp_path: Path, shop: Path, paths: list[str], failure: Failure
) -> None:
    (tmp_path / "unmounted").mkdir()
    (tmp_path / "hollow").mkdir()
    (tmp_path / "hollow" / "file").touch()
    (tmp_path / "broken").symlink_to("nowhere")
    with pytest.raises(Failed) as caught:
        gathering(tmp_path, *(path.format(tmp_path) for path in paths))
    assert caught.value.failure is failure


def test_excludes_that_leave_nothing_make_no_backup(tmp_path: Path, shop: Path) -> None:
    with pytest.raises(Failed, match="holds no file"):
        gathering(tmp_path, shop, excludes=["uploads", "link", "same"])
    gathered = gathering(tmp_path / "again", shop, excludes=["uploads", "link", "same"], may_be_empty=True)
    assert gathered.part.files == 0


def test_behind_a_link_is_what_the_plan_means(tmp_path: Path, shop: Path) -> None:
    (tmp_path / "current").symlink_to("shop")
    assert gathering(tmp_path, tmp_path / "current", shop / "uploads").paths == (shop,)


def test_our_own_caches_are_left_out_and_our_dumps_are_not(tmp_path: Path, shop: Path) -> None:
    (tmp_path / "world" / "state" / "cache").mkdir(parents=True)
    (tmp_path / "world" / "state" / "cache" / "chunks").write_bytes(b"x" * 1_000)
    (tmp_path / "world" / "state" / "staging").mkdir()
    gathered = gathering(tmp_path, tmp_path)
    assert gathered.excludes == (f"{tmp_path}/world/state/cache",)
    assert gathered.part.bytes < 12_000


@pytest.mark.skipif(os.geteuid() != 0, reason="needs another user")
def test_what_cannot_be_read_is_named(tmp_path: Path, shop: Path) -> None:
    (shop / "uploads" / "1").chmod(0)
    (shop / "secret").mkdir(mode=0o700)
    saved = Saved(tmp_path / "world", "paths", {"paths": [str(shop)]})
    for folder in (tmp_path, *tmp_path.parents):
        if folder.stat().st_uid == 0 and folder != Path("/"):
            folder.chmod(folder.stat().st_mode | 0o055)
    for folder in (saved.folder, saved.folder / "state", saved.staging.parent, saved.staging):
        os.chown(folder, 65_534, 65_534)
    os.seteuid(65_534)
    try:
        part = saved.gather().part
    finally:
        os.seteuid(0)
    assert part.unread == (f"{shop}/secret", f"{shop}/uploads/1") or set(part.unread) == {
        f"{shop}/secret",
        f"{shop}/uploads/1",
    }
    assert part.files == 20
