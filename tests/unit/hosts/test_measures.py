"""Measures: packed and read as they were measured, put together by the hour, kept as long as is said, and not longer."""

import math
import multiprocessing
from array import array
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.core.clock import utc_day
from vedette.hosts import blocks, looking, pacing, rolling, service
from vedette.hosts.blocks import Block
from vedette.hosts.store import hosts, shelf
from vedette.hosts.store.shelf import FIVE, HOURLY, Layouts
from vedette.hosts.types import DAY, HOUR, Host
from vedette.plumbing.testing import MemoryPorts
from vedette.signals import service as signals

NOW = 1_764_000_000.0 // DAY * DAY + 12 * HOUR  # noon, so that a test's hours are of one day
CPU, DISK, SIZE = "cpu.used.percent", "disk.used.bytes{/}", "disk.size.bytes{/}"
pytestmark = pytest.mark.django_db


@pytest.fixture
def host(db: None, house: MemoryPorts) -> Host:
    return hosts.add("web1", bytes(32), "a" * 32, "ann", NOW)


def put(host: Host, *rows: tuple[float, dict[str, float]]) -> None:
    found = [(host.id, at, tuple(values), tuple(values.values())) for at, values in rows]
    assert not shelf.put(found, (), Layouts())


FLOATS = st.floats(width=32, allow_nan=False, allow_infinity=False)
ROWS = st.dictionaries(
    st.integers(0, 2**32 - 1), st.dictionaries(st.sampled_from("abcd"), FLOATS), max_size=20
)


@settings(max_examples=30)
@given(ROWS)
def test_a_block_is_read_as_it_was_packed(rows: dict[int, dict[str, float]]) -> None:
    made = blocks.of_rows((at, list(row), list(row.values())) for at, row in sorted(rows.items()))
    found = blocks.unpack(blocks.pack(made))
    assert list(found.times) == sorted(rows)
    for name, (column,) in found.columns.items():
        for at, value in zip(found.times, column, strict=True):
            wanted = rows[at].get(name)
            assert math.isnan(value) if wanted is None else value == array("f", [wanted])[0]
    assert set(found.columns) == {name for row in rows.values() for name in row}


@settings(max_examples=30)
@given(ROWS, ROWS)
def test_blocks_are_put_together_by_their_times(first: dict[int, dict[str, float]], second: dict[int, dict[str, float]]) -> None:  # fmt: skip
    def block(rows: dict[int, dict[str, float]]) -> Block:
        return blocks.of_rows((at, list(row), list(row.values())) for at, row in sorted(rows.items()))

    both = {at: {**first.get(at, {}), **second.get(at, {})} for at in {**first, **second}}
    assert blocks.pack(blocks.joined([block(first), block(second)])) == blocks.pack(
        blocks.joined([block({}), block(both)])
    )


def test_steps_have_least_mean_and_most() -> None:
    rows = [(at, ["a"], [value]) for at, value in ((0, 1.0), (100, 3.0), (299, 8.0), (600, 5.0))]
    found = blocks.rolled(blocks.of_rows(rows), 300)
    assert list(found.times) == [0, 600]
    assert [list(plane) for plane in found.columns["a"]] == [[1, 5], [4, 5], [8, 5]]
    again = blocks.rolled(found, 3_600)
    assert [list(plane) for plane in again.columns["a"]] == [[1], [4.5], [8]]


def test_an_hour_that_is_over_is_put_together_and_reads_the_same(host: Host) -> None:
    hour = NOW - HOUR
    put(host, *((hour + n * 10, {CPU: float(n % 60), "load.1": 1.0}) for n in range(360)))
    before = service.levels(host, lambda name: name == CPU, hour, NOW, 60)
    assert service.roll(NOW + 200) == 0, "samples that are late may still come"
    assert service.roll(NOW + 301) == 1
    assert service.roll(NOW + 301) == 0
    assert list(shelf.rows(host.id, hour, NOW)) == []
    assert service.levels(host, lambda name: name == CPU, hour, NOW, 60) == before
    half = service.levels(host, lambda name: name == CPU, hour, NOW, 1_800)[CPU]
    assert half == [(0, 29.5, 59), (0, 29.5, 59)]
    (day,) = service.levels(host, lambda name: name == CPU, NOW - DAY / 2, NOW + DAY / 2, DAY)[CPU]
    assert day == (0, 29.5, 59)


