"""Personal rules: who is told when, what a later step asks, and what cannot be kept."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from vedette.notify import steps
from vedette.notify.types import ChannelRef, Preferences, Stage, Step


def channel(number: int, kind: str = "ntfy") -> ChannelRef:
    return ChannelRef(
        id=number, kind=kind, name=f"C{number}", config={}, enabled=True, default=False, created_at=0.0
    )


PHONE, LAPTOP, CALL = channel(1), channel(2, "webpush"), channel(3, "gateway")
CHOSEN = st.dictionaries(st.integers(1, 9), st.integers(0, 60), min_size=1, max_size=9)


def test_what_is_important_rings_a_minute_later_unless_there_is_nothing_else() -> None:
    planned = steps.plan(Preferences(), [PHONE, CALL, LAPTOP], "critical")
    assert [(each.channel.id, each.number, each.after) for each in planned] == [
        (1, 1, 0.0), (2, 1, 0.0), (3, 2, 60.0),
    ]  # fmt: skip
    assert planned[2].reason == "Step 2 of important: 1 min without an acknowledgement."
    assert steps.sentence(planned) == "At once: C1 and C2; 1 min without an acknowledgement: C3."
    assert [each.after for each in steps.plan(Preferences(), [CALL], "critical")] == [0.0]
    assert {each.after for each in steps.plan(Preferences(), [PHONE, CALL], "high")} == {0.0}
    assert steps.plan(Preferences(important_from="high"), [PHONE, CALL], "high")[1].after == 60.0


def test_steps_whose_channels_are_gone_do_not_make_the_others_wait_or_be_lost() -> None:
    wants = Preferences(important=(Step(channel=9), Step(channel=1, wait=5), Step(channel=3, wait=2)))
    planned = steps.plan(wants, [PHONE, CALL], "critical")
    assert [(each.channel.id, each.after) for each in planned] == [(1, 0.0), (3, 120.0)]
    assert [each.channel.id for each in steps.plan(wants, [LAPTOP], "critical")] == [2]
    assert steps.plan(wants, [], "critical") == ()


def test_a_later_step_says_why_it_goes_or_not() -> None:
    second = Stage(owner=1, which="important", number=2, after=60.0, thread="t")
    assert steps.goes(second, "", "").reason == "Step 2 of important: 1 min without an acknowledgement."
    kept = steps.goes(second, "Acknowledged by Anna.", "")
    assert (kept.send, kept.reason) == (False, "Step 2 of important was not sent: Acknowledged by Anna.")
    assert not steps.goes(second, "", "They have quiet hours until 7.").send
    first = msgspec.structs.replace(second, number=1, after=0.0)
    assert steps.goes(first, "Acknowledged by Anna.", "They want quiet.").send


@given(CHOSEN)
def test_minutes_and_steps_are_two_ways_to_say_the_same(chosen: dict[int, int]) -> None:
    assert steps.afters(steps.of_afters(chosen)) == chosen


@given(CHOSEN, st.sets(st.integers(1, 9), min_size=1))
def test_whoever_has_a_channel_is_told_at_once_and_each_channel_once(
    chosen: dict[int, int], there: set[int]
) -> None:
    wants = Preferences(important=steps.of_afters(chosen))
    planned = steps.plan(wants, [channel(number) for number in sorted(there)], "critical")
    assert planned[0].after == 0.0
    assert [each.after for each in planned] == sorted(each.after for each in planned)
    assert len({each.channel.id for each in planned}) == len(planned)
    assert all((each.number == 1) is (each.after == 0.0) for each in planned)
