"""0 false greens: each way to fail, on each engine, ends red with its word; what is good is green and comes back as it was."""

import contextlib
import fcntl
import os
import shutil
import subprocess
import threading
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.support import netns
from tests.support.clustered import Clustered, given, opened
from tests.support.clusters import OWNER, live
from tests.support.greens import PASSWORD, Place, filled, flip
from tests.support.matrix import ENGINES, cells
from tests.support.netns import inside
from tests.support.sshd import Sshd

from vedette.instruments.backup import breaking, holders
from vedette.wire.backup import BackupRun, DrillRun, Failure, RestoreRun, Stage, What

HOUR, YEAR = 3_600.0, 365 * 86_400.0
FILES = ("borg", "restic")
pytestmark = [pytest.mark.deep, pytest.mark.timeout(600), pytest.mark.usefixtures("unheard")]
root_alone = pytest.mark.skipif(
    os.geteuid() != 0, reason="only root mounts, gives files away and makes namespaces"
)


@pytest.fixture
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """Yield what was saved once, and well."""
    with opened(request.param, tmp_path) as made:
        made.good()
        yield made


def assert_red(ended: BackupRun | DrillRun | RestoreRun, *failures: Failure) -> None:
    assert ended.stage is Stage.FAILED, ended.sentence
    assert ended.failure in failures, (ended.failure, ended.sentence, ended.output)
    assert ended.fix
    assert ended.sentence


@pytest.mark.parametrize("place", ENGINES, indirect=True)
def test_good_is_green_again_and_again(place: Place) -> None:
    if isinstance(place, Clustered):
        place.live.sql("CREATE TABLE more AS SELECT generate_series(1, 500) AS id;", "shop")
    else:
        (place.folder / "deep/new.bin").write_bytes(os.urandom(5_000))
    second = place.good()
    if not isinstance(place, Clustered):  # there the second needs the first
        assert len(second.removed) == 1  # keep.last is 1
        assert second.manifest is not None
        assert second.files == second.manifest.files, "files of ours are not counted"
    place.assert_whole()


@cells("source missing", *ENGINES)
def test_the_source_is_gone(place: Place) -> None:
    place.lose()
    assert_red(place.run(), Failure.SOURCE_MISSING)


@cells("source empty", *ENGINES)
def test_the_source_is_empty(place: Place) -> None:
    place.hollow()
    assert_red(place.run(), Failure.SOURCE_EMPTY)


@pytest.mark.parametrize("place", FILES, indirect=True)
def test_the_source_shrank(place: Place) -> None:
    for path in list((place.folder / "deep").iterdir())[:9]:
        path.unlink()
    ended = place.run()
    assert_red(ended, Failure.SHRANK)
    assert ended.removed == ()
    assert place.run(accept_size=True).stage is Stage.DONE


@pytest.mark.parametrize("where", [0.05, 0.5, 0.95])
@cells("8 bytes flipped in the repository", *ENGINES)
def test_eight_bytes_are_flipped_in_the_repository(place: Place, where: float) -> None:
    flip(place.packs()[0], where)
    assert_red(place.drill(), Failure.DAMAGED, Failure.NOT_PROVEN)
    ended = place.run()  # what is damaged is stored again, or the run is red: it never says green over it
    if ended.stage is Stage.DONE:
        assert place.restore(place.root / "back").stage is Stage.DONE
    else:
        assert_red(ended, Failure.DAMAGED)


@cells("pack deleted", *ENGINES)
def test_a_pack_is_deleted(place: Place) -> None:
    place.packs()[0].unlink()
    assert_red(place.drill(), Failure.DAMAGED, Failure.NOT_PROVEN)
    assert_red(place.run(), Failure.DAMAGED)


@pytest.mark.parametrize("place", ENGINES, indirect=True)
def test_the_repository_is_gone(place: Place) -> None:
    shutil.rmtree(place.repository)
    assert_red(place.run(), Failure.TARGET_MISSING)
    assert_red(place.drill(), Failure.TARGET_MISSING)
    assert_red(place.restore(place.root / "back"), Failure.TARGET_MISSING)


@cells("wrong key", *ENGINES)
def test_the_password_is_another(place: Place) -> None:
    right, place.password = place.password, "another"
    assert_red(place.run(), Failure.WRONG_KEY)
    assert_red(place.drill(), Failure.WRONG_KEY)
    assert_red(place.restore(place.root / "back"), Failure.WRONG_KEY)
    place.password = right
    place.good()


@pytest.mark.parametrize("skew", [-HOUR, -YEAR])
@cells("clock jump", *ENGINES)
def test_the_clock_went_back(place: Place, skew: float) -> None:
    place.skew = skew
    assert_red(place.run(), Failure.CLOCK)
    assert_red(place.drill(), Failure.CLOCK)
    place.runs.clear()  # nothing of ours remembers: the repository itself does
    assert_red(place.run(), Failure.CLOCK)


