"""The supervisor of `vedette up`: granian with one worker. It loads neither Django nor a room, and stays small.

One listening socket lives here and is inherited by every worker, so a reload (SIGHUP) loses no queued connection:
the new worker is ready before the old one is told to stop, and whoever waits in the socket's queue is served by
the next who accepts.
"""

import contextlib
import ctypes
import os
import select
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from granian._granian import SocketHolder
from granian.constants import HTTPModes, Interfaces, Loops
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.mp import MPServer

from vedette.app import keyfile, migrate
from vedette.app.handing_over import take_no_more
from vedette.app.lifeline import end_with
from vedette.app.listening import BACKLOG, listen, open_many_files
from vedette.core.errors import ConfigError, VedetteError
from vedette.core.settings import Settings

if TYPE_CHECKING:
    from vedette.app.beside import Beside
    from vedette.app.certifier import Certifier, Shown

TARGET = "vedette.app.asgi:application"
READY_FD = "VEDETTE_READY_FD"
READY_SECONDS = 60.0
KILL_SECONDS = 4
HANDSHAKE_SECONDS = 2.0
_M_ARENA_MAX, _M_MMAP_THRESHOLD, _M_TRIM_THRESHOLD = -8, -3, -1
_MMAP_BYTES, _TRIM_BYTES = 1 << 20, 1 << 16


def prepare(settings: Settings) -> "subprocess.Popen[str] | None":
    """Make the data folder and the key file ready and begin to migrate, which goes on while the worker loads.

    Raises `ConfigError`.
    """
    try:
        os.umask(0o077)
        keyfile.read_or_create(settings.data)
        return migrate.begin(settings)
    except (OSError, sqlite3.Error) as error:
        raise ConfigError(f"{settings.data}: cannot be used ({error}).") from error


