"""Who is on call: what replays of real complaints say, and what holds of every schedule."""

import datetime as dt
import itertools
from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.support.rotas import (
    ADA,
    JONAS,
    LEO,
    MIRA,
    OFFICE,
    WORKDAYS,
    Stepped,
    daily,
    instant,
    rota,
    weekly,
)

from vedette.core import zones
from vedette.oncall import events, rotating
from vedette.oncall.types import Cover, CoverKind, Event, Layer, RotationKind, Schedule, Span

DAY, HOUR = 86_400.0, 3_600.0
#: A zone and the eve of one of its clock changes; the last changes by half an hour.
CHANGES = (
    ("Europe/London", "2026-03-28T12:00"), ("Europe/London", "2026-10-24T12:00"), ("America/Chicago", "2026-03-07T12:00"),
    ("America/Chicago", "2026-10-31T12:00"), ("Asia/Kathmandu", "2026-03-07T12:00"), ("Australia/Lord_Howe", "2026-04-04T12:00"),
    ("Australia/Lord_Howe", "2026-10-03T12:00"), ("Europe/Berlin", "2026-10-24T12:00"), ("Africa/Casablanca", "2026-02-14T12:00"),
)  # fmt: skip
WALLS = st.builds(lambda hour, quarter: f"{hour:02}:{quarter * 15:02}", st.integers(0, 23), st.integers(0, 3))
SPANS = st.builds(
    lambda days, start, end: Span(days=tuple(days), start=start, end=end),
    st.lists(st.integers(0, 6), min_size=1, unique=True), WALLS, WALLS,
)  # fmt: skip
PEOPLE = st.lists(st.tuples(st.integers(1, 4)), min_size=1, max_size=4).map(tuple)
LAYERS = st.builds(
    Layer, name=st.sampled_from(("a", "b")), people=PEOPLE, rotation=st.sampled_from(RotationKind), every=st.integers(1, 3),
    turns_on=st.integers(0, 6), turns_at=WALLS, first=st.sampled_from(("", "2026-03-04", "2026-10-20")),
    spans=st.lists(SPANS, max_size=2).map(tuple), counts_spans=st.booleans(),
)  # fmt: skip


def covers(base: float) -> st.SearchStrategy[list[Cover]]:
    return st.lists(
        st.builds(
            lambda n, user, at, quarters, kind, instead: Cover(
                id=n, schedule=1, user=user, starts=base + at * 900, ends=base + (at + quarters) * 900, kind=kind,
                instead=instead, made_at=float(n),
            ),
            st.integers(1, 9), st.integers(1, 5), st.integers(-50, 300), st.integers(1, 200),
            st.sampled_from(CoverKind), st.none() | st.integers(1, 4),
        ), max_size=4,
    )  # fmt: skip


@given(st.data())
@settings(max_examples=30, deadline=None)
def test_shifts_partition_a_range_and_agree_with_who_is_on(data: st.DataObject) -> None:
    zone, eve = data.draw(st.sampled_from(CHANGES))
    start = instant(eve, zone)
    made = rota(
        *data.draw(st.lists(LAYERS, max_size=3)), zone=zone, covers=data.draw(covers(start)),
        active=data.draw(st.none() | st.frozensets(st.integers(1, 5))),
    )  # fmt: skip
    end = start + data.draw(st.integers(1, 40)) * 6 * HOUR
    found = rotating.shifts(made, start, end)
    assert (found[0].starts, found[-1].ends) == (start, end)
    assert all(one.ends == other.starts for one, other in itertools.pairwise(found))
    assert all(one.starts < one.ends for one in found)
    told = [(one.people, one.shadows, one.layer) for one in found]
    assert all(one != other for one, other in itertools.pairwise(told))
    for one in found:
        for at in (one.starts, (one.starts + one.ends) / 2, one.ends - 0.5):
            now = rotating.at(made, at)
            assert (now.people, now.shadows, now.layer) == (one.people, one.shadows, one.layer)
            lasts = rotating.lasting(made, at)
            assert lasts.people == one.people
            assert at < lasts.ends <= max(one.ends, at + DAY)


