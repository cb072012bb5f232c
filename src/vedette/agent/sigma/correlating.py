"""Correlations: matches of rules counted over time, by the values of fields, in a bounded amount of memory."""

import bisect
import hashlib
import operator
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence

import msgspec

from vedette.agent.sigma.event import Event
from vedette.agent.sigma.types import Correlation, CorrelationType

MOST_KEYS = 100_000
MOST_MARKS = 500_000
MOST_EVENTS = 10_000  # the largest number that a correlation may wait for
MOST_VALUES = 1_000  # as above, where they must be different
_HOLDS: dict[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    ">": operator.gt,
    "==": operator.eq,
}


class Met(msgspec.Struct, frozen=True):
    """A correlation was met: how many (events, values or rules) since when, and the values it is grouped by."""

    correlation: Correlation
    count: int
    first_at: float
    group: tuple[tuple[str, str], ...]


class _State(msgspec.Struct):
    """What is known of one group: when what was seen. Marks of events are instants, others the last instant of a thing."""

    newest: float
    times: list[float] = []
    last: dict[int, float] = {}
    starts: list[float] = []

    def size(self) -> int:
        return len(self.times) + len(self.last) + len(self.starts)


class Correlator:
    """Counts matches for correlations. Not for several threads at once.

    At most `most_keys` groups with `most_marks` instants in all are kept: those that were not added to for the longest
    time go first, and `dropped` counts them while their time was not over.
    """

    def __init__(
        self, correlations: Sequence[Correlation], *, most_keys: int = MOST_KEYS, most_marks: int = MOST_MARKS
    ) -> None:
        self.dropped = 0
        self._most_keys, self._most_marks = most_keys, most_marks
        self._by_rule: dict[str, list[tuple[int, Correlation]]] = {}
        self._states: OrderedDict[tuple[int, bytes], _State] = OrderedDict()
        self._spans = [one.seconds for one in correlations]
        self._marks = 0
        for number, one in enumerate(correlations):
            for rule in dict.fromkeys(one.rules):
                self._by_rule.setdefault(rule, []).append((number, one))

    def __len__(self) -> int:
        return len(self._states)

    def pour(self, rule: str, event: Event, at: float) -> Iterator[Met]:
        """Count that an event met a rule; yield the correlations that are met by it, and those that are met by these."""
        for number, one in self._by_rule.get(rule, ()):
            group = _group(one, rule, event)
            if group is None:
                continue
            key = number, _digest([text for _, text in group])
            count, first_at = self._counted(key, one, rule, event, at)
            if count:
                yield Met(one, count, first_at, group)
                yield from self.pour(one.id, Event(dict(group)), at)

    def _counted(
        self, key: tuple[int, bytes], one: Correlation, rule: str, event: Event, at: float
    ) -> tuple[int, float]:
        """Count an event of a group; return how many there are and since when if that is what is waited for, else 0."""
        state = self._states.get(key)
        if state is None:
            state = self._states[key] = _State(at)
        self._states.move_to_end(key)
        before = state.size()
        state.newest = max(state.newest, at)
        count, first_at = _ADDED[one.type](state, one, rule, event, at)
        if count > 0 and _HOLDS[one.operator](count, one.count):
            del self._states[key]
            self._marks -= before
            return count, first_at
        self._marks += state.size() - before
        self._bound(at)
        return 0, at

    def _bound(self, now: float) -> None:
        states = self._states
        while states:
            key = next(iter(states))
            is_over = states[key].newest < now - self._spans[key[0]]
            if not is_over and len(states) <= self._most_keys and self._marks <= self._most_marks:
                return
            self._marks -= states.pop(key).size()
            self.dropped += not is_over


def _group(one: Correlation, rule: str, event: Event) -> tuple[tuple[str, str], ...] | None:
    """Return the names and (folded) values that an event is grouped by, None where it lacks one."""
    found = []
    for name in one.group_by:
        value = event.folded(one.aliases.get(name, {}).get(rule, name))
        if value is None:
            return None
        found.append((name, value))
    return tuple(found)


def _digest(texts: Sequence[str]) -> bytes:
    """Return a short key for texts of any length."""
    found = hashlib.blake2b(digest_size=16)
    for text in texts:
        data = text.encode("utf-8", "surrogatepass")
        found.update(len(data).to_bytes(8, "big") + data)
    return found.digest()


def _events(state: _State, one: Correlation, _rule: str, _event: Event, at: float) -> tuple[int, float]:
    times = state.times
    bisect.insort(times, at)
    start = bisect.bisect_left(times, state.newest - one.seconds)
    del times[: max(start, len(times) - int(one.count) - 2)]
    return len(times), times[0] if times else at


def _values(state: _State, one: Correlation, _rule: str, event: Event, at: float) -> tuple[int, float]:
    texts = [text for field in one.fields if (text := event.folded(field)) is not None]
    if len(texts) < len(one.fields):
        return 0, at
    return _seen(state, one, hash(tuple(texts)), at)


def _rules(state: _State, one: Correlation, rule: str, _event: Event, at: float) -> tuple[int, float]:
    return _seen(state, one, one.rules.index(rule), at)


def _seen(state: _State, one: Correlation, what: int, at: float) -> tuple[int, float]:
    """Mark that something was seen; return how many different ones were within the time."""
    last = state.last
    last[what] = max(last.get(what, at), at)
    since = state.newest - one.seconds
    for key in [key for key, when in last.items() if when < since]:
        del last[key]
    if len(last) > one.count + 2:
        del last[min(last, key=last.__getitem__)]
    return len(last), min(last.values(), default=at)


def _ordered(state: _State, one: Correlation, rule: str, _event: Event, at: float) -> tuple[int, float]:
    """Return how many of the rules were met in their order: for each of them the latest beginning of such a row is kept."""
    never = float("-inf")
    starts = state.starts or [never] * len(one.rules)
    state.starts = starts
    if at < state.newest:  # it came late: an order cannot be told any more
        return 0, at
    for number in range(len(one.rules) - 1, -1, -1):
        if one.rules[number] == rule:
            start = at if number == 0 else starts[number - 1]
            if start >= at - one.seconds:
                starts[number] = max(starts[number], start)
    whole = starts[-1] >= at - one.seconds and one.rules[-1] == rule
    return (len(one.rules), starts[-1]) if whole else (0, at)


_ADDED: dict[CorrelationType, Callable[[_State, Correlation, str, Event, float], tuple[int, float]]] = {
    CorrelationType.EVENT_COUNT: _events,
    CorrelationType.VALUE_COUNT: _values,
    CorrelationType.TEMPORAL: _rules,
    CorrelationType.TEMPORAL_ORDERED: _ordered,
}
