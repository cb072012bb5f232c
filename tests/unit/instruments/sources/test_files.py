"""Logs as programs and logrotate treat them: every line that was written comes once."""

import gzip
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.followed import Followed, add, from_beginning, until

from vedette.instruments.logs.sources.types import CHUNK, LONGEST_LINE, FileSource
from vedette.instruments.logs.sources.watching import Inotify, Woken


@pytest.fixture
def log(tmp_path: Path) -> Path:
    (tmp_path / "logs").mkdir()
    return tmp_path / "logs" / "app.log"


@pytest.fixture
def followed(tmp_path: Path, log: Path) -> Followed:
    (tmp_path / "state").mkdir()
    return Followed(tmp_path / "state", FileSource(path=str(log)))


def packed(path: Path) -> Path:
    """Compress a file as gzip does: another file with the same time."""
    target = path.with_name(path.name + ".gz")
    with path.open("rb") as source, gzip.open(target, "wb") as file:
        shutil.copyfileobj(source, file)
    found = path.stat()
    os.utime(target, ns=(found.st_atime_ns, found.st_mtime_ns))
    path.unlink()
    return target


def test_what_was_there_before_is_not_read_and_what_comes_is(followed: Followed, log: Path) -> None:
    log.write_bytes(b"old 1\nold 2\nhalf")
    with followed.running():
        add(log, b" and whole", b"new")
        followed.wait(b"half and whole", b"new")


def test_a_file_that_appears_later_is_read_from_its_beginning(followed: Followed, log: Path) -> None:
    log.parent.rmdir()
    with followed.running():
        log.parent.mkdir()
        add(log, b"first")
        followed.wait(b"first")
        add(log, b"second")
        followed.wait(b"first", b"second")


def test_renamed_and_made_anew_while_the_writer_goes_on_with_the_renamed_one(
    followed: Followed, log: Path
) -> None:
    add(log, b"before")
    with followed.running(), log.open("ab", buffering=0) as writer:
        writer.write(b"one\n")
        log.rename(log.with_name("app.log.1"))
        writer.write(b"two\n")
        add(log, b"\n", b"three")
        writer.write(b"four\n")
        followed.wait(b"one", b"two", b"", b"", b"three", b"four")
        writer.write(b"five\n")
        add(log, b"six")
        followed.wait(b"one", b"two", b"", b"", b"three", b"four", b"five", b"six")


def test_copytruncate(followed: Followed, log: Path) -> None:
    log.touch()
    with followed.running():
        add(log, b"a long enough line 1", b"a long enough line 2")
        followed.wait(b"a long enough line 1", b"a long enough line 2")
        shutil.copy2(log, log.with_name("app.log.1"))
        os.truncate(log, 0)
        add(log, b"3")
        followed.wait(b"a long enough line 1", b"a long enough line 2", b"3")


def test_copytruncate_of_what_was_not_read_yet(followed: Followed, log: Path) -> None:
    add(log, b"a line that is old enough")
    with followed.running():
        pass
    add(log, b"written while nobody read")
    shutil.copy2(log, log.with_name("app.log.1"))
    log.write_bytes(b"and something much, much longer than all that stood there before it was cut\n")
    with followed.running():
        followed.wait(
            b"written while nobody read",
            b"and something much, much longer than all that stood there before it was cut",
        )


def test_a_writer_that_keeps_its_place_in_a_file_that_was_cut_leaves_zeros(
    followed: Followed, log: Path
) -> None:
    log.touch()
    with followed.running(), log.open("wb", buffering=0) as writer:
        writer.write(b"x" * 9000 + b"\n")
        until(lambda: len(followed.lines) == 1)
        os.truncate(log, 0)
        writer.write(b"after\n")
        followed.wait(b"x" * 9000, b"after")


def test_rewritten_in_place_with_its_head_cut_off(followed: Followed, log: Path) -> None:
    log.touch()
    with followed.running():
        lines = [b"line number %d of the log" % n for n in range(100)]
        add(log, *lines)
        followed.wait(*lines)
        for kept in (60, 1):
            log.write_bytes(b"".join(line + b"\n" for line in lines[-kept:]))
            add(log, b"one more after %d were kept" % kept)
            lines.append(b"one more after %d were kept" % kept)
            followed.wait(*lines)


def test_rewritten_by_an_editor(followed: Followed, log: Path, tmp_path: Path) -> None:
    lines = [b"line number %d of the log" % n for n in range(100)]
    log.touch()
    with followed.running():
        add(log, *lines)
        followed.wait(*lines)
        beside = tmp_path / "logs" / "sedAbC"
        beside.write_bytes(b"".join(line + b"\n" for line in lines[50:]))
        beside.replace(log)
        add(log, b"new")
        followed.wait(*lines, b"new")