@given(st.sampled_from(CHANGES), st.sampled_from(RotationKind), st.integers(1, 3), WALLS, st.integers(0, 6))
@settings(max_examples=25, deadline=None)
def test_turns_agree_with_a_clock_that_is_read_step_by_step(
    change: tuple[str, str], kind: RotationKind, every: int, wall: str, weekday: int
) -> None:
    zone, eve = change
    layer = weekly(MIRA, JONAS, ADA, rotation=kind, every=every, turns_at=wall, turns_on=weekday)
    start = instant(eve, zone) - DAY
    clock, made = Stepped(zone, start, start + 4 * DAY), rota(layer, zone=zone)
    day = dt.date(2024, 1, 1)
    if kind is RotationKind.WEEKLY:
        day -= dt.timedelta(days=(day.weekday() - weekday) % 7)
    anchor = dt.datetime.combine(day, dt.time.fromisoformat(wall))
    length = dt.timedelta(days=every * (7 if kind is RotationKind.WEEKLY else 1))
    for place in clock.places:
        expected = layer.people[clock.turn(place, anchor, length) % 3]
        assert rotating.at(made, clock.instants[place]).people == expected


@given(st.sampled_from(CHANGES), st.lists(SPANS, min_size=1, max_size=2))
@example(
    ("Europe/London", "2026-10-24T12:00"), [Span(days=(5,), start="01:00", end="01:00")]
)  # back to 01:00
@example(("Australia/Lord_Howe", "2026-04-04T12:00"), [Span(days=(5,), start="12:00", end="01:30")])
@settings(max_examples=25, deadline=None)
def test_spans_agree_with_a_clock_that_is_read_step_by_step(
    change: tuple[str, str], spans: list[Span]
) -> None:
    zone, eve = change
    start = instant(eve, zone) - DAY
    for counts in (False, True):
        made = rota(weekly(MIRA, spans=tuple(spans), counts_spans=counts), zone=zone)
        clock = Stepped(zone, start, start + 4 * DAY)
        for place in clock.places:
            expected = any(clock.holds(place, span) for span in spans)
            assert bool(rotating.at(made, clock.instants[place]).people) is expected, (
                counts,
                clock.come[place],
            )


@given(LAYERS, st.sampled_from(CHANGES))
@settings(max_examples=30, deadline=None)
def test_a_full_layer_leaves_no_gap(layer: Layer, change: tuple[str, str]) -> None:
    zone, eve = change
    full = msgspec.structs.replace(layer, spans=(), counts_spans=False, first="")
    start = instant(eve, zone)
    assert not rotating.gaps(rota(full, zone=zone), start, start + 60 * DAY)


def test_office_hours_in_london_keep_their_wall_time() -> None:
    made = rota(daily(MIRA, spans=(OFFICE,)), zone="Europe/London")
    for monday in ("2026-03-23", "2026-03-30", "2026-10-19", "2026-10-26"):
        start = instant(f"{monday}T00:00", "Europe/London")
        on = [one for one in rotating.shifts(made, start, start + 5 * DAY) if one.people]
        assert len(on) == 5
        for one in on:
            assert walls_of(one.starts, "Europe/London") == "08:30"
            assert walls_of(one.ends, "Europe/London") == "17:30"


def walls_of(at: float, zone: str) -> str:
    import zoneinfo

    return f"{dt.datetime.fromtimestamp(at, zoneinfo.ZoneInfo(zone)):%H:%M}"


@pytest.mark.parametrize("eve", ["2026-03-02", "2026-10-19"])
def test_a_week_in_chicago_has_no_gap_and_no_overlap_where_the_clock_changes(eve: str) -> None:
    zone = "America/Chicago"
    made = rota(weekly(MIRA, JONAS, turns_on=6, turns_at="02:00"), zone=zone)
    start = instant(f"{eve}T09:00", zone)
    found = rotating.shifts(made, start, start + 21 * DAY)
    assert [one.people for one in found] == [found[0].people, found[1].people] * 2
    lengths = {(one.ends - one.starts) / HOUR for one in found[1:-1]}
    # On 8 March 2:00 does not come: the turn changes at the jump. On 1 November it comes once, after the hour is doubled.
    assert lengths <= {167.0, 168.0, 169.0}
    assert len(lengths) == 2


