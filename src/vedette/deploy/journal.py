"""What an apply is doing, on disk before it is done: so that the next one knows what a kill left behind. One apply at a time."""

import contextlib
import fcntl
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TextIO

import msgspec

from vedette.core.errors import Conflict, Unavailable
from vedette.deploy.types import Act
from vedette.wire.infra import Ref

_BEGUN, _KEPT, _DONE = "begun", "kept", "done"


class Left(msgspec.Struct, frozen=True):
    """A change that was begun and not ended, and what of the former thing is kept for the next (`{"ipv4": 7}`)."""

    act: Act
    kept: Mapping[str, object] = {}


class _Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    what: str
    at: float
    kind: str
    name: str
    act: str = ""
    kept: Mapping[str, object] = {}


class Journal:
    """Lines of one project's applies. What was begun and never ended is in `left`; `opened` makes one."""

    def __init__(self, file: TextIO, left: Mapping[Ref, Left]) -> None:
        self._file = file
        self.left = dict(left)

    def begun(self, ref: Ref, act: Act, at: float) -> None:
        """Say what is about to be done."""
        former = self.left.get(ref)
        self._write(_Entry(_BEGUN, at, ref.kind, ref.name, act, former.kept if former else {}))

    def kept(self, ref: Ref, act: Act, kept: Mapping[str, object], at: float) -> None:
        """Say what of the former thing is kept for the next one."""
        self._write(_Entry(_KEPT, at, ref.kind, ref.name, act, kept))

    def done(self, ref: Ref, at: float) -> None:
        """Say that it is done and was seen to be."""
        self.left.pop(ref, None)
        self._write(_Entry(_DONE, at, ref.kind, ref.name))

    def forget(self, at: float) -> None:
        """Say that nothing is left: what is there is as it should be."""
        for ref in tuple(self.left):
            self.done(ref, at)

    def _write(self, entry: _Entry) -> None:
        """One line, on the disk before this returns; threads may share it."""
        self._file.write(msgspec.json.encode(entry).decode() + "\n")
        self._file.flush()
        os.fsync(self._file.fileno())


@contextlib.contextmanager
def opened(path: Path) -> Iterator[Journal]:
    """Return the journal of a project, for one apply at a time; an apply that ends well leaves it empty.

    Raises `Conflict` where another apply has it, `Unavailable` where it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = path.open("a+", encoding="utf-8")
    except OSError as error:
        raise Unavailable(f"The journal {path} cannot be written: {error.strerror}.") from error
    with file:
        path.chmod(0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Conflict(
                f"Another apply of this project is at work (it holds {path}); wait for it."
            ) from error
        journal = Journal(file, left_of(path.read_text("utf-8", errors="replace")))
        yield journal
        if not journal.left and not left_of(path.read_text("utf-8", errors="replace")):
            file.truncate(0)


def left_of(text: str) -> dict[Ref, Left]:
    """Return what a journal's lines leave unended; a torn last line counts for nothing."""
    found: dict[Ref, Left] = {}
    for line in text.splitlines():
        try:
            entry = msgspec.json.decode(line, type=_Entry)
        except (msgspec.DecodeError, UnicodeDecodeError):
            continue
        ref = Ref(entry.kind, entry.name)
        if entry.what == _DONE:
            found.pop(ref, None)
        else:
            found[ref] = Left(Act(entry.act), entry.kept)
    return found
