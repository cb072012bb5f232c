"""Questions that a well-behaved client does not ask: any headers, any version of TLS. For looking at a site's answers.

The address policy is that of `NetClient`: resolve once, refuse forbidden addresses, connect to the checked one.
"""

import contextlib
import http.client
import io
import socket
import ssl
import warnings
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec

from vedette.core.clock import monotonic
from vedette.core.place import Place
from vedette.plumbing.net.port import NetError
from vedette.plumbing.net.resolver import Resolver, SystemResolver
from vedette.plumbing.net.target import reachable, target

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

VERSIONS = (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1, ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)
_NAMES = dict(zip(VERSIONS, ("TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"), strict=True))


class RawAnswer(msgspec.Struct, frozen=True):
    """A status, and every header as it came, names in lower case."""

    status: int
    headers: tuple[tuple[str, str], ...]


class RawClient:
    """Asks by hand; `tls` brings other certificate authorities than the system's.

    A question may take `deadline` seconds, and all questions of one client `overall`.
    """

    def __init__(
        self,
        *,
        allow_private: bool = False,
        resolver: Resolver | None = None,
        tls: ssl.SSLContext | None = None,
        deadline: float = 10.0,
        overall: float = 60.0,
    ) -> None:
        self._allow_private, self._resolver, self._deadline = (
            allow_private,
            resolver or SystemResolver(),
            deadline,
        )
        self._tls, self._overall = tls, monotonic() + overall

    def ask(self, url: str, headers: Sequence[tuple[str, str]]) -> RawAnswer:
        """Ask by GET with exactly these headers, and return what came; certificates are not checked. Raises `NetError`."""
        to = target(url)
        lines = [f"GET {to.path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers)]
        if any("\r" in line or "\n" in line for line in lines):
            raise NetError("A header holds a line break.", permanent=True)
        asked = "\r\n".join([*lines, "User-Agent: Vedette", "Accept: */*", "Connection: close", "", ""])
        end = self._end(to)
        try:
            with self._connected(to, end) as plain, self._wrapped(plain, to, _unchecked()) as connection:
                return _exchange(connection, asked.encode("utf-8"), to, end)
        except OSError as error:
            raise NetError(
                f"{to.host} does not come to an end with TLS: {error}.", permanent=False
            ) from error

    def versions(self, url: str) -> dict[str, bool]:
        """Return which versions of TLS a handshake comes to an end with. Raises `NetError` when nobody answers."""
        to = target(url)
        return {_NAMES[version]: self._agrees(to, version) for version in VERSIONS}

    def certificate_fault(self, url: str) -> str:
        """Return why the certificate is not believed; empty when it is. Raises `NetError` when nobody answers."""
        to = target(url)
        try:
            with (
                self._connected(to, self._end(to)) as plain,
                self._wrapped(plain, to, self._tls or ssl.create_default_context()),
            ):
                return ""
        except ssl.SSLCertVerificationError as error:
            return error.verify_message
        except OSError as error:
            return str(error)

    def _agrees(self, to: Place, version: ssl.TLSVersion) -> bool:
        context = _unchecked()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # asking for old versions is the point
            context.minimum_version = context.maximum_version = version
        context.set_ciphers("ALL:@SECLEVEL=0")
        try:
            with self._connected(to, self._end(to)) as plain, self._wrapped(plain, to, context):
                return True
        except OSError:
            return False

    def _end(self, to: Place) -> float:
        """Return by when the next question must be answered."""
        now = monotonic()
        if now >= self._overall:
            raise NetError(f"{to.host} takes too long over its answers.", permanent=False)
        return min(now + self._deadline, self._overall)

    @contextlib.contextmanager
    def _connected(self, to: Place, end: float) -> Iterator[socket.socket]:
        found = self._resolver.resolve(to.host, to.port, max(0.01, end - monotonic()))
        allowed = reachable(to.host, found, allow_private=self._allow_private)
        problem: OSError | None = None
        for address in allowed:
            try:
                connection = socket.create_connection((address, to.port), max(0.01, end - monotonic()))
            except OSError as error:
                problem = error
                continue
            with connection:
                connection.settimeout(max(0.01, end - monotonic()))
                yield connection
            return
        raise NetError(f"{to.host} cannot be reached: {problem}.", permanent=False) from problem

    @contextlib.contextmanager
    def _wrapped(self, plain: socket.socket, to: Place, context: ssl.SSLContext) -> Iterator[socket.socket]:
        if to.scheme == "http":
            yield plain
            return
        with context.wrap_socket(plain, server_hostname=to.host) as connection:
            yield connection


def _unchecked() -> ssl.SSLContext:
    """Return a context that believes any certificate: what is sent is no secret, and nothing that comes is trusted."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


class _Timely(io.RawIOBase):
    """What comes over a connection until an instant; one that sends byte by byte has no more time than others."""

    def __init__(self, connection: socket.socket, end: float) -> None:
        self._connection, self._until = connection, end

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        left = self._until - monotonic()
        if left <= 0:
            raise TimeoutError("it took too long")
        self._connection.settimeout(left)
        return self._connection.recv_into(buffer)


class _Reading:
    """A connection as `HTTPResponse` wants one."""

    def __init__(self, connection: socket.socket, end: float) -> None:
        self._timely = _Timely(connection, end)

    def makefile(self, mode: str) -> io.BufferedReader:
        """Return what is read from."""
        del mode
        return io.BufferedReader(self._timely)


def _exchange(connection: socket.socket, asked: bytes, to: Place, end: float) -> RawAnswer:
    try:
        connection.sendall(asked)
        response = http.client.HTTPResponse(_Reading(connection, end))  # type: ignore[arg-type]
        response.begin()
        headers = tuple((name.lower(), value) for name, value in response.getheaders())
        response.close()
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise NetError(
            f"{to.host} did not answer as it should: {error or type(error).__name__}.", permanent=False
        ) from error
    return RawAnswer(response.status, headers)
