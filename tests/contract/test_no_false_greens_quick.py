"""A good backup is green and comes back byte by byte; what is broken behind its back is red. All of it: tests/deep."""

import shutil
from pathlib import Path

import pytest
from tests.support.greens import PASSWORD, Place, filled, flip, packs
from tests.support.overheard import overheard

from vedette.wire.backup import BackupRun, DrillRun, Failure, Stage

pytestmark = [pytest.mark.timeout(300), pytest.mark.xdist_group("backup-greens")]


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Place:
    place = Place(tmp_path_factory.mktemp("restic"), "restic")  # the quicker one
    filled(place.folder)
    place.good()
    return place


@pytest.fixture
def place(saved: Place, tmp_path: Path) -> Place:
    """Return a copy of what was saved, to break; its repository stays at its path, which engines know it by."""
    kept = tmp_path / "kept"
    shutil.copytree(saved.repository, kept)
    yield saved
    shutil.rmtree(saved.repository)
    shutil.copytree(kept, saved.repository)
    saved.password = type(saved).password


def assert_red(ended: BackupRun | DrillRun, *failures: Failure) -> None:
    assert ended.stage is Stage.FAILED, ended.sentence
    assert ended.failure in failures, (ended.failure, ended.sentence, ended.output)
    assert ended.fix


def test_a_good_backup_is_green_and_comes_back_byte_by_byte_and_its_password_is_not_overheard(
    saved: Place,
) -> None:
    with overheard(PASSWORD) as listening:
        saved.assert_whole()
        listening.look_into(saved.root / "state")
    assert listening.programs
    assert not listening.heard


def test_eight_bytes_flipped_in_the_repository_are_found(place: Place) -> None:
    flip(packs(place.repository)[0])
    assert_red(place.drill(), Failure.DAMAGED, Failure.NOT_PROVEN)


@pytest.mark.deep
def test_a_pack_that_is_gone_is_found_by_the_next_run(place: Place) -> None:
    packs(place.repository)[0].unlink()
    assert_red(place.run(), Failure.DAMAGED)


def test_another_password_is_told(place: Place) -> None:
    place.password = "another"
    assert_red(place.run(), Failure.WRONG_KEY)
