"""Calendars of others as they are kept: what fails leaves what was read before, and asks again with conditions."""

from collections.abc import Mapping

import pytest
from tests.support.rotas import instant

from vedette.accounts.permissions import SYSTEM, Actor
from vedette.core.clock import ManualClock
from vedette.core.errors import Conflict, Forbidden, Invalid
from vedette.oncall import calendars, service
from vedette.oncall.models import CalendarRow
from vedette.oncall.types import Layer, ScheduleDraft
from vedette.plumbing.net.memory import MemoryNet, Request
from vedette.plumbing.net.port import NetError, Response
from vedette.plumbing.testing import MemoryPorts

NOON, QUARTER, DAY = instant("2026-11-26T12:00"), 900.0, 86_400.0
Team = Mapping[str, Actor]


def text(name: str, rule: str = "FREQ=DAILY") -> bytes:
    return (
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:a\r\nDTSTART:20261101T080000Z\r\nDTEND:20261102T080000Z\r\n"
        f"RRULE:{rule}\r\nSUMMARY:{name}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    ).encode()


@pytest.fixture
def net(house: MemoryPorts) -> MemoryNet:
    assert isinstance(house.net, MemoryNet)
    return house.net


def answering(net: MemoryNet, answer: Response | NetError) -> None:
    net.answer = lambda _: answer


def refresh(clock: ManualClock) -> str:
    """Let a quarter of an hour go by and return what is wrong with the calendar then."""
    clock.forward(QUARTER)
    service.refresh_calendars(clock.now())
    (found,) = service.calendars()
    return found.problem


def test_a_layer_takes_who_is_on_from_an_address(team: Team, net: MemoryNet, clock: ManualClock) -> None:
    answering(net, Response(200, {"etag": '"1"'}, text("Ada Holm")))
    made = service.add_calendar(SYSTEM, "Shifts", "webcal://cal.example/secret.ics", "", NOON)
    assert net.requests[-1].url == "https://cal.example/secret.ics"
    layer = Layer(name="from outside", calendar=made.id)
    schedule = service.create_schedule(SYSTEM, ScheduleDraft(name="Web", layers=(layer,)), NOON)
    assert service.on_call(schedule.id, NOON) == (team["ada"].id,)
    (shown,) = service.calendars()
    assert shown.host == "cal.example"
    assert "secret" not in repr(shown)
    with pytest.raises(Conflict, match="Web takes who is on"):
        service.remove_calendar(SYSTEM, made.id, NOON)

    assert refresh(clock) == ""  # the first by the job: unconditional, and it remembers
    answering(net, Response(304, {}, b""))
    assert refresh(clock) == ""
    assert net.requests[-1].headers["if-none-match"] == '"1"'

    for wrong, said in (
        (NetError("cal.example did not answer in time.", permanent=False), "did not answer in time"),
        (Response(500, {}, b""), "answered 500"),
        (
            Response(200, {}, text("Mira Lind", rule="FREQ=NEVER")),
            "Line 6: the recurrence rule cannot be used",
        ),
        (Response(200, {}, b"x" * 1_048_577), "at most 1 MiB"),
    ):
        answering(net, wrong)
        assert said in refresh(clock)
        assert service.on_call(schedule.id, clock.now()) == (team["ada"].id,)

    answering(net, Response(200, {}, text("Jonas Berg")))
    assert refresh(clock) == ""
    clock.forward(3)
    assert service.on_call(schedule.id, clock.now()) == (team["jonas"].id,)


def test_it_is_not_asked_again_before_its_time(team: Team, net: MemoryNet, clock: ManualClock) -> None:
    answering(net, Response(200, {}, text("Ada Holm")))
    service.add_calendar(SYSTEM, "Shifts", "https://cal.example/a.ics", "", NOON)
    asked: list[Request] = net.requests[:]
    assert service.refresh_calendars(NOON + QUARTER - 1) == 0
    assert net.requests == asked


def test_a_text_is_read_at_once(team: Team, net: MemoryNet) -> None:
    service.add_calendar(SYSTEM, "Pasted", "", text("Ada Holm").decode(), NOON)
    assert service.refresh_calendars(NOON + 10 * QUARTER) == 0
    with pytest.raises(Invalid) as wrong:
        service.add_calendar(SYSTEM, "Broken", "", text("a", rule="").decode(), NOON)
    assert set(wrong.value.fields) == {"text"}


@pytest.mark.parametrize(
    ("name", "url", "given", "field"),
    [
        ("", "https://a.example/", "", "name"),
        ("a", "", "", "url"),
        ("a", "https://a.example/", "BEGIN:VCALENDAR", "url"),
        ("a", "file:///etc/passwd", "", "url"),
    ],
)
def test_what_is_refused(team: Team, name: str, url: str, given: str, field: str) -> None:
    with pytest.raises(Invalid) as wrong:
        service.add_calendar(SYSTEM, name, url, given, NOON)
    assert field in wrong.value.fields
    with pytest.raises(Forbidden):
        service.add_calendar(team["ada"], "a", "https://a.example/", "", NOON)


def test_what_it_says_is_laid_out_anew_each_day(team: Team, net: MemoryNet, clock: ManualClock) -> None:
    made = service.add_calendar(SYSTEM, "Pasted", "", text("Ada Holm").decode(), NOON)
    last = NOON + calendars.AHEAD
    assert calendars.events({made.id}, last + DAY, last + 2 * DAY)[made.id] == ()
    assert service.refresh_calendars(NOON + 2 * DAY) == 1
    assert service.refresh_calendars(NOON + 2 * DAY) == 0
    assert calendars.events({made.id}, last + DAY, last + 2 * DAY)[made.id]


def test_one_is_read_at_a_time_and_each_in_its_turn(team: Team, net: MemoryNet) -> None:
    answering(net, Response(200, {}, text("Ada Holm")))
    for name in ("a", "b", "c"):
        service.add_calendar(SYSTEM, name, f"https://cal.example/{name}.ics", "", NOON)
    net.requests.clear()
    answering(net, NetError("cal.example did not answer in time.", permanent=False))
    assert [service.refresh_calendars(NOON + QUARTER + n) for n in range(4)] == [1, 1, 1, 0]
    assert [one.url[-5:] for one in net.requests] == ["a.ics", "b.ics", "c.ics"]


def test_what_fails_for_days_keeps_what_was_read_laid_out(team: Team, net: MemoryNet) -> None:
    answering(net, Response(200, {}, text("Ada Holm")))
    made = service.add_calendar(SYSTEM, "a", "https://cal.example/a.ics", "", NOON)
    answering(net, NetError("cal.example did not answer in time.", permanent=False))
    assert [service.refresh_calendars(NOON + 3 * DAY + n) for n in range(2)] == [1, 0]
    late = NOON + calendars.AHEAD + 2 * DAY
    assert calendars.events({made.id}, late, late + DAY)[made.id]


def test_nobody_waits_for_a_text_to_be_taken_apart(team: Team, net: MemoryNet) -> None:
    """Who is on is looked up in what was laid out; the text is not even read."""
    made = service.add_calendar(SYSTEM, "Pasted", "", text("Ada Holm").decode(), NOON)
    layer = Layer(name="from outside", calendar=made.id)
    schedule = service.create_schedule(SYSTEM, ScheduleDraft(name="Web", layers=(layer,)), NOON)
    CalendarRow.objects.update(text="no calendar")
    assert service.on_call(schedule.id, NOON) == (team["ada"].id,)
