"""The ASGI application: telemetry, static files and live streams without Django, pages with it.

Run by granian (`vedette up`) or any ASGI server with lifespan, for instance
`uvicorn vedette.app.asgi:application`. `VEDETTE_ROLES` narrows what runs here.
"""

import asyncio
import contextlib
import ctypes
import gc
import os
import signal
import sqlite3
import sys
from collections.abc import Callable, Iterator, MutableMapping
from typing import TYPE_CHECKING, Any

from vedette.app import logs, migrate
from vedette.core import settings as core_settings
from vedette.core.errors import VedetteError
from vedette.intake.paths import takes
from vedette.ui.asgi_types import Receive, Scope, Send, answer
from vedette.ui.explain import Said, problem_body

if TYPE_CHECKING:
    from vedette.app.digestion import Digestion
    from vedette.app.doors import Doors
    from vedette.core.settings import Settings

LOG = logs.logger("vedette.asgi")
READY_FD = "VEDETTE_READY_FD"
ROLES = "VEDETTE_ROLES"
# Decoded events are trees without cycles: looking at them often finds nothing.
GARBAGE_THRESHOLDS = (20_000, 20, 50)
# An answer needs the interpreter three times, and shall not wait 5 ms each behind digestion.
SWITCH_SECONDS = 0.0005
_STARTING = Said(
    status=503, title="Starting", detail="Vedette is starting or stopping; try again in a second."
)
_HEALTH = frozenset({"/-/health", "/-/healthy"})  # the second is how Alertmanager calls it
_PROBLEM = [(b"content-type", b"application/problem+json"), (b"retry-after", b"1")]


class Application:
    """Routes each request to the part that answers it, and opens and closes the house around them.

    From SIGUSR1 on (a successor is starting) every answer ends its connection, so that no client sends its next
    request on one that is about to close. SIGUSR2 (it is ready) ends the live streams: a server that stops waits for them.
    """

    def __init__(self) -> None:
        self._doors: Doors | None = None
        self._digestion: Digestion | None = None
        self._leaving = False
        self._take_no_more: Callable[[], None] = lambda: None

    def at_the_end(self, take_no_more: Callable[[], None]) -> None:
        """Have something called when the successor has taken over: from then on no connection is accepted here."""
        self._take_no_more = take_no_more

    def fork_digestion(self, fork: "Callable[[Settings], Digestion] | None" = None) -> None:
        """Load what digestion needs and put it into a process of its own; only while there is a single thread.

        What keeps Vedette from starting is not told here: the lifespan will run into it again.
        """
        with contextlib.suppress(VedetteError, OSError, sqlite3.Error):
            with _without_garbage():  # and so a look for garbage on either side copies no shared page
                settings = _load()
                from vedette.app import digestion

                _load_pages()
            if _digests(_roles()):
                self._digestion = (fork or digestion.fork)(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection."""
        if scope["type"] == "http":
            await self._http(scope, receive, _last(send) if self._leaving else send)
        elif scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        else:
            await send({"type": "websocket.close", "code": 1000})

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        doors, path = self._doors, scope["path"]
        if path in _HEALTH:
            await answer(
                send, 200, [(b"content-type", b"text/plain"), (b"cache-control", b"no-store")], b"ok\n"
            )
        elif doors is None:
            await answer(send, 503, _PROBLEM, problem_body(_STARTING))
        elif takes(path, scope["method"]):
            await doors.intake(scope, receive, send)
        elif doors.status.takes(scope):
            await doors.status(scope, receive, send)
        elif doors.locations.takes(scope):
            await doors.locations(scope, receive, send)
        elif doors.agents.takes(scope):
            await doors.agents(scope, receive, send)
        else:
            await doors.guarded(scope, receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                try:
                    self._doors = await asyncio.to_thread(_open, self._digestion)
                except (VedetteError, OSError, sqlite3.Error) as error:
                    sys.stderr.write(f"Vedette cannot start: {error}\n")
                    await send({"type": "lifespan.startup.failed", "message": str(error)})
                    return
                self._doors.listen()
                self._watch_signals()
                _tell_ready()
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                doors, self._doors = self._doors, None
                if doors is not None:
                    await asyncio.to_thread(doors.close)
                await send({"type": "lifespan.shutdown.complete"})
                return

    def _watch_signals(self) -> None:
        loop = asyncio.get_running_loop()
        with contextlib.suppress(RuntimeError, ValueError):  # a test client runs us outside the main thread
            loop.add_signal_handler(signal.SIGUSR1, self._leave)
            loop.add_signal_handler(signal.SIGUSR2, self._end_streams)

    def _leave(self) -> None:
        self._leaving = not self._leaving

    def _end_streams(self) -> None:
        self._take_no_more()
        if self._doors is not None:
            self._doors.live.close()
            self._doors.locations.end_polls()
            self._doors.agents.end_polls()


def _last(send: Send) -> Send:
    """Return a `send` whose answer closes the connection."""

    async def closing(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", ()), (b"connection", b"close")]}
        await send(message)

    return closing


def _open(digestion: "Digestion | None") -> "Doors":
    """Open the house; takes most of the start-up time when nothing was loaded before, in a thread."""
    sys.setswitchinterval(SWITCH_SECONDS)
    with _without_garbage():
        settings = _load()
        from vedette.app.doors import Doors  # its imports need Django set up

        migrate.ensure(settings)
        return Doors(settings, _roles(), digestion)


@contextlib.contextmanager
def _without_garbage() -> Iterator[None]:
    """Load without looking for garbage (there is none yet), and never look at what was loaded again."""
    gc.disable()
    try:
        yield
    finally:
        gc.collect()
        gc.freeze()
        ctypes.CDLL(None).malloc_trim(0)
        gc.set_threshold(*GARBAGE_THRESHOLDS)
        gc.enable()


def _load() -> "Settings":
    """Read the settings and load Django."""
    settings = core_settings.load()
    os.umask(0o077)
    logs.configure(settings)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vedette.app.django_settings")
    import django

    django.setup()
    return settings


def _load_pages() -> None:
    """Load every page and its address: memory the processes share when it is there before they part (3 MiB)."""
    from django.urls import reverse

    from vedette.app import doors  # noqa: F401 - all it imports is what is wanted

    reverse("overview")


def _roles() -> frozenset[str] | None:
    named = os.environ.get(ROLES, "")
    return frozenset(named.split(",")) if named else None


def _digests(roles: frozenset[str] | None) -> bool:
    return roles is None or "digester" in roles


def _tell_ready() -> None:
    """Tell the supervisor, if there is one, that requests may come."""
    fd = os.environ.pop(READY_FD, "")
    if fd:
        os.write(int(fd), b"r")
        os.close(int(fd))


application = Application()