def test_rewritten_with_other_content_is_read_again(followed: Followed, log: Path) -> None:
    log.touch()
    with followed.running():
        add(log, b"aaaaaaaaaaaaaaaaaaaaaaaa")
        followed.wait(b"aaaaaaaaaaaaaaaaaaaaaaaa")
        log.write_bytes(b"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\n")
        followed.wait(b"aaaaaaaaaaaaaaaaaaaaaaaa", b"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb")


def test_a_link_that_leads_elsewhere_is_resolved_again(followed: Followed, log: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "releases" / "1", tmp_path / "releases" / "2"
    for folder in (first, second):
        folder.mkdir(parents=True)
    add(first / "app.log", b"old")
    log.symlink_to(tmp_path / "current" / "app.log")
    (tmp_path / "current").symlink_to(first)
    with followed.running():
        add(first / "app.log", b"1")
        followed.wait(b"1")
        (tmp_path / "next").symlink_to(second)
        (tmp_path / "next").replace(tmp_path / "current")
        add(second / "app.log", b"2")
        add(first / "app.log", b"still 1")
        followed.wait(b"1", b"2", b"still 1")
        (second / "app.log").rename(second / "app.log.1")
        add(second / "app.log", b"3")
        followed.wait(b"1", b"2", b"still 1", b"3")


@pytest.mark.parametrize("pack", [False, True])
def test_rotated_twice_while_nobody_read(followed: Followed, log: Path, pack: bool) -> None:
    add(log, b"before everything")
    with followed.running():
        add(log, b"read")
        followed.wait(b"read")
    add(log, b"unread 1")
    log.rename(log.with_name("app.log.2"))
    add(log, b"unread 2")
    log.rename(log.with_name("app.log.1"))
    add(log, b"unread 3")
    if pack:
        packed(log.with_name("app.log.2"))
        packed(log.with_name("app.log.1"))
    with followed.running():
        followed.wait(b"read", b"unread 1", b"unread 2", b"unread 3")
        add(log, b"last")
        followed.wait(b"read", b"unread 1", b"unread 2", b"unread 3", b"last")
    with followed.running():
        add(log, b"very last")
        followed.wait(b"read", b"unread 1", b"unread 2", b"unread 3", b"last", b"very last")


def test_a_restart_reads_nothing_again(followed: Followed, log: Path) -> None:
    log.touch()
    written: list[bytes] = []
    for n in range(5):
        with followed.running():
            add(log, b"while %d" % n)
            written.append(b"while %d" % n)
            followed.wait(*written)
        add(log, b"between %d" % n)
        written.append(b"between %d" % n)
    with followed.running():
        followed.wait(*written)


def test_a_line_without_an_end_waits_for_it(followed: Followed, log: Path) -> None:
    log.touch()
    with followed.running(), log.open("ab", buffering=0) as writer:
        writer.write(b"one\nha")
        followed.wait(b"one")
        writer.write(b"lf")
    with followed.running():
        add(log, b" done")
        followed.wait(b"one", b"half done")


def test_long_lines_are_handed_out_alone_and_longer_ones_counted(followed: Followed, log: Path) -> None:
    log.touch()
    long = b"l" * (LONGEST_LINE - 10)
    with followed.running() as files:
        add(log, b"a", long, b"b", b"x" * (3 * LONGEST_LINE), b"c")
        followed.wait(b"a", long, b"b", b"c")
        until(lambda: files.standings()[0].skipped == 1)
        assert max(len(chunk.data) for chunk in followed.chunks if len(chunk.data) != len(long) + 1) <= CHUNK


@pytest.mark.deep
def test_a_line_of_150_megabytes_costs_no_memory(followed: Followed, log: Path) -> None:
    log.touch()
    with followed.running(), log.open("ab", buffering=0) as writer:
        for _ in range(150):
            writer.write(b"\xff\0" * 500_000)
        writer.write(b"\nafter\n")
        followed.wait(b"after")


def test_a_restart_amid_a_line_that_is_too_long_skips_the_rest_of_it(followed: Followed, log: Path) -> None:
    log.touch()
    with followed.running() as files, log.open("ab", buffering=0) as writer:
        writer.write(b"first\n" + b"x" * (2 * LONGEST_LINE))
        followed.wait(b"first")
        until(lambda: files.standings()[0].bytes == 6)
    add(log, b"y" * 100, b"next")
    with followed.running():
        followed.wait(b"first", b"next")


def test_binary_is_handed_out_as_it_is(followed: Followed, log: Path) -> None:
    log.touch()
    line = bytes(byte for byte in reversed(range(256)) if byte != 10)
    with followed.running():
        add(log, line)
        followed.wait(line)


def test_patterns_follow_what_appears_and_not_what_rotation_made(tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    add(logs / "a.log", b"old")
    followed = Followed(tmp_path, FileSource(path=f"{logs}/*"))
    with followed.running():
        add(logs / "a.log", b"a1")
        add(logs / "b.log", b"b1")
        followed.wait(b"a1", b"b1")
        (logs / "a.log").rename(logs / "a.log.1")
        add(logs / "a.log", b"a2")
        followed.wait(b"a1", b"b1", b"a2")
        (logs / "b.log").rename(logs / "b-20261126.log")
        add(logs / "b.log", b"b2")
        followed.wait(b"a1", b"b1", b"a2", b"b2")
    add(logs / "c.log", b"c1")
    with followed.running():
        followed.wait(b"a1", b"b1", b"a2", b"b2", b"c1")


def test_two_names_of_one_file_are_read_once(tmp_path: Path) -> None:
    add(tmp_path / "app.log", b"old")
    (tmp_path / "link.log").symlink_to("app.log")
    followed = Followed(tmp_path / "state", FileSource(path=f"{tmp_path}/*.log"))
    followed.state.mkdir()
    with followed.running():
        add(tmp_path / "app.log", b"new")
        followed.wait(b"new")


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Return a folder that everybody may enter, which those of pytest are not."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes nobody")
def test_a_file_that_may_not_be_read_is_said_and_read_once_it_may(open_folder: Path) -> None:
    """Root may read everything, so nobody follows here, in a process of his own."""
    script = f"""
import os, inotify_simple
from vedette.core.clock import SystemClock
from vedette.instruments.logs.sources.files import Files
from vedette.instruments.logs.sources.ledger import Ledger
from vedette.instruments.logs.sources.types import FileSource, Start
os.setgid(65534); os.setuid(65534)
clock = SystemClock()
tell = lambda notice: print(notice.text, flush=True)
take = lambda chunk: print(chunk.data.decode().strip(), flush=True)
sources = [FileSource(path={str(open_folder / "secret.log")!r}, start=Start.BEGINNING)]
Files(sources, Ledger(None, clock, tell), clock, take, tell).run()
"""
    log = open_folder / "secret.log"
    add(log, b"old")
    log.chmod(0o600)
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        said = process.stdout.readline()
        assert said == (
            f"{log} is not read: the agent may not read it: give it CAP_DAC_READ_SEARCH (`vedette agent unit` does) "
            "or the file's group.\n"
        )
        log.chmod(0o644)
        assert process.stdout.readline() == "old\n"
    finally:
        process.kill()
        process.communicate()


def test_what_cannot_be_followed_is_said_with_what_to_do(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.log")
    followed = Followed(tmp_path, from_beginning(tmp_path / "pipe.log"))
    with followed.running() as files:
        assert files.standings()[0].state == "unreadable"
    assert "is no file (a folder, a pipe or a device)" in followed.notices[0].text


def test_a_source_that_falls_silent_is_told_and_its_lines_too(tmp_path: Path, log: Path) -> None:
    log.touch()
    followed = Followed(tmp_path, FileSource(path=str(log), silent_after=0.2))
    with followed.running():
        until(lambda: len(followed.notices) == 1)
        add(log, b"one")
        until(lambda: len(followed.notices) >= 2)
        assert [(n.kind, n.resolved) for n in followed.notices[:2]] == [("silent", False), ("silent", True)]
        assert followed.notices[0].text.startswith(f"{log} has had no line since it is followed")
        until(lambda: len(followed.notices) == 3)
    assert followed.notices[2].text.startswith(f"{log} has had no line for 0 s")


def test_where_watches_run_out_files_are_looked_at_all_the_same(followed: Followed, log: Path) -> None:
    from tests.support.unwatched import Unwatched

    followed.watching = Unwatched()
    log.touch()
    with followed.running():
        add(log, b"one")
        followed.wait(b"one")
        log.rename(log.with_name("app.log.1"))
        add(log, b"two")
        followed.wait(b"one", b"two")
    assert [n.kind for n in followed.notices] == ["slow"]
    assert "fs.inotify.max_user_watches" in followed.notices[0].text


def test_positions_are_for_their_owner_alone_and_damaged_ones_are_told(followed: Followed, log: Path) -> None:
    log.touch()
    with followed.running():
        add(log, b"one")
        followed.wait(b"one")
    kept = followed.state / "positions.json"
    assert kept.stat().st_mode & 0o777 == 0o600
    kept.write_text('{"version": 1, "sou')
    with followed.running():
        add(log, b"two")
        followed.wait(b"one", b"two")
    assert "was damaged" in followed.notices[0].text


def test_nothing_is_woken_while_nothing_happens(followed: Followed, log: Path) -> None:
    """What waits for the kernel does not ask: only a change wakes it, or a minute that passed."""
    waits: list[float | None] = []

    class Counted(Inotify):
        def wait(self, seconds: float | None) -> Woken:
            waits.append(seconds)
            return super().wait(seconds)

    followed.watching = Counted()
    log.touch()
    with followed.running():
        add(log, b"one")
        followed.wait(b"one")
        until(lambda: (waits[-1] or 0.0) > 30.0, lambda: waits)
        assert len(waits) < 10
