"""The table of live decisions against a simple model: what is enforced, what is sheltered, what stays unbanned, and restarts."""

import ipaddress
from typing import Any

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from vedette.agent.deciding import sparing
from vedette.agent.deciding.events import Event
from vedette.agent.deciding.judging import Judge
from vedette.agent.deciding.networks import Networks
from vedette.agent.deciding.sparing import Shelter
from vedette.agent.deciding.standing import GRACE, Standing
from vedette.agent.deciding.types import Change, Left, Response, Target
from vedette.wire.agent.types import Decision, Detection, Measure, Orders, Scope

NOW = 1_764_000_000.0
ADDRESS, NETWORK = Scope.ADDRESS, Scope.NETWORK
VALUES = [
    (ADDRESS, "198.51.100.7"),
    (ADDRESS, "198.51.100.8"),
    (ADDRESS, "2001:db8:1:2::/64"),
    (NETWORK, "198.51.100.0/24"),
]


def ban(
    value: str = "198.51.100.7",
    *,
    at: float = NOW,
    seconds: float = 600,
    scope: Scope = ADDRESS,
    **others: Any,
) -> Decision:
    others = {"measure": Measure.BAN, "origin": "web-2", "id": f"{value}@{at}", **others}
    return Decision(scope=scope, value=value, at=at, until=at + seconds, reason="6 failed sign-ins", **others)


def test_the_servers_and_our_decision_about_one_are_enforced_until_the_later_end() -> None:
    standing = Standing()
    assert standing.take(ban(), NOW).put == (ban(),)
    longer, shorter = ban(seconds=900, id="s"), ban(seconds=60, id="t")
    assert standing.order(Orders(revision="1", put=(longer,)), Shelter(), NOW).put == (longer,)
    assert standing.order(Orders(revision="2", put=(shorter,)), Shelter(), NOW).put == (ban(),), "ours stands"
    assert standing.order(Orders(revision="3", whole=True), Shelter(), NOW) == Change()
    assert standing.in_force(NOW) == [ban()]


def test_a_whole_list_forgets_what_it_does_not_name_and_that_is_no_unban() -> None:
    standing = Standing()
    given = tuple(ban(f"198.51.100.{n}") for n in range(5))
    standing.order(Orders(revision="1", put=given), Shelter(), NOW)
    change = standing.order(Orders(revision="2", whole=True, put=given[3:]), Shelter(), NOW)
    assert {one.value for one in change.drop} == {"198.51.100.0", "198.51.100.1", "198.51.100.2"}
    assert change.put == ()
    assert change.lifted == ()
    assert standing.order(Orders(revision="3", put=given[:1]), Shelter(), NOW).put == given[:1]


def test_a_drop_of_the_server_lifts_our_own_and_it_does_not_come_back() -> None:
    standing = Standing()
    standing.take(ban(), NOW)
    change = standing.order(
        Orders(revision="1", drop=("address:198.51.100.7", "address:nonsense", "what:ever")),
        Shelter(),
        NOW + 9,
    )
    assert change.drop == (ban(),)
    assert [(one.value, one.reason) for one in change.lifted] == [("198.51.100.7", "the server lifted it")]
    again = Orders(revision="2", put=(ban(at=NOW + GRACE, id="elsewhere"),))
    assert standing.order(again, Shelter(), NOW + GRACE).skipped == ("elsewhere: it was unbanned here",)
    by_hand = Orders(revision="3", put=(ban(at=NOW + 20, origin="person:ada"),))
    assert standing.order(by_hand, Shelter(), NOW + 20).put, "a person may decide otherwise"


def test_after_an_unban_only_later_lines_ban_again() -> None:
    standing = Standing()
    judge = Judge(standing, Shelter(), "web-1")
    standing.take(ban(), NOW)
    standing.unban([Target(ADDRESS, "198.51.100.7")], "a person lifted it", NOW + 10)

    def at(first: float, last: float) -> Decision | Left | None:
        seen = Detection(id="d", at=last, first_at=first, rule="r", reason="6 failed sign-ins", severity="high", service="ssh",
                         address="198.51.100.7", simulated=False)  # fmt: skip
        return judge.decide(seen, Response(), id="x", now=last)

    assert isinstance(at(NOW - 30, NOW + 11), Left)
    assert isinstance(at(NOW + 9, NOW + 40), Left)
    later = at(NOW + 11, NOW + 40)
    assert isinstance(later, Decision)
    assert later.until - later.at == 600, "what was wrong is not remembered"
    standing.take(later, NOW + 40)
    assert standing.unbanned_at(Target(ADDRESS, "198.51.100.7")) is None


