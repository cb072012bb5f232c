"""Every Lease has at most one holder, and its tokens only grow."""

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from found import adapters
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from vedette.core.errors import Invalid
from vedette.plumbing.lease.file import FileLease
from vedette.plumbing.lease.memory import MemoryLease
from vedette.plumbing.lease.port import Lease

MAKERS: dict[str, Callable[[Path], Lease]] = {
    "MemoryLease": lambda _: MemoryLease(),
    "FileLease": lambda folder: FileLease(folder / "leases"),
}


def test_every_adapter_is_in_the_suite() -> None:
    assert adapters("lease", Lease) == set(MAKERS)


@pytest.fixture(params=sorted(MAKERS))
def lease(request: pytest.FixtureRequest, tmp_path: Path) -> Lease:
    return MAKERS[request.param](tmp_path)


def test_one_holder_at_a_time(lease: Lease) -> None:
    token = lease.acquire("scheduler", 10, 100)
    assert token is not None
    assert lease.acquire("scheduler", 10, 109.9) is None
    assert lease.acquire("other", 10, 100) is not None
    later = lease.acquire("scheduler", 10, 110)
    assert later is not None
    assert later > token


def test_a_renewed_lease_lasts_longer(lease: Lease) -> None:
    token = lease.acquire("a", 10, 100)
    assert token is not None
    assert lease.renew("a", token, 10, 105)
    assert lease.acquire("a", 10, 112) is None
    assert not lease.renew("a", token, 10, 116)


def test_a_lost_lease_cannot_be_renewed_nor_released(lease: Lease) -> None:
    old = lease.acquire("a", 10, 100)
    new = lease.acquire("a", 10, 120)
    assert old is not None
    assert new is not None
    assert not lease.renew("a", old, 10, 121)
    lease.release("a", old)
    assert lease.acquire("a", 10, 122) is None
    assert lease.renew("a", new, 10, 123)


def test_a_released_lease_is_free(lease: Lease) -> None:
    token = lease.acquire("a", 10, 100)
    assert token is not None
    lease.release("a", token)
    assert not lease.renew("a", token, 10, 101)
    again = lease.acquire("a", 10, 101)
    assert again is not None
    assert again > token
    lease.release("never", 1)


class Model(RuleBasedStateMachine):
    """A lease against one holder and a number."""

    name = ""
    folder: Path
    runs = 0

    def __init__(self) -> None:
        super().__init__()
        type(self).runs += 1
        self.lease = MAKERS[self.name](self.folder / str(self.runs))
        self.now, self.until, self.token = 100.0, 0.0, 0

    @rule(ttl=st.floats(0.1, 20))
    def acquire(self, ttl: float) -> None:
        token = self.lease.acquire("a", ttl, self.now)
        assert (token is None) == (self.until > self.now)
        if token is not None:
            assert token > self.token
            self.token, self.until = token, self.now + ttl

    @rule(age=st.integers(0, 2), ttl=st.floats(0.1, 20))
    def renew(self, age: int, ttl: float) -> None:
        held = age == 0 and self.until > self.now
        assert self.lease.renew("a", self.token - age, ttl, self.now) == held
        if held:
            self.until = self.now + ttl

    @rule(age=st.integers(0, 2))
    def release(self, age: int) -> None:
        self.lease.release("a", self.token - age)
        if age == 0:
            self.until = 0.0

    @rule(seconds=st.floats(0, 15))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds


@pytest.mark.parametrize("name", sorted(MAKERS))
def test_any_course_of_events(name: str, tmp_path: Path) -> None:
    model = type("Case", (Model,), {"name": name, "folder": tmp_path})
    run_state_machine_as_test(
        model, settings=settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    )


HOLDER = """
import sys, time
from pathlib import Path
from vedette.plumbing.lease.file import FileLease
print(FileLease(Path(sys.argv[1])).acquire("a", 1e9, 100.0), flush=True)
time.sleep(60)
"""


def test_the_lease_of_a_dead_process_is_free_at_once(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        token = int(other.stdout.readline())
        mine = FileLease(tmp_path)
        assert mine.acquire("a", 10, 101) is None
        other.send_signal(signal.SIGKILL)
        other.wait()
        assert mine.acquire("a", 10, 101) == token + 1


def test_the_files_are_private_and_names_stay_in_the_folder(tmp_path: Path) -> None:
    lease = FileLease(tmp_path / "leases")
    lease.acquire("a", 10, 100)
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "leases").iterdir()} == {0o600}
    assert (tmp_path / "leases").stat().st_mode & 0o777 == 0o700
    with pytest.raises(Invalid):
        lease.acquire("../a", 10, 100)
