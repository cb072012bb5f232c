"""Only what somebody saw is done: the very plan at first, and after a stop in the middle no more than that."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.core.errors import Conflict
from vedette.deploy import agreeing
from vedette.deploy.types import Act, Change, KeptDrift, Line, Planned, Side, Way
from vedette.wire.infra import Ref

CHANGES = st.lists(
    st.builds(
        lambda act, name, text: Change(
            act=act, ref=Ref("server", name), lines=(Line(field="type", sign="~", after=text),)
        ),
        st.sampled_from(Act), st.sampled_from("abcd"), st.sampled_from("xy"),
    ),
    unique_by=lambda each: each.ref, max_size=4,
)  # fmt: skip
LOSES = {Act.DELETE, Act.REPLACE}


def plan(changes: list[Change]) -> Planned:
    return Planned(project="shop", at=0, digest="", changes=tuple(changes))


def drift(name: str, way: Way) -> KeptDrift:
    return KeptDrift(id=1, project=1, ref=Ref("server", name), way=way, side=Side.CLOUD)


@given(CHANGES, CHANGES)
def test_a_fresh_run_does_what_was_seen_and_nothing_else(seen: list[Change], now: list[Change]) -> None:
    known = agreeing.agreed(plan(seen))
    assert (agreeing.doubt(known, plan(now), resumed=False) == "") is (seen == now)
    assert (agreeing.mark(known) == agreeing.mark(agreeing.agreed(plan(now)))) is (seen == now)


@given(CHANGES, CHANGES)
def test_one_that_was_stopped_never_does_more_than_was_seen(seen: list[Change], now: list[Change]) -> None:
    if agreeing.doubt(agreeing.agreed(plan(seen)), plan(now), resumed=True):
        return
    acts = {each.ref: each.act for each in seen}
    assert {each.ref for each in now} <= set(acts)
    assert all(acts[each.ref] is each.act for each in now if each.act in LOSES)


@given(CHANGES, st.data())
def test_what_is_left_of_what_was_seen_goes_on(seen: list[Change], data: st.DataObject) -> None:
    left = data.draw(st.lists(st.sampled_from(seen), unique_by=id)) if seen else []
    assert agreeing.doubt(agreeing.agreed(plan(seen)), plan(left), resumed=True) == ""


def test_the_name_is_typed_where_something_is_lost() -> None:
    assert not agreeing.typed(plan([Change(act=Act.CREATE, ref=Ref("server", "a"))]))
    assert agreeing.typed(plan([Change(act=Act.REPLACE, ref=Ref("server", "a"))]))


def test_what_came_by_itself_is_not_put_back() -> None:
    drifts = [drift("a", Way.CHANGED), drift("b", Way.FOREIGN)]
    assert agreeing.revertible(drifts, ()) == ("server/a",)
    for known, targets in ((drifts, ["server/b"]), (drifts, ["server/c"]), ([], [])):
        with pytest.raises(Conflict):
            agreeing.revertible(known, targets)
