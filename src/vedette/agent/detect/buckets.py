"""Leaky buckets on the lines' own time, bounded in memory.

A bucket is kept as the instant at which it will be empty (the generic cell rate algorithm, ITU-T I.371): a drop moves it by
`leak` seconds, and it overflows when it lies more than `capacity` leaks after the newest line. Lines may come out of order: one
that is older than all a bucket could remember counts for nothing. All buckets together keep at most so many states; when
there are more, those that ran empty go, then those with the fewest drops, so that who tries much is kept.
"""

from collections.abc import Callable, Sequence
from operator import itemgetter

from vedette.instruments.logs.types import LogEntry

MOST_STATES = 32_768
MOST_LINES = 8_192
LINES_EACH = 2
LINE_LENGTH = 400
_FULLNESS = itemgetter(0)
_SLACK = 1e-6  # of a leak: sums of floats are not exact


class State:
    """What is known of one address, user or path: `empty_at` is when its bucket will be empty, `count` since `first_at`."""

    __slots__ = ("count", "empty_at", "first_at", "last_at", "lines", "marks", "quiet_until")

    def __init__(self, at: float) -> None:
        self.empty_at = self.quiet_until = 0.0
        self.last_at = self.first_at = at
        self.count = 0
        self.marks: tuple[int, ...] = ()
        self.lines: tuple[str, ...] = ()


class Room:
    """How many states there are in all buckets together, and who goes when there are too many."""

    def __init__(self, states: int = MOST_STATES, lines: int = MOST_LINES) -> None:
        self.most = states
        self.used = 0
        self.evicted = 0
        self.lines_left = lines
        self._buckets: list[Buckets] = []

    def add(self, buckets: "Buckets") -> None:
        """Let buckets share this room."""
        self._buckets.append(buckets)

    def make(self, at: float) -> None:
        """Forget what ran empty, then those with the fewest drops, until a quarter is free."""
        before = self.used
        for buckets in self._buckets:
            buckets.drop(
                [key for key, state in buckets.states.items() if max(state.empty_at, state.quiet_until) <= at]
            )
        if self.used > self.most * 3 // 4:
            self._drop_emptiest(self.used - self.most // 2)
        self.evicted += before - self.used

    def _drop_emptiest(self, many: int) -> None:
        """Drop so many with the fewest drops; of those that are as full as one another, the ones that came first."""
        found = [
            (each.fullness(state), each, key) for each in self._buckets for key, state in each.states.items()
        ]
        found.sort(key=_FULLNESS)
        for _, buckets, key in found[:many]:
            buckets.drop((key,))


class Buckets:
    """The buckets of one rule, by key."""

    __slots__ = ("_again", "_leak", "_limit", "_mark", "_most_marks", "_room", "_span", "distinct", "states")

    def __init__(
        self, room: Room, *, capacity: int, leak: float, again: float, distinct: bool,
        mark: Callable[[LogEntry], int] | None = None,
    ) -> None:  # fmt: skip
        """Take room, and of a rule what it says; `mark` tells whose or what drop an entry is (0: nobody's)."""
        self.states: dict[str, State] = {}
        self.distinct = distinct
        self._room = room
        self._mark = mark
        self._leak = leak
        self._limit = (capacity + _SLACK) * leak
        self._span = (capacity + 1) * leak
        self._again = again
        self._most_marks = max(4 * (capacity + 1), 8)
        room.add(self)

    def pour(self, key: str, at: float, entry: LogEntry) -> State | None:
        """Add a drop of an instant; return the state when the bucket is over its brim."""
        state = self.states.get(key)
        if state is None:
            state = self._new(key, at)
        elif at < state.quiet_until:
            state.count += 1
            return None
        elif state.empty_at <= at:
            self._restart(state, at)
        elif at < state.last_at - self._span:
            return None
        mark = self._mark(entry) if self._mark else 0
        if mark:
            marks = state.marks
            if self.distinct and mark in marks:
                return None
            state.marks = (*marks, mark) if len(marks) < self._most_marks else (*marks[1:], mark)
        state.count += 1
        state.empty_at = empty_at = (state.empty_at if state.empty_at > at else at) + self._leak
        state.last_at = max(state.last_at, at)
        if empty_at - state.last_at > self._limit:
            return state
        if state.count > 1 and len(state.lines) < LINES_EACH and self._room.lines_left > 0:
            self._room.lines_left -= 1
            state.lines = (*state.lines, entry.line[:LINE_LENGTH])
        return None

    def over(self, key: str, at: float) -> State | None:
        """Return the state of a key whose bucket is over its brim at an instant, and not quiet."""
        state = self.states.get(key)
        if state is None or at < state.quiet_until or state.empty_at - at <= self._limit:
            return None
        return state

    def level(self, key: str, at: float) -> float:
        """Return how many drops a bucket holds at an instant."""
        state = self.states.get(key)
        return max(0.0, (state.empty_at - at) / self._leak) if state else 0.0

    def beyond(self, state: State, times: int) -> bool:
        """Tell whether a bucket would be over a brim so many times as high."""
        return state.empty_at - state.last_at > self._limit * times

    def fired(self, state: State, at: float) -> None:
        """Empty a bucket that overflowed, and be quiet for a while."""
        self._restart(state, at)
        state.quiet_until = at + self._again

    def forgive(self, key: str, mark: int) -> None:
        """Take back the drops of one mark."""
        state = self.states.get(key)
        if state is None or not state.marks:
            return
        times = state.marks.count(mark)
        if not times:
            return
        state.marks = tuple(each for each in state.marks if each != mark)
        state.empty_at -= times * self._leak
        state.count -= times
        if not state.marks and not state.quiet_until:
            self.drop([key])

    def drop(self, keys: Sequence[str]) -> None:
        """Forget keys."""
        for key in keys:
            state = self.states.pop(key, None)
            if state is not None:
                self._room.used -= 1
                self._room.lines_left += len(state.lines)

    def adopt(self, other: "Buckets") -> None:
        """Take over the states of buckets of the same shape, which have none afterwards."""
        states = other.states
        self.drop(list(self.states))
        self.states = dict(states)
        self._room.used += len(states)
        self._room.lines_left -= sum(len(state.lines) for state in states.values())
        other.drop(list(states))

    def fullness(self, state: State) -> float:
        """Return how much a state is worth to be kept: its drops, and one more when it overflowed before."""
        return (state.empty_at - state.last_at) / self._leak + (1 if state.quiet_until else 0)

    def _new(self, key: str, at: float) -> State:
        room = self._room
        if room.used >= room.most:
            room.make(at)
        room.used += 1
        state = self.states[key] = State(at)
        return state

    def _restart(self, state: State, at: float) -> None:
        self._room.lines_left += len(state.lines)
        state.empty_at = 0.0
        state.first_at = state.last_at = at
        state.count = 0
        state.marks = state.lines = ()
