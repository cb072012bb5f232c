"""Docker's volumes, by an imitation of docker (there is no daemon here), and against the real program without one."""

from pathlib import Path

import pytest
from tests.support.imitated import DOCKER, imitated
from tests.support.saved import Saved, told

from vedette.instruments.backup.types import Failed
from vedette.wire.backup import Failure

ANONYMOUS = "f" * 64


@pytest.fixture
def host(tmp_path: Path) -> Path:
    """Return the folder of an imitated docker with volumes in it."""
    for name in ("shop", "empty", ANONYMOUS):
        (tmp_path / "docker" / "volumes" / name / "_data").mkdir(parents=True)
    (tmp_path / "docker" / "volumes" / "shop" / "_data" / "file").write_text("hello")
    imitated(tmp_path / "docker", docker=DOCKER)
    return tmp_path / "docker"


def saved_of(tmp_path: Path, host: Path, *names: str) -> Saved:
    return Saved(tmp_path / "world", "volumes", {"volumes": list(names)}, {"docker": host / "docker"})


def test_volumes_come_back_as_volumes(tmp_path: Path, host: Path) -> None:
    saved = saved_of(tmp_path, host)
    gathered = saved.save()
    assert [path.parent.name for path in gathered.paths] == ["empty", "shop"]
    assert not told(saved.prove(gathered))
    (host / "volumes" / "shop" / "_data" / "file").write_text("other")
    (host / "used").write_text("web-1\n")
    with pytest.raises(Failed, match="used by web-1: stop that first"):
        saved.put_back(gathered, None)
    (host / "used").unlink()
    checks = saved.put_back(gathered, None)
    assert checks[-1].passed, checks[-1].text
    assert (host / "volumes" / "shop" / "_data" / "file").read_text() == "hello"
    saved.put_back(gathered, tmp_path / "into")
    assert (tmp_path / "into" / "shop" / "file").read_text() == "hello"


def test_a_volume_that_is_gone_is_made_again(tmp_path: Path, host: Path) -> None:
    saved = saved_of(tmp_path, host, "shop")
    gathered = saved.save()
    (host / "volumes" / "shop" / "_data" / "file").unlink()
    (host / "volumes" / "shop" / "_data").rmdir()
    (host / "volumes" / "shop").rmdir()
    (check,) = saved.put_back(gathered, None)
    assert check.passed
    assert (host / "volumes" / "shop" / "_data" / "file").read_text() == "hello"


@pytest.mark.parametrize(
    ("names", "failure"),
    [
        (["empty"], Failure.SOURCE_EMPTY),
        (["gone"], Failure.SOURCE_MISSING),
        (["--all"], Failure.SOURCE_MISSING),
    ],
)
def test_what_is_not_there_is_no_backup(
    tmp_path: Path, host: Path, names: list[str], failure: Failure
) -> None:
    with pytest.raises(Failed) as caught:
        saved_of(tmp_path, host, *names).gather()
    assert caught.value.failure is failure


def test_without_a_daemon_or_docker_nothing_is_saved(tmp_path: Path, host: Path) -> None:
    host.joinpath("docker").write_text("#!/bin/sh\necho Cannot connect to the Docker daemon >&2; exit 1\n")
    with pytest.raises(Failed, match="Cannot connect") as caught:
        saved_of(tmp_path, host, "shop").gather()
    assert caught.value.failure is Failure.SOURCE_MISSING
    host.joinpath("docker").unlink()
    with pytest.raises(Failed) as caught:
        saved_of(tmp_path / "again", host, "shop").gather()
    assert caught.value.failure is Failure.NO_TOOL
