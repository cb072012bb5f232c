"""Bus within one process: a counter and a condition for each topic."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable

from vedette.core.clock import monotonic

_TOPICS = 4096


class LocalBus:
    """Implements `plumbing.bus.port.Bus`.

    Counters come from one number that grows with each wake, so a topic whose counter was forgotten (the
    least recently woken of more than 4,096) can answer with a number that wakes its waiters once too often.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._wakes = 0
        self._forgotten = 0
        self._counters: OrderedDict[str, int] = OrderedDict()
        self._sleepers: dict[str, tuple[threading.Condition, int]] = {}
        self._callbacks: dict[str, tuple[Callable[[str], None], ...]] = {}
        self._listeners: tuple[Callable[[str], None], ...] = ()

    def wake(self, topic: str) -> None:
        """Wake everyone who waits for `topic`."""
        with self._lock:
            self._wakes += 1
            self._counters[topic] = self._wakes
            self._counters.move_to_end(topic)
            if len(self._counters) > _TOPICS:
                self._forgotten = self._counters.popitem(last=False)[1]
            if topic in self._sleepers:
                self._sleepers[topic][0].notify_all()
            callbacks = (*self._callbacks.get(topic, ()), *self._listeners)
        for callback in callbacks:
            callback(topic)

    def seen(self, topic: str) -> int:
        """Return the topic's counter."""
        with self._lock:
            return self._counter(topic)

    def wait(self, topic: str, seen: int, timeout: float) -> int:
        """Block until the counter is past `seen` or time is up; return the counter."""
        end = monotonic() + timeout
        with self._lock:
            condition = self._enter(topic)
            try:
                while self._counter(topic) <= seen and (left := end - monotonic()) > 0:
                    condition.wait(left)
                return self._counter(topic)
            finally:
                self._leave(topic)

    def subscribe(self, topics: Iterable[str], callback: Callable[[str], None]) -> Callable[[], None]:
        """Call back at each wake of these topics; return what ends it."""
        names = tuple(dict.fromkeys(topics))
        with self._lock:
            for name in names:
                self._callbacks[name] = (*self._callbacks.get(name, ()), callback)

        def end() -> None:
            with self._lock:
                for name in names:
                    self._unsubscribe(name, callback)

        return end

    def listen(self, listener: Callable[[str], None]) -> Callable[[], None]:
        """Call back at every wake of any topic; return what ends it."""
        with self._lock:
            self._listeners = (*self._listeners, listener)

        def end() -> None:
            with self._lock:
                self._listeners = tuple(known for known in self._listeners if known != listener)

        return end

    def _counter(self, topic: str) -> int:
        return self._counters.get(topic, self._forgotten)

    def _enter(self, topic: str) -> threading.Condition:
        condition, sleepers = self._sleepers.get(topic) or (threading.Condition(self._lock), 0)
        self._sleepers[topic] = (condition, sleepers + 1)
        return condition

    def _leave(self, topic: str) -> None:
        condition, sleepers = self._sleepers.pop(topic)
        if sleepers > 1:
            self._sleepers[topic] = (condition, sleepers - 1)

    def _unsubscribe(self, topic: str, callback: Callable[[str], None]) -> None:
        left = list(self._callbacks.get(topic, ()))
        if callback in left:
            left.remove(callback)
        if left:
            self._callbacks[topic] = tuple(left)
        else:
            self._callbacks.pop(topic, None)
