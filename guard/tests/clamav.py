"""A daemon that speaks clamd's INSTREAM as clamd(8) documents it, and finds what it is told to find."""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

EVIL = b"this is evil"


class Daemon:
    """Answers scans on a socket; `seen` is what was sent to it."""

    def __init__(self, listener: socket.socket, answer: bytes | None) -> None:
        self.listener, self.answer, self.seen = listener, answer, list[bytes]()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection:
                self._talk(connection.makefile("rb"), connection)

    def _talk(self, lines: object, connection: socket.socket) -> None:
        read = lines.read  # type: ignore[attr-defined]
        assert read(10) == b"zINSTREAM\0"
        content = b""
        while length := struct.unpack(">I", read(4))[0]:
            content += read(length)
        self.seen.append(content)
        verdict = b"stream: Evil.Test FOUND" if EVIL in content else b"stream: OK"
        connection.sendall((verdict if self.answer is None else self.answer) + b"\0")


@contextmanager
def daemon(path: Path | None = None, answer: bytes | None = None) -> Iterator[tuple[str, Daemon]]:
    """Run a daemon for the block: at a path, or on a port; yield its address, and itself."""
    if path is None:
        listener = socket.create_server(("127.0.0.1", 0))
        address = f"127.0.0.1:{listener.getsockname()[1]}"
    else:
        listener, address = socket.socket(socket.AF_UNIX), str(path)
        listener.bind(address)
        listener.listen()
    try:
        yield address, Daemon(listener, answer)
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
