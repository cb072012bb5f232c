"""What every spool promises: order, numbers that only grow, the oldest goes first; and what a file promises beyond that."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vedette.core.errors import ConfigError
from vedette.plumbing.spool.file import NAME, FileSpool
from vedette.plumbing.spool.memory import MemorySpool
from vedette.plumbing.spool.port import Spool

ORIGIN, OTHER = "a" * 32, "b" * 32
Make = Callable[[int], Spool]


@pytest.fixture(params=["memory", "file"])
def make(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Make:
    def made(max_bytes: int = 1_000) -> Spool:
        if request.param == "memory":
            return MemorySpool(ORIGIN, max_bytes)
        return FileSpool(tmp_path_factory.mktemp("spool"), ORIGIN, max_bytes)

    return made


def told(spool: Spool, n: int = 100, size: int = 10_000) -> list[tuple[int, bytes]]:
    return [(one.number, one.body) for one in spool.head(n, size)]


def test_what_waits_comes_in_order_until_it_is_dropped(make: Make) -> None:
    spool = make(1_000)
    assert (spool.origin, spool.last, spool.waiting(), told(spool)) == (ORIGIN, 0, 0, [])
    assert spool.add([b"a", b"b"]) == 0
    assert spool.add([b"c"]) == 0
    assert told(spool) == [(1, b"a"), (2, b"b"), (3, b"c")]
    spool.drop(2)
    assert (told(spool), spool.waiting(), spool.last) == ([(3, b"c")], 1, 3)
    spool.drop(3)
    spool.add([b"d"])
    assert told(spool) == [(4, b"d")], "a number is never given twice"
    spool.close()


def test_the_head_is_bounded_in_number_and_size_and_never_empty(make: Make) -> None:
    spool = make(1_000)
    spool.add([b"x" * 10] * 5)
    assert [number for number, _ in told(spool, n=2)] == [1, 2]
    assert [number for number, _ in told(spool, size=35)] == [1, 2, 3]
    assert [number for number, _ in told(spool, size=1)] == [1]
    spool.close()


def test_the_oldest_goes_when_there_is_no_room_and_the_newest_stays(make: Make) -> None:
    spool = make(30)
    assert spool.add([b"x" * 10] * 3) == 0
    assert spool.add([b"y" * 10]) == 1
    assert [number for number, _ in told(spool)] == [2, 3, 4]
    assert spool.add([b"z" * 50]) == 3
    assert told(spool) == [(5, b"z" * 50)]
    spool.drop(5)
    assert spool.add([b"w" * 30]) == 0, "what was dropped takes no room"
    spool.close()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25)
@given(
    acts=st.lists(st.one_of(st.lists(st.binary(max_size=20), max_size=4), st.integers(0, 12)), max_size=12)
)
def test_a_spool_is_a_queue_with_numbers(make: Make, acts: list[list[bytes] | int]) -> None:
    spool = make(10_000)
    expected: list[tuple[int, bytes]] = []
    last = 0
    for act in acts:
        if isinstance(act, int):
            spool.drop(act)
            expected = [one for one in expected if one[0] > act]
        else:
            spool.add(act)
            expected += [(last + n, body) for n, body in enumerate(act, 1)]
            last += len(act)
        assert (told(spool), spool.last, spool.waiting()) == (expected, last, len(expected))
    spool.close()


def test_a_file_is_there_after_a_restart_with_its_numbers_and_its_origin(tmp_path: Path) -> None:
    first = FileSpool(tmp_path / "spool", ORIGIN, 25)
    first.add([b"x" * 10, b"y" * 10])
    first.drop(1)
    first.close()
    again = FileSpool(tmp_path / "spool", OTHER, 25)
    assert (again.origin, again.last, told(again)) == (ORIGIN, 2, [(2, b"y" * 10)])
    assert again.add([b"z" * 10, b"w" * 10]) == 1, "what waited before counts, too"
    assert [number for number, _ in told(again)] == [3, 4]
    again.close()


def test_a_file_is_its_owners_alone_and_of_one_process(tmp_path: Path) -> None:
    folder = tmp_path / "spool"
    spool = FileSpool(folder, ORIGIN, 100)
    spool.add([b"secret"])
    assert oct(folder.stat().st_mode & 0o777) == "0o700"
    assert {oct(one.stat().st_mode & 0o777) for one in folder.iterdir()} == {"0o600"}
    with pytest.raises(ConfigError, match="Another process may use it"):
        FileSpool(folder, OTHER, 100)
    spool.close()


def test_a_file_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(b"no database" * 100)
    with pytest.raises(ConfigError, match=str(tmp_path / NAME)):
        FileSpool(tmp_path, ORIGIN, 100)
