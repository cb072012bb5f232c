"""An enforcer that only remembers: for tests, and for a host that reports and enforces nothing."""

from collections.abc import Callable, Sequence

from vedette.instruments.packets.port import EnforceError, Mended, stops
from vedette.wire.agent.types import Decision, Measure


class Memory:
    """Remembers what it was told. While `broken` says why, it refuses as a real one would."""

    kind = "memory"
    measures = frozenset({Measure.BAN})

    def __init__(self) -> None:
        self.live: dict[str, float] = {}
        self.broken = ""
        self.synced = 0

    def put(self, decisions: Sequence[Decision], now: float) -> None:
        """Remember until when."""
        self._work()
        self.live.update({one.value: one.until for one in decisions if stops(one) and one.until > now})

    def drop(self, decisions: Sequence[Decision], now: float) -> None:  # noqa: ARG002 - the port's
        """Forget."""
        self._work()
        for one in decisions:
            self.live.pop(one.value, None)

    def sync(self, live: Callable[[], Sequence[Decision]], now: float) -> Mended:
        """Remember what should be, and tell how that differs."""
        self._work()
        self.synced += 1
        wanted = {one.value: one.until for one in live() if stops(one) and one.until > now}
        missing, unknown = len(wanted.keys() - self.live.keys()), len(self.live.keys() - wanted.keys())
        other = sum(self.live.get(value, until) != until for value, until in wanted.items())
        self.live = wanted
        return Mended(missing, unknown, other)

    def tick(self, now: float) -> None:
        """Nothing waits."""

    def close(self) -> None:
        """Nothing is held open."""

    def _work(self) -> None:
        if self.broken:
            raise EnforceError(self.broken)
