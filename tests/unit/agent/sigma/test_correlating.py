"""Correlations against what their words say, against SQLite, and in a bounded amount of memory."""

import functools
import itertools
import json
import sqlite3
from contextlib import closing

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from sigma.backends.sqlite import sqliteBackend
from sigma.collection import SigmaCollection

from vedette.agent.sigma.compiling import compiled
from vedette.agent.sigma.correlating import Correlator
from vedette.agent.sigma.event import Event
from vedette.agent.sigma.loading import Loaded, read
from vedette.agent.sigma.types import Correlation, CorrelationType

KINDS = {
    "events": {"type": "event_count", "rules": ["a"], "condition": {"gte": 3}},
    "more": {"type": "event_count", "rules": ["a", "b"], "condition": {"gt": 3}},
    "values": {"type": "value_count", "rules": ["a"], "condition": {"gte": 3, "field": "user"}},
    "temporal": {"type": "temporal", "rules": ["a", "b", "c"]},
    "two": {"type": "temporal", "rules": ["a", "b", "c"], "condition": {"gte": 2}},
    "ordered": {"type": "temporal_ordered", "rules": ["a", "b", "c"]},
}
SPAN = 60
STREAMS = st.lists(
    st.tuples(st.integers(1, 40), st.sampled_from("abc"), st.sampled_from(("x", "y")), st.sampled_from("123")), max_size=14
)  # fmt: skip


def _documents(kind: str) -> list[dict[str, object]]:
    rules = [
        {
            "title": name, "name": name, "id": f"00000000-0000-4000-8000-00000000000{number}", "status": "test",
            "logsource": {"category": "webserver"}, "detection": {"selection": {"what": name}, "condition": "selection"},
        }
        for number, name in enumerate("abc")
    ]  # fmt: skip
    one = {"title": kind, "id": "00000000-0000-4000-8000-00000000000f", "status": "test", "correlation": {**KINDS[kind], "group-by": ["ip"], "timespan": f"{SPAN}s"}}  # fmt: skip
    return [*rules, one]


def _loaded(kind: str) -> Loaded:
    found = read([(kind, yaml.safe_dump_all(_documents(kind)))])
    assert not found.refused
    return found


LOADED = {kind: _loaded(kind) for kind in KINDS}


def _met(kind: str, stream: list[tuple[float, str, str, str]]) -> list[tuple[float, str]]:
    loaded = LOADED[kind]
    checks = [(rule.id, compiled(rule.test)) for rule in loaded.rules]
    correlator = Correlator(loaded.correlations)
    found = []
    for at, what, ip, user in stream:
        event = Event({"what": what, "ip": ip, "user": user})
        for rule, check in checks:
            if check(event):
                found += [(at, dict(met.group)["ip"]) for met in correlator.pour(rule, event, at)]
    return found


def _naive(kind: str, stream: list[tuple[float, str, str, str]]) -> list[tuple[float, str]]:
    """Return when each group met it; what was told is not counted again."""
    inner = KINDS[kind]
    found, start = [], dict.fromkeys("xy", 0)
    for number, (now, what, ip, _) in enumerate(stream):
        if what not in inner["rules"]:
            continue
        rows = [
            row for index, row in enumerate(stream[: number + 1])
            if index >= start[ip] and row[2] == ip and row[1] in inner["rules"] and row[0] >= now - SPAN
        ]  # fmt: skip
        if _holds(kind, rows):
            found.append((now, ip))
            start[ip] = number + 1
    return found


def _holds(kind: str, rows: list[tuple[float, str, str, str]]) -> bool:
    words = [row[1] for row in rows]
    return {
        "events": lambda: len(rows) >= 3,
        "more": lambda: len(rows) > 3,
        "values": lambda: len({row[3] for row in rows}) >= 3,
        "temporal": lambda: len(set(words)) == 3,
        "two": lambda: len(set(words)) >= 2,
        "ordered": lambda: ("a", "b", "c") in itertools.combinations(words, 3),
    }[kind]()


def _stream(steps: list[tuple[int, str, str, str]]) -> list[tuple[float, str, str, str]]:
    times = itertools.accumulate(step[0] for step in steps)
    return [(1_700_000_000.0 + at, *step[1:]) for at, step in zip(times, steps, strict=True)]


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=10, deadline=None)
@given(STREAMS)
def test_they_are_met_when_their_words_say_so(kind: str, steps: list[tuple[int, str, str, str]]) -> None:
    stream = _stream(steps)
    assert _met(kind, stream) == _naive(kind, stream)


