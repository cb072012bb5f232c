"""A Vedette as the guard's tests need one: it takes envelopes, answers what it is told to, and notes what came."""

import json
from collections.abc import Callable
from typing import Any

from guard.tests.clock import Clock
from vedette_guard import Telemetry
from vedette_guard.telemetry.events import Events

DSN = "https://0123456789abcdef@watch.example/1"


class Taking:
    """A transport into a list. `answers` are what comes next: a status, status and Retry-After, or an OSError."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.answers: list[Any] = []
        self.always: Any = (200, None)
        self.asked = 0

    def send(self, body: bytes) -> tuple[int, str | None]:
        """Take an envelope, or do what was told."""
        self.asked += 1
        answer = self.answers.pop(0) if self.answers else self.always
        if isinstance(answer, OSError):
            raise answer
        status, _ = answer
        if status == 200:
            head, item, event, end = body.split(b"\n")
            assert json.loads(item) == {"type": "event", "length": len(event)}
            assert end == b""
            self.events.append(json.loads(event))
            assert json.loads(head)["event_id"] == self.events[-1]["event_id"]
        found: tuple[int, str | None] = answer
        return found

    def forked(self) -> None:
        """Have nothing to forget."""


class Told:
    """A listener that notes."""

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []
        self.errors: list[dict[str, Any]] = []

    def tell(self, kind: str, reason: str, **more: Any) -> None:
        """Note what was stopped."""
        self.heard.append({"kind": kind, "reason": reason, **more})

    def failed(self, error: BaseException, **more: Any) -> None:
        """Note what failed."""
        self.errors.append({"error": error, **more})

    @property
    def kinds(self) -> list[str]:
        """Return the kinds that were heard."""
        return [heard["kind"] for heard in self.heard]


def telling(taking: Taking, clock: Clock | Callable[[], float], **more: Any) -> Events:
    """Return events by a manual clock, without a thread: `events.courier.step()` is what it would do."""
    events = Events(Telemetry(dsn=DSN, **more), transport=taking, clock=clock, wall=clock)
    events._worker.close(0)
    return events


def settle(events: Events, clock: Clock, seconds: float) -> None:
    """Let the time go by, a step whenever one is due."""
    end = clock.now + seconds
    while clock.now < end:
        wait = events.courier.step()
        clock.now = min(end, clock.now + max(wait if wait is not None else end, 0.001))
