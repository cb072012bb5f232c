"""Drills: green only for what came back as it was saved; whatever is lost on the way is red by its check."""

from pathlib import Path

import msgspec
import pytest
from tests.support.backups import NOW, Vault, filled, plan_of, work_of

from vedette.core.clock import ManualClock
from vedette.instruments.backup import drilling, running
from vedette.instruments.backup.types import Failed
from vedette.wire.backup import (
    Aim,
    Assertion,
    BackupRun,
    DrillRun,
    Drills,
    Failure,
    Goals,
    Manifest,
    Plan,
    Stage,
    What,
)

HOUR = 3_600.0


class Shop:
    """A folder that was saved once."""

    def __init__(self, tmp_path: Path) -> None:
        self.state, self.vault = tmp_path / "state", Vault()
        self.plan = plan_of(filled(tmp_path / "shop"))
        self.run = self.saved(self.plan)

    def saved(self, plan: Plan) -> BackupRun:
        return running.run(work_of(self.state, self.vault, plan))

    def drilled(
        self, *, runs: tuple[BackupRun, ...] | None = None, aim: Aim | None = None, **changes: object
    ) -> DrillRun:
        plan = msgspec.structs.replace(self.plan, **changes)
        work = work_of(self.state, self.vault, plan, clock=ManualClock(NOW + HOUR), act="d" * 32)
        return drilling.drill(work, runs=(self.run,) if runs is None else runs, aim=aim)


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def assert_red(drill: DrillRun, failure: Failure, *words: str) -> None:
    assert (drill.stage, drill.failure) == (Stage.FAILED, failure), drill.sentence
    assert all(word in drill.sentence for word in words), drill.sentence
    assert drill.fix


def test_a_good_backup_is_proven_and_timed(shop: Shop) -> None:
    drill = shop.drilled()
    assert drill.stage is Stage.DONE, drill.sentence
    assert [check.name for check in drill.checks] == ["folder: files", "repository"]
    assert drill.rpo == HOUR
    assert drill.rto is not None
    assert drill.files == 10
    assert "verify-whole" in shop.vault.calls
    assert not (shop.state / "plans/shop/drill").exists()


def test_the_manifest_in_the_snapshot_is_a_witness_without_any_other(shop: Shop, tmp_path: Path) -> None:
    shop.state = tmp_path / "another-host"
    assert shop.drilled(runs=()).stage is Stage.DONE


def test_a_snapshot_without_a_manifest_proves_nothing(shop: Shop, tmp_path: Path) -> None:
    shop.state = tmp_path / "another-host"
    kept = shop.vault.shelf().kept[shop.run.snapshot]
    kept.files = {name: body for name, body in kept.files.items() if "manifest" not in name}
    assert_red(shop.drilled(runs=()), Failure.NOT_PROVEN, "No manifest")


def test_a_byte_that_changed_is_found(shop: Shop) -> None:
    kept = shop.vault.shelf().kept[shop.run.snapshot]
    kept.files = {name: b"X" + body[1:] for name, body in kept.files.items()}
    assert_red(shop.drilled(), Failure.NOT_PROVEN, "folder: files")


def test_a_restore_that_silently_does_nothing_is_found(shop: Shop) -> None:
    shop.vault.lies = {"restore"}
    assert_red(shop.drilled(), Failure.NOT_PROVEN, "folder: files")


def test_a_restore_that_brings_back_no_file_is_red(shop: Shop) -> None:
    shop.vault.shelf().kept[shop.run.snapshot].files = {}
    assert_red(shop.drilled(), Failure.NOT_PROVEN, "nothing came back")


def test_an_empty_repository_is_red(shop: Shop) -> None:
    shop.vault.shelf().kept.clear()
    assert_red(shop.drilled(), Failure.NOT_PROVEN, "no whole snapshot")


