"""Runs: only what is stored and read back is green; each way to fail is red with its word, and prunes nothing."""

import os
import socket
from pathlib import Path

import msgspec
import pytest
from tests.support.backups import NOW, Vault, filled, plan_of, work_of

from vedette.core.clock import ManualClock
from vedette.instruments.backup import breaking, holders, running
from vedette.instruments.backup.failing import fix_of
from vedette.instruments.backup.types import Failed, Held
from vedette.wire.backup import (
    BackupRun,
    Failure,
    Hook,
    Keep,
    Limits,
    Manifest,
    Part,
    Plan,
    Progress,
    Stage,
    What,
)


@pytest.fixture
def vault() -> Vault:
    return Vault()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return filled(tmp_path / "shop")


def run(tmp_path: Path, vault: Vault, plan: Plan, last: BackupRun | None = None, **more: object) -> BackupRun:
    accept = bool(more.pop("accept_size", False))
    return running.run(work_of(tmp_path / "state", vault, plan, **more), last=last, accept_size=accept)  # type: ignore[arg-type]


def assert_red(ended: BackupRun, failure: Failure, *words: str) -> None:
    assert (ended.stage, ended.failure, ended.fix) == (Stage.FAILED, failure, fix_of(failure)), ended.sentence
    assert all(word in ended.sentence for word in words), ended.sentence
    assert ended.ended_at is not None


def test_a_good_run_is_stored_verified_and_told(tmp_path: Path, vault: Vault, folder: Path) -> None:
    told: list[Progress] = []
    ended = run(tmp_path, vault, plan_of(folder), tell=told.append)
    assert ended.stage is Stage.DONE, ended.sentence
    assert ended.verified
    assert ended.snapshot == "snapshot-0000"
    assert ended.manifest is not None
    assert ended.manifest.files == 10
    assert "10 files" in ended.sentence  # without the manifest, which is ours
    assert [step.step for step in told][:1] == ["Looking at folder"]
    assert vault.calls.index("verify") < vault.calls.index("prune")
    assert not (tmp_path / "state/plans/shop/staging").exists()


def test_the_next_run_makes_no_new_repository(tmp_path: Path, vault: Vault, folder: Path) -> None:
    first = run(tmp_path, vault, plan_of(folder))
    vault.shelves.clear()
    assert_red(run(tmp_path, vault, plan_of(folder), first), Failure.TARGET_MISSING)


def test_a_source_that_is_gone_is_red(tmp_path: Path, vault: Vault) -> None:
    ended = run(tmp_path, vault, plan_of(tmp_path / "nowhere"))
    assert_red(ended, Failure.SOURCE_MISSING, "nowhere")
    assert ended.snapshot == ""


@pytest.mark.parametrize("files", [0, 3])
def test_a_source_without_a_byte_is_red_and_stores_nothing(tmp_path: Path, vault: Vault, files: int) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    for number in range(files):
        (empty / str(number)).touch()
    ended = run(tmp_path, vault, plan_of(empty))
    assert_red(ended, Failure.SOURCE_EMPTY, "not one byte")
    assert "save" not in vault.calls


def test_a_source_that_shrank_is_stored_red_and_prunes_nothing(
    tmp_path: Path, vault: Vault, folder: Path
) -> None:
    first = run(tmp_path, vault, plan_of(folder))
    for number in range(6):
        (folder / "deep" / f"{number}.txt").unlink()
    vault.calls.clear()
    ended = run(tmp_path, vault, plan_of(folder), first)
    assert_red(ended, Failure.SHRANK, "60%", "10 files then, 4 now")
    assert ended.snapshot
    assert ended.verified
    assert "prune" not in vault.calls
    assert run(tmp_path, vault, plan_of(folder), first, accept_size=True).stage is Stage.DONE


def test_what_could_not_be_read_is_red_by_name(tmp_path: Path, vault: Vault, folder: Path) -> None:
    vault.unread = ("srv/shop/secret%0A.key",)
    assert_red(run(tmp_path, vault, plan_of(folder)), Failure.PARTIAL, "secret%0A.key")
    assert "prune" not in vault.calls


def test_a_file_that_went_before_the_engine_came_to_it_is_told_and_is_no_fault(
    tmp_path: Path, vault: Vault, folder: Path
) -> None:
    vault.unread = (f"{folder}/session",)
    ended = run(tmp_path, vault, plan_of(folder))
    assert ended.stage is Stage.DONE, ended.sentence
    assert ended.sentence.endswith("1 name went meanwhile.")


