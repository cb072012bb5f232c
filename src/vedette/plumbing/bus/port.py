"""Bus: in-process wake-ups. The database is the truth; a message here only says "look again"."""

from collections.abc import Callable, Iterable
from typing import Protocol


class Bus(Protocol):
    """Lossy wake-ups by topic, from and to any thread."""

    def wake(self, topic: str) -> None:
        """Wake everyone who waits for `topic`."""
        ...

    def seen(self, topic: str) -> int:
        """Return the topic's counter as it stands, to be handed to `wait`."""
        ...

    def wait(self, topic: str, seen: int, timeout: float) -> int:
        """Block until the topic's counter is past `seen` or `timeout` seconds went by; return the counter.

        A counter only grows; a thread may be woken without cause, never left asleep.
        """
        ...

    def subscribe(self, topics: Iterable[str], callback: Callable[[str], None]) -> Callable[[], None]:
        """Call `callback(topic)` at each wake of these topics, in the waking thread; return what ends it.

        The callback must be quick and must not raise; `bus.stream` turns it into something to await.
        """
        ...

    def listen(self, listener: Callable[[str], None]) -> Callable[[], None]:
        """Call `listener(topic)` at every wake of any topic, in the waking thread; return what ends it.

        The listener must be quick and must not raise.
        """
        ...
