"""Restores: to a place, over live data by its name alone, gone on with after they were ended, never through a link."""

from pathlib import Path

import msgspec
import pytest
from tests.support.backups import Vault, filled, plan_of, work_of

from vedette.instruments.backup import restoring, running
from vedette.instruments.backup.types import Failed
from vedette.instruments.backup.what.paths.source import SOURCE as PATHS
from vedette.wire.backup import Aim, Failure, RestoreRun, Stage, What


class Shop:
    """A folder that was saved once."""

    def __init__(self, tmp_path: Path) -> None:
        self.state, self.vault, self.folder = tmp_path / "state", Vault(), filled(tmp_path / "shop")
        self.plan = plan_of(self.folder)
        self.run = running.run(work_of(self.state, self.vault, self.plan))

    def restored(self, into: Path | str = "", confirmed: str = "", aim: Aim | None = None) -> RestoreRun:
        work = work_of(self.state, self.vault, self.plan, act="e" * 32)
        return restoring.restore(
            work, aim or Aim(), into=str(into), by="ada", confirmed=confirmed, runs=(self.run,)
        )


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def assert_red(run: RestoreRun, failure: Failure, *words: str) -> None:
    assert (run.stage, run.failure) == (Stage.FAILED, failure), run.sentence
    assert all(word in run.sentence for word in words), run.sentence


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_everything_comes_back_to_a_new_place(shop: Shop, tmp_path: Path) -> None:
    run = shop.restored(tmp_path / "back")
    assert run.stage is Stage.DONE, run.sentence
    assert tree(tmp_path / "back/shop") == tree(shop.folder)
    assert [path.name for path in (tmp_path / "back").iterdir()] == ["shop"]
    assert run.aim.snapshot == shop.run.snapshot


def test_live_data_is_never_touched_without_its_name(shop: Shop) -> None:
    (shop.folder / "deep/0.txt").write_text("newer")
    for confirmed in ("", "Shop", "yes"):
        assert_red(shop.restored(confirmed=confirmed), Failure.UNCONFIRMED, "type shop")
    assert (shop.folder / "deep/0.txt").read_text() == "newer"
    assert shop.restored(confirmed="shop").stage is Stage.DONE
    assert (shop.folder / "deep/0.txt").read_text() == "row 0\n"


def test_a_folder_that_holds_something_is_live(shop: Shop, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "mine").touch()
    assert_red(shop.restored(other), Failure.UNCONFIRMED, "not empty", "type other")
    assert shop.restored(other, confirmed="other").stage is Stage.DONE
    assert (other / "mine").exists()


def test_it_goes_on_where_it_was_ended(shop: Shop, tmp_path: Path) -> None:
    shop.vault.troubles = {"restore": Failed(Failure.NETWORK, "The line broke.")}
    assert_red(shop.restored(tmp_path / "back"), Failure.NETWORK)
    running.run(work_of(shop.state, shop.vault, shop.plan), last=shop.run)  # a newer snapshot came meanwhile
    shop.vault.troubles = {}
    run = shop.restored(tmp_path / "back")
    assert run.stage is Stage.DONE, run.sentence
    assert run.aim.snapshot == shop.run.snapshot


def test_what_another_restore_left_is_not_gone_on_with(shop: Shop, tmp_path: Path) -> None:
    shop.vault.troubles = {"restore": Failed(Failure.NETWORK, "The line broke.")}
    shop.restored(tmp_path / "back")
    left = tmp_path / "back/.vedette-restore/restored/stray"
    left.touch()
    shop.vault.troubles = {}
    one = f"{shop.folder}/deep/1.txt"
    assert shop.restored(tmp_path / "back", aim=Aim(paths=(one,))).stage is Stage.DONE
    assert not list((tmp_path / "back").rglob("stray"))


