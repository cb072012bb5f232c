"""What is in force, in memory, with the place of each last change: whoever knows a place is told what changed since.

The board is a sum of rows; it reads nothing. One thread changes it at a time, any may ask.
"""

from bisect import bisect_right
from collections.abc import Iterable

from vedette.intrusions.types import MOST_BANS, Ban, Delta
from vedette.wire.agent.deciding.types import Target

_SPARE = 1_000


class Board:
    """The bans that stand and those that were lifted lately, by target, in the order of their changes."""

    def __init__(self, most: int = MOST_BANS) -> None:
        self._most = most
        self.seq = 0
        self._bans: dict[Target, Ban] = {}
        self._order: list[tuple[int, Target]] = []
        self._floor = 0
        self._soonest = float("inf")  # before then nothing is over

    def __len__(self) -> int:
        return len(self._bans)

    def take(self, rows: Iterable[Ban], floor: int) -> bool:
        """Take changes in their order; `floor` is the place up to which lifted ones are forgotten. Tell whether there were any."""
        before = self.seq
        self._floor = max(self._floor, floor)
        for one in rows:
            if one.seq <= self.seq:
                continue
            self.seq = one.seq
            self._bans[one.target] = one
            self._soonest = min(self._soonest, one.until or self._soonest)
            self._order.append((one.seq, one.target))
        if len(self._order) > 2 * len(self._bans) + _SPARE:
            self._compact()
        return self.seq != before

    def forget(self, now: float) -> None:
        """Forget what is over, and what ends first where there is no room. Whoever knew of it sees its end by itself."""
        if now < self._soonest and len(self._bans) <= self._most:
            return
        gone = [target for target, one in self._bans.items() if 0 < one.until <= now]
        standing = sorted((one for one in self._bans.values() if one.until > now), key=lambda ban: ban.until)
        beyond = max(0, len(standing) - self._most)
        gone += [one.target for one in standing[:beyond]]
        for target in gone:
            del self._bans[target]
        self._soonest = standing[beyond].until if len(standing) > beyond else float("inf")
        if gone:
            self._compact()

    def since(self, seq: int | None, n: int, now: float, *, whole: bool = False) -> Delta:
        """Return at most `n` changes after a place; the beginning of everything for None or a place that is not known.

        `whole` says that the place was reached while everything was being told: what was lifted meanwhile is told, too.
        """
        fresh = seq is None or seq > self.seq or (seq < self._floor and not whole)
        after = 0 if fresh or seq is None else seq
        start = bisect_right(self._order, after, key=lambda one: one[0])
        put: list[Ban] = []
        drop: list[Target] = []
        for place in range(start, len(self._order)):
            at, target = self._order[place]
            one = self._bans.get(target)
            if one is None or one.seq != at:  # it changed again later, or is over
                continue
            if len(put) + len(drop) == n:
                return Delta(self._order[place - 1][0], tuple(put), tuple(drop), fresh, more=True)
            if one.until > now:
                put.append(one)
            elif not fresh:
                drop.append(target)
        return Delta(self.seq, tuple(put), tuple(drop), fresh)

    def standing(self, now: float) -> list[Ban]:
        """Return all that is in force."""
        return [one for one in self._bans.values() if one.until > now]

    def _compact(self) -> None:
        self._order = sorted((one.seq, target) for target, one in self._bans.items())
