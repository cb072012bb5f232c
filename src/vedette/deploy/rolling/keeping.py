"""The journal of a roll: what it is and each step of it on disk before the step is taken, so that a kill loses nothing. One at a time."""

import contextlib
import fcntl
import hashlib
import os
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TextIO

import msgspec

from vedette.core.errors import Conflict, Unavailable
from vedette.deploy.rolling import machine
from vedette.deploy.types import Event, Progress, Roll, Target


class _Head(msgspec.Struct, frozen=True):
    """Which roll it is, by a hash alone (passwords stand in commands), and its targets as they stood when it began."""

    roll: str
    targets: tuple[Target, ...]


class Kept:
    """The journal of one roll, held open. `targets` and `progress` are those of a roll that was stopped; none where none was."""

    def __init__(self, file: TextIO, head: _Head | None, progress: Progress) -> None:
        self._file, self._head, self._lock = file, head, threading.Lock()
        self.progress = progress

    @property
    def targets(self) -> tuple[Target, ...]:
        """Return the targets of the roll that was stopped."""
        return self._head.targets if self._head else ()

    def is_of(self, roll: Roll) -> bool:
        """Tell whether what was stopped is this roll."""
        return self._head is not None and self._head.roll == digest(roll)

    def begin(self, roll: Roll, targets: Sequence[Target]) -> Progress:
        """Begin a new roll; returns that nothing of it is done."""
        self._head = _Head(digest(roll), tuple(targets))
        self.progress = machine.begun([each.name for each in targets])
        self._write(self._head)
        return self.progress

    def add(self, event: Event) -> Progress:
        """Keep what happened, on the disk before this returns; threads may share it. Returns how far the roll is then."""
        with self._lock:
            self._write(event)
            self.progress = machine.after(self.progress, event)
            return self.progress

    def forget(self) -> None:
        """Empty it: the roll is over."""
        self._file.truncate(0)
        os.fsync(self._file.fileno())
        self._head = None

    def _write(self, line: _Head | Event) -> None:
        self._file.write(msgspec.json.encode(line).decode() + "\n")
        self._file.flush()
        os.fsync(self._file.fileno())


@contextlib.contextmanager
def opened(path: Path) -> Iterator[Kept]:
    """Return the journal, for one roll at a time. Raises `Conflict` where another has it, `Unavailable` where it cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), "a+", encoding="utf-8")
    except OSError as error:
        raise Unavailable(f"The journal {path} cannot be written: {error.strerror}.") from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Conflict(f"Another roll is at work (it holds {path}); wait for it.") from error
        yield Kept(file, *read(path.read_text("utf-8", errors="replace")))


def read(text: str) -> tuple[_Head | None, Progress]:
    """Return which roll a journal is of, and how far it came; a torn last line counts for nothing."""
    head, _, rest = text.partition("\n")
    try:
        known = msgspec.json.decode(head, type=_Head)
    except msgspec.DecodeError:
        return None, machine.begun(())
    progress = machine.begun([each.name for each in known.targets])
    for line in rest.splitlines():
        try:
            progress = machine.after(progress, msgspec.json.decode(line, type=Event))
        except msgspec.DecodeError:
            continue
    return known, progress


def digest(roll: Roll) -> str:
    """Return by which a roll is known again."""
    return hashlib.sha256(msgspec.json.encode(roll)).hexdigest()
