"""Brings what waits to Vedette, batch by batch; waits longer the longer nobody answers."""

from __future__ import annotations

import linecache
import logging
import secrets
from collections.abc import Callable
from typing import Any

from vedette_guard.decisions.detections import Detection, event_of
from vedette_guard.decisions.failures import Failure, Raised, event_of_failure, frame_of, value_of
from vedette_guard.decisions.waiting import pause
from vedette_guard.telemetry.backlog import Backlog, Report
from vedette_guard.telemetry.transport import Transport
from vedette_guard.wire import envelope

log = logging.getLogger("vedette_guard")
BATCH, LINGER = 100, 2.0
BUSY = frozenset({408, 425, 429})


class Courier:
    """Sends reports in their order, each until it was taken or refused for good.

    `clock` gives seconds that only go forward, `wall` seconds since 1970; `facts` are in every event (release, …).
    """

    def __init__(
        self,
        backlog: Backlog,
        transport: Transport,
        clock: Callable[[], float],
        wall: Callable[[], float],
        facts: dict[str, str],
    ) -> None:
        self._backlog, self._transport, self._clock, self._wall = backlog, transport, clock, wall
        self._facts = facts
        self._failures, self._not_before = 0, 0.0
        self._waiting_since: float | None = None

    def step(self) -> float | None:
        """Send what is due; return after how many seconds to come again (None: when there is something)."""
        now = self._clock()
        if not self._backlog:
            self._waiting_since = None
            return None
        if self._waiting_since is None:
            self._waiting_since = now
        # What repeats is folded while it waits; so a flood is few reports.
        linger = LINGER if len(self._backlog) < BATCH else 0.0
        due = max(self._not_before, self._waiting_since + linger)
        if now < due:
            return due - now
        if not self._send_batch():
            return self._not_before - now
        self._waiting_since = None
        return 0.0

    def drain(self, seconds: float) -> None:
        """Send what is left within so many seconds, if the server answers at all."""
        end = self._clock() + seconds
        while self._backlog and self._clock() < end:
            if not self._send_batch(end):
                return

    def forked(self) -> None:
        """Begin anew in another process: the connection is the parent's."""
        self._transport.forked()
        self._failures, self._not_before, self._waiting_since = 0, 0.0, None

    def _send_batch(self, end: float = float("inf")) -> bool:
        """Send a batch; tell whether the server takes more."""
        batch = self._backlog.take(BATCH)
        for n, report in enumerate(batch):
            if self._clock() >= end or not self._sent(report):
                self._backlog.put_back(batch[n:])
                return False
        return self._told_of_losses()

    def _told_of_losses(self) -> bool:
        lost = self._backlog.lost()
        if not lost:
            return True
        now, times = self._wall(), sum(lost.values())
        by_kind = {kind: str(count) for kind, count in sorted(lost.items())}
        told = self._sent(Detection("lost", f"{times} that could not be sent", now, now, detail=by_kind))
        if not told:
            self._backlog.lost_again(lost)
        return told

    def _sent(self, report: Report) -> bool:
        """Send a report; tell whether that is done with, whatever became of it."""
        try:
            body = envelope({**_event(report), **self._facts, "event_id": secrets.token_hex(16)})
        except Exception:
            log.exception("a report of the guard cannot be written")
            self._backlog.lose(report)
            return True
        try:
            status, retry_after = self._transport.send(body)
        except OSError as error:
            return self._later(f"Vedette cannot be reached: {error}", None)
        return self._judged(report, status, retry_after)

    def _judged(self, report: Report, status: int, retry_after: str | None) -> bool:
        if status < 300:
            self._failures = 0
            return True
        if status in BUSY or status >= 500:
            return self._later(f"Vedette answered {status}", _seconds(retry_after, status))
        if status in (401, 403, 404) or status < 400:
            return self._later(f"Vedette answered {status}: is the DSN right?", None)
        log.warning("Vedette refused a report of the guard: %s", status)
        if report.kind != "lost":
            self._backlog.lose(report)
        return True

    def _later(self, why: str, retry_after: float | None) -> bool:
        self._failures += 1
        jitter = secrets.randbelow(1000) / 1000  # which keeps processes apart
        self._not_before = self._clock() + pause(self._failures, jitter, retry_after)
        if self._failures == 1:
            log.warning("%s; reports wait", why)
        return False


def _seconds(retry_after: str | None, status: int) -> float | None:
    """Return the seconds that Retry-After asks for; a date, or nothing beside 429, means a minute."""
    if retry_after is None:
        return 60.0 if status == 429 else None
    return float(retry_after) if retry_after.isascii() and retry_after.isdigit() else 60.0


def _event(report: Report) -> dict[str, Any]:
    if isinstance(report, Failure):
        return event_of_failure(report, [_value(raised) for raised in report.chain])
    return event_of(report)


def _value(raised: Raised) -> dict[str, Any]:
    return value_of(raised, [frame_of(frame, linecache.getlines(frame.filename)) for frame in raised.frames])
