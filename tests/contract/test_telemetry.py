"""Every Telemetry stores an observation once, finds it by id and by key, and drops it by the day."""

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from found import adapters
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vedette.core.clock import day_start
from vedette.core.errors import Invalid
from vedette.plumbing.telemetry.memory import MemoryTelemetry
from vedette.plumbing.telemetry.port import Record, Span, Telemetry
from vedette.plumbing.telemetry.sqlite import SqliteTelemetry

MIDNIGHT = day_start("2026-11-25")
DAY = 86_400.0
EVER = Span(0, 4e9)
MAKERS: dict[str, Callable[[Path], Telemetry]] = {
    "MemoryTelemetry": lambda _: MemoryTelemetry(),
    "SqliteTelemetry": lambda folder: SqliteTelemetry(folder / "telemetry"),
}


def test_every_adapter_is_in_the_suite() -> None:
    assert adapters("telemetry", Telemetry) == set(MAKERS)


@pytest.fixture(params=sorted(MAKERS))
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Telemetry]:
    made = MAKERS[request.param](tmp_path)
    yield made
    made.close()


def record(
    n: int,
    at: float = MIDNIGHT,
    *,
    seq: int | None = None,
    key: bytes = b"k",
    project: int = 1,
    kind: str = "event",
) -> Record:
    body = b'{"n": %d}' % n * 50
    return Record(kind, n.to_bytes(16, "big"), key.ljust(16), project, at, n if seq is None else seq, body)


KEYS = [b"k".ljust(16)]


def test_a_record_comes_back_as_it_went_in(store: Telemetry) -> None:
    assert store.append([record(1), record(2, kind="check")]) == [True, True]
    assert store.get("event", record(1).id) == record(1)
    assert store.get("check", record(2).id, Span(MIDNIGHT, MIDNIGHT + 1)) == record(2, kind="check")
    assert store.get("event", record(2).id) is None


def test_nothing_stored_is_nothing_found(store: Telemetry) -> None:
    assert store.append([]) == []
    assert store.get("event", bytes(16)) is None
    assert store.find("event", "00", KEYS, EVER) is None
    assert store.list("event", KEYS, EVER, 5).records == ()
    assert store.series("event", KEYS, Span(0, 20), 10) == [0, 0]
    assert store.rollup("event", "2026-11-25") == []
    assert store.days() == []
    assert store.drop_before("2026-11-25") == []


def test_a_replay_is_true_and_a_repeat_is_false(store: Telemetry) -> None:
    store.append([record(1, seq=10)])
    assert store.append([record(1, seq=10), record(1, seq=11)]) == [True, False]
    assert len(store.list("event", KEYS, EVER, 9).records) == 1


def test_repeats_within_one_batch_are_told_apart(store: Telemetry) -> None:
    batch = [record(1, seq=10), record(1, seq=11), record(1, seq=10), record(2, seq=12)]
    assert store.append(batch) == [True, False, True, True]
    assert len(store.list("event", KEYS, EVER, 9).records) == 2


@pytest.mark.parametrize(
    ("first", "second"), [(-1, 0), (0, -1), (-DAY, DAY - 1), (-DAY - 1, 0), (0, -DAY - 1)]
)
def test_repeats_are_seen_across_midnight(store: Telemetry, first: float, second: float) -> None:
    assert store.append([record(1, MIDNIGHT + first, seq=10)]) == [True]
    expected = min(first, second) < -DAY
    assert store.append([record(1, MIDNIGHT + second, seq=11)]) == [expected]


def test_repeats_across_midnight_within_one_batch(store: Telemetry) -> None:
    assert store.append([record(1, MIDNIGHT, seq=10), record(1, MIDNIGHT - 1, seq=11)]) == [True, False]


def test_ids_belong_to_project_and_kind(store: Telemetry) -> None:
    batch = [record(1, seq=1), record(1, seq=2, project=2), record(1, seq=3, kind="check")]
    assert store.append(batch) == [True, True, True]
    assert store.get("event", record(1).id, project=2) == record(1, seq=2, project=2)
    assert store.get("event", record(1).id, project=3) is None


