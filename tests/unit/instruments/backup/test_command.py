"""What a program writes: saved when it ended well, and proven by its hash and by a program that reads it."""

import sys
from pathlib import Path

import pytest
from tests.support.saved import Saved, told

from vedette.instruments.backup.types import Failed
from vedette.wire.backup import Failure

DUMP = "import gzip,sys; sys.stdout.buffer.write(gzip.compress(b'orders' * 1000))"


def saved_of(tmp_path: Path, code: str, **more: object) -> Saved:
    return Saved(tmp_path / "world", "command", {"run": [sys.executable, "-c", code], **more})


def test_it_is_saved_proven_and_put_back(tmp_path: Path) -> None:
    saved = saved_of(tmp_path, DUMP, file="shop.gz", check={"run": ["/usr/bin/gzip", "-t"]})
    gathered = saved.save()
    assert (gathered.part.files, gathered.part.bytes > 20) == (1, True)
    checks = saved.prove(gathered)
    assert (list(checks), told(checks)) == (["content", "gzip reads it"], "")
    saved.put_back(gathered, tmp_path / "into")
    assert (tmp_path / "into" / "shop.gz").read_bytes() == (saved.staging / "shop.gz").read_bytes()
    with pytest.raises(Failed, match="Name a folder"):
        saved.put_back(gathered, None)


def test_a_dump_that_its_own_program_cannot_read_is_not_proven(tmp_path: Path) -> None:
    saved = saved_of(tmp_path, "print('no gzip')", check={"run": ["/usr/bin/gzip", "-t"]})
    assert told(saved.prove(saved.save())).startswith("gzip reads it: It ended with 1")


def test_another_content_is_not_proven(tmp_path: Path) -> None:
    saved = saved_of(tmp_path, DUMP)
    gathered = saved.save()
    (saved.root / saved.staging.relative_to("/") / "output").write_bytes(b"x")
    assert told(saved.prove(gathered)) == "content: It is not what was saved."


@pytest.mark.parametrize(
    ("code", "more", "failure"),
    [
        ("print('half'); raise SystemExit(3)", {}, Failure.SOURCE_MISSING),
        ("pass", {}, Failure.SOURCE_EMPTY),
        ("print(1)", {"least": 1_000}, Failure.SOURCE_EMPTY),
        ("import time; time.sleep(60)", {"seconds": 0.2}, Failure.TIMEOUT),
        ("print(1)", {"file": "../x"}, Failure.SOURCE_MISSING),
        ("print(1)", {"run": ["cat"]}, Failure.SOURCE_MISSING),
        ("print(1)", {"run": ["/nowhere/dump"]}, Failure.NO_TOOL),
    ],
)
def test_what_failed_is_no_backup(
    tmp_path: Path, code: str, more: dict[str, object], failure: Failure
) -> None:
    with pytest.raises(Failed) as caught:
        saved_of(tmp_path, code, **more).gather()
    assert caught.value.failure is failure
