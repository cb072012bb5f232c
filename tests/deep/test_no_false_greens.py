"""0 false greens: each way to fail, on each engine, ends red with its word; what is good is green and comes back byte by byte."""

import os
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.support import netns
from tests.support.greens import Place, filled, flip, packs
from tests.support.netns import inside
from tests.support.sshd import Sshd

from vedette.instruments.backup import breaking, holders, registry
from vedette.wire.backup import BackupRun, DrillRun, Failure, RestoreRun, Stage, What

ENGINES = [kind for kind, engine in registry.engines().items() if not engine.cluster]
HOUR, YEAR = 3_600.0, 365 * 86_400.0
pytestmark = [pytest.mark.deep, pytest.mark.timeout(600)]


@pytest.fixture(params=ENGINES)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """Return a folder that was saved once, and well."""
    made = Place(tmp_path, request.param)
    filled(made.folder)
    made.good()
    return made


def assert_red(ended: BackupRun | DrillRun | RestoreRun, *failures: Failure) -> None:
    assert ended.stage is Stage.FAILED, ended.sentence
    assert ended.failure in failures, (ended.failure, ended.sentence, ended.output)
    assert ended.fix
    assert ended.sentence


def test_good_is_green_again_and_again(place: Place) -> None:
    (place.folder / "deep/new.bin").write_bytes(os.urandom(5_000))
    second = place.good()
    assert len(second.removed) == 1  # keep.last is 1
    place.assert_whole()


def test_the_source_is_gone(place: Place) -> None:
    shutil.rmtree(place.folder)
    assert_red(place.run(), Failure.SOURCE_MISSING)


def test_the_source_is_empty(place: Place) -> None:
    shutil.rmtree(place.folder)
    place.folder.mkdir()
    assert_red(place.run(), Failure.SOURCE_EMPTY)


def test_the_source_shrank(place: Place) -> None:
    for path in list((place.folder / "deep").iterdir())[:9]:
        path.unlink()
    ended = place.run()
    assert_red(ended, Failure.SHRANK)
    assert ended.removed == ()
    assert place.run(accept_size=True).stage is Stage.DONE


@pytest.mark.parametrize("where", [0.05, 0.5, 0.95])
def test_eight_bytes_are_flipped_in_the_repository(place: Place, where: float) -> None:
    flip(packs(place.repository)[0], where)
    assert_red(place.drill(), Failure.DAMAGED, Failure.NOT_PROVEN)
    ended = place.run()  # what is damaged is stored again, or the run is red: it never says green over it
    if ended.stage is Stage.DONE:
        into = place.root / "back"
        assert place.restore(into).stage is Stage.DONE
    else:
        assert_red(ended, Failure.DAMAGED)


def test_a_pack_is_deleted(place: Place) -> None:
    packs(place.repository)[0].unlink()
    assert_red(place.drill(), Failure.DAMAGED, Failure.NOT_PROVEN)
    assert_red(place.run(), Failure.DAMAGED)


def test_the_repository_is_gone(place: Place) -> None:
    shutil.rmtree(place.repository)
    assert_red(place.run(), Failure.TARGET_MISSING)
    assert_red(place.drill(), Failure.TARGET_MISSING)
    assert_red(place.restore(place.root / "back"), Failure.TARGET_MISSING)


def test_the_password_is_another(place: Place) -> None:
    place.password = "another"
    assert_red(place.run(), Failure.WRONG_KEY)
    assert_red(place.drill(), Failure.WRONG_KEY)
    assert_red(place.restore(place.root / "back"), Failure.WRONG_KEY)


@pytest.mark.parametrize("skew", [-HOUR, -YEAR])
def test_the_clock_went_back(place: Place, skew: float) -> None:
    place.skew = skew
    assert_red(place.run(), Failure.CLOCK)


@pytest.mark.parametrize("kind", ENGINES)
def test_the_target_is_full(kind: str, tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root mounts a small file system")
    target = tmp_path / "small"
    target.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(target)], check=True)
    try:
        made = Place(tmp_path, kind, at=str(target / "repository"))
        filled(made.folder, files=30, size=500_000)
        assert_red(made.run(), Failure.TARGET_FULL)
    finally:
        subprocess.run(["umount", "-l", str(target)], check=True)


