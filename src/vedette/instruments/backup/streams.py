"""What a program writes and says: read as it comes, told line by line with secrets masked, and kept within bounds."""

import os
import selectors
import subprocess
from collections.abc import Callable
from typing import IO

Line = Callable[[str], None]
"""Told each line, secrets masked, without its end. What it raises ends the program and goes on to the caller."""

MOST_OUT, MOST_ERR, MOST_LINE = 8 << 20, 64 << 10, 1 << 20  # bytes that are kept of each
_CHUNK = 1 << 16


class Tail:
    """The last bytes of a stream, its lines told one by one."""

    def __init__(
        self, stream: IO[bytes] | None, most: int, mask: Callable[[str], str], line: Line | None
    ) -> None:
        self.stream, self._most, self._mask, self._line = stream, most, mask, line
        self._kept, self._open, self._cut = bytearray(), bytearray(), False

    def read(self) -> bool:
        """Take what is there, without waiting; tell whether there may be more."""
        assert self.stream is not None  # noqa: S101 - only streams that are there are read
        try:
            chunk = os.read(self.stream.fileno(), _CHUNK)
        except BlockingIOError:
            return False
        self._keep(chunk)
        if self._line is not None:
            self._tell(chunk)
        return bool(chunk)

    def told(self) -> str:
        """Return what is kept, masked; its first line goes when it was cut in two, for it may hold half a secret."""
        text = bytes(self._kept[-self._most :])
        if self._cut or len(self._kept) > self._most:
            text = text.partition(b"\n")[2]
        return self._mask(text.decode("utf-8", "replace"))

    def _keep(self, chunk: bytes) -> None:
        self._kept += chunk
        if len(self._kept) > 2 * self._most:  # twice: so that moving it costs little
            del self._kept[: -self._most]
            self._cut = True

    def _tell(self, chunk: bytes) -> None:
        assert self._line is not None  # noqa: S101 - looked at before
        self._open += chunk
        *lines, rest = bytes(self._open).split(b"\n") if chunk else [bytes(self._open), b""]
        self._open = bytearray(rest[:MOST_LINE])
        for line in lines:
            if line:
                self._line(self._mask(line.decode("utf-8", "surrogateescape").rstrip("\r")))


class Streams:
    """Both streams of a program."""

    def __init__(
        self,
        child: "subprocess.Popen[bytes]",
        mask: Callable[[str], str],
        on_line: Line | None,
        on_said: Line | None,
    ) -> None:
        self.out = Tail(child.stdout, MOST_OUT, mask, on_line)
        self.err = Tail(child.stderr, MOST_ERR, mask, on_said)
        self._waiting = selectors.DefaultSelector()
        for tail in (self.out, self.err):
            if tail.stream is not None:
                os.set_blocking(tail.stream.fileno(), False)
                self._waiting.register(tail.stream, selectors.EVENT_READ, tail)

    def wait(self, seconds: float) -> bool:
        """Wait for something to read and take it; tell whether any stream is still open."""
        if not self._waiting.get_map():
            return False
        for key, _ in self._waiting.select(seconds):
            tail: Tail = key.data
            if not tail.read():
                self._waiting.unregister(key.fileobj)
        return True

    def drain(self) -> None:
        """Take what still lies in the pipes; whoever escaped and holds them is not waited for."""
        for tail in (key.data for key in list(self._waiting.get_map().values())):
            while tail.read():
                pass

    def close(self) -> None:
        """Close both."""
        self._waiting.close()
        for tail in (self.out, self.err):
            if tail.stream is not None:
                tail.stream.close()
