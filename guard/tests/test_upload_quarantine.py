"""Files nobody can vouch for wait where nothing serves them, and clamd is asked where there is one."""

from pathlib import Path

import pytest

from guard.tests import sent_files as sent
from guard.tests.clamav import EVIL, daemon
from guard.tests.taking import refused, take, taken
from vedette_guard.uploads import (
    KINDS,
    TEXTS,
    Accepted,
    Quarantined,
    UploadPolicy,
    Uploads,
)


def test_what_nobody_knows_waits_while_there_is_room(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path / "uploads", UploadPolicy(quarantine=100))
    first = take(uploads, b"\1\2\3" * 30, "model.xyz")
    assert isinstance(first, Quarantined)
    assert (first.reason, first.original) == ("unknown", "model.xyz")
    assert refused(uploads, b"\1\2\3" * 30, "model.xyz")[0] == "full"
    first.path.unlink()
    assert isinstance(take(uploads, b"only words", "model.xyz"), Quarantined)


@pytest.mark.parametrize("by", ["path", "port"])
def test_clamd_sees_what_came(tmp_path: Path, by: str) -> None:
    with daemon(tmp_path / "clamd" if by == "path" else None) as (address, scanner):
        uploads = Uploads(tmp_path / "uploads", UploadPolicy(kinds=(*KINDS,), clamd=address, clamd_time="5s"))
        photo = sent.image("JPEG") + b"beside"
        taken(uploads, photo, "a.jpg")
        big = b"words " * 30_000
        taken(uploads, big, "a.txt")
        assert refused(uploads, EVIL, "a.txt") == ("malware", "The file has malware in it.")
        assert refused(uploads, b"\1" + EVIL, "a.xyz")[0] == "malware"
        assert scanner.seen == [photo, big, EVIL, b"\1" + EVIL]


@pytest.mark.parametrize("answer", [b"INSTREAM size limit exceeded. ERROR", b"", b"stream: OK FOUND?"])
def test_without_a_clear_answer_of_clamd_files_wait(tmp_path: Path, answer: bytes) -> None:
    with daemon(answer=answer) as (address, _):
        uploads = Uploads(tmp_path / "uploads", UploadPolicy(kinds=TEXTS, clamd=address))
        verdict = take(uploads, b"words", "a.txt")
    assert isinstance(verdict, Quarantined)
    assert verdict.reason == "scanner"
    away = Uploads(tmp_path / "uploads", UploadPolicy(kinds=TEXTS, clamd=str(tmp_path / "nobody")))
    assert isinstance(take(away, b"words", "a.txt"), Quarantined)
    again = Uploads(tmp_path / "uploads", UploadPolicy(kinds=TEXTS))
    with verdict.path.open("rb") as file:
        assert isinstance(again.take(file, name=verdict.original, declared=verdict.declared), Accepted)
