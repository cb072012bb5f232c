"""Servers on loopback that do what servers do, and what they should not: each a script over a socket."""

import contextlib
import gzip
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator

Script = Callable[[socket.socket, bytes], None]


class Naughty:
    """Plays a script to everybody who connects, behind TLS when there is a context."""

    def __init__(
        self,
        script: Script,
        tls: ssl.SSLContext | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        reads: bool = True,
    ) -> None:
        self._script, self._tls, self._reads = script, tls, reads
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listener = socket.create_server((host, port), family=family)
        self.port = int(self._listener.getsockname()[1])
        self.asked: list[bytes] = []
        self._open = True
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._open = False
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _serve(self) -> None:
        while self._open:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError, ssl.SSLError):
            connection.settimeout(20)
            if self._tls is not None:
                connection = _shaken(connection, self._tls)
            request = read_request(connection) if self._reads else b""
            self.asked.append(request)
            with connection:
                self._script(connection, request)


def _shaken(connection: socket.socket, context: ssl.SSLContext) -> socket.socket:
    """Do the handshake; what the client says after one that failed is read, or it would not see the alert for the reset."""
    plain = connection.dup()
    try:
        return context.wrap_socket(connection, server_side=True)
    except ssl.SSLError:
        plain.shutdown(socket.SHUT_WR)
        while plain.recv(4096):
            pass
        raise
    finally:
        plain.close()


def read_request(connection: socket.socket) -> bytes:
    """Read up to the end of the headers, and the body that Content-Length names."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65_536)
        if not piece:
            return data
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    size = next(
        (
            int(line.split(b":")[1])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length")
        ),
        0,
    )
    while len(body) < size:
        body += connection.recv(65_536)
    return head + b"\r\n\r\n" + body


def answer(
    status: str = "200 OK", body: bytes = b"all is ready", headers: str = "", *, length: int | None = None
) -> bytes:
    """Return the bytes of an answer."""
    size = len(body) if length is None else length
    head = f"HTTP/1.1 {status}\r\nContent-Length: {size}\r\nConnection: close\r\n{headers}\r\n"
    return head.encode("latin-1") + body


def says(data: bytes) -> Script:
    return lambda connection, _: connection.sendall(data)


def redirects(location: str, status: str = "302 Found") -> Script:
    return says(answer(status, b"", f"Location: {location}\r\n"))


def redirects_to_itself(connection: socket.socket, request: bytes) -> None:
    number = request.split(b" ")[1].rpartition(b"/")[2] or b"0"
    path = str(int(number) + 1 if number.isdigit() else 1)
    connection.sendall(answer("302 Found", b"", f"Location: /{path}\r\n"))


def waits(connection: socket.socket, _: bytes) -> None:
    """Say nothing until the other side goes."""
    with contextlib.suppress(OSError):
        connection.recv(1)


def then_waits(data: bytes) -> Script:
    def script(connection: socket.socket, request: bytes) -> None:
        connection.sendall(data)
        waits(connection, request)

    return script


def drips(data: Callable[[], Iterator[bytes]], seconds: float = 0.02) -> Script:
    def script(connection: socket.socket, _: bytes) -> None:
        for piece in data():
            connection.sendall(piece)
            time.sleep(seconds)  # the server's own slowness is what is tested

    return script


def slow_headers() -> Iterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\n"
    while True:
        yield b"X-More: a\r\n"


def endless(connection: socket.socket, _: bytes) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
    while True:
        connection.sendall(b"x" * 65_536)


def resets(connection: socket.socket, _: bytes) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def head_differs(connection: socket.socket, request: bytes) -> None:
    if request.startswith(b"HEAD"):
        connection.sendall(answer("405 Method Not Allowed", b"", "Allow: GET\r\n"))
    else:
        connection.sendall(answer())


def echoes_host(connection: socket.socket, request: bytes) -> None:
    line = next(line for line in request.split(b"\r\n") if line.lower().startswith(b"host:"))
    connection.sendall(answer(body=line[5:].strip()))


def echoes(connection: socket.socket, request: bytes) -> None:
    """Give back the whole request, and credentials of its own."""
    connection.sendall(
        answer(
            body=request, headers="Set-Cookie: sid=own-secret-cookie; Path=/\r\nX-Api-Key: own-secret-key\r\n"
        )
    )


def wants_cookie(connection: socket.socket, request: bytes) -> None:
    if b"cookie: seen=1" in request.lower():
        connection.sendall(answer(body=b"signed in"))
    else:
        connection.sendall(answer("302 Found", b"", "Location: /\r\nSet-Cookie: seen=1; Path=/\r\n"))


def bomb() -> bytes:
    packed = gzip.compress(bytes(20 << 20), 9)
    return answer(body=packed, headers="Content-Encoding: gzip\r\n")


def starttls(kind: str, context: ssl.SSLContext, *, offered: bool = True, injected: bytes = b"") -> Script:
    """Play a mail, file or database server that begins TLS when asked to; `injected` is what somebody on the way adds."""
    greetings = {
        "smtp": b"220 mail.test ESMTP\r\n",
        "imap": b"* OK ready\r\n",
        "pop3": b"+OK ready\r\n",
        "ftp": b"220-hello\r\n220 ready\r\n",
    }
    asks = {
        "smtp": b"STARTTLS",
        "imap": b"A1 STARTTLS",
        "pop3": b"STLS",
        "ftp": b"AUTH TLS",
        "postgres": b"\x04\xd2\x16/",
    }
    agrees = {
        "smtp": b"220 go\r\n",
        "imap": b"a1 OK go\r\n",
        "pop3": b"+OK go\r\n",
        "ftp": b"234 go\r\n",
        "postgres": b"S",
    }
    refuses = {
        "smtp": b"502 no\r\n",
        "imap": b"a1 BAD no\r\n",
        "pop3": b"-ERR no\r\n",
        "ftp": b"502 no\r\n",
        "postgres": b"N",
    }

    def script(connection: socket.socket, _: bytes) -> None:
        connection.sendall(greetings.get(kind, b""))
        while line := connection.recv(1024):
            if asks[kind] in line.upper():
                connection.sendall(agrees[kind] + injected if offered else refuses[kind])
                if offered:
                    waits(context.wrap_socket(connection, server_side=True), b"")
                return
            connection.sendall(b"250-mail.test\r\n250 STARTTLS\r\n" if offered else b"250 mail.test\r\n")

    return script