def test_get_looks_only_into_its_span_and_newest_first(store: Telemetry) -> None:
    store.append([record(1, MIDNIGHT - 3 * DAY, seq=1)])
    store.append([record(1, MIDNIGHT, seq=2)])
    found = store.get("event", record(1).id)
    assert found is not None
    assert found.at == MIDNIGHT
    found = store.get("event", record(1).id, Span(0, MIDNIGHT))
    assert found is not None
    assert found.at == MIDNIGHT - 3 * DAY
    assert store.get("event", record(1).id, Span(MIDNIGHT + 1, MIDNIGHT + 9)) is None


def test_find_takes_the_newest_with_the_prefix(store: Telemetry) -> None:
    store.append([record(0x11, MIDNIGHT - DAY), record(0x12, MIDNIGHT), record(0x21, MIDNIGHT + 1)])
    for prefix, n in (("0" * 30, 0x21), ("0" * 30 + "1", 0x12), ("0" * 30 + "11", 0x11)):
        found = store.find("event", prefix, KEYS, EVER)
        assert found is not None
        assert int.from_bytes(found.id, "big") == n
    assert store.find("event", "f", KEYS, EVER) is None
    assert store.find("event", "not hex", KEYS, EVER) is None
    assert store.find("event", "0" * 30, [b"other".ljust(16)], EVER) is None
    assert store.find("event", "0" * 30, KEYS, Span(0, MIDNIGHT - DAY)) is None


