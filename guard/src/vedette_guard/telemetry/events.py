"""What the guard stopped and what failed, told to Vedette by a thread beside the requests."""

from __future__ import annotations

import functools
import hashlib
import logging
import time
import traceback
from collections.abc import Callable, Mapping
from types import TracebackType

from vedette_guard.background import AT_EXIT, Worker
from vedette_guard.decisions.detections import LONGEST, Detection, Kind, details, route_of
from vedette_guard.decisions.failures import CHAIN, Failure, Frame, Raised, shortened
from vedette_guard.decisions.masking import masked
from vedette_guard.policy import PolicyError, Telemetry
from vedette_guard.telemetry.backlog import Backlog
from vedette_guard.telemetry.courier import Courier
from vedette_guard.telemetry.transport import HttpTransport, Transport
from vedette_guard.wire import MEANT, read_dsn

log = logging.getLogger("vedette_guard")
ROUTES = (
    100  # of each kind have issues of their own; whoever asks for any path must not make an issue of each
)
ELSEWHERE = "/*"
DEEPEST = 1000  # frames that are looked at


class Events:
    """Tells Vedette, by the DSN of a policy's `telemetry`. Nothing here blocks the request or raises.

    `clock` gives seconds that only go forward, `wall` seconds since 1970. Raise PolicyError for a DSN that is none.
    """

    def __init__(
        self,
        telemetry: Telemetry,
        *,
        transport: Transport | None = None,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,  # noqa: TID251
    ) -> None:
        dsn = read_dsn(telemetry.dsn)
        if dsn is None:
            raise PolicyError(f"guard.telemetry.dsn = {telemetry.dsn!r}: meant is {MEANT}")
        self._telemetry, self._wall = telemetry, wall
        self._salt = hashlib.sha256(dsn.key.encode()).digest()
        self.backlog = Backlog(telemetry.queue, telemetry.queue_bytes)
        facts = {"environment": telemetry.environment, "release": telemetry.release}
        said = {name: value for name, value in facts.items() if value}
        self.courier = Courier(self.backlog, transport or HttpTransport(dsn), clock, wall, said)
        self._worker = Worker("vedette-guard-telemetry", self.courier.step, self.courier.drain, self._forked)
        self._routes: dict[str, set[str]] = {}

    def tell(
        self, kind: Kind, reason: str, *, client: str = "", method: str = "", path: str = "",
        user: str | None = None, detail: Mapping[str, object] | None = None,
    ) -> None:  # fmt: skip
        """Tell that something was stopped or seen. `user` is told as a hash, `path` without what is about one thing."""
        if kind not in self._telemetry.kinds:
            return
        now = self._wall()
        try:
            report = Detection(
                kind, _reason(reason[:LONGEST]), now, now, client[:64], method[:20], self._route(kind, path),
                "" if user is None else self._hashed(user), details(detail),
            )  # fmt: skip
            self.backlog.add(report)
            self._worker.wake()
        except Exception:
            log.exception("the guard could not tell of %s", kind)

    def failed(self, error: BaseException, *, client: str = "", method: str = "", path: str = "") -> None:
        """Tell of an exception that left the application; its source is read later, beside the requests."""
        if not self._telemetry.exceptions:
            return
        now = self._wall()
        try:
            route = self._route("failure", path)
            self.backlog.add(Failure(_chain(error), now, now, client[:64], method[:20], route))
            self._worker.wake()
        except Exception:
            log.exception("the guard could not tell of a failure")

    def close(self, seconds: float = AT_EXIT) -> None:
        """Send what waits, within so many seconds, and end the thread. The end of the process does that by itself."""
        self._worker.close(seconds)

    def _route(self, kind: str, path: str) -> str:
        if not path or kind == "banned":
            return ""
        route = route_of(path[:LONGEST])
        known = self._routes.setdefault(kind, set())
        if route not in known:
            if len(known) >= ROUTES:
                return ELSEWHERE
            known.add(route)
        return route

    def _hashed(self, user: str) -> str:
        return hashlib.blake2b(
            user.encode("utf-8", "replace")[:1000], key=self._salt, digest_size=8
        ).hexdigest()

    def _forked(self) -> None:
        """Leave what waits to the parent, which tells it."""
        self.backlog.clear()
        self.courier.forked()


@functools.lru_cache(256)
def _reason(text: str) -> str:
    """Return a reason without secrets; most are the policy's own, again and again."""
    return masked(text)


def _chain(error: BaseException) -> tuple[Raised, ...]:
    chain: list[Raised] = []
    found: BaseException | None = error
    while found is not None and len(chain) < CHAIN:
        chain.append(_raised(found))
        found = found.__cause__ or (None if found.__suppress_context__ else found.__context__)
    return tuple(reversed(chain))


def _raised(error: BaseException) -> Raised:
    kind = type(error)
    return Raised(kind.__name__, kind.__module__, _text(error), shortened(_frames(error.__traceback__)))


def _text(error: BaseException) -> str:
    try:
        return str(error)[:LONGEST]
    except Exception:  # an exception that cannot say what it is
        log.debug("an exception has no text", exc_info=True)
        return ""


def _frames(found: TracebackType | None) -> list[Frame]:
    frames = []
    for frame, line in traceback.walk_tb(found):
        code = frame.f_code
        module = str(frame.f_globals.get("__name__", ""))
        if not module.startswith("vedette_guard."):
            frames.append(Frame(code.co_filename, module, code.co_name, line))
        if len(frames) == DEEPEST:
            break
    return frames
