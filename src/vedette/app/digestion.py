"""Digestion in a process of its own: the front door and digestion do not share one interpreter's lock.

The worker forks it while it still has a single thread and Django is loaded, so much memory stays shared.
Batches go over a pipe and are acknowledged by the worker alone: when this process dies, or the worker does, the
journal hands the batch out again, and the mark in core.db tells what was counted. It ends with the worker's end
of the pipe; signals meant for the worker do not end it.
"""

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Mapping, Sequence
from multiprocessing import Pipe
from multiprocessing.connection import Connection

import msgspec
from django.db import connections

from vedette.app import logs
from vedette.app.lifeline import end_with
from vedette.app.wiring import wire
from vedette.core.errors import VedetteError
from vedette.core.settings import Settings
from vedette.errors import service as errors
from vedette.monitors import service as monitors
from vedette.plumbing.bus.port import Bus
from vedette.plumbing.log.port import Message
from vedette.plumbing.ports import Ports

LOG = logs.logger("vedette.digestion")
Act = Callable[[Sequence[Message], float], int]
_IGNORED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2)


class Order(msgspec.Struct, frozen=True, array_like=True):
    """A batch to digest, at an instant; or `found`, what checks found, to record, with the location it comes from."""

    messages: list[Message]
    now: float
    found: bytes = b""
    place: str = ""


class Answer(msgspec.Struct, frozen=True, array_like=True):
    """How many events counted and which topics to wake; `failed` tells what went wrong instead.

    `soon` are the monitors to check again early, and in how many seconds.
    """

    counted: int = 0
    topics: list[str] = []
    failed: str = ""
    soon: Mapping[int, float] = {}


class DigestionFailed(VedetteError):
    """The digesting process could not digest a batch; its own log tells where."""


_ENCODE = msgspec.msgpack.Encoder().encode
_ORDER = msgspec.msgpack.Decoder(Order).decode
_ANSWER = msgspec.msgpack.Decoder(Answer).decode


class Digestion:
    """The worker's end. Called like `errors.service.digest`, and does the same here once its process is gone."""

    def __init__(self, pipe: Connection | None, pid: int = 0) -> None:
        self.pid = pid
        self._pipe = pipe
        self._bus: Bus | None = None
        self._turn = threading.Lock()

    def wake_on(self, bus: Bus) -> None:
        """Name the bus on which the topics of digested batches are woken."""
        self._bus = bus

    def __call__(self, messages: Sequence[Message], now: float) -> int:
        """Digest a batch and return how many events counted; raises `DigestionFailed`, then nothing is lost."""
        if self._pipe is None:
            return errors.digest(messages, now)
        return self._asked(Order(list(messages), now)).counted

    def take(self, found: bytes, now: float, place: str = "") -> Mapping[int, float]:
        """Record what checks found, as `monitors.service.take` does; raises `DigestionFailed`, then nothing is lost."""
        if self._pipe is None:
            return monitors.take(found, now, place)
        return self._asked(Order([], now, found, place)).soon

    def _asked(self, order: Order) -> Answer:
        """Have an order done; one after the other, as the other end does one thing at a time."""
        with self._turn:
            if self._pipe is None:
                raise DigestionFailed("The digesting process has ended; digestion goes on in the worker.")
            try:
                self._pipe.send_bytes(_ENCODE(order))
                answer = _ANSWER(self._pipe.recv_bytes())
            except (EOFError, OSError) as error:
                self.close()
                raise DigestionFailed(
                    "The digesting process has ended; digestion goes on in the worker."
                ) from error
        for topic in answer.topics:
            if self._bus is not None:
                self._bus.wake(topic)
        if answer.failed:
            raise DigestionFailed(f"A batch could not be digested: {answer.failed}")
        return answer

    def close(self) -> None:
        """End the process, if there is one, and wait for it."""
        pipe, self._pipe = self._pipe, None
        if pipe is not None:
            pipe.close()
            if self.pid:  # 0 would wait for whatever child there is
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(self.pid, 0)


def fork(settings: Settings) -> Digestion:
    """Start the process; to be called while this one has a single thread and no open database."""
    ours, theirs = Pipe()
    worker = os.getpid()
    pid = os.fork()
    if pid:
        theirs.close()
        return Digestion(ours, pid)
    try:
        _stay_alone(worker, theirs.fileno())
        run(theirs, lambda: wire(settings, journal=False))
    finally:
        os._exit(0)  # nothing of the worker may be cleaned up here


def _stay_alone(worker: int, keep: int) -> None:
    """Keep nothing of the worker open, and not outlive it."""
    for number in _IGNORED:
        signal.signal(number, signal.SIG_IGN)
    end_with(worker, signal.SIGKILL)
    os.closerange(3, keep)
    os.closerange(keep + 1, os.sysconf("SC_OPEN_MAX"))


def run(pipe: Connection, make: Callable[[], Ports], act: Act = errors.digest) -> None:
    """Digest what comes through the pipe until its other end is closed; the ports are made for the first batch."""
    topics: dict[str, None] = {}
    made: Ports | None = None
    with contextlib.suppress(EOFError, OSError):
        while True:
            order = _ORDER(pipe.recv_bytes())
            if made is None:
                made = make()
                made.bus.listen(lambda topic: topics.update({topic: None}))
            topics.clear()
            pipe.send_bytes(_ENCODE(_answered(act, order, topics)))
    if made is not None:
        made.telemetry.close()
    connections.close_all()


def _answered(act: Act, order: Order, topics: dict[str, None]) -> Answer:
    """Answer for a batch; whatever a room or a database raised is told to the worker, which tries the batch again."""
    try:
        if order.found:
            return Answer(topics=list(topics), soon=monitors.take(order.found, order.now, order.place))
        counted = act(order.messages, order.now)
    except Exception as error:  # of any room or database: the worker is told and tries again
        LOG.exception("a batch could not be digested", messages=len(order.messages))
        connections.close_all()
        return Answer(failed=f"{type(error).__name__}: {error}", topics=list(topics))
    return Answer(counted, list(topics))
