"""From counters that only grow to rates: what was added since the round before, by the host's own uptime."""


class Rates:
    """Rounds of counters. What is asked for the first time, or fell (a restart, a counter that ran over), has no rate."""

    def __init__(self) -> None:
        self._before: dict[str, float] = {}
        self._present: dict[str, float] = {}
        self._at: float | None = None
        self.seconds = 0.0

    def turn(self, at: float) -> None:
        """Begin a round at an instant of a clock that is never set, in seconds."""
        self.seconds = 0.0 if self._at is None else max(0.0, at - self._at)
        self._before = self._present if self.seconds else {}
        self._present, self._at = {}, at

    def grown(self, counter: str, value: float, absent: float | None = None) -> float | None:
        """Return what was added to a counter since the round before.

        `absent` is what one is taken to have been that was not there in that round; of one that is new all is new.
        """
        self._present[counter] = value
        before = self._before.get(counter, absent if self._before else None)
        return None if before is None or value < before else value - before

    def rate(self, counter: str, value: float) -> float | None:
        """Return what is added to a counter in a second."""
        grown = self.grown(counter, value)
        return None if grown is None else grown / self.seconds


def share(part: float | None, whole: float | None) -> float | None:
    """Return a part of a whole in percent; None where either is not known or the whole is nothing."""
    return None if part is None or not whole or whole < 0 else 100.0 * part / whole