@pytest.mark.deep
@pytest.mark.timeout(600)
@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=40, deadline=None)
@given(STREAMS)
def test_sqlite_meets_the_same_groups_at_the_same_time(
    kind: str, steps: list[tuple[int, str, str, str]]
) -> None:
    stream = _stream(steps)
    with closing(sqlite3.connect(":memory:")) as base:
        base.execute("CREATE TABLE logs (timestamp REAL, what TEXT, ip TEXT, user TEXT)")
        base.executemany("INSERT INTO logs VALUES (?, ?, ?, ?)", stream)
        theirs: dict[str, float] = {}
        for row in base.execute(f"SELECT group_keys, min(occurrence_time) FROM ({_query(kind)}) GROUP BY 1"):  # noqa: S608
            theirs[json.loads(row[0])["ip"]] = row[1]
    ours: dict[str, float] = {}
    for at, ip in _met(kind, stream):
        ours.setdefault(ip, at)
    assert ours == theirs


@functools.cache
def _query(kind: str) -> str:
    backend = sqliteBackend(collate_nocase=True, timestamp_format="unix")
    return str(backend.convert(SigmaCollection.from_dicts(_documents(kind)))[-1])


def _one(**changes: object) -> Correlation:
    given_ = {
        "id": "k",
        "title": "k",
        "type": CorrelationType.EVENT_COUNT,
        "rules": ("a",),
        "seconds": 60.0,
        "group_by": ("ip",),
        "count": 3,
    }
    return Correlation(**(given_ | changes))  # type: ignore[arg-type]


def test_an_alias_names_a_field_by_rule() -> None:
    one = _one(rules=("a", "b"), group_by=("who",), aliases={"who": {"a": "c-ip", "b": "src"}})
    correlator = Correlator([one])
    events = [
        ("a", {"c-ip": "192.0.2.1"}),
        ("b", {"src": "192.0.2.1"}),
        ("b", {"other": "1"}),
        ("a", {"c-ip": "192.0.2.1"}),
    ]
    met = [list(correlator.pour(rule, Event(values), 1.0 + n)) for n, (rule, values) in enumerate(events)]
    assert [len(each) for each in met] == [0, 0, 0, 1]
    assert (met[3][0].count, met[3][0].group, met[3][0].first_at) == (3, (("who", "192.0.2.1"),), 1.0)


def test_a_correlation_of_correlations_is_met_by_them() -> None:
    correlator = Correlator([_one(), _one(id="l", rules=("k",), count=2)])
    event = Event({"ip": "x"})
    met = [[each.correlation.id for each in correlator.pour("a", event, float(n))] for n in range(6)]
    assert met == [[], [], ["k"], [], [], ["k", "l"]]


def test_what_comes_late_counts_where_it_belongs() -> None:
    correlator = Correlator([_one()])
    event = Event({"ip": "x"})
    assert not list(correlator.pour("a", event, 1_000.0))
    assert not list(correlator.pour("a", event, 10.0))  # long ago
    assert not list(correlator.pour("a", event, 990.0))
    assert list(correlator.pour("a", event, 950.0))


@pytest.mark.parametrize(
    ("count", "keys"),
    [(3, 5_000), pytest.param(3, 10_000_000, marks=[pytest.mark.deep, pytest.mark.timeout(600)])],
)
def test_any_number_of_keys_takes_a_bounded_memory(count: int, keys: int) -> None:
    most = min(1_000, keys)
    correlator = Correlator([_one(count=count)], most_keys=most, most_marks=2 * most)
    for number in range(keys):
        assert not list(correlator.pour("a", Event({"ip": f"{number}"}), 5.0))
    assert len(correlator) == most
    assert correlator.dropped == keys - most
    last = Event({"ip": f"{keys - 1}"})
    assert [len(list(correlator.pour("a", last, 5.0))) for _ in range(2)] == [0, 1]  # the youngest are kept


def test_what_is_over_goes_uncounted() -> None:
    correlator = Correlator([_one()])
    for number in range(100):
        list(correlator.pour("a", Event({"ip": f"{number}"}), 100.0 * number))
    assert (len(correlator), correlator.dropped) == (1, 0)


def test_marks_are_bounded_as_well() -> None:
    correlator = Correlator([_one(count=1_000)], most_marks=500)
    for number in range(2_000):
        list(correlator.pour("a", Event({"ip": f"{number % 5}"}), 5.0))
    assert correlator.dropped >= 4
    assert sum(state.size() for state in correlator._states.values()) <= 500