def test_an_allowlist_lifts_what_is_live_also_of_a_network_around_it() -> None:
    standing = Standing()
    for one in (ban(), ban("198.51.100.0/24", scope=NETWORK), ban("203.0.113.5")):
        standing.take(one, NOW)
    shelter = Shelter(sparing.allowlist(["198.51.100.7"], "here"))
    change = standing.spare([ipaddress.ip_network("198.51.100.7")], shelter, NOW)
    assert {one.value for one in change.drop} == {"198.51.100.7", "198.51.100.0/24"}
    assert "198.51.100.0/24 holds 198.51.100.7, which is in the allowlist" in {
        one.reason for one in change.lifted
    }
    assert standing.order(Orders(revision="1", put=(ban(),)), shelter, NOW).skipped == ("198.51.100.7@1764000000.0: 198.51.100.7 is in the allowlist",)  # fmt: skip
    wide = Shelter(sparing.allowlist(["203.0.112.0/22"], "here"))
    assert [
        one.value for one in standing.spare([ipaddress.ip_network("203.0.112.0/22")], wide, NOW).drop
    ] == ["203.0.113.5"]


def test_a_full_table_lets_go_what_ends_first() -> None:
    standing = Standing(most=3)
    for n in range(3):
        standing.take(ban(f"198.51.100.{n}", seconds=600 - n), NOW)
    change = standing.take(ban("198.51.100.9"), NOW)
    assert [one.value for one in change.drop] == ["198.51.100.2"]
    assert "it ended first of 3 decisions" in change.lifted[0].reason
    assert len(standing) == 3


def test_unbanning_a_network_ends_what_lies_in_it() -> None:
    standing = Standing()
    for one in (ban(), ban("198.51.100.0/24", scope=NETWORK), ban("198.51.0.0/16", scope=NETWORK)):
        standing.take(one, NOW)
    found = standing.targets_in(Target(NETWORK, "198.51.100.0/24"))
    assert {one.value for one in found} == {"198.51.100.0/24", "198.51.100.7"}
    held = standing.within(ipaddress.ip_network("198.51.100.7"), NOW)
    assert held is not None


