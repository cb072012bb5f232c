"""Names to addresses, by the system's resolver, within a deadline."""

import queue
import socket
import threading
from collections.abc import Callable
from typing import Protocol

from vedette.plumbing.net.port import NetError

Lookup = Callable[[str, int], list[str]]


class Resolver(Protocol):
    """Resolves a name; tests bring their own."""

    def resolve(self, host: str, port: int, timeout: float) -> list[str]:
        """Return the addresses of a host, preferred first; raises `NetError`."""
        ...


def _getaddrinfo(host: str, port: int) -> list[str]:
    return [str(sockaddr[0]) for *_, sockaddr in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


class SystemResolver:
    """Implements `Resolver` by `getaddrinfo`, which knows no deadline: it runs in a thread that may be left behind."""

    def __init__(self, lookup: Lookup = _getaddrinfo) -> None:
        self._lookup = lookup

    def resolve(self, host: str, port: int, timeout: float) -> list[str]:
        """Return the addresses of a host."""
        answers: queue.SimpleQueue[list[str] | NetError] = queue.SimpleQueue()
        threading.Thread(
            target=_ask, args=(self._lookup, host, port, answers), name="resolve", daemon=True
        ).start()
        try:
            answer = answers.get(timeout=timeout)
        except queue.Empty:
            raise NetError(f"{host}: its name was not resolved in time.", permanent=False) from None
        if isinstance(answer, NetError):
            raise answer
        return answer


def _ask(lookup: Lookup, host: str, port: int, answers: "queue.SimpleQueue[list[str] | NetError]") -> None:
    try:
        found = lookup(host, port)
    except (OSError, UnicodeError) as error:
        answers.put(NetError(f"{host}: its name cannot be resolved ({error}).", permanent=False))
        return
    answers.put(list(dict.fromkeys(found)))
