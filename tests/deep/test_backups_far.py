"""Places on other hosts: a round of each, by hand from its recovery sheet, and whatever befalls it ends red with its word."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support import far
from tests.support.greens import Place, filled, flip, packs, tree
from tests.support.papers import by_hand

from vedette.instruments.backup import sheet
from vedette.instruments.backup.types import Cargo
from vedette.wire.backup import BackupRun, DrillRun, Failure, Stage

pytestmark = [pytest.mark.deep, pytest.mark.timeout(600)]
SSH = """#!/bin/sh
exec /usr/bin/ssh -o UserKnownHostsFile={known} -o StrictHostKeyChecking=accept-new "$@"
"""


@pytest.fixture(params=far.TARGETS)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    with far.TARGETS[request.param](tmp_path) as made:
        filled(made.folder, 6)
        yield made


def assert_red(ended: BackupRun | DrillRun, *failures: Failure) -> None:
    assert ended.stage is Stage.FAILED, ended.sentence
    assert ended.failure in failures, (ended.failure, ended.sentence, ended.output)


def tools_of_a_person(folder: Path) -> Path:
    """Return a folder with bare borg, and an ssh that says yes when it is asked whether a host is the right one."""
    folder.mkdir()
    (folder / "borg").symlink_to(far.BORG)
    (folder / "ssh").write_text(SSH.format(known=folder / "known_hosts"))
    (folder / "ssh").chmod(0o755)
    return folder


def test_a_whole_round(place: Place, tmp_path: Path) -> None:
    """Twice, so that something is removed; then by the sheet alone, in a shell that has nothing of Vedette."""
    place.good()
    (place.folder / "deep/new.bin").write_bytes(os.urandom(50_000))
    assert len(place.good().removed) == 1
    place.assert_whole()
    work = place.work()
    paper = sheet.as_text(sheet.recovery_of(work.repository, place.engine, "web1", work.tools))
    bare = tmp_path / "bare"
    bare.mkdir()
    by_hand(paper, bare, engines=tools_of_a_person(tmp_path / "bin"))
    assert tree(bare / "restored" / str(place.folder).lstrip("/")) == tree(place.folder)


def test_what_is_flipped_there_is_seen(place: Place, tmp_path: Path) -> None:
    place.good()
    if isinstance(place, far.Stored):
        place.bucket.flip(place.bucket.packs()[0])
    else:
        flip(packs(tmp_path / "far")[0])
    assert_red(place.drill(), Failure.DAMAGED, Failure.NOT_PROVEN)


def test_a_repository_that_is_gone_is_told_and_not_made_anew(place: Place, tmp_path: Path) -> None:
    place.good()
    if isinstance(place, far.Stored):
        place.bucket.objects.clear()
    else:
        shutil.rmtree(tmp_path / "far")
    assert_red(place.run(), Failure.TARGET_MISSING, Failure.DAMAGED)
    assert_red(place.drill(), Failure.TARGET_MISSING, Failure.DAMAGED)
    assert not (tmp_path / "far").exists()


def test_another_password_opens_nothing(place: Place) -> None:
    place.good()
    place.password = "another"
    assert_red(place.run(), Failure.WRONG_KEY)


def test_a_bucket_that_is_full_or_not_ours(tmp_path: Path) -> None:
    with far.bucket(tmp_path) as place:
        assert isinstance(place, far.Stored)
        filled(place.folder, 6)
        place.good()
        (place.folder / "deep/new.bin").write_bytes(os.urandom(50_000))
        place.bucket.full = True
        assert_red(place.run(), Failure.TARGET_FULL)
        place.bucket.full = False
        place.secrets["access_key"] = "AKIASOMEBODYELSE"
        assert_red(place.run(), Failure.NETWORK)


def test_a_bucket_of_many_objects_is_listed_whole(tmp_path: Path) -> None:
    """More than one page of the answer: nothing that is on the second is lost."""
    with far.bucket(tmp_path) as place:
        filled(place.folder, 1, 1_000)
        for number in range(15):
            (place.folder / "deep/0.bin").write_bytes(os.urandom(1_000 + number))
            _saved(place)
        assert isinstance(place, far.Stored)
        assert len(place.bucket.objects) > 25
        work = place.work()
        assert len(work.open(work.tools).snapshots(work.tools)) == 15


def _saved(place: Place) -> None:
    work = place.work()
    store = work.open(work.tools)
    store.create()
    store.save(Cargo(plan="shop", paths=(place.folder,)), work.tools)


@pytest.mark.parametrize("target", ["borg over ssh", "restic over SFTP"])
def test_a_host_that_is_another_is_not_believed(target: str, tmp_path: Path) -> None:
    with far.TARGETS[target](tmp_path) as place:
        filled(place.folder, 2)
        place.good()
        port, other = str(place.settings["known_hosts"]).split()[0], tmp_path / "other"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(other)], check=True)
        place.settings["known_hosts"] = f"{port} {other.with_suffix('.pub').read_text()}"
        assert_red(place.run(), Failure.NETWORK)
        place.settings["known_hosts"] = ""  # the first that is seen is remembered
        place.good()


def test_a_thief_of_the_host_removes_nothing_where_one_may_only_append(tmp_path: Path) -> None:
    """With the host's key and password: borg may say that it removed, and every segment still is as it was."""
    with far.borg(tmp_path, "--append-only") as place:
        filled(place.folder, 6)
        place.good()
        assert place.good().removed == ()  # pruning is the other host's own affair
        before = {path: path.read_bytes() for path in packs(tmp_path / "far")}
        thief = tmp_path / "thief"
        thief.mkdir()
        (thief / "KEY_FILE").write_text(place.secrets["ssh_key"])
        (thief / "KEY_FILE").chmod(0o600)
        env = {
            "PATH": f"{tools_of_a_person(tmp_path / 'bin')}:/usr/bin:/bin", "HOME": str(thief), "BORG_PASSPHRASE": place.password,
            "BORG_RSH": f"ssh -i {thief}/KEY_FILE", "BORG_DELETE_I_KNOW_WHAT_I_AM_DOING": "YES", "LANG": "C.UTF-8",
        }  # fmt: skip
        for words in (["delete", "--glob-archives", "*"], ["compact"], ["delete"]):
            subprocess.run(["borg", *words, place.at], env=env, check=False, capture_output=True)
        assert {path: path.read_bytes() for path in before} == before


def test_a_key_that_may_only_serve_one_folder_opens_no_other(tmp_path: Path) -> None:
    with far.borg(tmp_path, "--append-only") as place:
        filled(place.folder, 2)
        place.good()
        place.at = place.at.replace("/far", "/elsewhere")
        place.runs.clear()
        assert_red(place.run(), Failure.TARGET_MISSING, Failure.NETWORK, Failure.ENGINE)
        assert not (tmp_path / "elsewhere").exists()
