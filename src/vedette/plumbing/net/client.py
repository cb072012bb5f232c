"""Net by urllib3: one connection to one checked address for each request."""

import contextlib
import http.client
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

from vedette.core.clock import monotonic
from vedette.core.place import Place
from vedette.plumbing.net.port import NetError, Response
from vedette.plumbing.net.resolver import Resolver, SystemResolver
from vedette.plumbing.net.target import reachable, target

_OK = 200
_PIECE = 65_536
_FAILURES = (urllib3.exceptions.HTTPError, http.client.HTTPException, OSError, ValueError)


class NetClient:
    """Implements `plumbing.net.port.Net`.

    `allow_private` lets requests reach private networks; `tls` brings other certificate authorities than the
    system's. A certificate is checked against the host's name, though the connection goes to its address.
    """

    def __init__(
        self,
        *,
        allow_private: bool = False,
        resolver: Resolver | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._allow_private = allow_private
        self._resolver = resolver or SystemResolver()
        self._tls = tls

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        deadline: float = 10.0,
        max_bytes: int = 65_536,
    ) -> Response:
        """Ask once and return the answer, redirects included as they are; see the port."""

        def read(answer: urllib3.BaseHTTPResponse) -> bytes:
            return answer.read(max_bytes, decode_content=False)

        return self._asked(method, url, headers=headers, body=body, deadline=deadline, read=read)

    def download(
        self, url: str, take: Callable[[bytes], object], headers: Mapping[str, str], deadline: float
    ) -> Response:
        """Ask once by GET and hand the body of a 200 over piece by piece; the answer comes without one.

        `take` raises what it likes when it has had enough. Raises `NetError`.
        """

        def read(answer: urllib3.BaseHTTPResponse) -> bytes:
            if answer.status == _OK:
                for piece in answer.stream(_PIECE, decode_content=False):
                    take(piece)
            return b""

        return self._asked("GET", url, headers=headers, body=b"", deadline=deadline, read=read)

    def _asked(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None,
        body: bytes,
        deadline: float,
        read: Callable[[urllib3.BaseHTTPResponse], bytes],
    ) -> Response:
        end = monotonic() + deadline
        to = target(url)
        addresses = self._resolver.resolve(to.host, to.port, deadline)
        allowed = reachable(to.host, addresses, allow_private=self._allow_private)
        sent = {
            "User-Agent": "Vedette",
            "Accept-Encoding": "identity",
            **(headers or {}),
            "Host": to.host_header,
        }
        with self._connected(to, allowed, end) as connection, _until(connection, end) as late:
            try:
                connection.request(method, to.path, body=body or None, headers=sent, preload_content=False)
                answer = _answer(connection, read)
            except _FAILURES as error:
                if late.is_set() or isinstance(error, TimeoutError):
                    raise _too_late(to) from error
                raise NetError(f"{to.host} did not answer as it should: {error}.", permanent=False) from error
            if late.is_set():
                raise _too_late(to)
            return answer

    @contextlib.contextmanager
    def _connected(self, to: Place, addresses: list[str], end: float) -> Iterator[HTTPConnection]:
        """Connect to the first address that answers; the TLS handshake is part of it."""
        connection = self._connect(to, addresses, end)
        try:
            yield connection
        finally:
            connection.close()

    def _connect(self, to: Place, addresses: list[str], end: float) -> HTTPConnection:
        problem: Exception | None = None
        for place, address in enumerate(addresses):
            left = (end - monotonic()) / (len(addresses) - place)
            if left <= 0:
                raise _too_late(to)
            connection = self._connection(to, address, left)
            try:
                with _until(connection, monotonic() + left):
                    connection.connect()
            except _FAILURES as error:
                connection.close()
                problem = error
            else:
                return connection
        if monotonic() >= end or isinstance(problem, TimeoutError):
            raise _too_late(to) from problem
        raise NetError(f"{to.host} cannot be reached: {problem}.", permanent=False) from problem

    def _connection(self, to: Place, address: str, timeout: float) -> HTTPConnection:
        if to.scheme == "http":
            return HTTPConnection(address, to.port, timeout=timeout)
        return HTTPSConnection(
            address,
            to.port,
            timeout=timeout,
            ssl_context=self._tls or ssl.create_default_context(),
            server_hostname=to.host,
            assert_hostname=to.host,
        )


@contextlib.contextmanager
def _until(connection: HTTPConnection, end: float) -> Iterator[threading.Event]:
    """Shut the connection down at the instant `end`; then the event is set and whatever blocks on it fails."""
    late = threading.Event()

    def cut() -> None:
        late.set()
        sock = connection.sock
        if sock is not None:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(max(0.0, end - monotonic()), cut)
    timer.daemon = True
    timer.start()
    try:
        yield late
    finally:
        timer.cancel()


def _answer(connection: HTTPConnection, read: Callable[[urllib3.BaseHTTPResponse], bytes]) -> Response:
    response = connection.getresponse()
    body = read(response)
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Response(response.status, headers, body)


def _too_late(to: Place) -> NetError:
    return NetError(f"{to.host} did not answer in time.", permanent=False)
