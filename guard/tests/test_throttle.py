"""The throttle: waits that double, owners that strangers cannot keep out, and counts that nothing slips through."""

import threading

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from guard.tests.clock import Clock
from vedette_guard.decisions.throttle import LIMITS, Scope, Tries, admit, failed
from vedette_guard.mfa import Throttle
from vedette_guard.stores import MemoryStore

HOME, AWAY = "198.51.100.7", "203.0.113.9"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def throttle(clock: Clock) -> Throttle:
    return Throttle(clock=clock)


def waits(throttle: Throttle, clock: Clock, account: str, addresses: list[str]) -> list[float]:
    """Try from each address, waiting as long as is said; return the waits that were not nothing."""
    told = []
    for address in addresses:
        admission = throttle.begin(account, address)
        while not admission.allowed:
            told.append(admission.wait)
            clock.now += admission.wait
            admission = throttle.begin(account, address)
    return told


def test_waits_double_up_to_a_cap(throttle: Throttle, clock: Clock) -> None:
    assert waits(throttle, clock, "ann", [HOME] * 16)[:4] == [2, 4, 8, 16]
    assert max(waits(throttle, clock, "ann", [HOME] * 12)) <= 900


def test_one_account_is_guarded_against_many_addresses(throttle: Throttle, clock: Clock) -> None:
    assert waits(throttle, clock, "ann", [f"198.51.100.{n}" for n in range(12)]) == [5, 10, 20, 40]


def test_one_address_is_guarded_against_for_many_accounts(throttle: Throttle) -> None:
    allowed = [throttle.begin(f"user{n}", HOME).allowed for n in range(25)]
    assert allowed == [True] * 20 + [False] * 5
    assert throttle.begin("ann", AWAY).allowed


def test_addresses_of_one_network_are_one(throttle: Throttle) -> None:
    for n in range(20):
        throttle.begin(f"user{n}", f"2001:db8:1:2::{n:x}")
    assert not throttle.begin("ann", "2001:db8:1:2:ffff::1").allowed
    assert throttle.begin("ann", "2001:db8:1:3::1").allowed


def test_strangers_cannot_keep_an_owner_out(throttle: Throttle) -> None:
    throttle.begin("ann", HOME)
    throttle.succeed("ann", HOME)
    for n in range(40):
        throttle.begin("ann", f"203.0.113.{n}")
    assert not throttle.begin("ann", "203.0.113.99").allowed
    assert throttle.begin("Ann ", HOME).allowed, "however the name is written"


def test_who_signs_in_opens_the_address_to_nobody_who_guesses_there(throttle: Throttle) -> None:
    """Else somebody with an account of their own guesses at all others without a pause."""
    throttle.begin("mallory", HOME)
    throttle.succeed("mallory", HOME)
    for n in range(20):
        throttle.begin(f"user{n}", HOME)
    for n in range(3):
        assert throttle.begin("mallory", HOME).allowed
        throttle.succeed("mallory", HOME)
        assert not throttle.begin(f"another{n}", HOME).allowed


def test_success_and_a_reset_forget_the_accounts_failures(throttle: Throttle) -> None:
    for n in range(12):
        throttle.begin("ann", f"203.0.113.{n}")
    assert not throttle.begin("ann", AWAY).allowed
    throttle.forgive("ann")
    assert throttle.begin("ann", AWAY).allowed


def test_who_waited_gets_in_by_password_and_code_whatever_failed_before(
    throttle: Throttle, clock: Clock
) -> None:
    """The first step is a try of its own that is taken back: the second must not wait for it."""
    for n in range(9):
        throttle.begin("ann", f"203.0.113.{n}")
    for _ in range(6):
        throttle.begin("ann", HOME)
    clock.now += 301
    for address in (HOME, AWAY):
        assert throttle.begin("ann", address).allowed, "the password"
        throttle.take_back("ann", address)
        assert throttle.begin("ann", address).allowed, "the code"
        assert not throttle.begin("ann", address).allowed, "which was wrong"
        clock.now += 301


