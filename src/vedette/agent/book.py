"""The state file of bans: a list of events, one JSON object a line, written as they happen and shortened now and then.

A line is with the kernel before a ban is enforced, so an agent that is killed forgets nothing; it is on disk within a second. The
shortened file is written whole beside the old one, synced, and takes its place. Once a line could not be written the file lacks
something, whatever is written after it, until it was shortened.
"""

import contextlib
import errno
import fcntl
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import msgspec

from vedette.agent.deciding.events import Event
from vedette.core.errors import Conflict, Unavailable

NAME, LOCK = "bans.jsonl", "bans.lock"
LONGEST_LINE = 16 * 1024 * 1024  # bytes; the server's whole allowlist is one line
SLACK = 10_000  # lines beyond the fewest that are needed before the file is shortened
SLACK_BYTES = 32 * 1024 * 1024  # and bytes: few lines may be long


class Book:
    """The state file of one host, held by one process at a time. Raises `Conflict` while another one holds it."""

    def __init__(self, folder: Path) -> None:
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock = _locked(folder / LOCK)
        except BlockingIOError:
            raise Conflict(f"{folder} is in use: an agent runs with it.") from None
        except OSError as error:
            raise Unavailable(f"The agent's folder {folder} cannot be used: {error.strerror}.") from None
        self._path = folder / NAME
        self._out: int | None = None
        self._lines, self._dirty = 0, False
        self._bytes = self._fewest = 0  # in the file, and when it was shortened last
        self.skipped = 0  # lines that could not be read
        self.trouble = ""  # why the file lacks an event; until it is written anew

    def read(self) -> Iterator[Event]:
        """Yield what was written; a line that is torn or not ours is counted and passed over."""
        decoder = msgspec.json.Decoder(Event)
        with contextlib.suppress(FileNotFoundError), self._path.open("rb") as lines:
            while line := lines.readline(LONGEST_LINE):
                try:
                    event: Event = decoder.decode(line)
                except (msgspec.DecodeError, UnicodeDecodeError):
                    self.skipped += 1
                    continue
                self._lines, self._bytes = self._lines + 1, self._bytes + len(line)
                yield event

    def write(self, event: Event) -> None:
        """Write that something happened. Where the disk is full it is noted as `trouble`, and bans go on."""
        try:
            if self._out is None:
                self._out = _appending(self._path)
            line = msgspec.json.encode(event) + b"\n"
            _whole(self._out, line)
            self._lines, self._bytes, self._dirty = self._lines + 1, self._bytes + len(line), True
        except OSError as error:
            self._lacks(error)
            self._close_out()  # opened anew, a torn line is ended

    def settle(self, live: int, facts: Callable[[], Iterable[Event]]) -> None:
        """Shorten the file once it holds much that is over, or after trouble. Nobody may write meanwhile."""
        much = self._lines > 2 * live + SLACK or self._bytes > 2 * self._fewest + SLACK_BYTES
        if self.trouble or much:
            try:
                self.shorten(facts())
            except OSError as error:
                self._lacks(error)

    def flush(self) -> None:
        """Bring what was written to the disk, however long that takes: others may write meanwhile, but not settle or close."""
        out = self._out  # a write that fails lets go of it
        if self._dirty and out is not None:
            self._dirty = False
            try:
                os.fdatasync(out)
            except OSError as error:  # the kernel may have let go of what it could not bring there
                self._lacks(error)

    def shorten(self, facts: Iterable[Event]) -> None:
        """Write the file anew with the fewest events; the old one stays whole until then."""
        new = self._path.with_name(f"{NAME}.new")
        lines = 0
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "wb") as out:
            encoder = msgspec.json.Encoder()
            for event in facts:
                out.write(encoder.encode(event) + b"\n")
                lines += 1
            out.flush()
            size = out.tell()
            os.fsync(out.fileno())
        new.replace(self._path)
        self._close_out()
        self._lines, self._bytes, self._fewest, self.trouble = lines, size, size, ""

    def close(self) -> None:
        """Let another process have the file."""
        self._close_out()
        os.close(self._lock)

    def _lacks(self, error: OSError) -> None:
        self.trouble = f"{self._path} cannot be written: {error.strerror}; bans hold until this agent ends."

    def _close_out(self) -> None:
        if self._out is not None:
            os.close(self._out)
            self._out = None


def _locked(path: Path) -> int:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _appending(path: Path) -> int:
    """Open the file for appending; a line that was torn by a crash is ended, so that the next one is whole."""
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        size = os.fstat(descriptor).st_size
        if size and os.pread(descriptor, 1, size - 1) != b"\n":
            os.write(descriptor, b"\n")
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _whole(descriptor: int, line: bytes) -> None:
    """Append a line, or nothing of it."""
    written = os.write(descriptor, line)
    if written != len(line):
        os.ftruncate(descriptor, os.fstat(descriptor).st_size - written)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