def test_a_source_that_was_added_since_is_not_proven(shop: Shop) -> None:
    more = What(kind="folder", name="more", settings={"path": "/srv/more"})
    assert_red(
        shop.drilled(what=(*shop.plan.what, more)), Failure.NOT_PROVEN, "folder/more", "not in this snapshot"
    )


def test_a_repository_that_is_damaged_elsewhere_is_red(shop: Shop) -> None:
    shop.vault.troubles = {"verify-whole": Failed(Failure.DAMAGED, "Pack 12 is not as it was written.")}
    drill = shop.drilled()
    assert_red(drill, Failure.DAMAGED, "Pack 12")
    assert [check.passed for check in drill.checks] == [True, False]


@pytest.mark.parametrize("method", ["snapshots", "restore", "verify-whole"])
@pytest.mark.parametrize("failure", [Failure.NETWORK, Failure.WRONG_KEY, Failure.INTERRUPTED])
def test_an_engine_that_fails_is_red_in_its_words(shop: Shop, method: str, failure: Failure) -> None:
    shop.vault.troubles = {method: Failed(failure, "It broke.")}
    assert_red(shop.drilled(), failure, "It broke.")


def test_missed_goals_are_told_and_fail_nothing(shop: Shop) -> None:
    drill = shop.drilled(goals=Goals(rpo=60.0, rto=1e-9))
    assert drill.stage is Stage.DONE
    assert "Back within" in drill.sentence
    assert "1 h would be lost" in drill.sentence


def test_programs_ask_in_the_restored_place(shop: Shop) -> None:
    folder = str(shop.plan.what[0].settings["path"]).lstrip("/")
    good = Assertion(name="first row", run=("/bin/grep", "-q", "row 0", f"{folder}/deep/0.txt"))
    assert shop.drilled(drills=Drills(asserts=(good,))).stage is Stage.DONE
    bad = Assertion(
        name="owner", run=("/bin/sh", "-c", 'test -f "$VEDETTE_RESTORED/none" || { echo no owner; exit 4; }')
    )
    drill = shop.drilled(drills=Drills(asserts=(good, bad)))
    assert_red(drill, Failure.NOT_PROVEN, "owner: It ended with 4: no owner")


def test_a_question_that_nobody_answers_is_red(shop: Shop) -> None:
    told = Assertion(name="orders", sql="SELECT count(*) FROM orders", database="folder")
    assert shop.drilled(drills=Drills(asserts=(told,))).stage is Stage.DONE
    lost = Assertion(name="users", sql="SELECT count(*) FROM users", database="ship")
    assert_red(
        shop.drilled(drills=Drills(asserts=(told, lost))), Failure.NOT_PROVEN, "users", "No database ship"
    )


def test_an_aimed_snapshot_is_drilled_by_the_beginning_of_its_name(shop: Shop) -> None:
    shop.saved(shop.plan)
    assert shop.drilled(aim=Aim(snapshot="snapshot-0000")).snapshot == "snapshot-0000"
    assert_red(shop.drilled(aim=Aim(snapshot="snapshot")), Failure.AIM, "may mean several")
    assert_red(shop.drilled(aim=Aim(snapshot="elsewhere")), Failure.AIM, "not in the repository")


def test_no_room_is_told_before_anything_is_brought(shop: Shop) -> None:
    assert shop.run.manifest is not None
    huge = msgspec.structs.replace(shop.run.manifest.parts[0], bytes=10**18)
    run = msgspec.structs.replace(shop.run, manifest=Manifest(at=NOW, parts=(huge,)))
    shop.vault.calls.clear()
    assert_red(shop.drilled(runs=(run,)), Failure.TARGET_FULL, "free")
    assert "restore" not in shop.vault.calls


def test_a_snapshot_of_the_future_is_told(shop: Shop) -> None:
    kept = shop.vault.shelf().kept[shop.run.snapshot]
    kept.snapshot = msgspec.structs.replace(kept.snapshot, at=NOW + 30 * 86_400)
    assert_red(shop.drilled(), Failure.CLOCK, "after now")