def test_who_knows_the_password_cannot_guess_codes_for_nothing(throttle: Throttle) -> None:
    for _ in range(5):
        assert throttle.begin("ann", HOME).allowed, "the password"
        throttle.take_back("ann", HOME)
        assert throttle.begin("ann", HOME).allowed, "a code that is wrong"
    assert not throttle.begin("ann", HOME).allowed


def test_all_is_forgotten_after_a_quiet_time(throttle: Throttle, clock: Clock) -> None:
    for n in range(30):
        throttle.begin(f"user{n}", HOME)
    clock.now += 3600
    assert throttle.begin("ann", HOME).allowed


def test_tries_side_by_side_are_all_counted(throttle: Throttle) -> None:
    allowed: list[bool] = []

    def guess() -> None:
        allowed.extend(throttle.begin("ann", HOME).allowed for _ in range(10))

    threads = [threading.Thread(target=guess) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(allowed) == 5


def test_a_flood_of_accounts_and_addresses_stays_in_bounds(clock: Clock) -> None:
    store = MemoryStore(most=100)
    throttle = Throttle(store, clock=clock)
    for n in range(300):
        throttle.begin(f"user{n}", f"203.0.{n % 200}.{n % 250}")
    assert len(store) <= 100


def test_names_are_not_kept(throttle: Throttle) -> None:
    throttle.begin("my-password-in-the-wrong-field", HOME)
    throttle.begin("\ud800\0", "")
    assert "my-password" not in repr(throttle.store.__dict__)


class ThrottleMachine(RuleBasedStateMachine):
    """Tries, successes and pauses in any order, against the rule that is written in the limits."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.throttle = Throttle(clock=self.clock)
        self.failures: dict[tuple[str, ...], Tries] = {}
        self.before: dict[tuple[str, ...], Tries] = {}
        self.known: set[tuple[str, str]] = set()

    def keys(self, account: str, address: str) -> dict[Scope, tuple[str, ...]]:
        return {Scope.ACCOUNT: (account,), Scope.ADDRESS: (address, ""), Scope.PAIR: (account, address)}

    def waits(self, account: str, address: str) -> float:
        """Return how long the model has a try wait."""
        keys = self.keys(account, address)
        judged = [Scope.PAIR] if (account, address) in self.known else list(keys)
        found = (admit(self.failures.get(keys[s], Tries()), LIMITS[s], self.clock.now) for s in judged)
        return max(one.wait for one in found)

    @rule(account=st.sampled_from(["ann", "bob"]), address=st.sampled_from([HOME, AWAY]), times=st.integers(1, 6), right=st.booleans())  # fmt: skip
    def tries(self, account: str, address: str, times: int, right: bool) -> None:
        for _ in range(times):
            expected = self.waits(account, address)
            admission = self.throttle.begin(account, address)
            assert (admission.allowed, admission.wait) == (expected == 0, expected)
            if not admission.allowed:
                continue
            self.before = dict(self.failures)
            for scope, key in self.keys(account, address).items():
                self.failures[key] = failed(self.failures.get(key, Tries()), LIMITS[scope], self.clock.now)
        if right and admission.allowed:
            self.succeeds(account, address)

    def succeeds(self, account: str, address: str) -> None:
        self.throttle.succeed(account, address)
        keys = self.keys(account, address)
        self.failures.pop(keys[Scope.ACCOUNT], None)
        self.failures.pop(keys[Scope.PAIR], None)
        self.failures[keys[Scope.ADDRESS]] = self.before.get(keys[Scope.ADDRESS], Tries())
        self.known.add((account, address))

    @rule(seconds=st.sampled_from([1.0, 5.0, 60.0, 301.0, 4000.0]))
    def waits_a_while(self, seconds: float) -> None:
        self.clock.now += seconds

    @invariant()
    def nobody_waits_for_ever(self) -> None:
        longest = max(limit.most for limit in LIMITS.values())
        assert all(self.waits(who, where) <= longest for who in ("ann", "bob") for where in (HOME, AWAY))


class TestThrottleMachine(ThrottleMachine.TestCase):
    settings = settings(max_examples=20, stateful_step_count=20, deadline=None)


@pytest.mark.deep
class TestThrottleMachineDeeply(ThrottleMachine.TestCase):
    settings = settings(max_examples=500, stateful_step_count=40, deadline=None)