@root_alone
@cells("target full", *ENGINES, fixture="kind")
def test_the_target_is_full(kind: str, tmp_path: Path) -> None:
    with opened(kind, tmp_path) as made:
        if isinstance(made, Clustered):
            small = made.repository
        else:
            small = tmp_path / "small"
            made.at = str(small / "repository")
            filled(made.folder / "more", files=30, size=500_000)
        small.mkdir()
        words = ["mount", "-t", "tmpfs", "-o", "size=2m" if isinstance(made, Clustered) else "size=6m", "tmpfs", str(small)]  # fmt: skip
        subprocess.run(words, check=True)
        try:
            given(small)
            assert_red(made.run(), Failure.TARGET_FULL)
        finally:
            subprocess.run(["umount", "-l", str(small)], check=True)


@root_alone
@cells("permission denied inside", *FILES, fixture="kind")
def test_something_inside_may_not_be_read(kind: str, tmp_path: Path) -> None:
    """Root reads everything, so its right to do so is taken from it (capabilities(7))."""
    folder = filled(tmp_path / "shop")
    (folder / "deep/0.bin").chmod(0o600)
    shutil.chown(folder / "deep/0.bin", "nobody")
    done = _humbled(
        "--path", folder, "--to", tmp_path / "kept", "--engine", kind, "--state", tmp_path / "state"
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert '"failure":"partial"' in done.stdout, done.stdout + done.stderr
    assert "deep/0.bin could not be read" in done.stdout or "deep/0.bin." in done.stdout, done.stdout


@root_alone
@cells("permission denied inside", "pgbackrest")
def test_a_file_of_the_cluster_may_not_be_read(place: Place) -> None:
    assert isinstance(place, Clustered)
    odd = place.live.data / "base/odd"
    odd.write_text("x" * 9_000)
    odd.chmod(0o600)
    ended = place.run()
    assert_red(ended, Failure.PARTIAL)
    assert "base/odd" in ended.sentence


def _humbled(*words: str | Path) -> "subprocess.CompletedProcess[str]":
    rights = "-dac_override,-dac_read_search"
    argv = ["setpriv", f"--bounding-set={rights}", f"--inh-caps={rights}", ".venv/bin/vedette", "backup", "run", "--adhoc", "--json"]  # fmt: skip
    return subprocess.run([*argv, *map(str, words)], check=False, capture_output=True, text=True)


@cells("stale lock", *ENGINES)
def test_a_stale_lock_is_told_and_broken_by_name_alone(place: Place) -> None:
    _leave_a_lock(place)
    ended = place.run()
    if (
        place.engine == "pgbackrest"
    ):  # the kernel gives its lock back with its holder: the file alone holds nobody up
        assert ended.stage is Stage.DONE, (ended.sentence, ended.output)
        return
    assert_red(ended, Failure.STALE_LOCK)
    assert "broken" in breaking.unlock(place.work())
    place.good()


@pytest.mark.parametrize("place", ENGINES, indirect=True)
def test_a_live_lock_is_never_broken(place: Place) -> None:
    with _locked(place):
        ended = place.run()
        assert_red(ended, Failure.LOCKED)
        if place.engine != "pgbackrest":
            with pytest.raises(Exception, match="still runs"):
                breaking.unlock(place.work())
    assert holders.boot()


def _leave_a_lock(place: Place) -> None:
    """Put the lock of a process that is gone into the repository, as its engine writes it."""
    if place.engine == "borg":
        _borg_lock(place, 2**22 + 1)
    elif isinstance(place, Clustered):
        lock = place.live.folder / "locks/shop-backup.lock"
        lock.write_text('{"execId":"4194399-0000abcd"}')
        given(lock)
    else:
        with _restic_at_work(place) as child:
            child.kill()


def _locked(place: Place) -> "contextlib.AbstractContextManager[object]":
    """Hold a repository as a process does that is at work."""
    if place.engine == "borg":
        _borg_lock(place, os.getpid())
        return contextlib.nullcontext()
    if isinstance(place, Clustered):
        lock = place.live.folder / "locks/shop-backup.lock"
        file = lock.open("w")
        given(lock)
        fcntl.flock(file, fcntl.LOCK_EX)
        return file
    return _restic_at_work(place)


def _borg_lock(place: Place, pid: int) -> None:
    folder = place.repository / "lock.exclusive"
    folder.mkdir()
    (folder / f"{os.uname().nodename}@{uuid.getnode()}.{pid}-0").touch()


@contextlib.contextmanager
def _restic_at_work(place: Place) -> "Iterator[subprocess.Popen[bytes]]":
    """Yield a restic that saves what never ends, when it holds its lock."""
    env = {**os.environ, "RESTIC_PASSWORD": PASSWORD}
    words = ["restic", "-r", str(place.repository), "--no-cache", "backup", "--stdin"]
    child = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, env=env)
    try:
        assert netns.until(
            lambda: any(len(lock.name) == 64 for lock in (place.repository / "locks").iterdir())
        )
        yield child
    finally:
        child.kill()
        child.communicate()