def test_a_file_that_is_there_and_was_not_read_is_red(tmp_path: Path, vault: Vault, folder: Path) -> None:
    (folder / "key").touch()
    vault.unread = (f"{folder}/key",)
    assert_red(run(tmp_path, vault, plan_of(folder)), Failure.PARTIAL, "could not be read", f"{folder}/key")


def test_an_engine_that_stores_nothing_is_red(tmp_path: Path, vault: Vault, folder: Path) -> None:
    vault.lies = {"save"}
    assert_red(run(tmp_path, vault, plan_of(folder)), Failure.DAMAGED, "lists none")


@pytest.mark.parametrize("method", ["create", "save", "snapshots", "verify", "prune", "size"])
@pytest.mark.parametrize(
    "failure", [Failure.NETWORK, Failure.TARGET_FULL, Failure.WRONG_KEY, Failure.DAMAGED]
)
def test_an_engine_that_fails_anywhere_is_red_in_its_words(
    tmp_path: Path, vault: Vault, folder: Path, method: str, failure: Failure
) -> None:
    vault.troubles = {method: Failed(failure, "It broke here.", "what it said")}
    ended = run(tmp_path, vault, plan_of(folder))
    assert_red(ended, failure, "It broke here.")
    assert ended.output == "what it said"


@pytest.mark.parametrize(
    ("error", "failure"),
    [
        (KeyError("x"), Failure.ENGINE),
        (OSError(28, "No space left on device"), Failure.TARGET_FULL),
        (KeyboardInterrupt(), Failure.INTERRUPTED),
    ],
)
def test_whatever_breaks_is_red(
    tmp_path: Path, vault: Vault, folder: Path, error: BaseException, failure: Failure
) -> None:
    vault.troubles = {"save": error}
    assert_red(run(tmp_path, vault, plan_of(folder)), failure)


def test_a_wrong_password_is_red(tmp_path: Path, vault: Vault, folder: Path) -> None:
    run(tmp_path, vault, plan_of(folder))
    assert_red(run(tmp_path, vault, plan_of(folder), password="other"), Failure.WRONG_KEY)


def test_a_clock_that_went_back_is_red_before_anything_is_done(
    tmp_path: Path, vault: Vault, folder: Path
) -> None:
    first = run(tmp_path, vault, plan_of(folder))
    vault.calls.clear()
    ended = run(tmp_path, vault, plan_of(folder), first, clock=ManualClock(NOW - 7_200))
    assert_red(ended, Failure.CLOCK, "2 h")
    assert vault.calls == []


def test_a_snapshot_of_the_future_is_red_and_prunes_nothing(
    tmp_path: Path, vault: Vault, folder: Path
) -> None:
    run(tmp_path, vault, plan_of(folder), clock=ManualClock(NOW + 86_400 * 365))
    vault.calls.clear()
    assert_red(run(tmp_path, vault, plan_of(folder)), Failure.CLOCK, "365 d")
    assert "prune" not in vault.calls


def test_old_snapshots_go_after_a_good_run(tmp_path: Path, vault: Vault, folder: Path) -> None:
    plan = plan_of(folder, keep=Keep(last=1))
    first = run(tmp_path, vault, plan)
    second = run(tmp_path, vault, plan, first)
    assert second.removed == (first.snapshot,)
    kept = [path.name for path in (tmp_path / "state/plans/shop/manifests/here").iterdir()]
    assert f"{second.snapshot}.json" in kept


def test_hooks_run_around_it_and_are_told(tmp_path: Path, vault: Vault, folder: Path) -> None:
    note = tmp_path / "note"
    plan = plan_of(
        folder,
        before=(Hook(run=("/bin/sh", "-c", f"echo before $VEDETTE_PLAN >> {note}")),),
        after=(Hook(run=("/bin/sh", "-c", f"echo after $VEDETTE_STAGE $VEDETTE_SNAPSHOT >> {note}")),),
    )
    assert run(tmp_path, vault, plan).stage is Stage.DONE
    assert note.read_text().splitlines() == ["before shop", "after done snapshot-0000"]


