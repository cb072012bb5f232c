"""Which side moved is decided by a third: each thing as it last was when both were alike."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.deploy.drifting import remembering
from vedette.deploy.drifting.seeing import HERE, Happening, dated, drifted
from vedette.deploy.planning.making import planned
from vedette.deploy.registry import all_kinds
from vedette.deploy.types import Desired, Drifted, Memory, Planned, Side, Way
from vedette.wire.infra import Live, Ref, Thing

NETWORK = Ref("network", "main")


def network(of: str, *, ours: bool = True, name: str = "main") -> Thing:
    fields = {"range": of, "subnets": [], "routes": [], "to_vswitch": False, "protect": False}
    return Thing(kind="network", name=name, fields=fields, id=7, ours=ours)


def desired(*things: Thing) -> Desired:
    return Desired(project="shop", things=things)


def live(at: float, *things: Thing, **unread: str) -> Live:
    return Live(at=at, things=things, unread=unread)


def plan(of: Desired, there: Live) -> Planned:
    return planned(of, there, all_kinds(), there.at)


def look(of: Desired, there: Live, memory: Memory) -> tuple[Drifted, Memory]:
    made = plan(of, there)
    return drifted(made, there, memory, all_kinds()), remembering.looked(memory, there, made)


def after_apply(*things: Thing) -> Memory:
    there = live(100.0, *things)
    return remembering.applied(Memory(project="shop"), there, plan(desired(*things), there), ())


A, B, C = network("10.0.0.0/16"), network("10.1.0.0/16"), network("10.2.0.0/16")


@pytest.mark.parametrize(
    ("files", "cloud", "side"),
    [((B,), (A,), Side.FILES), ((A,), (B,), Side.CLOUD), ((B,), (C,), Side.BOTH), ((), (A,), Side.FILES), ((A,), (), Side.CLOUD), ((B,), (), Side.BOTH)],
)  # fmt: skip
def test_the_side_that_differs_from_what_both_were_has_moved(
    files: tuple[Thing, ...], cloud: tuple[Thing, ...], side: Side
) -> None:
    found, _ = look(desired(*files), live(200.0, *cloud), after_apply(A))
    (one,) = (*found.drifts, *found.pending)
    assert one.side is side
    assert (one in found.pending) is (side is Side.FILES)


@given(
    st.lists(
        st.tuples(st.sampled_from([A, B, C, None]), st.sampled_from([A, B, C, None])), min_size=1, max_size=6
    )
)
def test_what_is_alike_is_no_drift_and_what_is_remembered_was_alike_once(
    rounds: list[tuple[Thing | None, Thing | None]],
) -> None:
    memory, alike = Memory(project="shop"), set()
    for number, (files, cloud) in enumerate(rounds, 1):
        of, there = (tuple(each for each in (one,) if each is not None) for one in (files, cloud))
        found, memory = look(desired(*of), live(float(number), *there), memory)
        if files == cloud:
            assert not found.drifts
            assert not found.pending
            alike.add(str(cloud.fields["range"]) if cloud is not None else "")
        assert {str(each.thing.fields["range"]) for each in memory.things} <= alike
        assert memory.at == number


def test_since_when_is_between_the_last_look_that_was_right_and_the_first_that_was_not() -> None:
    memory = after_apply(A)
    _, memory = look(desired(A), live(200.0, A), memory)
    _, memory = look(desired(A), live(300.0, B), memory)
    found, _ = look(desired(A), live(400.0, B), memory)
    (one,) = found.drifts
    assert (one.after, one.until, one.when) == (200.0, 300.0, 0.0)
    happened = [Happening("network", 7, "create", 50.0), Happening("network", 7, "change_ip_range", 250.0), Happening("network", 8, "delete", 260.0)]  # fmt: skip
    (one,) = dated(found, live(400.0, B), memory, happened).drifts
    assert (one.when, one.command) == (250.0, "change_ip_range")


def test_what_an_apply_from_here_left_half_done_was_us() -> None:
    memory = msgspec.structs.replace(after_apply(A), failed=(NETWORK,))
    found, memory = look(desired(A), live(200.0, B), memory)
    assert found.drifts[0].by == HERE
    _, memory = look(desired(A), live(300.0, A), memory)
    assert memory.failed == ()


def test_what_cannot_be_read_is_remembered_and_nothing_is_said_of_it() -> None:
    memory = after_apply(A)
    found, kept = look(desired(A), live(200.0, network="503"), memory)
    assert (found.drifts, found.unread) == ((), {"network": "503"})
    assert kept.things == memory.things


def test_what_bears_our_mark_and_nobody_said_came_from_elsewhere() -> None:
    found, _ = look(desired(A), live(200.0, A, network("10.9.0.0/16", name="lab")), after_apply(A))
    (one,) = found.drifts
    assert (one.way, one.side, one.ref.name) == (Way.UNSAID, Side.CLOUD, "lab")


def test_what_was_foreign_from_the_beginning_is_no_drift_until_an_apply_or_ever() -> None:
    old, new = (network("10.8.0.0/16", ours=False, name=each) for each in ("old", "new"))
    _, memory = look(desired(A), live(100.0, A, old), Memory(project="shop"))
    for at in (200.0, 300.0):
        found, memory = look(desired(A), live(at, A, old, new), memory)
        assert [(each.ref.name, each.way, each.until) for each in found.drifts] == [
            ("new", Way.FOREIGN, 200.0)
        ]
    there = live(400.0, A, old, new)
    memory = remembering.applied(memory, there, plan(desired(A), there), ())
    assert look(desired(A), live(500.0, A, old, new), memory)[0].drifts == ()