@pytest.fixture
def wired(tmp_path: Path) -> Iterator[netns.Pair]:
    if not netns.possible():
        pytest.skip("only root makes namespaces")
    with netns.pair() as pair:
        sshd = Sshd(tmp_path, pair)
        yield pair
        sshd.close()


def _in(pair: netns.Pair, act: Callable[[], BackupRun]) -> BackupRun:
    with inside(pair.client):
        return act()


def _cut(pair: netns.Pair) -> None:
    netns.ip("-n", pair.client, "link", "set", f"v{pair.client[2:]}", "down")


@cells("network cut", *FILES, fixture="kind")
def test_the_network_is_cut(kind: str, tmp_path: Path, wired: netns.Pair) -> None:
    scheme = "ssh" if kind == "borg" else "sftp"
    made = Place(
        tmp_path / "place",
        kind,
        at=f"{scheme}://root@{wired.server4}{tmp_path}/far",
        settings={"patience": 5},
    )
    made.secrets = {"ssh_key": (tmp_path / "operator").read_text()}
    if kind == "borg":
        made.settings["remote_path"] = shutil.which("borg") or str(Path(".venv-borg/bin/borg").absolute())
    filled(made.folder, files=2)
    first = _in(wired, made.run)
    assert first.stage is Stage.DONE, (first.sentence, first.output)
    filled(made.folder / "more", files=80, size=2_000_000)
    cut = threading.Timer(2.5, _cut, [wired])
    cut.start()
    assert_red(_in(wired, made.run), Failure.NETWORK)
    cut.join()
    assert_red(_in(wired, made.run), Failure.NETWORK)


@cells("network cut", "pgbackrest", fixture="kind")
def test_the_bucket_of_a_cluster_cannot_be_reached(kind: str, tmp_path: Path, wired: netns.Pair) -> None:
    with opened(kind, tmp_path) as made:
        made.at = "s3://far/shop"
        made.settings["endpoint"] = f"https://{wired.server4}"
        made.secrets = {"access_key": "key", "secret_key": "secret"}
        _cut(wired)
        assert_red(_in(wired, made.run), Failure.NETWORK)


@cells("dump that its own version cannot import", *FILES, fixture="kind")
def test_a_dump_cannot_be_imported(kind: str, tmp_path: Path) -> None:
    """A check that looks for its table by the search path, which a dump empties: pg_dump is content, pg_restore is not."""
    with live() as cluster:
        cluster.sql("CREATE DATABASE shop;")
        cluster.sql(
            "CREATE TABLE orders AS SELECT generate_series(1, 500) AS id;"
            "CREATE FUNCTION known(int) RETURNS bool LANGUAGE sql AS 'SELECT EXISTS (SELECT FROM orders WHERE id = $1)';"
            "CREATE TABLE parcels (order_id int CHECK (known(order_id))); INSERT INTO parcels VALUES (1);",
            "shop",
        )
        settings = {"databases": ["shop"], "socket": str(cluster.folder), "run_as": OWNER}
        made = Place(tmp_path, kind, what=What(kind="postgres", settings=settings))
        made.good()
        drill = made.drill()
    assert_red(drill, Failure.NOT_PROVEN)
    assert "pg_restore" in drill.sentence


@cells("dump that its own version cannot import", "pgbackrest")
def test_a_cluster_cannot_recover(place: Place) -> None:
    """Without WAL that it needs PostgreSQL does not come up, or comes up with less than was committed."""
    assert isinstance(place, Clustered)
    for _ in range(2):
        place.live.sql("INSERT INTO orders SELECT 1;", "shop")
        place.live.sql("SELECT pg_switch_wal();")
    there = len(place.segments())
    assert netns.until(lambda: len(place.segments()) >= there)
    place.segments()[-2].unlink()
    assert_red(place.drill(), Failure.DAMAGED, Failure.NOT_PROVEN)
    assert_red(place.restore(place.root / "back"), Failure.DAMAGED, Failure.NOT_PROVEN)


RESTORES = {"borg": "extract", "pgbackrest": "restore", "restic": "restore"}


@cells("restore that silently does nothing", *ENGINES)
def test_a_restore_does_nothing_and_says_so_not(place: Place) -> None:
    place.lie(RESTORES[place.engine])
    assert_red(place.drill(), Failure.NOT_PROVEN)
    assert_red(place.restore(place.root / "back"), Failure.NOT_PROVEN)


SAVES = {"borg": "create", "pgbackrest": "backup", "restic": "backup"}


@pytest.mark.parametrize("place", ENGINES, indirect=True)
def test_a_backup_does_nothing_and_says_so_not(place: Place) -> None:
    place.lie(SAVES[place.engine])
    assert_red(place.run(), Failure.ENGINE, Failure.DAMAGED)