@pytest.mark.parametrize(
    ("hook", "words"),
    [
        (Hook(run=("/bin/sh", "-c", "echo no database >&2; exit 3")), ("ended with 3", "no database")),
        (Hook(run=("/bin/sleep", "60"), seconds=0.2), ("0.2 s", "ended")),
        (Hook(run=("/nowhere/hook",)), ("/nowhere/hook",)),
        (Hook(run=()), ("names no program",)),
    ],
)
def test_a_hook_that_fails_before_stops_it_and_after_still_runs(
    tmp_path: Path, vault: Vault, folder: Path, hook: Hook, words: tuple[str, ...]
) -> None:
    note = tmp_path / "note"
    after = Hook(run=("/bin/sh", "-c", f"echo $VEDETTE_STAGE > {note}"))
    ended = run(tmp_path, vault, plan_of(folder, before=(hook,), after=(after,)))
    assert_red(ended, Failure.HOOK, "before", *words)
    assert vault.calls == []
    assert note.read_text() == "failed\n"


def test_a_hook_that_fails_after_leaves_a_red_run_with_its_snapshot(
    tmp_path: Path, vault: Vault, folder: Path
) -> None:
    ended = run(tmp_path, vault, plan_of(folder, after=(Hook(run=("/bin/false",)),)))
    assert_red(ended, Failure.HOOK, "after")
    assert ended.verified
    assert ended.snapshot


def test_no_time_left_is_red(tmp_path: Path, vault: Vault, folder: Path) -> None:
    assert_red(run(tmp_path, vault, plan_of(folder, limits=Limits(seconds=0.0))), Failure.TIMEOUT)


def test_two_runs_of_a_plan_at_once_do_not_meet(tmp_path: Path, vault: Vault, folder: Path) -> None:
    met: list[BackupRun] = []
    vault.before = {"save": lambda: met.append(run(tmp_path, vault, plan_of(folder), act="2" * 32))}
    assert run(tmp_path, vault, plan_of(folder)).stage is Stage.DONE
    assert_red(met[0], Failure.LOCKED)


@pytest.mark.parametrize(
    ("changes", "failure"),
    [
        ({"what": ()}, Failure.SOURCE_EMPTY),
        ({"what": (What(kind="folder", settings={"paht": "/srv"}),)}, Failure.SOURCE_MISSING),
        ({"what": (What(kind="tape", settings={}),)}, Failure.SOURCE_MISSING),
    ],
)
def test_a_plan_that_makes_no_sense_is_red(
    tmp_path: Path, vault: Vault, folder: Path, changes: dict[str, object], failure: Failure
) -> None:
    assert_red(run(tmp_path, vault, plan_of(folder, **changes)), failure)


def test_an_engine_that_is_not_there_is_red(tmp_path: Path, vault: Vault, folder: Path) -> None:
    plan = plan_of(folder)
    copy = msgspec.structs.replace(plan.copies[0], engine="tape")
    assert_red(run(tmp_path, vault, msgspec.structs.replace(plan, copies=(copy,))), Failure.NO_TOOL, "tape")


def test_a_manifest_of_nothing_known_before_is_no_shrinking(
    tmp_path: Path, vault: Vault, folder: Path
) -> None:
    other = Manifest(at=NOW, parts=(Part(what="postgres/shop", files=1_000, bytes=1_000_000),))
    first = msgspec.structs.replace(run(tmp_path, vault, plan_of(folder)), manifest=other)
    assert run(tmp_path, vault, plan_of(folder), first).stage is Stage.DONE


def held(pid: int, host: str = "") -> Held:
    return Held(host=host or socket.gethostname(), pid=pid, since=None, text="locked", boot=holders.boot())


def test_a_lock_of_somebody_who_is_proven_gone_is_told_apart(
    tmp_path: Path, vault: Vault, folder: Path
) -> None:
    run(tmp_path, vault, plan_of(folder))
    vault.troubles = {"save": Failed(Failure.LOCKED, "The repository is locked.")}
    for holder, failure in (
        (held(2**22 + 1), Failure.STALE_LOCK),
        (held(os.getpid()), Failure.LOCKED),
        (held(1, "other"), Failure.LOCKED),
    ):
        vault.shelf().held = holder
        assert_red(run(tmp_path, vault, plan_of(folder)), failure)


def test_a_lock_is_broken_when_its_holder_is_proven_gone_alone(
    tmp_path: Path, vault: Vault, folder: Path
) -> None:
    run(tmp_path, vault, plan_of(folder))
    work = work_of(tmp_path / "state", vault, plan_of(folder))
    assert "Nobody holds" in breaking.unlock(work)
    vault.shelf().held = held(os.getpid())
    with pytest.raises(Failed, match="still runs"):
        breaking.unlock(work)
    assert vault.shelf().held is not None
    vault.shelf().held = held(2**22 + 1)
    assert "broken" in breaking.unlock(work)
    assert vault.shelf().held is None
