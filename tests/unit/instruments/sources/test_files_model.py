"""Any sequence of writing, rotating, cutting and restarting: exactly the lines that were written come, once each."""

import gzip
import os
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.followed import Followed, add, until

from vedette.instruments.logs.sources.types import FileSource

ACTS = (
    "write",
    "write",
    "write many",
    "half",
    "rename",
    "copytruncate",
    "cut head",
    "edit",
    "stop",
    "start",
    "pack",
)


class Machine:
    """A log that is treated as programs treat logs, and what must be read of it.

    What rewrites a file keeps what was not read yet, as no reader can know lines that nobody kept; so heads are cut off while
    somebody reads, and that is read to its end before something else is done to the log.
    """

    def __init__(self, folder: Path) -> None:
        self.log = folder / "logs" / "app.log"
        self.log.parent.mkdir()
        self.log.touch()
        (folder / "state").mkdir()
        self.followed = Followed(folder / "state", FileSource(path=str(self.log)))
        self.written: list[bytes] = []
        self.run = self.followed.running()
        self.run.__enter__()
        self.is_running, self.half = True, b""

    def act(self, act: str) -> None:
        getattr(self, act.replace(" ", "_"))()

    def line(self) -> bytes:
        line = b"line number %d of this log" % len(self.written)
        self.written.append(line)
        return line

    def write(self) -> None:
        self.half, half = b"", self.half
        if half:
            with self.log.open("ab") as file:
                file.write(b"\n")
        add(self.log, self.line())

    def write_many(self) -> None:
        self.write()
        add(self.log, *[self.line() for _ in range(150)])

    def half_(self) -> None:
        if not self.half:
            self.half = self.line()
            with self.log.open("ab") as file:
                file.write(self.half)

    def shift(self) -> None:
        self.write()
        for n in range(8, 0, -1):
            for ending in ("", ".gz"):
                found = self.log.with_name(f"app.log.{n}{ending}")
                if found.exists():
                    found.rename(self.log.with_name(f"app.log.{n + 1}{ending}"))

    def rename(self) -> None:
        self.shift()
        self.log.rename(self.log.with_name("app.log.1"))
        self.log.touch()

    def copytruncate(self) -> None:
        """Cut the log once something of it was read: of what was written and cut at once a follower may see nothing."""
        self.write()
        self.read()
        self.shift()
        shutil.copy2(self.log, self.log.with_name("app.log.1"))
        os.truncate(self.log, 0)

    def cut_head(self) -> None:
        self.read()
        if self.is_running:
            lines = self.log.read_bytes().splitlines(keepends=True)
            self.log.write_bytes(b"".join(lines[len(lines) // 2 :]))
            self.write()
            self.read()

    def edit(self) -> None:
        self.read()
        if self.is_running:
            lines = self.log.read_bytes().splitlines(keepends=True)
            beside = self.log.with_name("sedXyZ")
            beside.write_bytes(b"".join(lines[len(lines) // 2 :]))
            beside.replace(self.log)
            self.write()
            self.read()

    def pack(self) -> None:
        """Compress the second predecessor, as `delaycompress` does, once it was read or nobody reads."""
        old = self.log.with_name("app.log.2")
        if old.exists():
            self.read()
            target = old.with_name("app.log.2.gz")
            with old.open("rb") as source, gzip.open(target, "wb") as file:
                shutil.copyfileobj(source, file)
            found = old.stat()
            aged = (
                1_000_000_000 if self.is_running else 0
            )  # what was read lies a while back, as it does a day later
            os.utime(target, ns=(found.st_atime_ns, found.st_mtime_ns - aged))
            old.unlink()

    def stop(self) -> None:
        if self.is_running:
            self.run.__exit__(None, None, None)
            self.is_running = False

    def start(self) -> None:
        if not self.is_running:
            self.run = self.followed.running()
            self.run.__enter__()
            self.is_running = True

    def read(self) -> None:
        """Wait until everything was read, if somebody reads."""
        if self.half:
            self.write()
        if self.is_running:
            until(lambda: len(self.followed.lines) >= len(self.written), self.told)

    def told(self) -> object:
        lines = self.followed.lines
        return sorted(set(self.written) - set(lines)), sorted(
            line for line in set(lines) if lines.count(line) > 1
        )


def prove(acts: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        machine = Machine(Path(folder))
        try:
            for act in acts:
                machine.act("half_" if act == "half" else act)
            machine.start()
            machine.write()
            machine.read()
        finally:
            machine.stop()
        assert sorted(machine.followed.lines) == sorted(machine.written), (acts, machine.told())


@given(st.lists(st.sampled_from(ACTS), max_size=14))
@settings(max_examples=12)
def test_exactly_the_lines_that_were_written(acts: list[str]) -> None:
    prove(acts)


@pytest.mark.deep
@given(st.lists(st.sampled_from(ACTS), max_size=40))
@settings(max_examples=600)
def test_exactly_the_lines_that_were_written_for_long(acts: list[str]) -> None:
    prove(acts)
