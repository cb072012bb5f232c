"""Policies before they are kept: what is wrong, how they read aloud, when a span holds, what a try foresees."""

import msgspec
import pytest
from tests.support.rotas import instant

from vedette.notify.types import Notice
from vedette.oncall import foreseeing, hours, policy_fitness, reading_aloud
from vedette.oncall.escalation import Facts
from vedette.oncall.policy_fitness import There
from vedette.oncall.reading_aloud import Called
from vedette.oncall.types import (
    Escalation,
    EscalationState,
    EscalationStep,
    Policy,
    PolicyDraft,
    Span,
    StepKind,
)

THERE = There(users=(1, 2), schedules=(7,), channels=(9,), taken=("Taken",))
CALLED = Called(users={1: "Mira", 2: "Jonas"}, schedules={7: "Shop"}, channels={9: "Ops"})
PAGE = EscalationStep(kind=StepKind.NOTIFY_SCHEDULE, schedule=7)
WAIT = EscalationStep(kind=StepKind.WAIT, minutes=5)
TEAM = EscalationStep(kind=StepKind.NOTIFY_TEAM, team="admin")


def draft(*steps: EscalationStep, **more: object) -> PolicyDraft:
    return PolicyDraft(**{"name": "Night", "steps": steps, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("made", "places"),
    [
        (draft(PAGE, WAIT, TEAM, repeats=5), set()),
        (draft(), {"steps"}),
        (draft(WAIT), {"steps"}),
        (draft(*[PAGE] * 31), {"steps"}),
        (draft(PAGE, name=" "), {"name"}),
        (draft(PAGE, name="Taken"), {"name"}),
        (draft(PAGE, repeats=1), {"repeats"}),
        (draft(PAGE, WAIT, repeats=6), {"repeats"}),
        (draft(PAGE, ack_minutes=-1), {"ack_minutes"}),
        (draft(PAGE, EscalationStep(kind=StepKind.WAIT)), {"step 2"}),
        (draft(PAGE, EscalationStep(kind=StepKind.NOTIFY_USERS)), {"step 2"}),
        (draft(PAGE, EscalationStep(kind=StepKind.ROUND_ROBIN, users=(1, 3))), {"step 2"}),
        (draft(EscalationStep(kind=StepKind.NOTIFY_TEAM, team="boss")), {"step 1"}),
        (draft(EscalationStep(kind=StepKind.NOTIFY_SCHEDULE, schedule=8)), {"step 1"}),
        (draft(EscalationStep(kind=StepKind.NOTIFY_CHANNEL)), {"step 1"}),
        (draft(PAGE, EscalationStep(kind=StepKind.IF_TIME)), {"step 2"}),
        (draft(PAGE, EscalationStep(kind=StepKind.IF_MANY, minutes=5)), {"step 2"}),
        (draft(PAGE, EscalationStep(kind=StepKind.DECLARE_INCIDENT, severity=5)), {"step 2"}),
        (draft(PAGE, EscalationStep(kind=StepKind.DECLARE_INCIDENT, severity=4)), set()),
        *(
            (draft(PAGE, EscalationStep(kind=StepKind.WEBHOOK, url=url)), {"step 2"})
            for url in ("", "ftp://a", "https://", "https://user:secret@a.example/", "https://a b", "//a")
        ),
        (draft(PAGE, EscalationStep(kind=StepKind.WEBHOOK, url="https://a.example:8/x?y=1")), set()),
    ],
)
def test_what_is_wrong_is_told_at_its_place(made: PolicyDraft, places: set[str]) -> None:
    assert set(policy_fitness.problems(made, THERE)) == places


def test_a_policy_reads_itself_aloud() -> None:
    assert reading_aloud.sentence(draft(PAGE, WAIT, TEAM, repeats=2, ack_minutes=90), CALLED) == (
        "Pages who is on call in Shop at once; after 5 min without an answer pages everybody from admin up; "
        "then all of it again, 2 times. An acknowledgement holds 1 h 30 min."
    )
    every = [
        EscalationStep(kind=StepKind.NOTIFY_USERS, users=(1, 2, 3)),
        EscalationStep(kind=StepKind.ROUND_ROBIN, users=(2,)),
        EscalationStep(kind=StepKind.NOTIFY_CHANNEL, channel=9),
        EscalationStep(kind=StepKind.IF_MANY, count=10, minutes=5, skips=2),
        EscalationStep(kind=StepKind.WEBHOOK, url="https://a.example"),
        EscalationStep(kind=StepKind.DECLARE_INCIDENT),
    ]
    assert reading_aloud.sentence(draft(*every), CALLED) == (
        "Pages Mira, Jonas and somebody who was removed at once; pages in turn one of Jonas; tells Ops; goes on when "
        "more than 10 alerts came in 5 min, else leaves out the next 2 steps; calls a webhook; declares an incident."
    )
    assert reading_aloud.sentence(draft(), CALLED) == "It does nothing yet: add a step."


@pytest.mark.parametrize(
    ("wall", "fold", "holds"),
    [
        ("2026-11-23T21:59", 0, False),  # a Monday
        ("2026-11-23T22:00", 0, True),
        ("2026-11-24T05:59", 0, True),
        ("2026-11-24T06:00", 0, False),
        ("2026-11-28T23:00", 0, False),  # a Saturday
        ("2026-11-28T03:00", 0, True),  # still Friday's
        ("2026-10-25T02:30", 0, False),
        ("2026-10-25T02:30", 1, False),
    ],
)
def test_a_span_over_midnight_holds_by_the_wall(wall: str, fold: int, holds: bool) -> None:
    nights = (Span(days=(0, 1, 2, 3, 4), start="22:00", end="06:00"),)
    assert hours.inside(nights, "Europe/Berlin", instant(wall, "Europe/Berlin", fold)) is holds


def test_the_hour_that_comes_twice_lies_in_a_span_both_times() -> None:
    sundays = (Span(days=(6,), start="02:00", end="03:00"),)
    for fold in (0, 1):
        assert hours.inside(sundays, "Europe/Berlin", instant("2026-10-25T02:30", "Europe/Berlin", fold))


def test_a_try_foresees_what_a_night_would_bring() -> None:
    policy = Policy(id=0, name="Night", steps=(PAGE, WAIT, TEAM), repeats=0)
    notice = Notice(title="", text="", severity="critical", link="/", at=0.0)
    begun = Escalation(
        id=0, thread="", policy=policy, state=EscalationState.RUNNING, step=0, round=0, due=0.0, started_at=0.0,
        notice=notice,
    )  # fmt: skip
    facts = Facts(names={1: "Mira"}, reachable=frozenset({1}), team=(1,), on_call=(), place="Shop")

    def at(_: Escalation, __: float, told: bool) -> Facts:
        return msgspec.structs.replace(facts, told=told)

    found = foreseeing.foresee(begun, at)
    assert [(each.at, each.text, each.loud) for each in found] == [
        (0.0, "Step 1 is left out: NOBODY IS ON CALL in Shop.", True),
        (300.0, "Step 3: Mira is paged: nobody answered in 5 min.", False),
        (300.0, "The policy Night is at its end; nobody answered.", False),
    ]