@pytest.mark.parametrize("newest_first", [True, False])
def test_pages_cross_days_and_keys_and_miss_nothing(store: Telemetry, newest_first: bool) -> None:
    keys = [b"k".ljust(16), b"l".ljust(16)]
    records = [
        record(n, MIDNIGHT + (n // 3) * DAY / 4, key=b"kl"[n % 2 : n % 2 + 1], seq=n // 2) for n in range(30)
    ]
    store.append([*records, record(99, key=b"x")])
    seen, cursor = [], None
    while True:
        page = store.list("event", keys, EVER, 4, cursor, newest_first=newest_first)
        assert len(page.records) <= 4
        seen += page.records
        cursor = page.cursor
        if cursor is None:
            break
    assert seen == sorted(records, key=lambda r: (r.at, r.seq, r.id), reverse=newest_first)


def test_a_span_is_half_open(store: Telemetry) -> None:
    store.append([record(n, MIDNIGHT + n) for n in range(4)])
    page = store.list("event", KEYS, Span(MIDNIGHT + 1, MIDNIGHT + 3), 9)
    assert [r.seq for r in page.records] == [2, 1]


def test_a_foreign_cursor_is_refused(store: Telemetry) -> None:
    with pytest.raises(Invalid):
        store.list("event", KEYS, EVER, 9, "garbage")


def test_series_counts_by_bucket_over_days(store: Telemetry) -> None:
    store.append([record(n, MIDNIGHT - 10 + n * 5) for n in range(5)] + [record(9, key=b"x")])
    assert store.series("event", KEYS, Span(MIDNIGHT - 10, MIDNIGHT + 15), 10) == [2, 2, 1]
    with pytest.raises(Invalid):
        store.series("event", KEYS, EVER, 0)


def test_rollup_counts_by_key_and_hour(store: Telemetry) -> None:
    store.append([record(1), record(2, MIDNIGHT + 3599), record(3, MIDNIGHT + 3600), record(4, key=b"l")])
    store.append([record(5, MIDNIGHT - 1)])
    rollup = store.rollup("event", "2026-11-25")
    assert rollup == [(b"k".ljust(16), 0, 2), (b"k".ljust(16), 1, 1), (b"l".ljust(16), 0, 1)]


def test_days_are_listed_and_dropped(store: Telemetry) -> None:
    store.append([record(n + 5, MIDNIGHT + n * DAY) for n in range(-2, 1)])
    store.get("event", bytes(16))
    assert store.days() == ["2026-11-23", "2026-11-24", "2026-11-25"]
    assert store.drop_before("2026-11-25") == ["2026-11-23", "2026-11-24"]
    assert store.days() == ["2026-11-25"]
    assert [r.seq for r in store.list("event", KEYS, EVER, 9).records] == [5]
    assert store.append([record(3, MIDNIGHT - 2 * DAY)]) == [True]


def scanned(store: Telemetry, day: str, n: int) -> list[Record]:
    found, cursor = [], None
    while True:
        page = store.scan(day, n, cursor)
        found += page.records
        if (cursor := page.cursor) is None:
            return found


def identity(one: Record) -> tuple[str, bytes, int]:
    return one.kind, one.id, one.project


@pytest.mark.parametrize("n", [1, 2, 9])
def test_a_scan_brings_every_record_of_a_day_in_the_order_it_was_stored(store: Telemetry, n: int) -> None:
    records = [record(3), record(1, kind="check"), record(2, key=b"x", project=2), record(4, MIDNIGHT + 5)]
    for one in records:
        store.append([one, record(50 + one.seq, MIDNIGHT - DAY)])
    assert scanned(store, "2026-11-25", n) == records
    assert scanned(store, "2026-11-20", n) == []
    with pytest.raises(Invalid):
        store.scan("2026-11-25", n, "garbage")


def test_a_scan_goes_on_where_it_was_while_records_come_and_go(store: Telemetry) -> None:
    store.append([record(n) for n in range(1, 7)])
    page = store.scan("2026-11-25", 2)
    store.erase("2026-11-25", [identity(record(2)), identity(record(4))])
    store.append([record(7)])
    assert page.cursor is not None
    rest = store.scan("2026-11-25", 9, page.cursor)
    assert [one.seq for one in rest.records] == [3, 5, 6, 7]


def test_what_is_erased_is_found_by_nothing_and_the_rest_stays(store: Telemetry) -> None:
    store.append([record(1), record(2), record(2, project=2, seq=20), record(2, kind="check", seq=21)])
    assert store.erase("2026-11-25", [identity(record(2)), identity(record(9))]) == 1
    assert store.erase("2026-11-25", [identity(record(2))]) == 0
    assert store.erase("2026-11-20", [identity(record(1))]) == 0
    assert store.days() == ["2026-11-25"]
    assert store.get("event", record(2).id, project=1) is None
    assert {one.seq for one in scanned(store, "2026-11-25", 9)} == {1, 20, 21}
    assert store.rollup("event", "2026-11-25") == [(b"k".ljust(16), 0, 2)]
    assert store.settle("2026-11-25")
    assert store.settle("2026-11-20")
    assert store.append([record(2, seq=99)]) == [True]


def test_no_byte_of_what_is_erased_remains_on_disk(tmp_path: Path) -> None:
    folder = tmp_path / "telemetry"
    store = SqliteTelemetry(folder)
    noise = random.Random(7)
    bodies = {n: noise.randbytes(300 * n) for n in range(1, 40)}
    store.append([msgspec.structs.replace(record(n), body=body) for n, body in bodies.items()])
    gone = [n for n in bodies if n % 3 == 0]
    other = SqliteTelemetry(folder)  # erasing is another process's work than digesting
    assert other.erase("2026-11-25", [identity(record(n)) for n in gone]) == len(gone)
    assert other.settle("2026-11-25")
    on_disk = b"".join(path.read_bytes() for path in sorted(folder.iterdir()))
    for n, body in bodies.items():
        assert (body[100:140] in on_disk) == (n not in gone), n
    store.close()
    other.close()


def of_project(n: int, at: float, seq: int, key: bytes, project: int) -> Record:
    """Return a record whose `seq` no other project uses, as it is in life."""
    return record(n, at, seq=seq + 100 * project, key=key, project=project)


RECORDS = st.builds(
    of_project,
    n=st.integers(1, 12),
    at=st.sampled_from([MIDNIGHT + hours * 3600.0 for hours in (-30, -1, 0, 1, 23, 25, 60)]),
    seq=st.integers(1, 40),
    key=st.sampled_from([b"k", b"l"]),
    project=st.integers(1, 2),
)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(batches=st.lists(st.lists(RECORDS, max_size=8), max_size=5))
def test_all_adapters_agree(tmp_path_factory: pytest.TempPathFactory, batches: list[list[Record]]) -> None:
    folder = tmp_path_factory.mktemp("agree")
    stores = [make(folder) for make in MAKERS.values()]
    keys = [b"k".ljust(16), b"l".ljust(16)]
    span = Span(MIDNIGHT - DAY, MIDNIGHT + 2 * DAY)
    for batch in batches:
        first, *others = [store.append(batch) for store in stores]
        assert all(other == first for other in others)
    answers = [
        (
            store.list("event", keys, span, 100),
            store.series("event", keys, span, 7000),
            store.rollup("event", "2026-11-25"),
            store.days(),
            store.find("event", "0" * 31, keys, span),
        )
        for store in stores
    ]
    for store in stores:
        store.close()
    assert all(answer == answers[0] for answer in answers)
