"""Work beside the requests: one daemon thread that takes steps, survives forks, and ends within bounded time."""

from __future__ import annotations

import atexit
import logging
import os
import threading
import weakref
from collections.abc import Callable

log = logging.getLogger("vedette_guard")
AT_EXIT = 2.0
AFTER_A_FAULT = 60.0


class Worker:
    """Calls `step` again and again; it returns after how many seconds it wants to be called next (None: when woken).

    `last` is called once as the process ends, with the seconds it may take; `forked` in a child that has no thread yet.
    The thread starts at the first `wake`.
    """

    def __init__(
        self,
        name: str,
        step: Callable[[], float | None],
        last: Callable[[float], None] | None = None,
        forked: Callable[[], None] | None = None,
    ) -> None:
        self._name, self._step, self._last, self._forked = name, step, last, forked
        self.reset()
        _workers.add(self)

    def reset(self) -> None:
        """Begin without a thread: locks of the parent may be held by threads that the child does not have."""
        self._woken, self._starting = threading.Event(), threading.RLock()
        self._thread: threading.Thread | None = None
        self._seconds_to_end: float | None = None

    def wake(self) -> None:
        """Ask for a step soon."""
        if self._thread is None:
            self._start()
        self._woken.set()

    def _start(self) -> None:
        with self._starting:
            if self._thread is None and self._seconds_to_end is None:
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()

    def close(self, seconds: float = AT_EXIT) -> None:
        """End the thread; it may take `seconds` for what is left. Nothing is awaited longer."""
        with self._starting:
            self._seconds_to_end, thread = seconds, self._thread
        self._woken.set()
        if thread is not None and thread is not threading.current_thread():
            thread.join(seconds)

    def _run(self) -> None:
        wait: float | None = 0.0
        while self._seconds_to_end is None:
            self._woken.wait(wait)
            self._woken.clear()
            if self._seconds_to_end is None:
                wait = self._stepped()
        if self._last is not None:
            self._last(self._seconds_to_end)

    def _stepped(self) -> float | None:
        try:
            return self._step()
        except Exception:
            log.exception("%s: a step failed", self._name)
            return AFTER_A_FAULT

    def in_child(self) -> None:
        """Begin anew in a process that was forked."""
        self.reset()
        if self._forked is not None:
            self._forked()


_workers: weakref.WeakSet[Worker] = weakref.WeakSet()


def _end_all() -> None:
    for worker in list(_workers):
        worker.close()


def _all_in_child() -> None:
    for worker in list(_workers):
        worker.in_child()


atexit.register(_end_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_all_in_child)
