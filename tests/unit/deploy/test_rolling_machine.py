"""Whatever fails whenever: never below the wanted number of healthy ones by our doing, it ends, and what was changed is taken back."""

from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from vedette.deploy.rolling import keeping, machine
from vedette.deploy.types import Event, Happened, Order, Progress, Roll, Seat, Verb, Version


@dataclass
class World:
    """What is true: who is in, who runs what, who is sick; and the journal, which alone is remembered over a kill."""

    roll: Roll
    names: list[str]
    failing: dict[tuple[Verb, str], int]
    sick: dict[int, str]  # at which move one falls sick by itself
    kills: set[int]
    inside: set[str] = field(default_factory=set)
    ill: set[str] = field(default_factory=set)
    version: dict[str, Version] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    orders: int = 0

    def __post_init__(self) -> None:
        self.inside = set(self.names)
        self.version = dict.fromkeys(self.names, Version.OLD)

    def healthy(self) -> set[str]:
        return self.inside - self.ill

    def progress(self) -> Progress:
        state = machine.begun(self.names)
        for event in self.events:
            state = machine.after(state, event)
        return state

    def run(self) -> Progress:
        for _ in range(40 * len(self.names) + 40):
            progress = self.progress()
            move = machine.decide(self.roll, progress, self.healthy())
            if move.turn:
                assert not progress.back
                self.events.append(Event(what=Happened.TURNED, reason=move.turn))
            elif move.orders:
                self.batch(progress, move.orders)
            else:
                return progress
        raise AssertionError("it never ends")

    def batch(self, progress: Progress, orders: tuple[Order, ...]) -> None:
        sure = {each.name for each in progress.targets if each.seat is Seat.IN}
        out = {each.target for each in orders if each.verb is Verb.OUT} & sure & self.healthy()
        if out:
            assert len(self.healthy() & sure - out) >= machine.floor(self.roll, len(self.names))
        for order in orders:
            self.one(order)

    def one(self, order: Order) -> None:
        self.orders += 1
        self.events.append(Event(what=Happened.BEGUN, verb=order.verb, target=order.target))
        if self.orders in self.sick:
            self.ill.add(self.sick[self.orders])
        tries = self.failing.get((order.verb, order.target), 0)
        if order.verb in {Verb.CHECK, Verb.JOIN} and order.target in self.ill:
            tries = 9
        self.happen(order, failed=bool(tries))
        if self.orders in self.kills:  # between the deed and the line that says so
            return
        what = Happened.FAILED if tries else Happened.DONE
        self.events.append(Event(what=what, verb=order.verb, target=order.target, reason="no"))

    def happen(self, order: Order, *, failed: bool) -> None:
        if order.verb is Verb.OUT and not failed:
            self.inside.discard(order.target)
        if order.verb is Verb.JOIN:
            self.inside.add(order.target)
        if order.verb in {Verb.CHANGE, Verb.UNDO}:
            done = Version.NEW if order.verb is Verb.CHANGE else Version.OLD
            self.version[order.target] = Version.MIXED if failed else done


@st.composite
def worlds(draw: st.DrawFn) -> World:
    count = draw(st.integers(1, 6))
    names = [f"web-{number}" for number in range(1, count + 1)]
    roll = Roll(
        do="x", undo="y", keep=draw(st.integers(0, count - 1)), first=draw(st.integers(1, 3)), batch=draw(st.integers(1, 4))
    )  # fmt: skip
    faults = st.dictionaries(st.tuples(st.sampled_from(Verb), st.sampled_from(names)), st.just(1), max_size=4)
    sick = st.dictionaries(st.integers(1, 40), st.sampled_from(names), max_size=3)
    return World(roll, names, draw(faults), draw(sick), draw(st.sets(st.integers(1, 30), max_size=4)))


@given(worlds())
def test_it_ends_keeps_enough_healthy_and_leaves_no_mixture(world: World) -> None:
    ended = world.run()
    for each in ended.targets:
        if each.seat is Seat.IN:
            assert each.name in world.inside
        if each.version is not Version.MIXED:
            assert each.version is world.version[each.name]
    rest = machine.left(ended)
    if not ended.back:
        assert not rest
    sure = {each.name for each in ended.targets if each.seat is Seat.IN}
    for each in rest:  # who is not where it went: given up with a reason, or too few of those who are surely in would have been left
        spare = len(world.healthy() & sure) - machine.floor(world.roll, len(world.names))
        assert each.stuck or (each.seat is Seat.IN and spare < 1)


@given(worlds())
def test_without_trouble_all_get_it_in_batches(world: World) -> None:
    calm = World(world.roll, world.names, {}, {}, set())
    ended = calm.run()
    assert not ended.back
    assert {each.version for each in ended.targets} == {Version.NEW}
    assert calm.orders == 4 * len(calm.names)


@given(worlds())
def test_one_failure_alone_takes_everything_back(world: World) -> None:
    last = world.names[-1]
    ended = World(world.roll, world.names, {(Verb.CHANGE, last): 1}, {}, world.kills).run()
    assert ended.back == f"{last}: no"
    assert not machine.left(ended)


def test_a_journal_says_the_same_as_the_roll_and_a_torn_line_nothing() -> None:
    head = '{"roll":"x","targets":[{"name":"web-1","address":"10.0.0.1"}]}\n'
    event = '{"what":"begun","verb":"take out","target":"web-1"}\n'
    known, progress = keeping.read(head + event + '{"what":"do')
    assert known is not None
    assert progress.targets[0].seat is Seat.UNSURE
    assert keeping.read("")[0] is None


def test_who_is_sick_is_served_first_and_nobody_is_taken_out_blindly() -> None:
    roll, progress = Roll(do="x", undo="y"), machine.begun(["a", "b", "c"])
    assert machine.decide(roll, progress, {"a", "b"}).orders == (Order(Verb.OUT, "c"),)
    assert machine.decide(roll, progress, None).turn == "Nobody can tell who is healthy."
    assert machine.decide(Roll(do="x", undo="y", keep=3), progress, {"a", "b", "c"}).turn.startswith("3 of 3")
