"""Checking in a process of its own, while there is something to check: the worker starts it, orders, and has its findings recorded.

It dies with the worker, and is started again when it dies: what was lost is one check. Of several processes only the one
that holds the lease checks. Findings are recorded by the digesting process, so that the front door keeps its interpreter.
"""

import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from multiprocessing import Pipe
from multiprocessing.connection import Connection

import msgspec
from django.db import connections

from vedette.app import logs
from vedette.app.crew import Leadership
from vedette.app.roles import Role
from vedette.core.errors import VedetteError
from vedette.instruments.probe.journey.ability import rules_of
from vedette.monitors import service as monitors
from vedette.monitors.rounds.types import Figures, Findings, Orders
from vedette.plumbing.ports import Ports

LOG = logs.logger("vedette.prober")
LEASE = TOPIC = "prober"
_WAIT, _IDLE = 0.25, 2.0
_END = 3.0
_ENCODE = msgspec.msgpack.Encoder().encode
_JSON = msgspec.json.Encoder().encode
_FINDINGS = msgspec.msgpack.Decoder(Findings).decode
Take = Callable[[bytes, float], Mapping[int, float]]
Ask = Callable[[Mapping[int, float]], tuple[Orders, Mapping[int, float]]]


class ProberEnded(VedetteError):
    """The process that checks has ended by itself; another one starts."""


class Prober:
    """The worker's end."""

    def __init__(self, ports: Ports, take: Take = monitors.take, ask: Ask = monitors.orders) -> None:
        self._ports, self._take, self._ask = ports, take, ask
        self._lease = Leadership(ports, LEASE)
        self._changed = threading.Event()
        self._changed.set()
        self._known: Mapping[int, float] = {}
        self._orders = Orders()
        self._held = b""
        self._pipe: Connection | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self.figures = Figures()
        self.checked = 0

    def refresh(self) -> None:
        """Note that monitors have changed."""
        self._changed.set()
        self._ports.bus.wake(TOPIC)

    def step(self) -> None:
        """Do one round: read what changed, have what was found recorded, wait a moment for more."""
        seen = self._ports.bus.seen(TOPIC)
        if self._changed.is_set():
            self._read_anew()
        if self._pipe is None:
            self._ports.bus.wait(TOPIC, seen, _IDLE)
        elif self._lease.held():
            self._hear(self._pipe)
        else:
            LOG.warning("another process checks now")
            self.stop()

    def stop(self) -> None:
        """End the process and give the lease back."""
        pipe, self._pipe = self._pipe, None
        process, self._process = self._process, None
        if pipe is not None:
            pipe.close()
        if process is not None:
            try:
                process.wait(_END)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._lease.release()
        self._forget()

    def _forget(self) -> None:
        """Begin anew with the next process: it knows nothing."""
        self._known, self._held, self.figures = {}, b"", Figures()
        self._changed.set()

    def _read_anew(self) -> None:
        """Find out what changed; what could not be found out is asked again."""
        self._changed.clear()  # first: what changes from here on is read the next time
        was_read = False
        try:
            self._read()
            was_read = True
        finally:
            if not was_read:
                self._changed.set()

    def _read(self) -> None:
        """Find out what changed; start the process for the first that is to be checked, end it with the last."""
        orders, known = self._ask(self._known)
        self.checked = len(known)
        if not known:
            if self._pipe is not None:
                self.stop()
            return
        if self._pipe is None and not self._start():
            self._changed.set()
            return
        self._known = known
        if orders.put or orders.drop:
            self._send(orders)

    def _start(self) -> bool:
        """Start the process; False while another one holds the lease."""
        if not self._lease.held():
            return False
        ours, theirs = Pipe()
        settings = self._ports.settings
        allowed = "yes" if settings.allow_private_addresses else "no"
        command = [
            sys.executable,
            "-m",
            "vedette.app.probing",
            str(theirs.fileno()),
            allowed,
            _JSON(rules_of(settings)).decode(),
            *settings.checked_folders,
        ]
        kept = {name: text for name, text in os.environ.items() if not name.startswith("VEDETTE_")}
        self._process = subprocess.Popen(
            command, pass_fds=[theirs.fileno()], env=kept, stdin=subprocess.DEVNULL
        )
        theirs.close()
        self._pipe = ours
        LOG.info("checking", pid=self._process.pid)
        return True

    def _hear(self, pipe: Connection) -> None:
        """Take in what was found, and say so; what could not be recorded is tried again before anything else."""
        if not self._held:
            try:
                if not pipe.poll(_WAIT):
                    return
                self._held = pipe.recv_bytes()
            except (EOFError, OSError):
                self._lost()
        soon = self._take(self._held, self._ports.clock.now())
        found = _FINDINGS(self._held)
        self.figures, self._held = found.figures, b""
        self._send(Orders(soon=soon, taken=found.number))

    def _send(self, orders: Orders) -> None:
        try:
            if self._pipe is not None:
                self._pipe.send_bytes(_ENCODE(orders))
        except OSError:
            self._lost()

    def _lost(self) -> None:
        status = None if self._process is None else self._process.poll()
        self.stop()
        raise ProberEnded(f"The process that checks has ended (status {status}); another one starts.")


def role(ports: Ports, prober: Prober) -> Role:
    """Return the role."""

    def recover() -> None:
        with contextlib.suppress(OSError):
            connections.close_all()

    return Role(
        name="prober",
        step=prober.step,
        wake=lambda: ports.bus.wake(TOPIC),
        drain=prober.stop,
        recover=recover,
    )
