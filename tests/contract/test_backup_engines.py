"""Every engine that keeps files passes the same: what is saved is listed, read back, restored as it was, pruned, locked and rekeyed."""

import os
import shutil
import socket
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.support.greens import PASSWORD, filled, flip, packs, tree

from vedette.core.clock import SystemClock
from vedette.core.names import written
from vedette.instruments.backup import registry
from vedette.instruments.backup.types import Cargo, Failed, Level, Repository, Saved, Secret, Store, Tools
from vedette.wire.backup import Aim, Failure, Keep

ENGINES = [kind for kind, engine in registry.engines().items() if not engine.cluster]
pytestmark = [pytest.mark.timeout(300), pytest.mark.xdist_group("backup-engines")]
HERE = Path.cwd()
HOSTILE = [
    b"line\nbreak",
    b"no-\xff-text",
    b"$(touch pwned)",
    b"-rf",
    b"*",
    "ü🚀".encode(),
    b"per%cent",
    b"  ",
]


class Kept:
    """A repository of one engine, and a folder that is saved into it."""

    def __init__(self, root: Path, kind: str) -> None:
        self.root, self.kind, self.at = root, kind, str(root / "repository")
        self.folder = filled(root / "shop", 5, 3_000)
        (root / "state").mkdir(mode=0o700)
        self.tools = Tools(now=SystemClock().now, state=root / "state", deadline=120.0)

    def store(self, password: str = PASSWORD) -> Store:
        repository = Repository(name="shop/here", at=self.at, password=Secret(password))
        return registry.engine_of(self.kind).open(repository, self.tools)

    def save(self, **changes: object) -> Saved:
        return self.store().save(Cargo(plan="shop", paths=(self.folder,), **changes), self.tools)  # type: ignore[arg-type]

    def back(self, into: Path, aim: Aim | None = None) -> Path:
        """Return the folder as it came back."""
        into.mkdir(exist_ok=True)
        restored = self.store().restore(aim or Aim(), into, self.tools)
        return restored.root / str(self.folder).lstrip("/")