def test_single_files_come_back(shop: Shop, tmp_path: Path) -> None:
    one = f"{shop.folder}/deep/1.txt"
    assert shop.restored(tmp_path / "back", aim=Aim(paths=(one,))).stage is Stage.DONE
    assert (tmp_path / "back" / one.lstrip("/")).read_bytes() == Path(one).read_bytes()
    assert len(tree(tmp_path / "back")) == 1


def test_a_single_file_that_is_not_in_it_is_red(shop: Shop, tmp_path: Path) -> None:
    paths = (f"{shop.folder}/deep/1.txt", "/nowhere")
    assert_red(shop.restored(tmp_path / "back", aim=Aim(paths=paths)), Failure.NOT_PROVEN, "/nowhere")


def test_a_single_live_file_comes_back_with_the_name_of_the_plan(shop: Shop) -> None:
    one = shop.folder / "deep/1.txt"
    one.unlink()
    assert_red(shop.restored(aim=Aim(paths=(str(one),))), Failure.UNCONFIRMED)
    assert shop.restored(confirmed="shop", aim=Aim(paths=(str(one),))).stage is Stage.DONE
    assert one.exists()


def test_no_link_is_followed_out_of_the_target(shop: Shop, tmp_path: Path) -> None:
    outside, back = tmp_path / "outside", tmp_path / "back"
    outside.mkdir()
    back.mkdir()
    (back / shop.folder.parts[1]).symlink_to(outside)
    run = shop.restored(back, confirmed="back", aim=Aim(paths=(f"{shop.folder}/deep/1.txt",)))
    assert_red(run, Failure.TARGET_MISSING, "in the target", "not followed")
    assert list(outside.iterdir()) == []


def test_a_stage_that_is_a_link_is_refused(shop: Shop, tmp_path: Path) -> None:
    outside, back = tmp_path / "outside", tmp_path / "back"
    outside.mkdir()
    back.mkdir()
    (back / ".vedette-restore").symlink_to(outside)
    assert_red(shop.restored(back), Failure.AIM, "is a link")


def test_a_restore_that_does_nothing_is_red(shop: Shop, tmp_path: Path) -> None:
    shop.vault.lies = {"restore"}
    assert shop.restored(tmp_path / "back").stage is Stage.FAILED


@pytest.mark.parametrize(
    ("aim", "words"),
    [
        (Aim(what="postgres"), "saves no postgres; it saves folder"),
        (Aim(transaction=7), "cannot go back to a transaction"),
    ],
)
def test_an_aim_that_makes_no_sense_is_refused(shop: Shop, tmp_path: Path, aim: Aim, words: str) -> None:
    assert_red(shop.restored(tmp_path / "back", aim=aim), Failure.AIM, words)


def test_a_place_is_a_whole_path(shop: Shop) -> None:
    assert_red(shop.restored("back"), Failure.AIM, "no whole path")


def test_before_an_instant_the_snapshot_before_it_is_taken(shop: Shop, tmp_path: Path) -> None:
    assert shop.restored(tmp_path / "back", aim=Aim(before=shop.run.began_at + 1)).stage is Stage.DONE
    assert_red(shop.restored(tmp_path / "more", aim=Aim(before=1.0)), Failure.AIM, "nothing older")


def test_of_one_source_nothing_else_is_fetched(tmp_path: Path) -> None:
    vault, folders = Vault(), [filled(tmp_path / name) for name in ("a", "b")]
    what = tuple(What(kind="paths", name=one.name, settings={"paths": [str(one)]}) for one in folders)
    made = work_of(tmp_path / "state", vault, plan_of(folders[0], what=what))
    work = msgspec.structs.replace(made, sources={"paths": PATHS})
    run = running.run(work)
    back = restoring.restore(work, Aim(what="paths/b"), into=str(tmp_path / "back"), runs=(run,))
    assert back.stage is Stage.DONE, back.sentence
    assert back.files == 10
    assert tree(tmp_path / "back") == {
        f"{folders[1]}/{name}".lstrip("/"): body for name, body in tree(folders[1]).items()
    }
