"""Schedules and covers as they are kept: who may, what is refused, and what is told of gaps."""

from collections.abc import Mapping

import msgspec
import pytest
from tests.support.rotas import OFFICE, daily, instant, weekly

from vedette.accounts import service as accounts
from vedette.accounts.permissions import SYSTEM, Actor, Role
from vedette.core.clock import ManualClock
from vedette.core.errors import Conflict, Forbidden, Invalid, NotFound
from vedette.notify import service as notify
from vedette.oncall import covers, service
from vedette.oncall.types import (
    Cover,
    CoverKind,
    EscalationStep,
    Layer,
    PolicyDraft,
    Schedule,
    ScheduleDraft,
    StepKind,
)
from vedette.signals import service as signals
from vedette.signals.types import SignalState

NOON, HOUR, DAY = instant("2026-11-26T12:00"), 3_600.0, 86_400.0
Team = Mapping[str, Actor]


def on(schedule: Schedule, at: float = NOON) -> tuple[int, ...]:
    return service.on_call(schedule.id, at)


def whoever(team: Team, user: int) -> str:
    return next(name for name, actor in team.items() if actor.id == user)


def test_a_schedule_says_who_is_on_and_who_is_next(team: Team, web_schedule: Schedule) -> None:
    (turn,) = service.who_is_next(None, NOON)
    assert len(turn.now.people) == 1
    assert turn.then is not None
    assert turn.now.ends == instant("2026-11-30T09:00")
    assert turn.now.people == on(web_schedule)
    assert service.who_is_next(team["leo"].id, NOON) == ()
    assert service.who_is_next(turn.then.people[0], NOON)[0].schedule == web_schedule


def test_one_that_names_nobody_is_refused(team: Team) -> None:
    with pytest.raises(Invalid, match="names nobody"):
        service.create_schedule(SYSTEM, ScheduleDraft(name="Web", layers=(Layer(name="a"),)), NOON)
    with pytest.raises(Invalid, match="one to 10 layers"):
        service.create_schedule(SYSTEM, ScheduleDraft(name="Web"), NOON)
    with pytest.raises(Invalid, match="not in the team"):
        service.create_schedule(SYSTEM, ScheduleDraft(name="Web", layers=(weekly(999),)), NOON)
    with pytest.raises(Invalid, match="no time zone"):
        service.create_schedule(
            SYSTEM, ScheduleDraft(name="Web", zone="Mars/Base", layers=(weekly(team["mira"].id),)), NOON
        )


def test_who_may_what(team: Team, web_schedule: Schedule) -> None:
    draft = ScheduleDraft(name="Other", layers=web_schedule.layers)
    with pytest.raises(Forbidden):
        service.create_schedule(team["ada"], draft, NOON)
    with pytest.raises(Forbidden):
        service.take_over(team["leo"], cover(web_schedule, team["leo"].id), NOON)
    with pytest.raises(Forbidden, match="take over yourself"):
        service.take_over(team["ada"], cover(web_schedule, team["jonas"].id), NOON)
    service.take_over(team["jonas"], cover(web_schedule, team["ada"].id), NOON)  # an admin puts others on
    assert on(web_schedule) == (team["ada"].id,)


def cover(schedule: Schedule, user: int, **more: object) -> Cover:
    given: dict[str, object] = {"starts": NOON, "ends": NOON + HOUR, **more}
    return Cover(id=0, schedule=schedule.id, user=user, **given)  # type: ignore[arg-type]


def test_a_cover_holds_at_once_and_is_taken_back(team: Team, web_schedule: Schedule) -> None:
    before = on(web_schedule)
    made = service.take_over(team["ada"], cover(web_schedule, team["ada"].id, reason="a walk"), NOON)
    assert on(web_schedule) == (team["ada"].id,)
    assert on(web_schedule, NOON + HOUR) == before
    assert signals.moments(0, NOON + 1, room="oncall")[0].text.startswith(
        "Ada Holm takes over Web until 13:00"
    )
    service.drop_cover(team["ada"], made.id, NOON)
    assert on(web_schedule) == before
    actions = [entry.action for entry in accounts.audit_page().entries]
    assert actions[:3] == ["cover.delete", "cover.create", "schedule.create"]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"ends": NOON - HOUR}, "ends after it starts"),
        ({"ends": NOON + 91 * DAY}, "90 days"),
        ({"starts": float("nan")}, "ends after it starts"),
        ({"reason": "a\nb"}, "one line"),
        ({"kind": CoverKind.SWAP}, "asked for"),
    ],
)
def test_covers_that_do_not_fit(
    team: Team, web_schedule: Schedule, wrong: dict[str, object], said: str
) -> None:
    with pytest.raises(Invalid, match=said):
        service.take_over(team["ada"], cover(web_schedule, team["ada"].id, **wrong), NOON)


