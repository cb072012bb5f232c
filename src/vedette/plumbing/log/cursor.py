"""Where one consumer group stands: what it may be handed, what it holds, what comes back later. No locks, no clock."""

import heapq
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Mapping

_COMPACT = 4096


class Cursor:
    """The open messages of one group, by `seq`; sixteen bytes for each one that waits.

    A message is *ready*, then *held* (handed out), then gone (acked) or *later* (given back until an instant),
    from where it becomes ready again with a higher attempt.
    """

    def __init__(self) -> None:
        self._seqs = array("q")
        self._ats = array("d")
        self._head = 0
        self._held: dict[int, tuple[float, int]] = {}
        self._later: list[tuple[float, int, float, int]] = []
        self._again: list[tuple[int, float, int]] = []
        self._skip: set[int] = set()

    @property
    def waiting(self) -> int:
        """Return how many messages the group has not acked."""
        ready = len(self._seqs) - self._head - len(self._skip)
        return ready + len(self._held) + len(self._later) + len(self._again)

    def add(self, seq: int, at: float) -> None:
        """Make a message ready; `seq` is greater than every one added before."""
        self._seqs.append(seq)
        self._ats.append(at)

    def take(self, n: int, now: float) -> list[tuple[int, int]]:
        """Hand out up to `n` messages in order of `seq`, as (seq, attempt)."""
        while self._later and self._later[0][0] <= now:
            _, seq, at, attempt = heapq.heappop(self._later)
            heapq.heappush(self._again, (seq, at, attempt))
        out: list[tuple[int, int]] = []
        while len(out) < n and (found := self._pop()):
            seq, at, attempt = found
            self._held[seq] = (at, attempt)
            out.append((seq, attempt))
        return out

    def ack(self, seqs: Iterable[int]) -> list[int]:
        """Forget messages and return those that were open until now."""
        return [seq for seq in seqs if self._held.pop(seq, None) is not None or self._discard(seq)]

    def nak(self, seqs: Iterable[int], due: float) -> None:
        """Take held messages back; they are ready again at the instant `due`."""
        for seq in seqs:
            held = self._held.pop(seq, None)
            if held is not None:
                heapq.heappush(self._later, (due, seq, held[0], held[1] + 1))

    def next_due(self) -> float | None:
        """Return the instant at which a message that was given back is ready again; None when there is none."""
        return self._later[0][0] if self._later else None

    def oldest(self) -> float | None:
        """Return the instant at which the oldest open message was published; None when all are acked."""
        self._pass_skipped()
        candidates = [(seq, at) for seq, (at, _) in self._held.items()]
        candidates += [(seq, at) for _, seq, at, _ in self._later]
        candidates += [(seq, at) for seq, at, _ in self._again]
        if self._head < len(self._seqs):
            candidates.append((self._seqs[self._head], self._ats[self._head]))
        return min(candidates)[1] if candidates else None

    def _pop(self) -> tuple[int, float, int] | None:
        self._pass_skipped()
        ready = self._head < len(self._seqs)
        if self._again and not (ready and self._seqs[self._head] < self._again[0][0]):
            return heapq.heappop(self._again)
        if not ready:
            return None
        found = (self._seqs[self._head], self._ats[self._head], 1)
        self._advance()
        return found

    def _pass_skipped(self) -> None:
        while self._skip and self._head < len(self._seqs) and self._seqs[self._head] in self._skip:
            self._skip.discard(self._seqs[self._head])
            self._advance()

    def _advance(self) -> None:
        self._head += 1
        if self._head == len(self._seqs) or self._head >= _COMPACT:
            del self._seqs[: self._head]
            del self._ats[: self._head]
            self._head = 0

    def _discard(self, seq: int) -> bool:
        """Forget a message that nobody holds; rare, so it may search."""
        place = bisect_left(self._seqs, seq, self._head)
        if place < len(self._seqs) and self._seqs[place] == seq and seq not in self._skip:
            self._skip.add(seq)
            return True
        return self._discard_returned(seq)

    def _discard_returned(self, seq: int) -> bool:
        before = len(self._later) + len(self._again)
        self._later = [item for item in self._later if item[1] != seq]
        self._again = [item for item in self._again if item[0] != seq]
        heapq.heapify(self._later)
        heapq.heapify(self._again)
        return len(self._later) + len(self._again) < before


def readers(groups: Mapping[str, frozenset[str]]) -> dict[str, tuple[str, ...]]:
    """Return, for each subject, the names of the groups that read it."""
    found: dict[str, tuple[str, ...]] = {}
    for group, subjects in groups.items():
        for subject in subjects:
            found[subject] = (*found.get(subject, ()), group)
    return found


def pause(due: float | None, now: float, left: float) -> float:
    """Return how long to sleep when `left` seconds may pass and a message falls due at `due`."""
    return left if due is None else max(0.0, min(left, due - now))