class Against(RuleBasedStateMachine):
    """Standing, and a model that keeps a list of everything and looks through it."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.events: list[bytes] = []
        self.standing = Standing(heard=self._hear)
        self.held: dict[tuple[bool, Target, Measure, bool], Decision] = {}
        self.unbanned: dict[Target, float] = {}
        self.allowed: set[str] = set()
        self.enforced: dict[tuple[Target, Measure], float] = {}
        self.count = 0

    def _hear(self, event: Event) -> None:
        self.events.append(msgspec.json.encode(event))

    def _shelter(self) -> Shelter:
        return Shelter(Networks((ipaddress.ip_network(net), net) for net in self.allowed))

    def _sheltered(self, target: Target) -> bool:
        net = ipaddress.ip_network(target.value)
        return any(
            n.version == net.version and n.overlaps(net) for n in map(ipaddress.ip_network, self.allowed)
        )

    def _enforce(self, change: Change) -> None:
        for one in change.drop:
            self.enforced.pop((Target(one.scope, one.value), one.measure), None)
        for one in change.put:
            self.enforced[Target(one.scope, one.value), one.measure] = one.until

    def _decision(self, which: int, seconds: int, measure: Measure, simulated: bool) -> Decision:
        self.count += 1
        scope, value = VALUES[which]
        return ban(
            value,
            at=self.now,
            seconds=seconds,
            scope=scope,
            measure=measure,
            simulated=simulated,
            id=str(self.count),
        )

    def _unban(self, targets: list[Target]) -> None:
        for target in targets:
            self.unbanned[target] = self.now
            self.held = {key: one for key, one in self.held.items() if key[1] != target}

    whiches = st.integers(0, len(VALUES) - 1)
    lengths = st.sampled_from([1, 60, 600, 4000])
    measures = st.sampled_from([Measure.BAN, Measure.BAN, Measure.THROTTLE])

    @rule(which=whiches, seconds=lengths, measure=measures, simulated=st.booleans())
    def take(self, which: int, seconds: int, measure: Measure, simulated: bool) -> None:
        one = self._decision(which, seconds, measure, simulated)
        target = Target(one.scope, one.value)
        if self._sheltered(target):
            return
        self._enforce(self.standing.take(one, self.now))
        self.held[False, target, measure, simulated] = one
        if not simulated:
            self.unbanned.pop(target, None)

    @rule(which=whiches, seconds=lengths, measure=measures, late=st.sampled_from([0, 0, -30, -700]))
    def put(self, which: int, seconds: int, measure: Measure, late: int) -> None:
        one = self._decision(which, seconds, measure, False)
        one = msgspec.structs.replace(one, at=one.at + late, until=one.until + late)
        self._enforce(self.standing.order(Orders(revision="r", put=(one,)), self._shelter(), self.now))
        self._put(one)

    def _put(self, one: Decision) -> None:
        target = Target(one.scope, one.value)
        stays = target in self.unbanned and one.at <= self.unbanned[target] + GRACE
        if not stays and not self._sheltered(target) and one.until > self.now:
            self.held[True, target, one.measure, False] = one

    @rule(kept=st.sets(whiches))
    def whole(self, kept: set[int]) -> None:
        named = {Target(*VALUES[n]) for n in kept}
        given = tuple(one for key, one in self.held.items() if key[0] and key[1] in named)
        self._enforce(
            self.standing.order(Orders(revision="w", whole=True, put=given), self._shelter(), self.now)
        )
        self.held = {key: one for key, one in self.held.items() if not key[0] or key[1] in named}

    @rule(which=whiches, by_server=st.booleans())
    def unban(self, which: int, by_server: bool) -> None:
        target = Target(*VALUES[which])
        if by_server:
            orders = Orders(revision="d", drop=(f"{target.scope}:{target.value}",))
            self._enforce(self.standing.order(orders, self._shelter(), self.now))
        else:
            self._enforce(self.standing.unban([target], "a person", self.now))
        self._unban([target])

    @rule(net=st.sampled_from(["198.51.100.7/32", "198.51.100.0/25", "2001:db8:1:2::5/128"]))
    def allow(self, net: str) -> None:
        self.allowed.add(net)
        self._enforce(self.standing.spare([ipaddress.ip_network(net)], self._shelter(), self.now))
        live = {key[1] for key in self.held}
        self._unban([target for target in live if self._sheltered(target)])

    @precondition(lambda self: self.allowed)
    @rule()
    def disallow(self) -> None:
        self.allowed.pop()

    @rule(seconds=st.sampled_from([0.5, 59, 60, 600, 5000]))
    def time_goes_by(self, seconds: float) -> None:
        self.now += seconds
        self._enforce(self.standing.expire(self.now))
        self.held = {key: one for key, one in self.held.items() if one.until > self.now}

    @rule(short=st.booleans())
    def restart(self, short: bool) -> None:
        """From all that was written down, or from what a shortened file holds: the same."""
        if short:
            self.events = [msgspec.json.encode(event) for event in self.standing.facts(self.now)]
        decoder = msgspec.json.Decoder(Event)
        again = Standing(heard=self._hear)
        for line in self.events:
            again.replay(decoder.decode(line))
        again.expire(self.now)
        self.standing = again

    @invariant()
    def the_same_is_live(self) -> None:
        assert sorted(self.standing.listed(self.now), key=str) == sorted(self.held.values(), key=str)

    @invariant()
    def the_same_is_enforced(self) -> None:
        expected: dict[tuple[Target, Measure], float] = {}
        for (_, target, measure, simulated), one in self.held.items():
            if not simulated:
                expected[target, measure] = max(one.until, expected.get((target, measure), 0.0))
        assert {
            (Target(o.scope, o.value), o.measure): o.until for o in self.standing.in_force(self.now)
        } == expected
        assert self.enforced == expected, "what the verbs returned adds up to what is in force"

    @invariant()
    def nobody_sheltered_is_held(self) -> None:
        assert not [
            one for one in self.standing.in_force(self.now) if self._sheltered(Target(one.scope, one.value))
        ]


Against.TestCase.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
TestAgainstAModel = Against.TestCase
