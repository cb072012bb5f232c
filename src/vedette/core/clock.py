"""The one source of time. Everything else receives `now` as an argument.

An *instant* is a `float`: seconds since the Unix epoch, UTC. It is what structs, tables and the wire
carry; `iso` and `parse_iso` translate at the edges.
"""

import datetime as dt
import time
from typing import Protocol


class Clock(Protocol):
    """Tells the present instant (seconds since the epoch, UTC)."""

    def now(self) -> float:
        """Return the present instant."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> float:
        """Return the present instant of the machine."""
        return time.time()


class ManualClock:
    """A clock that a test moves by hand."""

    def __init__(self, start: float = 1_764_000_000.0) -> None:
        self._now = start

    def now(self) -> float:
        """Return the instant this clock was last moved to."""
        return self._now

    def forward(self, seconds: float) -> None:
        """Move the clock ahead by `seconds`."""
        self._now += seconds


def monotonic() -> float:
    """Return seconds on a clock that never goes back; for measuring, never for storing."""
    return time.monotonic()


def to_datetime(instant: float) -> dt.datetime:
    """Return the aware UTC datetime of an instant."""
    return dt.datetime.fromtimestamp(instant, dt.UTC)


def iso(instant: float) -> str:
    """Return an instant as ISO 8601 in UTC, to the millisecond: `2026-11-25T03:00:00.000Z`."""
    return to_datetime(instant).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_iso(text: str) -> float:
    """Return the instant an ISO 8601 text names; without a zone it is read as UTC.

    Raises `ValueError` when the text is not ISO 8601.
    """
    moment = dt.datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).timestamp()


def utc_day(instant: float) -> str:
    """Return the UTC day of an instant as `YYYY-MM-DD`."""
    return to_datetime(instant).strftime("%Y-%m-%d")


def day_start(day: str) -> float:
    """Return the instant at which a UTC day `YYYY-MM-DD` begins."""
    return dt.datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=dt.UTC).timestamp()
