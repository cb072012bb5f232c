"""Names to addresses, by the system's resolver, within a deadline."""

import queue
import socket
import threading
from typing import Protocol

from vedette.plumbing.net.port import NetError


class Resolver(Protocol):
    """Resolves a name; tests bring their own."""

    def resolve(self, host: str, port: int, timeout: float) -> list[str]:
        """Return the addresses of a host, preferred first; raises `NetError`."""
        ...


class SystemResolver:
    """Implements `Resolver` by `getaddrinfo`, which knows no deadline: it runs in a thread that may be left behind."""

    def resolve(self, host: str, port: int, timeout: float) -> list[str]:
        """Return the addresses of a host."""
        answers: queue.SimpleQueue[list[str] | NetError] = queue.SimpleQueue()
        threading.Thread(target=_ask, args=(host, port, answers), name="resolve", daemon=True).start()
        try:
            answer = answers.get(timeout=timeout)
        except queue.Empty:
            raise NetError(f"{host}: its name was not resolved in time.", permanent=False) from None
        if isinstance(answer, NetError):
            raise answer
        return answer


def _ask(host: str, port: int, answers: "queue.SimpleQueue[list[str] | NetError]") -> None:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        answers.put(NetError(f"{host}: its name cannot be resolved ({error}).", permanent=False))
        return
    answers.put(list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found)))
