"""Envelopes over HTTP: one connection that is kept, bounded waits, no redirects."""

from __future__ import annotations

import http.client
import ssl
from typing import Protocol

from vedette_guard.wire import Dsn, auth

SECONDS, LONGEST_ANSWER = 5.0, 65536
Answer = tuple[int, "str | None"]


class Transport(Protocol):
    """What brings an envelope to the server."""

    def send(self, body: bytes) -> Answer:
        """Return the status and Retry-After. Raise OSError when the server cannot be reached."""

    def forked(self) -> None:
        """Forget what is the parent process's."""


class HttpTransport:
    """Brings envelopes by http.client; used by one thread."""

    def __init__(self, dsn: Dsn) -> None:
        self._dsn, self._headers = dsn, auth(dsn)
        self._connection: http.client.HTTPConnection | None = None

    def send(self, body: bytes) -> Answer:
        """Return what the server answers. Raise OSError when there is none; the next call connects anew."""
        try:
            return self._sent(body)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise OSError(f"{type(error).__name__}: {error}") from error

    def _sent(self, body: bytes) -> Answer:
        if self._connection is None:
            self._connection = self._connect()
        self._connection.request("POST", self._dsn.path, body, self._headers)
        answer = self._connection.getresponse()
        if len(answer.read(LONGEST_ANSWER)) == LONGEST_ANSWER or answer.will_close:
            self.close()
        return answer.status, answer.getheader("retry-after")

    def _connect(self) -> http.client.HTTPConnection:
        dsn = self._dsn
        if dsn.secure:
            return http.client.HTTPSConnection(
                dsn.host, dsn.port, timeout=SECONDS, context=ssl.create_default_context()
            )
        return http.client.HTTPConnection(dsn.host, dsn.port, timeout=SECONDS)

    def forked(self) -> None:
        """Forget the connection without a word on it: it is the parent's."""
        self._connection = None

    def close(self) -> None:
        """Let go of the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