def test_a_sample_that_comes_late_joins_its_hour(host: Host) -> None:
    hour = NOW - HOUR
    put(host, (hour, {CPU: 1.0}), (hour + 20, {CPU: 3.0}))
    assert service.roll(NOW + 301) == 1
    put(host, (hour + 10, {CPU: 8.0}))
    assert service.roll(NOW + 301) == 1
    found = service.levels(host, lambda _: True, hour, NOW, HOUR)[CPU]
    assert found == [(1, 4, 8)]


def test_what_was_not_measured_is_nothing(host: Host) -> None:
    put(host, (NOW - 30, {CPU: 1.0}), (NOW - 10, {"load.1": 2.0}))
    found = service.levels(host, lambda _: True, NOW - 30, NOW, 10)
    assert found == {CPU: [(1, 1, 1), None, None], "load.1": [None, None, (2, 2, 2)]}
    assert service.levels(host, lambda _: True, NOW - 9 * DAY, NOW - 8 * DAY, 60) == {}


def test_old_files_go(host: Host, house: MemoryPorts) -> None:
    folder = house.settings.data / shelf.FOLDER
    block = blocks.of_rows([(0, ["a"], [1.0])])
    for days in (0, 3, 13, 16, 400):
        put(host, (NOW - days * DAY, {CPU: 1.0}))
        for one in (FIVE, HOURLY):
            shelf.write(one, host.id, NOW - days * DAY, block)
    service.drop_old(NOW)
    left = sorted(path.name for path in Path(folder).glob("*.db"))
    assert f"fine-{utc_day(NOW)}.db" in left
    assert [name for name in left if name.startswith("five")] == [
        f"five-{utc_day(NOW - days * DAY)}.db" for days in (13, 3, 0)
    ]
    assert f"fine-{utc_day(NOW - 3 * DAY)}.db" not in left
    assert f"hour-{utc_day(NOW - 400 * DAY)[:7]}.db" not in left
    shelf.forget(host.id)
    assert shelf.last(host.id, NOW + 1) is None


def test_series_of_hosts_are_read_by_their_labels(host: Host) -> None:
    other = hosts.add("web2", bytes(32), "b" * 32, "ann", NOW)
    put(host, (NOW - 30, {CPU: 10.0, "disk.used.percent{/}": 60.0, "disk.used.percent{/var}": 80.0}))
    put(other, (NOW - 30, {CPU: 90.0}))
    cpu, disk = signals.catalogue()["hosts.cpu"], signals.catalogue()["hosts.disk"]
    assert cpu.read({"host": "web1"}, NOW - 60, NOW, 60) == [10]
    assert cpu.read({}, NOW - 60, NOW, 60) == [90], "of several hosts the worst"
    assert cpu.read({"host": "gone"}, NOW - 60, NOW, 60) == [0]
    assert disk.read({"host": "web1", "mount": "/"}, NOW - 60, NOW, 60) == [60]
    assert cpu.totals is not None
    assert disk.totals is not None
    assert sorted(cpu.totals(["host"], {}, NOW - 60, NOW), key=str) == [({"host": "web1"}, 10), ({"host": "web2"}, 90)]  # fmt: skip
    by = disk.totals(["host", "mount"], {"host": "web1"}, NOW - 60, NOW)
    assert sorted(by, key=str) == [
        ({"host": "web1", "mount": "/"}, 60),
        ({"host": "web1", "mount": "/var"}, 80),
    ]


def told() -> list[tuple[str, str, str]]:
    return [(one.signal.kind, one.signal.state, one.signal.title) for one in signals.after(0, 1_000)]