def test_a_shadow_is_never_alone(team: Team, web_schedule: Schedule) -> None:
    service.take_over(team["jonas"], cover(web_schedule, team["leo"].id, kind=CoverKind.SHADOW), NOON)
    assert team["leo"].id not in on(web_schedule)
    assert service.shadows(web_schedule.id, NOON) == (team["leo"].id,)


def test_a_swap_holds_once_both_agree(team: Team, web_schedule: Schedule) -> None:
    first, second = (one.people[0] for one in service.shifts(web_schedule.id, NOON, NOON + 9 * DAY)[:2])
    asker, asked = team[whoever(team, first)], team[whoever(team, second)]
    mine, theirs = (NOON + HOUR, NOON + 2 * HOUR), (NOON + 5 * DAY, NOON + 5 * DAY + HOUR)
    half = service.ask_swap(asker, web_schedule.id, mine, asked.id, theirs, "", NOON)
    assert on(web_schedule, mine[0]) == (asker.id,)
    with pytest.raises(Forbidden, match="Only who was asked"):
        service.accept_swap(asker, half.id, NOON)
    service.accept_swap(asked, half.id, NOON)
    assert on(web_schedule, mine[0]) == (asked.id,)
    assert on(web_schedule, theirs[0]) == (asker.id,)
    with pytest.raises(Conflict):
        service.accept_swap(asked, half.id, NOON)
    service.drop_cover(asker, half.id, NOON)  # both halves go
    assert service.covers(0, NOON + 90 * DAY) == ()


def test_the_name_of_a_maker_opens_nothing(team: Team, web_schedule: Schedule) -> None:
    made = service.take_over(team["jonas"], cover(web_schedule, team["mira"].id), NOON)
    namesake = msgspec.structs.replace(team["ada"], name=team["jonas"].name)
    with pytest.raises(Forbidden, match="somebody else's"):
        service.drop_cover(namesake, made.id, NOON)
    renamed = msgspec.structs.replace(team["jonas"], name="J.")
    service.drop_cover(renamed, made.id, NOON)


def test_who_made_a_cover_takes_it_back_after_they_lost_a_role(team: Team, web_schedule: Schedule) -> None:
    made = service.take_over(team["jonas"], cover(web_schedule, team["mira"].id), NOON)
    service.drop_cover(msgspec.structs.replace(team["jonas"], role=Role.MEMBER), made.id, NOON)
    assert service.covers(0, NOON + 90 * DAY) == ()


def swap(team: Team, schedule: Schedule, ahead: float = HOUR) -> tuple[Actor, Actor, Cover]:
    """Let who is on ask who is on next for a swap of an hour each; return both, and the half that gives."""
    first, second = (one.people[0] for one in service.shifts(schedule.id, NOON, NOON + 9 * DAY)[:2])
    asker, asked = team[whoever(team, first)], team[whoever(team, second)]
    mine, theirs = (NOON + ahead, NOON + ahead + HOUR), (NOON + 5 * DAY, NOON + 5 * DAY + HOUR)
    return asker, asked, service.ask_swap(asker, schedule.id, mine, asked.id, theirs, "", NOON)


def test_a_swap_that_has_begun_is_neither_asked_for_nor_accepted(team: Team, web_schedule: Schedule) -> None:
    _, asked, half = swap(team, web_schedule)
    with pytest.raises(Conflict, match="has begun"):
        service.accept_swap(asked, half.id, NOON + HOUR + 1)
    with pytest.raises(Invalid, match="has begun"):
        swap(team, web_schedule, ahead=-60)


def test_a_swap_of_who_is_not_on_any_more_is_not_accepted(team: Team, web_schedule: Schedule) -> None:
    _, asked, half = swap(team, web_schedule)
    service.take_over(team["jonas"], cover(web_schedule, team["leo"].id, ends=NOON + DAY), NOON)
    with pytest.raises(Conflict, match="not on call any more"):
        service.accept_swap(asked, half.id, NOON)


def test_what_one_person_asks_for_is_bounded(team: Team, web_schedule: Schedule) -> None:
    for n in range(covers.MOST_ASKED):
        swap(team, web_schedule, ahead=HOUR + n)
    with pytest.raises(Invalid, match="take one back first"):
        swap(team, web_schedule)


def test_who_is_asked_hears_of_it_on_their_own_channel(team: Team, web_schedule: Schedule) -> None:
    first, second = (one.people[0] for one in service.shifts(web_schedule.id, NOON, NOON + 9 * DAY)[:2])
    asker, asked = team[whoever(team, first)], team[whoever(team, second)]
    notify.create_own(asked, "webhook", "mine", {"url": "https://hooks.example/mine"}, NOON)
    theirs = (NOON + 5 * DAY, NOON + 5 * DAY + HOUR)
    service.ask_swap(
        asker, web_schedule.id, (NOON + HOUR, NOON + 2 * HOUR), asked.id, theirs, "a wedding.", NOON
    )
    deliveries = notify.deliveries(owner=asked.id).deliveries
    assert [one.title for one in deliveries] == [f"{asker.name} asks you to swap in Web"]


