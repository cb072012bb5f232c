"""What is to be checked now? Pure: a timetable in memory that is told the time.

Each monitor has slots `interval` seconds apart at a phase of its own (its id spreads monitors evenly, whatever the number),
so that no burst comes, none drifts, and after a start each is checked once within its first interval. A check that still
runs at its next slot keeps it: checks of one monitor never overlap. The time is any count of seconds; when it jumps (a
machine that slept, a clock that was set) slots are taken up from where the clock is now, all of them within one interval.
"""

import heapq

import msgspec

_GOLDEN = 0.6180339887498949  # successive multiples of it fill the unit interval evenly (Knuth, TAOCP 3, 6.4)
_BACK = 1.0


class Due(msgspec.Struct, frozen=True):
    """A check that is to run now: of which monitor, for which slot (a tick), and why now."""

    monitor: int
    slot: float
    reason: str


class _Entry(msgspec.Struct):
    interval: float
    phase: float
    next: float
    running: bool = False
    retrying: bool = False
    skipped: int = 0


class Timetable:
    """The slots of all monitors; lives on one thread."""

    def __init__(self) -> None:
        self._entries: dict[int, _Entry] = {}
        self._heap: list[tuple[float, int]] = []
        self._last: float | None = None

    def put(self, monitor: int, interval: float, now: float) -> None:
        """Enter a monitor, or change its interval; one that is there with this interval keeps its slots."""
        held = self._entries.get(monitor)
        if held is not None and held.interval == interval:
            return
        phase = (monitor * _GOLDEN) % 1.0 * interval
        running = held is not None and held.running
        self._entries[monitor] = _Entry(interval, phase, _slot(interval, phase, now), running)
        self._push(monitor)

    def drop(self, monitor: int) -> None:
        """Take a monitor out; what runs of it is no longer waited for."""
        self._entries.pop(monitor, None)

    def hasten(self, monitor: int, at: float) -> None:
        """Let a monitor be checked at an instant before its slot: it failed, or another's verdict waits for it."""
        entry = self._entries.get(monitor)
        if entry is not None and not entry.running and at < entry.next:
            entry.next, entry.retrying = at, True
            self._push(monitor)

    def due(self, now: float, most: int) -> list[Due]:
        """Return up to `most` checks to run now and mark them as running; `done` ends each."""
        self._jump(now)
        found: list[Due] = []
        while self._heap and self._heap[0][0] <= now and len(found) < most:
            at, monitor = heapq.heappop(self._heap)
            entry = self._entries.get(monitor)
            if entry is None or entry.next != at or entry.running:
                continue  # an older note: the monitor went, its slot moved, or its check ends later
            if now - at > entry.interval:  # long over: not all of them at once
                self._move(monitor, entry, _slot(entry.interval, entry.phase, now))
                continue
            entry.running = True
            found.append(Due(monitor, at, _why(entry)))
        return found

    def done(self, monitor: int, now: float, retry: float | None = None) -> None:
        """Say that a check has ended; the next comes at the next slot, or `retry` seconds from now if that is earlier."""
        entry = self._entries.get(monitor)
        if entry is None:
            return
        entry.running = False
        slot = _slot(entry.interval, entry.phase, now)
        entry.skipped = max(0, round((slot - entry.next) / entry.interval) - 1)
        entry.retrying = retry is not None and now + retry < slot
        self._move(monitor, entry, now + retry if retry is not None and entry.retrying else slot)

    def next_due(self) -> float | None:
        """Return when something is due next, None when nothing ever is."""
        while self._heap:
            at, monitor = self._heap[0]
            entry = self._entries.get(monitor)
            if entry is not None and entry.next == at and not entry.running:
                return at
            heapq.heappop(self._heap)
        return None

    def _jump(self, now: float) -> None:
        """Take up the slots anew when the time went back."""
        if self._last is not None and now < self._last - _BACK:
            self._heap = []
            for monitor, entry in self._entries.items():
                self._move(monitor, entry, _slot(entry.interval, entry.phase, now))
        self._last = now

    def _move(self, monitor: int, entry: _Entry, at: float) -> None:
        entry.next = at
        if not entry.running:
            self._push(monitor)

    def _push(self, monitor: int) -> None:
        heapq.heappush(self._heap, (self._entries[monitor].next, monitor))


def _slot(interval: float, phase: float, now: float) -> float:
    """Return the first slot after `now`."""
    slot = now - (now - phase) % interval + interval
    return slot if slot > now else slot + interval


def _why(entry: _Entry) -> str:
    if entry.retrying:
        return "It is looked at again."
    if entry.skipped:
        return f"Its slot has come; {entry.skipped} went by while the check before it ran."
    return "Its slot has come."