def test_the_hour_that_comes_twice_starts_at_its_first_and_ends_at_its_last() -> None:
    zone, day = "Europe/Berlin", dt.date(2026, 10, 25).toordinal()
    assert zones.first(day, "02:30", zone) == instant("2026-10-25T02:30", zone)
    assert zones.last(day, "02:30", zone) == instant("2026-10-25T02:30", zone, fold=1)
    night = Span(days=(6,), start="02:15", end="02:45")
    (on,) = [one for one in week_of(night, zone) if one.people]
    assert on.ends - on.starts == 90 * 60


def test_a_time_that_never_comes_is_the_jump() -> None:
    zone, day = "Europe/Berlin", dt.date(2026, 3, 29).toordinal()
    assert (
        zones.first(day, "02:30", zone) == instant("2026-03-29T03:00", zone) == zones.last(day, "02:30", zone)
    )
    lord_howe = dt.date(2026, 10, 4).toordinal()
    jump = instant("2026-10-04T02:30", "Australia/Lord_Howe")
    assert zones.first(lord_howe, "02:15", "Australia/Lord_Howe") == jump
    samoa = dt.date(2011, 12, 30).toordinal()  # a day that never came
    assert zones.first(samoa, "12:00", "Pacific/Apia") == instant("2011-12-31T00:00", "Pacific/Apia")


def week_of(span: Span, zone: str) -> tuple[Any, ...]:
    start = instant("2026-10-23T00:00", zone)
    return rotating.shifts(rota(weekly(MIRA, spans=(span,)), zone=zone), start, start + 5 * DAY)


def test_a_layer_of_weekdays_does_not_rotate_on_weekends() -> None:
    layer = daily(MIRA, JONAS, ADA, LEO, first="2026-11-26", spans=(OFFICE,), counts_spans=True)  # a Thursday
    found = rotating.shifts(rota(layer), instant("2026-11-26T00:00"), instant("2026-12-03T00:00"))
    assert [one.people for one in found if one.people] == [(MIRA,), (JONAS,), (ADA,), (LEO,), (MIRA,)]
    plain = msgspec.structs.replace(layer, counts_spans=False)
    by_days = rotating.shifts(rota(plain), instant("2026-11-30T00:00"), instant("2026-11-30T09:00"))
    assert by_days[-1].people == (
        LEO,
    )  # four days after the first, two of them a weekend: its last hour of the day before


def test_a_later_layer_stands_above_an_earlier_one_where_it_holds() -> None:
    nights = Span(days=(0, 1, 2, 3, 4, 5, 6), start="20:00", end="08:00")
    made = rota(weekly(MIRA), msgspec.structs.replace(weekly(JONAS, spans=(nights,)), name="nights"))
    found = rotating.shifts(made, instant("2026-11-26T12:00"), instant("2026-11-27T12:00"))
    assert [(one.people, one.layer) for one in found] == [
        ((MIRA,), "weekly"),
        ((JONAS,), "nights"),
        ((MIRA,), "weekly"),
    ]


def test_a_cover_that_ends_within_a_shift_gives_it_back() -> None:
    start = instant("2026-11-26T12:00")
    cover = Cover(id=1, schedule=1, user=JONAS, starts=start + HOUR, ends=start + 3 * HOUR)
    found = rotating.shifts(rota(weekly(MIRA), covers=[cover]), start, start + 6 * HOUR)
    assert [(one.people, one.layer) for one in found] == [
        ((MIRA,), "weekly"),
        ((JONAS,), "override"),
        ((MIRA,), "weekly"),
    ]
    assert found[1].starts == start + HOUR
    assert found[2].starts == start + 3 * HOUR


def test_a_cover_for_one_of_two_leaves_the_other() -> None:
    start = instant("2026-11-26T12:00")
    pair = Layer(name="pair", people=((MIRA, ADA),))
    cover = Cover(id=1, schedule=1, user=JONAS, instead=ADA, starts=start, ends=start + HOUR)
    assert rotating.at(rota(pair, covers=[cover]), start).people == (MIRA, JONAS)
    nobody = msgspec.structs.replace(cover, instead=LEO)
    assert rotating.at(rota(pair, covers=[nobody]), start).layer == "pair"


