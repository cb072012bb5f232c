"""Brings what waits in a spool to a server, in order, each once: what waits is dropped when the server has recorded it.

What the server can never take is found by sending less, and lost; everything else is tried again, less and less often.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from vedette.core.errors import Invalid, Unavailable
from vedette.plumbing.net.asking import Away, Pauses
from vedette.plumbing.spool.port import Kept, Spool

R = TypeVar("R")


class Carrier(ABC, Generic[R]):
    """Lives on one thread. Subclasses ask the server; `things` is what is carried, in words, `say` hears what a person has to know."""

    def __init__(
        self, spool: Spool, say: Callable[[str], None], things: str, most: int, most_bytes: int
    ) -> None:
        self._spool, self._say, self._things = spool, say, things
        self._most_sent, self._most_bytes = most, most_bytes
        self._most = most
        self._pauses = Pauses()
        self._away = ""
        self.lost = 0

    @property
    def is_away(self) -> bool:
        """Tell whether the server could not be told the last time."""
        return bool(self._away)

    @abstractmethod
    def ask(self, head: Sequence[Kept]) -> R:
        """Send what waits longest and return the receipt; raises as `plumbing.net.asking` does."""

    def taken(self, receipt: R) -> None:
        """Hear that something was recorded."""

    def unreachable(self) -> None:
        """Hear that the server could not be reached."""

    def put(self, bodies: Sequence[bytes]) -> None:
        """Let something wait to be sent. Raises `Unavailable` when it cannot be kept."""
        lost = self._spool.add(bodies)
        if lost:
            self.lost += lost
            self._say(f"The spool is full: {lost} of the oldest {self._things} are lost, {self.lost} in all.")

    def send(self) -> float | None:
        """Send what waits longest; return the seconds until there is more to be done, None when nothing waits.

        Raises `Refused` when the server wants nothing of whoever sends.
        """
        head = self._spool.head(self._most, self._most_bytes)
        if not head:
            return None
        try:
            receipt = self.ask(head)
        except Away as error:
            self.unreachable()
            return self._failed(str(error), 0.0)
        except Unavailable as error:
            return self._failed(str(error), error.retry_after)
        except Invalid as error:
            return self._rejected(head, str(error))
        self._done(head)
        self.taken(receipt)
        return 0.0

    def _done(self, head: Sequence[Kept]) -> None:
        if self._away:
            self._say(f"The server is back; {self._spool.waiting()} {self._things} waited.")
        self._away, self._most = "", self._most_sent
        self._pauses.worked()
        self._spool.drop(head[-1].number)

    def _failed(self, why: str, least: float) -> float:
        if why != self._away:
            self._say(f"{why} What is found meanwhile is kept.")
        self._away = why
        return self._pauses.next(least)

    def _rejected(self, head: Sequence[Kept], why: str) -> float:
        """Go on without what the server can never take; which one that is, is found by sending fewer."""
        if len(head) > 1:
            self._most = len(head) // 2
            return 0.0
        self._spool.drop(head[0].number)
        self._most = self._most_sent
        self.lost += 1
        one = self._things.removesuffix("s")
        self._say(f"The server does not take a {one}, which is lost: {why}")
        return 0.0