def serve(settings: Settings, ready: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT; `ready(address)` is called once, when requests are answered.

    Exits the process with status 1 when the worker cannot start.
    """
    listener = listen(settings.host, settings.port)
    certifier, agent = _certifier(settings), _agent(settings)
    migrating = prepare(settings)
    port = listener.getsockname()[1]
    os.environ["VEDETTE_PORT"] = str(port)  # the worker's links name the port that was really taken

    def started() -> None:
        if migrating is not None:
            migrating.wait()
        if certifier is not None:
            certifier.go()
        if agent is not None:
            agent.start()
        ready(_address(settings, port))

    if certifier is not None:
        certifier.start()
    try:
        Server(listener, settings, started, agent.stop if agent is not None else None).serve()
    finally:
        for each in (agent, certifier):
            if each is not None:
                each.stop()


def _agent(settings: Settings) -> "Beside | None":
    """Return what starts the agent of this machine, where there is to be one; nothing of it is loaded otherwise."""
    if settings.agent == "off":
        return None
    from vedette.app import own_agent
    from vedette.app.beside import Beside

    return None if own_agent.why_none(settings) else Beside(settings)


def _certifier(settings: Settings) -> "Certifier | None":
    """Return what looks after certificates, where names are set; nothing of it is loaded otherwise."""
    if not settings.names:
        return None
    from vedette.app.certifier import Certifier

    return Certifier(settings)


def _address(settings: Settings, port: int) -> str:
    if not settings.names:
        return f"http://{settings.host}:{port}"
    return f"https://{settings.names[0]}" + ("" if port == 443 else f":{port}")


class Server(MPServer):  # type: ignore[misc]  # granian brings no types for its servers
    """granian's supervisor with one inherited socket, and reloads that wait for the new worker."""

    def __init__(
        self, listener: socket.socket, settings: Settings, ready: Callable[[], None], ending: Callable[[], None] | None = None
    ) -> None:  # fmt: skip
        super().__init__(
            target=TARGET,
            address=settings.host,
            port=listener.getsockname()[1],
            interface=Interfaces.ASGI,
            loop=Loops.uvloop,
            http=HTTPModes.http1,
            websockets=False,
            backlog=BACKLOG,
            backpressure=open_many_files(),
            http1_settings=HTTP1Settings(keep_alive=True, header_read_timeout=30_000),
            log_level=LogLevels.critical,
            workers_kill_timeout=KILL_SECONDS,
        )
        self._listener = listener
        self._tell_ready, self._tell_ending = ready, ending
        self._data = settings.data if settings.names else None  # where certificates are, if any

    def _init_shared_socket(self) -> None:
        self._listener.set_inheritable(True)
        self._sso = self._listener
        self._shd = SocketHolder(self._listener.fileno(), False, BACKLOG)  # type: ignore[call-arg]  # missing in its stub
        self._sfd = self._listener.fileno()
        self._ssp = None

    def _spawn_worker(self, idx: int, target: Any, callback_loader: Any) -> Any:
        reading, writing = os.pipe()
        os.environ[READY_FD] = str(writing)
        supervisor = os.getpid()
        shown = self._show()

        def loader() -> Any:
            os.close(reading)
            end_with(supervisor, signal.SIGTERM)
            _keep_heap_small()
            application = callback_loader()
            application.fork_digestion()  # here, as later there are threads
            if shown is not None and self._data is not None:
                _fill(shown, self._data)
                application.at_the_end(lambda: take_no_more(self._sfd))
            return application

        worker = super()._spawn_worker(idx, target, loader)
        worker.ready_pipe, worker.shown = (reading, writing), shown
        return worker

    def _show(self) -> "Shown | None":
        """Return where the next worker shows its certificate: every worker reads the newest."""
        if self._data is None:
            return None
        from vedette.app.certifier import Shown

        shown = Shown()
        self.ssl_ctx = shown.context
        return shown

    def _spawn_workers(self, spawn_target: Any, target_loader: Any) -> None:
        super()._spawn_workers(spawn_target, target_loader)
        if self._wait_ready(self.wrks[0]):
            self._shows()
            self.respawn_failed_workers = True
            self._tell_ready()

    def _respawn_workers(self, workers: Any, spawn_target: Any, target_loader: Any, delay: float = 0) -> None:  # noqa: ARG002 - granian's signature
        old = self.wrks[0]
        if not old.is_alive():
            sys.stderr.write("The worker ended unexpectedly; another one starts.\n")
        new = self._spawn_worker(0, spawn_target, target_loader)
        new.start()
        _signal(old, signal.SIGUSR1)  # from here on its answers end their connections
        if not self._wait_ready(new) and old.is_alive():
            _signal(old, signal.SIGUSR1)  # and from here on no more
            new.kill()
            self.interrupt_children.clear()
            sys.stderr.write("The new worker did not start; the old one serves on.\n")
            return
        self.wrks[0] = new
        self._shows()
        _signal(old, signal.SIGUSR2)
        if self._data is not None:
            old.join(HANDSHAKE_SECONDS)  # whoever it accepted has not asked yet, and would be cut off
        old.terminate()
        old.join(KILL_SECONDS)
        if old.is_alive():
            old.kill()
            old.join()

    def _shows(self) -> None:
        """Note that what the new worker read is shown: who looks after the certificate asks again until it is."""
        if self._data is None:
            return
        from vedette.certificates.keeping import Folder

        with contextlib.suppress(OSError):
            Folder(self._data).shows()

    def _stop_workers(self) -> None:
        if self._tell_ending is not None:
            self._tell_ending()  # whose last words are still taken
        for worker in self.wrks:
            _signal(worker, signal.SIGUSR2)
        super()._stop_workers()

    def _wait_ready(self, worker: Any) -> bool:
        """Wait until the worker says that it is ready; False when it ended instead or took too long."""
        reading, writing = worker.ready_pipe
        os.close(writing)
        if worker.shown is not None:
            worker.shown.forget()
        readable, _, _ = select.select([reading], [], [], READY_SECONDS)
        told = bool(readable) and os.read(reading, 1) == b"r"
        os.close(reading)
        return told


def _fill(shown: "Shown", data: Path) -> None:
    """Read the certificate in the worker; without one it cannot serve, and ends."""
    from vedette.certificates.keeping import load
    from vedette.plumbing.seal.aesgcm import AesGcmSeal

    try:
        chain_and_key = load(data, AesGcmSeal(keyfile.read_or_create(data)))
    except (VedetteError, OSError) as error:
        sys.stderr.write(f"Vedette cannot start: {error}\n")
        sys.exit(1)
    shown.fill(chain_and_key)


def _signal(worker: Any, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(worker.inner.pid, number)


def _keep_heap_small() -> None:
    """Have malloc give back what is freed: one arena a thread, and large buffers in the heap, would keep it."""
    libc = ctypes.CDLL(None)
    libc.mallopt(_M_ARENA_MAX, 2)
    libc.mallopt(_M_MMAP_THRESHOLD, _MMAP_BYTES)
    libc.mallopt(_M_TRIM_THRESHOLD, _TRIM_BYTES)
