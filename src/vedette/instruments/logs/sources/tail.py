"""One open file: what was added since, as whole lines; and the noticing that it is no longer the file that was read."""

import os
import stat
from pathlib import Path

from vedette.instruments.logs.sources import marks
from vedette.instruments.logs.sources.types import CHUNK, LONGEST_LINE, Identity, Mark, Position

_SEARCHED = (
    64 * 1024 * 1024
)  # bytes of a rewritten file, from its end, that are searched for the place where it goes on


class Rewritten(Exception):
    """What lies before the position is not what was read: the file was cut or rewritten in place."""


class NoFile(Exception):
    """What lies under a path is no file that can be followed: a folder, a pipe, a device."""


def opened(path: Path) -> int:
    """Open a file to follow it, never waiting for anybody; raises `OSError`, `NoFile`."""
    fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    mode = os.fstat(fd).st_mode
    if not stat.S_ISREG(mode):
        os.close(fd)
        raise NoFile(stat.filemode(mode)[0])
    return fd


class Tail:
    """Reads a file from a position on. It owns the descriptor. `skipped` counts lines longer than 1 MiB."""

    def __init__(self, fd: int, position: Position | None = None) -> None:
        self.fd, self.skipped = fd, 0
        found = os.fstat(fd)
        self.identity: Identity = (found.st_dev, found.st_ino)
        self._go_to(position.offset if position else 0, position.mark if position else Mark())
        self._skipping = bool(position and position.skipping)

    @property
    def position(self) -> Position:
        """Return up to where lines were handed out."""
        return Position(*self.identity, self._offset, self._mark, self._skipping)

    @property
    def size(self) -> int:
        """Return the bytes the file has now."""
        return os.fstat(self.fd).st_size

    @property
    def linked(self) -> bool:
        """Tell whether the file still has a name anywhere."""
        return os.fstat(self.fd).st_nlink > 0

    @property
    def done(self) -> bool:
        """Tell whether the file has no name any more and was read to its end."""
        found = os.fstat(self.fd)
        return not found.st_nlink and found.st_size == self._offset

    def fits(self) -> bool:
        """Tell whether what lies before the position is what was read."""
        return self.size >= self._offset and marks.fits(self._before(), self._mark)

    def to_end(self) -> None:
        """Go behind the last whole line there is."""
        offset = self.size
        while offset:
            begin = max(0, offset - CHUNK)
            at = os.pread(self.fd, offset - begin, begin).rfind(b"\n")
            if at >= 0:
                offset = begin + at + 1
                break
            offset = begin
        self._go_to(offset, self._mark_at(offset))

    def to_beginning(self) -> None:
        """Go to where the file begins."""
        self._go_to(0, Mark())

    def expect(self, before: Position) -> None:
        """Take it to be the content of another file that was read up to there; `read` tells when it is not."""
        self._go_to(before.offset, before.mark)

    def find(self, mark: Mark) -> bool:
        """Go to where a rewritten file goes on, when that can be told; tell whether it could."""
        size = self.size
        begin = max(0, size - _SEARCHED)
        place = marks.found(os.pread(self.fd, size - begin, begin), mark, whole=begin == 0)
        if place is None:
            return False
        self._go_to(begin + place, self._mark_at(begin + place))
        return True

    def read(self) -> bytes:
        """Return the next whole lines, empty when there are none yet; raises `Rewritten`."""
        while True:
            if self.size < self._scanned:
                raise Rewritten
            if not self._offset and not self._scanned and not self._past_hole():
                return b""
            before, body = self._next()
            if not marks.fits(before, self._mark):
                raise Rewritten
            whole = self._whole(before, body)
            if whole or not body:
                return whole

    def rest(self) -> bytes:
        """Return the line that has no end, with one, and go behind it: nobody writes to this file any more."""
        half = b"" if self._skipping else os.pread(self.fd, LONGEST_LINE, self._offset)
        if not half:
            return b""
        self._go_to(self._offset + len(half), marks.mark_of(half))
        return half + b"\n"

    def close(self) -> None:
        """Close the file."""
        os.close(self.fd)

    def _go_to(self, offset: int, mark: Mark) -> None:
        self._offset = self._scanned = offset
        self._mark, self._skipping = mark, False

    def _mark_at(self, offset: int) -> Mark:
        length = min(offset, marks.WINDOW)
        return marks.mark_of(os.pread(self.fd, length, offset - length))

    def _before(self) -> bytes:
        return os.pread(self.fd, self._mark.length, self._offset - self._mark.length)

    def _next(self) -> tuple[bytes, bytes]:
        """Return the bytes that the mark is of, and those that were not looked at yet."""
        length = self._mark.length
        if self._scanned > self._offset:
            return self._before(), os.pread(self.fd, CHUNK, self._scanned)
        both = os.pread(self.fd, length + CHUNK, self._offset - length)
        return both[:length], both[length:]

    def _whole(self, before: bytes, body: bytes) -> bytes:
        if self._skipping:
            self._skip(before, body)
            return b""
        if self._scanned > self._offset:
            return self._joined(before, body)
        end = body.rfind(b"\n") + 1
        if not end:
            self._wait(body)
            return b""
        self._advance(before, body[:end])
        return body[:end]

    def _wait(self, body: bytes) -> None:
        """Let a half line wait for its end, unless it is too long."""
        self._scanned += len(body)
        if self._scanned - self._offset > LONGEST_LINE:
            self._go_to(self._scanned, self._mark_at(self._scanned))
            self._skipping = True

    def _joined(self, before: bytes, body: bytes) -> bytes:
        """Return a long line of which the beginning was looked at before."""
        end = body.find(b"\n") + 1
        if not end:
            self._wait(body)
            return b""
        line = os.pread(self.fd, self._scanned + end - self._offset, self._offset)
        self._advance(before, line)
        if len(line) > LONGEST_LINE:
            self.skipped += 1
            return b""
        return line

    def _skip(self, before: bytes, body: bytes) -> None:
        end = body.find(b"\n") + 1
        self._advance(before, body[:end] if end else body)
        if end:
            self._skipping, self.skipped = False, self.skipped + 1

    def _advance(self, before: bytes, handed: bytes) -> None:
        window = handed if len(handed) >= marks.WINDOW else before + handed
        self._mark = marks.mark_of(window)
        self._offset += len(handed)
        self._scanned = self._offset

    def _past_hole(self) -> bool:
        """Go behind the zeros a program leaves that writes on at its old place in a file that was cut; tell whether data follows.

        The mark stays empty: what lies before is nothing.
        """
        if not self.size:
            return False
        try:
            at = os.lseek(self.fd, 0, os.SEEK_DATA)
        except OSError:  # a hole and nothing else (lseek(2): ENXIO)
            return False
        data = os.pread(self.fd, CHUNK, at)
        zeros = len(data) - len(data.lstrip(b"\0"))
        if at + zeros:
            self._go_to(at + zeros, Mark())
        return True