def test_a_disk_that_will_be_full_is_told_once_and_when_it_is_over(host: Host) -> None:
    size, turn = 100e9, NOW // 1_800 * 1_800 + host.id % looking.TURNS * 60
    for day in range(8):
        rows = [
            (int(NOW - (7 - day) * DAY + n * HOUR), [DISK], [50e9 + (day * 24 + n) * 0.1e9])
            for n in range(-12, 12)
        ]
        block = blocks.rolled(blocks.of_rows([row for row in rows if row[0] < NOW]), 3_600)
        shelf.write(HOURLY, host.id, (NOW - (7 - day) * DAY) // DAY * DAY, block)
    put(host, (turn - 10, {DISK: 66.8e9, SIZE: size}))
    (found,) = service.forecasts(host, turn)
    assert found.sentence == "/ is full in 14 days: 67% of 100 GB used, it grows by 2.4 GB a day."
    service.foresee(turn)
    assert told() == []
    put(host, (turn - 5, {DISK: 90e9, SIZE: size}))
    assert service.foresee(turn) == 1
    assert service.foresee(turn) == 1
    assert told() == [
        ("host.disk", "firing", "web1: / is full in 4 days: 90% of 100 GB used, it grows by 2.4 GB a day.")
    ]
    assert service.of(host, turn).facts.troubles["disk:/"].startswith("/ is full in 4 days")
    put(host, (turn - 1, {DISK: 20e9, SIZE: size}))
    service.foresee(turn)
    assert told()[1:] == [("host.disk", "resolved", "web1: / has room again.")]


def test_a_host_that_falls_silent_is_one_alert(host: Host) -> None:
    assert service.notice(NOW, NOW) == 0, "it was never heard"
    hosts.heard(host.id, NOW, "1")
    assert service.notice(NOW + 89, NOW) == 0
    assert service.notice(NOW + 1_000, NOW + 950) == 0, "this installation only just began to listen"
    assert service.notice(NOW + 1_000, NOW) == 1
    assert service.notice(NOW + 1_010, NOW) == 0
    assert service.overview(NOW + 1_000)[0].tone == "crit"
    hosts.heard(host.id, NOW + 1_020, "1")
    assert service.notice(NOW + 1_030, NOW) == 1
    assert [(kind, state) for kind, state, _ in told()] == [
        ("host.silent", "firing"),
        ("host.silent", "resolved"),
    ]


def test_the_worst_host_comes_first(host: Host) -> None:
    full, fine = (
        hosts.add(name, bytes(32), key * 32, "ann", NOW) for name, key in (("full", "b"), ("fine", "c"))
    )
    for one, share in ((full, 97.0), (fine, 20.0)):
        hosts.heard(one.id, NOW, "1")
        put(one, (NOW - 5, {CPU: 3.0, "disk.used.percent{/}": share}))
    found = [(one.host.name, one.tone, one.sentence) for one in service.overview(NOW)]
    assert found == [
        ("full", "crit", "/ is nearly full: 97 % used."),
        ("fine", "ok", "Fine: CPU 3 %, fullest disk 20 %."),
        ("web1", "off", "Not heard of yet."),
    ]


def test_a_sample_of_nothing_breaks_no_host(host: Host) -> None:
    """As a file of before holds it: a layout without series."""
    hour = NOW - HOUR
    put(host, (hour, {}), (hour + 10, {CPU: 1.0}), (NOW - 5, {}))
    assert shelf.last(host.id, NOW) == (NOW - 5, [], array("f"))
    assert service.overview(NOW)[0].host.name == "web1"
    assert service.of(host, NOW).values == {}
    assert service.roll(NOW + 301) == 1
    assert service.levels(host, lambda _: True, hour, hour + 60, 60)[CPU] == [(1, 1, 1)]


def test_a_host_that_cannot_be_read_keeps_no_other_from_it(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = hosts.add("web2", bytes(32), "b" * 32, "ann", NOW)
    for one in (host, other):
        put(one, (NOW - HOUR, {CPU: 1.0}), (NOW - 5, {CPU: 2.0}))
    rows, last = shelf.rows, shelf.last
    monkeypatch.setattr(rolling, "_FAILED", {})

    def fails(host_id: int) -> None:
        if host_id == host.id:
            raise ValueError("damaged")

    monkeypatch.setattr(shelf, "rows", lambda h, *more: (fails(h), rows(h, *more))[1])
    monkeypatch.setattr(shelf, "last", lambda h, *more: (fails(h), last(h, *more))[1])
    found = {one.host.name: one.values for one in service.overview(NOW)}
    assert found == {"web1": {}, "web2": {CPU: 2.0}}
    assert service.roll(NOW + 301, 1) == 1, "the one that fails"
    assert service.roll(NOW + 301, 1) == 1, "it does not stand before the others"
    assert service.roll(NOW + 301, 1) == 0
    for minute in range(looking.TURNS):
        service.foresee(NOW + minute * 60)
    assert list(rows(other.id, NOW - HOUR, NOW - 60)) == []


def test_of_a_host_that_fell_silent_no_disk_has_room_again(host: Host) -> None:
    turn = NOW // 1_800 * 1_800 + host.id % looking.TURNS * 60
    put(host, (turn - 10, {DISK: 99e9, SIZE: 100e9}))
    service.foresee(turn)
    assert [state for _, state, _ in told()] == ["firing"]
    service.foresee(turn + 1_800)
    service.foresee(turn + 3 * HOUR)
    put(host, (turn + 4 * HOUR - 5, {CPU: 1.0}))
    service.foresee(turn + 4 * HOUR)
    assert len(told()) == 1, "nothing was measured that says so"
    put(host, (turn + 5 * HOUR - 5, {"disk.used.bytes{/srv}": 1e9, "disk.size.bytes{/srv}": 100e9}))
    service.foresee(turn + 5 * HOUR)
    assert told()[1:] == [("host.disk", "resolved", "web1: / is not mounted any more.")]


def test_series_of_a_host_in_a_day_are_bounded_and_days_that_are_over_forgotten(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelf, "MOST_SERIES", 20)
    layouts = Layouts()

    def named(first: int, at: float, who: int = host.id) -> bool:
        names = tuple(f"s{n}" for n in range(first, first + 10))
        return not shelf.put([(who, at, names, [1.0] * 10)], (), layouts)

    assert [named(n, NOW + n) for n in (0, 5, 10, 11, 3)] == [True, True, True, False, True]
    assert named(30, NOW, host.id + 1), "of each host for itself"
    assert named(5, NOW, host.id + 1)
    assert not named(50, NOW, host.id + 1), "also what another named before counts"
    for day in range(1, 9):
        assert named(100 * day, NOW + day * DAY)
    assert len(layouts._seen) == len(layouts._series) == len(layouts._known) == 4


def test_processes_are_kept_once_a_minute(host: Host) -> None:
    minute = NOW // 60 * 60
    shelf.put((), [(host.id, minute + n, b"x%d" % n) for n in (1, 20, 59, 61)], Layouts())
    assert shelf.processes(host.id, minute + 59, 600) == (minute, b"x59")
    assert shelf.processes(host.id, minute + 61, 600) == (minute + 60, b"x61")


def test_samples_of_an_hour_are_so_many_whenever_they_come(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pacing, "MOST_SAMPLES", 3)
    pace = pacing.Pace()
    hour = NOW // HOUR * HOUR

    def kept(*at: float) -> list[float]:
        found, counts = pace.chosen([(host.id, one, (CPU,), (1.0,)) for one in at])
        pace.put(counts)
        return [one[1] for one in found]

    assert kept(hour, hour + 1, hour + HOUR) == [hour, hour + 1, hour + HOUR]
    assert kept(hour + 2, hour + 3, hour + HOUR + 1) == [hour + 2, hour + HOUR + 1]
    for n in range(100):
        kept(hour + n * HOUR)
    assert len(pace._held[host.id]) == 60


def test_samples_of_one_second_are_one_whenever_they_come(host: Host) -> None:
    layouts = shelf.Layouts()
    at = NOW - 60
    shelf.put([(host.id, at, ("cpu.user.percent", "mysql.up"), (1.0, 1.0))], [], layouts)
    shelf.put([(host.id, at + 0.5, ("cpu.user.percent", "load"), (2.0, 3.0))], [], layouts)
    found = shelf.last(host.id, NOW)
    assert found is not None
    assert dict(zip(found[1], found[2], strict=True)) == {
        "cpu.user.percent": 2.0,
        "mysql.up": 1.0,
        "load": 3.0,
    }


def test_processes_make_one_file_at_once(house: MemoryPorts) -> None:
    folder = house.settings.data / shelf.FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    here = multiprocessing.get_context("fork")
    together = here.Barrier(3, timeout=20)

    def make() -> None:
        for number in range(100):
            together.wait()
            shelf._connection(folder / f"five-{number}.db")

    makers = [here.Process(target=make) for _ in range(3)]
    for one in makers:
        one.start()
    for one in makers:
        one.join()
    assert [one.exitcode for one in makers] == [0, 0, 0]
    assert not list(folder.glob("*.new"))