def test_a_shadow_listens_and_is_never_alone_and_what_is_asked_changes_nothing() -> None:
    start = instant("2026-11-26T12:00")
    shadow = Cover(id=1, schedule=1, user=JONAS, kind=CoverKind.SHADOW, starts=start, ends=start + HOUR)
    on = rotating.at(rota(weekly(MIRA), covers=[shadow]), start)
    assert (on.people, on.shadows) == ((MIRA,), (JONAS,))
    asked = msgspec.structs.replace(shadow, kind=CoverKind.ASKED)
    assert rotating.at(rota(weekly(MIRA), covers=[asked]), start).people == (MIRA,)
    assert rotating.at(rota(covers=[shadow]), start).people == ()


def test_who_left_the_team_is_skipped_and_a_turn_of_nobody_is_a_gap() -> None:
    start = instant("2026-11-26T12:00")
    alone = rota(weekly(MIRA), active=frozenset({JONAS}))
    assert [one.people for one in rotating.gaps(alone, start, start + DAY)] == [()]
    below = rota(weekly(JONAS), msgspec.structs.replace(weekly(MIRA), name="top"), active=frozenset({JONAS}))
    assert rotating.at(below, start).people == (JONAS,)
    assert rotating.at(below, start).layer == "weekly"


def test_a_calendar_takes_the_place_of_people() -> None:
    start = instant("2026-11-26T12:00")
    layer = Layer(name="from a calendar", calendar=7)
    made = msgspec.structs.replace(rota(layer), calendars={7: (Event(start, start + HOUR, (ADA,)),)})
    assert [one.people for one in rotating.shifts(made, start - HOUR, start + 2 * HOUR)] == [(), (ADA,), ()]


@given(
    st.lists(
        st.builds(
            lambda at, lasts, people: Event(float(at), float(at + lasts), tuple(people)),
            st.integers(0, 30), st.integers(0, 20), st.lists(st.integers(1, 4), max_size=3),
        ), max_size=12,
    )
)  # fmt: skip
def test_events_apart_say_who_is_on_as_the_events_do(found: list[Event]) -> None:
    made = events.apart(found)
    assert all(one.starts < one.ends for one in made)
    assert all(one.ends <= after.starts for one, after in itertools.pairwise(made))
    for at in range(-1, 55):
        held = {user for one in found if one.starts <= at < one.ends for user in one.people}
        assert set(events.on_at(made, at)) == held
        assert set(events.on_at(events.within(made, at, at + 1), at)) == held


def test_thousands_of_events_that_overlap_take_no_longer_than_that() -> None:
    from vedette.core.clock import monotonic

    start = instant("2026-11-26T12:00")
    found = [Event(start + n * 60, start + n * 60 + 90 * DAY, (n % 50,)) for n in range(5_000)]
    began = monotonic()
    made = msgspec.structs.replace(rota(Layer(name="a", calendar=7)), calendars={7: events.apart(found)})
    assert rotating.shifts(made, start, start + 100 * DAY)
    assert monotonic() - began < 5


def test_a_layer_ends_where_the_next_of_the_same_hour_begins() -> None:
    made = rota(weekly(MIRA, until="2026-11-30"), weekly(JONAS, first="2026-11-30"))
    found = rotating.shifts(made, instant("2026-11-30T00:00"), instant("2026-11-30T18:00"))
    assert (found[0].people, found[0].ends) == ((MIRA,), instant("2026-11-30T09:00"))
    assert found[1].people == (JONAS,)


def test_a_thousand_schedules_are_asked_ten_thousand_times_in_seconds() -> None:
    from vedette.core.clock import monotonic

    nights = Span(days=WORKDAYS, start="20:00", end="08:00")
    rotas = [
        msgspec.structs.replace(
            rota(weekly(MIRA, JONAS, ADA), daily(LEO, ADA, spans=(nights,)), zone="Europe/Berlin"),
            schedule=Schedule(
                id=n, name=str(n), zone="Europe/Berlin", layers=(weekly(MIRA, JONAS, turns_on=n % 7),)
            ),
        )
        for n in range(1_000)
    ]
    start, began = instant("2026-11-26T12:00"), monotonic()
    for n in range(10_000):
        rotating.at(rotas[n % 1_000], start + n)
    assert monotonic() - began < 5  # without the memo of `standing`, on a machine that does other things too
