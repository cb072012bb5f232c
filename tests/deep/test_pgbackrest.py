"""A repository of pgBackRest, real: saved, listed, read back, pruned, held, opened with another password, and broken."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from tests.support.clusters import Live, live, tools_in
from tests.support.greens import flip

from vedette.instruments.backup import registry
from vedette.instruments.backup.pgbackrest.store import PgBackRest
from vedette.instruments.backup.types import Cargo, Failed, Level, Repository, Secret, Tools
from vedette.wire.backup import Aim, Failure, Keep

pytestmark = [pytest.mark.deep, pytest.mark.timeout(600)]
NEWEST = Keep(last=1, daily=0, weekly=0, monthly=0)


class Kept(msgspec.Struct, frozen=True):
    """A cluster, and the repository that keeps it."""

    live: Live
    repository: Repository
    tools: Tools

    @property
    def folder(self) -> Path:
        return Path(self.repository.at)

    def store(self, **changes: object) -> PgBackRest:
        made = registry.engine_of("pgbackrest").open(
            msgspec.structs.replace(self.repository, **changes), self.tools
        )
        assert isinstance(made, PgBackRest)
        return made

    def save(self, **changes: object) -> str:
        return (
            self.store().save(Cargo(plan="shop", cluster=self.live.cluster(), **changes), self.tools).snapshot
        )  # type: ignore[arg-type]

    def names(self) -> list[str]:
        return [one.name for one in self.store().snapshots(self.tools)]


@pytest.fixture(scope="module")
def whole() -> Iterator[Kept]:
    """Yield what three backups are in: two whole ones and one of what changed."""
    with live() as cluster:
        kept = Kept(cluster, cluster.repository(), tools_in(cluster.folder.parent))
        often = kept.store(settings={**kept.repository.settings, "full_days": -1.0})
        assert often.create()
        for number, store in enumerate((often, often, kept.store())):
            store.save(Cargo(plan="shop", cluster=cluster.cluster()), kept.tools)
            cluster.sql(
                f"CREATE TABLE o{number} AS SELECT generate_series(1, 5000) AS id; SELECT pg_switch_wal();"
            )
        yield kept


@pytest.fixture
def copied(whole: Kept, tmp_path: Path) -> Kept:
    """Return the repository once more, to be broken."""
    shutil.copytree(whole.folder, tmp_path / "repo", symlinks=True)
    return Kept(whole.live, msgspec.structs.replace(whole.repository, at=str(tmp_path / "repo")), whole.tools)


def refused(failure: Failure, act: Callable[[], object]) -> Failed:
    with pytest.raises(Failed) as caught:
        act()
    assert caught.value.failure is failure, (str(caught.value), caught.value.output)
    return caught.value


def test_backups_are_listed_with_their_plan_and_read_back(whole: Kept) -> None:
    there = whole.store().snapshots(whole.tools)
    assert [one.plan for one in there] == ["shop"] * 3
    assert there[0].at > there[1].at > there[2].at
    assert all(one.files > 500 and one.bytes > 1 << 20 and one.whole for one in there)
    for level in Level:
        whole.store().verify(there[0].name, level, whole.tools)
    assert whole.store().size(whole.tools) > 1 << 20
    assert not whole.store().create()


def test_folders_are_looked_into(whole: Kept) -> None:
    newest = whole.names()[0]
    below = str(whole.live.data).lstrip("/")
    found = {one.name.rpartition("/")[2]: one for one in whole.store().entries(newest, below, whole.tools)}
    assert found["PG_VERSION"].size == 3
    assert found["base"].kind == "folder"
    assert [one.name for one in whole.store().entries(newest, "", whole.tools)] == ["tmp"]


def test_a_cluster_comes_back_into_its_folder_and_again(whole: Kept, tmp_path: Path) -> None:
    for _ in range(2):
        back = whole.store().restore(Aim(), tmp_path, whole.tools)
    data = tmp_path / str(whole.live.data).lstrip("/")
    assert (data / "PG_VERSION").read_text() == "15\n"
    assert back.files > 500
    assert {path.name for path in tmp_path.iterdir()} == {"tmp"}
    refused(Failure.ENGINE, lambda: whole.store().restore(Aim(paths=("x",)), tmp_path, whole.tools))


def test_old_ones_go_and_the_newest_can_still_be_restored(copied: Kept, tmp_path: Path) -> None:
    newest, middle, oldest = copied.names()
    if os.geteuid() == 0:
        subprocess.run(["chown", "-R", "nobody", copied.folder], check=True)
        for path in copied.folder.parents:
            if path.owner() == "root" and path != Path("/"):
                path.chmod(path.stat().st_mode | 0o011)
    assert copied.store().prune(NEWEST, "shop", copied.tools) == (oldest,)
    assert copied.names() == [newest, middle]
    assert copied.store().prune(NEWEST, "other", copied.tools) == ()
    (tmp_path / "back").mkdir()
    assert copied.store().restore(Aim(), tmp_path / "back", copied.tools).files > 500


def test_another_password_opens_nothing(copied: Kept) -> None:
    store = copied.store(password=Secret("another"))
    for act in (
        lambda: store.snapshots(copied.tools),
        lambda: store.verify("x", Level.WHOLE, copied.tools),
        store.create,
    ):
        error = refused(Failure.WRONG_KEY, act)
        assert copied.repository.password.reveal() not in f"{error}{error.output}"


def test_a_repository_that_is_not_there_is_missing_and_no_new_one_is_made(
    whole: Kept, tmp_path: Path
) -> None:
    gone = Kept(whole.live, msgspec.structs.replace(whole.repository, at=str(tmp_path / "gone")), whole.tools)
    refused(Failure.TARGET_MISSING, lambda: gone.store().snapshots(whole.tools))
    refused(Failure.TARGET_MISSING, gone.save)
    assert not (tmp_path / "gone").exists()


@pytest.mark.parametrize("what", ["backup", "archive"])
def test_eight_flipped_bytes_and_a_file_that_is_gone_are_seen(copied: Kept, what: str) -> None:
    newest = copied.names()[0]
    kinds = {"backup": "*.zst", "archive": "0000000100000000/*"}
    files = [
        path
        for path in (copied.folder / what).rglob(kinds[what])
        if path.is_file() and path.stat().st_size > 200
    ]
    flip(max(files, key=lambda path: path.stat().st_size))
    refused(Failure.DAMAGED, lambda: copied.store().verify(newest, Level.SNAPSHOT, copied.tools))


def test_wal_that_is_missing_between_is_told_before_anybody_starts_anything(
    copied: Kept, tmp_path: Path
) -> None:
    there = sorted((copied.folder / "archive/shop").rglob("0000000100000000/*-*"))
    there[-2].unlink()
    (tmp_path / "back").mkdir()
    oldest = copied.names()[-1]
    refused(
        Failure.DAMAGED, lambda: copied.store().restore(Aim(snapshot=oldest), tmp_path / "back", copied.tools)
    )
    refused(Failure.DAMAGED, lambda: copied.store().verify(oldest, Level.WHOLE, copied.tools))


def test_a_cluster_that_archives_nowhere_is_not_saved(whole: Kept, tmp_path: Path) -> None:
    with live("archive_mode=off") as other:
        kept = Kept(other, other.repository(), tools_in(other.folder.parent))
        store, cargo = kept.store(), Cargo(plan="shop", cluster=other.cluster())
        assert store.create()
        told = refused(Failure.ENGINE, lambda: store.save(cargo, kept.tools))
        assert "archive_mode = on" in str(told)


def test_who_holds_it_is_told(whole: Kept) -> None:
    assert whole.store().lock(whole.tools) is None
    locks = whole.live.folder / "locks"
    locks.mkdir(exist_ok=True)
    file = locks / "shop-backup.lock"
    with file.open("w") as held:
        held.write('{"execId":"4242-0123abcd"}\n')
        held.flush()
        holder = subprocess.Popen(["flock", "-x", str(file), "cat"], stdin=subprocess.PIPE)
        try:
            refused_or_held = whole.store().lock(whole.tools)
        finally:
            holder.communicate(b"")
    assert refused_or_held is None or refused_or_held.pid == 4242
    file.unlink()


def test_its_password_cannot_be_changed_and_that_is_said(whole: Kept) -> None:
    refused(Failure.ENGINE, lambda: whole.store().rekey(Secret("new"), whole.tools))