@pytest.mark.parametrize("kind", ENGINES)
def test_something_inside_may_not_be_read(kind: str, tmp_path: Path) -> None:
    """Root reads everything, so its right to do so is taken from it (capabilities(7))."""
    if os.geteuid() != 0:
        pytest.skip("only root gives a file to another")
    folder = filled(tmp_path / "shop")
    (folder / "deep/0.bin").chmod(0o600)
    shutil.chown(folder / "deep/0.bin", "nobody")
    done = _humbled(
        "--path", folder, "--to", tmp_path / "kept", "--engine", kind, "--state", tmp_path / "state"
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert '"failure":"partial"' in done.stdout, done.stdout + done.stderr
    assert "deep/0.bin could not be read" in done.stdout or "deep/0.bin." in done.stdout, done.stdout


def _humbled(*words: str | Path) -> "subprocess.CompletedProcess[str]":
    rights = "-dac_override,-dac_read_search"
    argv = [
        "setpriv",
        f"--bounding-set={rights}",
        f"--inh-caps={rights}",
        ".venv/bin/vedette",
        "backup",
        "run",
        "--adhoc",
        "--json",
    ]
    return subprocess.run([*argv, *map(str, words)], check=False, capture_output=True, text=True)


def test_a_stale_lock_is_told_and_broken_by_name_alone(place: Place) -> None:
    _leave_a_lock(place)
    ended = place.run()
    if ended.stage is Stage.DONE:
        pytest.skip(f"{place.engine} is not held up by this lock, and the run was good")
    assert_red(ended, Failure.STALE_LOCK)
    assert "broken" in breaking.unlock(place.work())
    place.good()


def _leave_a_lock(place: Place) -> None:
    """Put the lock of a process that is gone into the repository, as its engine writes it."""
    if place.engine == "borg":
        host = f"{os.uname().nodename}@{_node()}"
        folder = place.repository / "lock.exclusive"
        folder.mkdir()
        (folder / f"{host}.{2**22 + 1}-0").touch()
        return
    pytest.skip("its locks are sealed: the killed runs leave them (test_backups_killed)")


def _node() -> int:
    import uuid

    return uuid.getnode()


def test_a_live_lock_is_never_broken(place: Place) -> None:
    if place.engine != "borg":
        pytest.skip("its locks are sealed")
    folder = place.repository / "lock.exclusive"
    folder.mkdir()
    (folder / f"{os.uname().nodename}@{_node()}.{os.getpid()}-0").touch()
    assert holders.boot()
    assert_red(place.run(), Failure.LOCKED)
    with pytest.raises(Exception, match="still runs"):
        breaking.unlock(place.work())


@pytest.fixture
def wired(tmp_path: Path) -> Iterator[tuple[netns.Pair, Sshd]]:
    if not netns.possible():
        pytest.skip("only root makes namespaces")
    with netns.pair() as pair:
        sshd = Sshd(tmp_path, pair)
        yield pair, sshd
        sshd.close()


def _in(pair: netns.Pair, act: Callable[[], BackupRun]) -> BackupRun:
    with inside(pair.client):
        return act()


@pytest.mark.parametrize("kind", ENGINES)
def test_the_network_is_cut(kind: str, tmp_path: Path, wired: tuple[netns.Pair, Sshd]) -> None:
    pair, _ = wired
    scheme = "ssh" if kind == "borg" else "sftp"
    made = Place(
        tmp_path / "place", kind, at=f"{scheme}://root@{pair.server4}{tmp_path}/far", settings={"patience": 5}
    )
    made.secrets = {"ssh_key": (tmp_path / "operator").read_text()}
    if kind == "borg":
        made.settings["remote_path"] = shutil.which("borg") or str(Path(".venv-borg/bin/borg").absolute())
    filled(made.folder, files=2)
    first = _in(pair, made.run)
    assert first.stage is Stage.DONE, (first.sentence, first.output)
    filled(made.folder / "more", files=80, size=2_000_000)
    cut = threading.Timer(
        2.5, lambda: netns.ip("-n", pair.client, "link", "set", f"v{pair.client[2:]}", "down")
    )
    cut.start()
    assert_red(_in(pair, made.run), Failure.NETWORK)
    cut.join()
    assert_red(_in(pair, made.run), Failure.NETWORK)


SOURCES = {kind: source for kind, source in registry.sources().items() if kind == "sqlite"}


@pytest.mark.parametrize("kind", SOURCES)
def test_a_source_that_is_missing_is_red(kind: str, tmp_path: Path) -> None:
    made = Place(tmp_path, "borg", what=What(kind=kind, settings={"paths": [str(tmp_path / "none.db")]}))
    assert_red(made.run(), Failure.SOURCE_MISSING)
