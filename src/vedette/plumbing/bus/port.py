"""Bus: in-process wake-ups. The database is the truth; a message here only says "look again"."""

from typing import Protocol


class Bus(Protocol):
    """Lossy wake-ups by topic, from and to any thread."""

    def wake(self, topic: str) -> None:
        """Wake everyone who waits for `topic`."""
        ...

    def wait(self, topic: str, seen: int, timeout: float) -> int:
        """Block until the topic's counter is past `seen` or `timeout` seconds went by; return the counter."""
        ...