def test_a_swap_of_a_time_one_is_not_on_is_refused(team: Team, web_schedule: Schedule) -> None:
    off = next(actor for name, actor in team.items() if actor.id not in on(web_schedule) and name != "leo")
    with pytest.raises(Invalid, match="You are not on call then"):
        service.ask_swap(
            off, web_schedule.id, (NOON, NOON + HOUR), team["leo"].id, (NOON + DAY, NOON + 2 * DAY), "", NOON
        )


def test_who_left_is_skipped_and_the_gap_is_told_once(team: Team, clock: ManualClock) -> None:
    schedule = service.create_schedule(
        SYSTEM, ScheduleDraft(name="Alone", layers=(weekly(team["ada"].id),)), NOON
    )
    assert on(schedule) == (team["ada"].id,)
    assert service.warn_of_gaps(NOON) == 0
    accounts.set_active(SYSTEM, team["ada"].id, active=False, now=NOON)
    clock.forward(3)
    assert on(schedule) == ()
    assert service.warn_of_gaps(NOON + 60) == 1
    assert service.warn_of_gaps(NOON + 660) == 0  # it goes on, and is not told again
    ((_, signal),) = signals.between(0, NOON + 61)
    assert (signal.state, signal.subject) == (SignalState.FIRING, "Alone")
    assert "nobody is on call from" in signal.title
    service.update_schedule(
        SYSTEM, schedule.id, ScheduleDraft(name="Alone", layers=(weekly(team["mira"].id),)), NOON + 700
    )
    assert service.warn_of_gaps(NOON + 720) == 1
    assert signals.between(0, NOON + 721)[-1][1].state is SignalState.RESOLVED


def test_gaps_of_a_schedule_that_goes_or_is_renamed_are_over(team: Team) -> None:
    office = ScheduleDraft(name="Office", layers=(daily(team["ada"].id, spans=(OFFICE,)),))
    schedule = service.create_schedule(SYSTEM, office, NOON)
    service.warn_of_gaps(NOON)
    renamed = ScheduleDraft(name="Shop", layers=office.layers)
    service.update_schedule(SYSTEM, schedule.id, renamed, NOON + 1)
    service.warn_of_gaps(NOON + 2)
    service.remove_schedule(SYSTEM, schedule.id, NOON + 3)
    told = [signal for _, signal in signals.between(0, NOON + 4)]
    for name in ("Office", "Shop"):
        states = [one.state for one in told if one.labels["schedule"] == name]
        assert states == [SignalState.FIRING] * 10 + [SignalState.RESOLVED] * 10


def test_each_gap_of_two_weeks_is_told_and_forgotten_when_it_is_over(team: Team, clock: ManualClock) -> None:
    office = daily(team["ada"].id, spans=(OFFICE,))
    service.create_schedule(SYSTEM, ScheduleDraft(name="Office", layers=(office,)), NOON)
    assert service.warn_of_gaps(NOON) == 10
    assert service.warn_of_gaps(NOON) == 0
    clock.forward(DAY)
    told = [one for _, one in signals.between(NOON + 1, NOON + DAY + 1)]
    assert service.warn_of_gaps(NOON + DAY) == 2  # the night that is over, and one that came near
    told = [one for _, one in signals.between(NOON + 1, NOON + DAY + 1)]
    assert {one.state for one in told} == {SignalState.FIRING, SignalState.RESOLVED}


def test_what_being_on_call_cost(team: Team, web_schedule: Schedule) -> None:
    found = service.load(instant("2026-11-02T09:00"), instant("2026-11-30T09:00"))
    assert sum(one.hours for one in found.values()) == 28 * 24
    assert sum(one.nights for one in found.values()) == 28
    assert sum(one.weekends for one in found.values()) == 4
    assert all(one.pages == 0 for one in found.values())


def test_a_schedule_that_is_gone(team: Team, web_schedule: Schedule, clock: ManualClock) -> None:
    service.remove_schedule(SYSTEM, web_schedule.id, NOON)
    clock.forward(3)
    with pytest.raises(NotFound):
        on(web_schedule)


def test_a_name_is_taken_once(team: Team, web_schedule: Schedule) -> None:
    with pytest.raises(Conflict, match="'Web' already"):
        service.create_schedule(SYSTEM, ScheduleDraft(name="Web", layers=web_schedule.layers), NOON)


def test_a_schedule_that_a_policy_pages_by_stays(team: Team, web_schedule: Schedule) -> None:
    step = EscalationStep(kind=StepKind.NOTIFY_SCHEDULE, schedule=web_schedule.id)
    made = service.create_policy(SYSTEM, PolicyDraft(name="Night", steps=(step,)), NOON)
    with pytest.raises(Conflict, match="The policy Night pages who is on call in Web"):
        service.remove_schedule(SYSTEM, web_schedule.id, NOON)
    service.delete_policy(SYSTEM, made.id, NOON)
    service.remove_schedule(SYSTEM, web_schedule.id, NOON)