@pytest.fixture(scope="module", params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


@pytest.fixture(scope="module")
def kept(engine: str, tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """Return what all tests read, and none changes."""
    made = Kept(tmp_path_factory.mktemp(engine), engine)
    _hostile(made.folder)
    assert made.store().create()
    made.save()
    return made


@pytest.fixture
def own(engine: str, tmp_path: Path) -> Kept:
    """Return what a test may break."""
    made = Kept(tmp_path, engine)
    assert made.store().create()
    made.save()
    return made


def _hostile(folder: Path) -> None:
    for name in HOSTILE:
        (folder / os.fsdecode(name)).write_bytes(name * 50)
    (folder / "link").symlink_to("deep/0.bin")
    os.link(folder / "deep/1.bin", folder / "hard")
    with (folder / "sparse").open("wb") as file:
        file.truncate(5_000_000)
    (folder / "sparse").chmod(0o640)
    os.utime(folder / "deep/2.bin", (1_000_000_000, 1_000_000_000))
    (folder / "empty").mkdir()
    os.setxattr(folder / "deep/2.bin", "user.shop", b"\x00\xff")
    os.setxattr(folder / "empty", "user.shop", b"of a folder")
    subprocess.run(["setfacl", "-m", "u:nobody:r,g:games:rw", folder / "deep/0.bin"], check=True)
    subprocess.run(["setfacl", "-m", "d:u:nobody:rx", folder / "deep"], check=True)
    shutil.chown(folder / "deep/3.bin", "nobody", "games")
    (folder / "deep/3.bin").chmod(0o2751)
    os.mkfifo(folder / "pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        os.chdir(folder)  # its whole name may be too long for a socket's
        try:
            listener.bind("socket")
        finally:
            os.chdir(HERE)


def refused(failure: Failure, act: Callable[[], object]) -> None:
    with pytest.raises(Failed) as error:
        act()
    assert error.value.failure is failure, (error.value, error.value.output)
    assert PASSWORD not in f"{error.value} {error.value.output}"


def test_what_is_there_already_is_not_made_again(kept: Kept) -> None:
    assert not kept.store().create()


def test_a_snapshot_is_listed_with_its_plan(kept: Kept) -> None:
    (one,) = kept.store().snapshots(kept.tools)
    assert (one.plan, one.whole) == ("shop", True)
    assert abs(one.at - SystemClock().now()) < 600


@pytest.mark.deep
@pytest.mark.parametrize("level", list(Level))
def test_what_is_whole_is_verified(kept: Kept, level: Level) -> None:
    (one,) = kept.store().snapshots(kept.tools)
    kept.store().verify(one.name, level, kept.tools)


def test_everything_comes_back_as_it_was(kept: Kept, tmp_path: Path) -> None:
    back = kept.back(tmp_path / "back")
    assert tree(back) == tree(kept.folder)
    assert (back / "hard").stat().st_ino == (back / "deep/1.bin").stat().st_ino
    if kept.kind == "borg":  # restic writes holes as zeros before 0.15
        assert (back / "sparse").stat().st_blocks * 512 < 1_000_000
    assert stat.S_IMODE((back / "sparse").stat().st_mode) == 0o640
    assert (back / "deep/2.bin").stat().st_mtime == 1_000_000_000
    assert (back / "empty").is_dir()


@pytest.mark.deep
def test_rights_owners_and_attributes_come_back(kept: Kept, tmp_path: Path) -> None:
    back = kept.back(tmp_path / "back")
    for name in ("deep/0.bin", "deep/2.bin", "deep/3.bin", "deep", "empty", "sparse"):
        assert looks(back / name) == looks(kept.folder / name), name
    assert b"\x00\xff" in looks(back / "deep/2.bin")[1].values()


def looks(path: Path) -> tuple[tuple[int, int, int], dict[str, bytes]]:
    """Return mode and owners, and all attributes; ACLs are two of them."""
    found = path.lstat()
    return (found.st_mode, found.st_uid, found.st_gid), {
        name: os.getxattr(path, name) for name in os.listxattr(path)
    }


@pytest.mark.deep
def test_pipes_and_sockets_do_not_come_back_and_fail_nothing(kept: Kept, tmp_path: Path) -> None:
    """Whoever reads a pipe waits for ever; a drill of a folder with a socket must still be good."""
    back = kept.back(tmp_path / "back")
    assert not (back / "pipe").exists()
    assert not (back / "socket").exists()


@pytest.mark.deep
def test_single_paths_come_back_whatever_their_name(kept: Kept, tmp_path: Path) -> None:
    names = [f"{kept.folder}/{os.fsdecode(name)}" for name in HOSTILE]
    back = kept.back(tmp_path / "back", Aim(paths=tuple(map(written, names))))
    assert sorted(os.fsencode(path.name) for path in back.iterdir()) == sorted(HOSTILE)
    assert not (tmp_path / "pwned").exists()


@pytest.mark.deep
def test_what_is_not_in_it_cannot_be_restored(kept: Kept, tmp_path: Path) -> None:
    with pytest.raises(Failed):
        kept.back(tmp_path / "back", Aim(paths=("/no/such/thing",)))


@pytest.mark.deep
def test_a_restore_goes_on_where_it_was_ended(kept: Kept, tmp_path: Path) -> None:
    back = kept.back(tmp_path / "back")
    (back / "deep/0.bin").write_bytes(b"half")
    (back / "deep/3.bin").unlink()
    assert tree(kept.back(tmp_path / "back")) == tree(kept.folder)


@pytest.mark.deep
def test_folders_are_looked_into(kept: Kept) -> None:
    (one,) = kept.store().snapshots(kept.tools)
    found = {entry.name: entry for entry in kept.store().entries(one.name, written(kept.folder), kept.tools)}
    here = {name.rsplit("/", 1)[-1] for name in found}
    assert {written(name) for name in HOSTILE} <= here
    kinds = {name.rsplit("/", 1)[-1]: entry.kind for name, entry in found.items()}
    assert (kinds["deep"], kinds["link"], kinds["sparse"]) == ("folder", "link", "file")


@pytest.mark.deep
def test_another_password_opens_nothing(kept: Kept, tmp_path: Path) -> None:
    store = kept.store("another")
    refused(Failure.WRONG_KEY, lambda: store.snapshots(kept.tools))
    refused(Failure.WRONG_KEY, store.create)
    refused(Failure.WRONG_KEY, lambda: store.restore(Aim(), tmp_path / "back", kept.tools))


@pytest.mark.deep
def test_a_repository_that_is_not_there_is_missing(engine: str, tmp_path: Path) -> None:
    made = Kept(tmp_path, engine)
    refused(Failure.TARGET_MISSING, lambda: made.store().snapshots(made.tools))
    refused(Failure.TARGET_MISSING, made.save)


def test_the_bare_engine_restores_by_the_lines_of_the_sheet(kept: Kept, tmp_path: Path) -> None:
    lines = "\n".join(kept.store().by_hand(""))
    path = f"{Path('.venv-borg/bin').resolve()}:{os.environ['PATH']}"
    env = {"PATH": path, "HOME": str(tmp_path), "PASSWORD": PASSWORD, "LANG": "C.UTF-8",
           "BORG_RELOCATED_REPO_ACCESS_IS_OK": "yes"}  # fmt: skip
    done = subprocess.run(["bash", "-ec", lines], cwd=tmp_path, env=env, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    assert tree(tmp_path / "restored" / str(kept.folder).lstrip("/")) == tree(kept.folder)


@pytest.mark.deep
def test_what_is_left_out_is_not_stored(own: Kept, tmp_path: Path) -> None:
    saved = own.save(excludes=(f"{own.folder}/deep/1.bin",))
    back = own.back(tmp_path / "back", Aim(snapshot=saved.snapshot))
    assert "deep/1.bin" not in tree(back)
    assert "deep/0.bin" in tree(back)


@pytest.mark.deep
def test_old_ones_go_and_the_newest_stays(own: Kept) -> None:
    names = [own.save().snapshot for _ in range(2)]
    removed = own.store().prune(Keep(last=1, daily=0, weekly=0, monthly=0), "shop", own.tools)
    assert len(removed) == 2
    assert [one.name for one in own.store().snapshots(own.tools)] == names[-1:]
    assert own.store().prune(Keep(daily=0, weekly=0, monthly=0), "shop", own.tools) == ()


@pytest.mark.deep
def test_another_plans_snapshots_stay(own: Kept) -> None:
    other = own.store().save(Cargo(plan="shop-2", paths=(own.folder,)), own.tools).snapshot
    own.store().prune(Keep(last=1, daily=0, weekly=0, monthly=0), "shop", own.tools)
    assert other in {one.name for one in own.store().snapshots(own.tools)}


@pytest.mark.deep
def test_eight_flipped_bytes_are_seen(own: Kept) -> None:
    (one,) = own.store().snapshots(own.tools)
    flip(packs(Path(own.at))[0])
    refused(Failure.DAMAGED, lambda: own.store().verify(one.name, Level.WHOLE, own.tools))


@pytest.mark.deep
def test_the_password_is_changed(own: Kept) -> None:
    own.store().rekey(Secret("fresh words"), own.tools)
    assert len(own.store("fresh words").snapshots(own.tools)) == 1
    refused(Failure.WRONG_KEY, lambda: own.store().snapshots(own.tools))


@pytest.mark.deep
def test_nobody_holds_it_and_it_has_a_size(own: Kept) -> None:
    assert own.store().lock(own.tools) is None
    assert own.store().size(own.tools) > 10_000
    own.store().unlock(own.tools)
    assert own.save().snapshot


@pytest.mark.deep
def test_an_empty_source_is_no_success(own: Kept, tmp_path: Path) -> None:
    empty = tmp_path / "nothing"
    empty.mkdir()
    cargo = Cargo(plan="shop", paths=(empty,))
    refused(Failure.SOURCE_EMPTY, lambda: own.store().save(cargo, own.tools))
    assert len(own.store().snapshots(own.tools)) == 1


@pytest.mark.deep
def test_a_source_that_is_gone_is_told(own: Kept, tmp_path: Path) -> None:
    cargo = Cargo(plan="shop", paths=(tmp_path / "gone",))
    refused(Failure.SOURCE_MISSING, lambda: own.store().save(cargo, own.tools))
