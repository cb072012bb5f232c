"""How much is taken: of a file, of files that come together, of memory; and a policy that cannot be meant."""

import asyncio
import io
import tracemalloc
from pathlib import Path

import pytest

from guard.tests.taking import EVERYTHING
from vedette_guard import PolicyError
from vedette_guard.uploads import (
    TEXTS,
    Refused,
    UploadPolicy,
    Uploads,
    Verdict,
)


@pytest.fixture
def uploads(tmp_path: Path) -> Uploads:
    return Uploads(tmp_path / "uploads", EVERYTHING)


class Endless:
    """A file that never ends, and counts what was read of it."""

    name, content_type = "a.txt", "text/plain"

    def __init__(self) -> None:
        self.read_so_far = 0

    def read(self, size: int = -1, /) -> bytes:
        self.read_so_far += size
        return b"x" * size


def test_a_file_is_read_no_further_than_it_may_be_long(tmp_path: Path) -> None:
    uploads, file = Uploads(tmp_path / "uploads", UploadPolicy(kinds=TEXTS)), Endless()
    verdict = uploads.take(file)
    assert isinstance(verdict, Refused)
    assert (verdict.reason, verdict.sentence) == ("size", "The file is larger than 10 MB.")
    assert file.read_so_far < 10.2 * 1024 * 1024
    assert list(uploads.quarantine.iterdir()) == []


def test_memory_is_bounded(tmp_path: Path) -> None:
    size = 8 * 1024 * 1024
    uploads = Uploads(tmp_path / "uploads", UploadPolicy(kinds=TEXTS, size=size))
    source = tmp_path / "big.txt"
    source.write_bytes(b"x" * size)
    tracemalloc.start()
    with source.open("rb") as file:
        assert uploads.take(file).accepted
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2_000_000


def named(name: str, content: bytes) -> io.BytesIO:
    file = io.BytesIO(content)
    file.name = name
    return file


def test_what_comes_together_has_a_measure(tmp_path: Path) -> None:
    told: list[Verdict] = []
    policy = UploadPolicy(kinds=TEXTS, count=3, total=20, size=15)
    uploads = Uploads(tmp_path / "uploads", policy, told=told.append)
    files = [
        named("a.txt", b"x" * 12),
        named("b.txt", b"x" * 12),
        named("c.txt", b"x" * 8),
        named("d.txt", b"x"),
    ]
    verdicts = asyncio.run(uploads.take_all_async(iter(files)))
    assert [v.reason if isinstance(v, Refused) else v.accepted for v in verdicts] == [
        True,
        "size",
        True,
        "count",
    ]
    assert [v.sentence for v in verdicts if isinstance(v, Refused)] == [
        "The files together are larger than 0.0195 kB.", "More than 3 files came at once.",
    ]  # fmt: skip
    assert told == verdicts
    assert asyncio.run(uploads.take_async(named("a.txt", b"x" * 16))).accepted is False
    assert len(told) == 5


def test_what_is_no_file_is_a_mistake_of_the_application(uploads: Uploads) -> None:
    with pytest.raises(TypeError, match=r"a file is wanted, and str has no read"):
        uploads.take("a.jpg")
    with pytest.raises(TypeError, match="reads as str"):
        uploads.take(io.StringIO("x"), name="a.txt")
    assert list(uploads.quarantine.iterdir()) == []


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"kinds": ("jpg",)}, "guard.uploads.kinds[0] = 'jpg': meant is one of jpeg, png"),
        ({"kinds": ()}, "guard.uploads.kinds = (): meant is some of jpeg"), ({"kinds": "jpeg"}, "('jpeg',)"),
        ({"size": -1}, "guard.uploads.size = -1: meant is a whole number"), ({"clamd": "clamav"}, "host:port"),
        ({"clamd_time": "soon"}, "guard.uploads.clamd_time = 'soon': meant is a duration"),
    ],
)  # fmt: skip
def test_a_policy_that_cannot_be_meant(how: dict[str, object], said: str) -> None:
    with pytest.raises(PolicyError) as error:
        UploadPolicy(**how)  # type: ignore[arg-type]
    assert said in str(error.value)
