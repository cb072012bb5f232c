"""Bus: in-process wake-ups. The database is the truth; a message here only says "look again"."""

from collections.abc import Callable
from typing import Protocol


class Bus(Protocol):
    """Lossy wake-ups by topic, from and to any thread."""

    def wake(self, topic: str) -> None:
        """Wake everyone who waits for `topic` and tell every listener."""
        ...

    def wait(self, topic: str, seen: int, timeout: float) -> int:
        """Block until the topic's counter is past `seen` or `timeout` seconds went by; return the counter."""
        ...

    def listen(self, listener: Callable[[str], None]) -> Callable[[], None]:
        """Call `listener(topic)` at every wake, in the waking thread, and return what stops it.

        A listener must return at once and must not raise.
        """
        ...
