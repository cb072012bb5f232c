"""What lists of monitors say and in which order, lengths of time as people write them, and maintenances day by day."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.monitors import calendars, listing, objectives, spelling
from vedette.monitors.listing import By, Count, Shown, Wanted
from vedette.monitors.types import (
    ByCron,
    Change,
    Config,
    Glance,
    Known,
    Monitor,
    Once,
    Standing,
    State,
    Watched,
    Weekly,
)

NOW = 1_764_000_000.0
DAY = 86_400.0


def glance(
    name: str, state: State = State.UP, project: int = 1, tags: tuple[str, ...] = (), *, paused: bool = False
) -> Glance:
    monitor = Monitor(
        id=1, key="0" * 32, project=project, slug=name, name=name, kind="http", config=Config(tags=tags), paused=paused,
        source="", created_at=NOW, updated_at=NOW,
    )  # fmt: skip
    none = objectives.uptime((), 0, 1)
    return Glance(
        watched=Watched(monitor, Known(standing=Standing(state=state))),
        href="",
        beats="",
        day=none,
        month=none,
    )


@pytest.mark.parametrize(
    ("counts", "tone", "title"),
    [
        ({}, "off", "Nothing is watched yet."),
        ({Shown.PAUSED: 2}, "off", "2 are paused."),
        ({Shown.UP: 1}, "ok", "The one monitor is up."),
        ({Shown.UP: 31}, "ok", "All 31 are up."),
        ({Shown.UP: 10_000}, "ok", "All 10\u202f000 are up."),
        ({Shown.UP: 28, Shown.WAITING: 3, Shown.PAUSED: 4}, "ok", "28 of 31 are up."),
        ({Shown.WAITING: 1}, "off", "1 waits for its first sign."),
        ({Shown.DOWN: 2, Shown.UP: 29}, "crit", "2 of 31 are down."),
        (
            {Shown.DOWN: 1, Shown.DEGRADED: 2, Shown.UNKNOWN: 1, Shown.UP: 1},
            "crit",
            "1 of 5 is down, 2 are slow, 1 is not known.",
        ),
        ({Shown.DEGRADED: 1, Shown.UP: 1}, "warn", "1 of 2 is slow."),
        ({Shown.UNKNOWN: 3, Shown.PAUSED: 9}, "off", "3 of 3 are not known."),
    ],
)
def test_the_sentence_tells_the_worst_first(counts: dict[Shown, int], tone: str, title: str) -> None:
    said = listing.sentence(counts, "")
    assert (said.tone, said.title) == (tone, title)


def test_groups_stand_worst_first_and_fold_what_is_well() -> None:
    counts = [
        Count(1, "http", (), Shown.UP, 30),
        Count(2, "http", (), Shown.UP, 1),
        Count(2, "tcp", (), Shown.DOWN, 1),
        Count(3, "http", (), Shown.DEGRADED, 5),
    ]
    rows = [glance("db", State.DOWN, 2)]
    found = listing.groups(counts, rows, By.PROJECT, {1: "Shop", 2: "Stock"})
    assert [(one.name, one.total, one.rest) for one in found] == [
        ("Stock", 2, "1 more, up"), ("Of no project", 5, "5, all slow"), ("Shop", 30, "30, all up"),
    ]  # fmt: skip


def test_who_has_several_tags_stands_in_each_of_their_groups() -> None:
    counts = [Count(1, "http", ("shop", "eu"), Shown.UP, 1), Count(1, "http", (), Shown.PAUSED, 2)]
    found = listing.groups(counts, [glance("web", tags=("shop", "eu"))], By.TAG, {})
    assert [(one.name, one.total, len(one.rows), one.rest) for one in found] == [
        ("eu", 1, 1, ""), ("shop", 1, 1, ""), ("Without a tag", 2, 0, "2, all paused"),
    ]  # fmt: skip


def test_what_is_folded_is_named_by_its_states() -> None:
    counts = [Count(1, "http", (), Shown.UP, 25), Count(1, "http", (), Shown.PAUSED, 3)]
    (found,) = listing.groups(counts, [], By.PROJECT, {1: "Shop"})
    assert found.rest == "28: 25 up, 3 paused"


def test_who_came_into_another_state_since_they_were_counted_does_no_harm() -> None:
    counts = [Count(1, "http", (), Shown.UP, 2)]
    (found,) = listing.groups(counts, [glance("db", State.DOWN)], By.PROJECT, {1: "Shop"})
    assert found.rest == "2 more, all up"


def test_counts_meet_what_is_wanted() -> None:
    one = Count(1, "http", ("shop",), Shown.UP, 3)
    assert listing.meets(one, Wanted(project=1, kind="http", tag="shop"))
    assert not any(
        listing.meets(one, wanted) for wanted in (Wanted(project=0), Wanted(kind="tcp"), Wanted(tag="sho"))
    )


def test_a_beat_is_the_worst_of_its_half_hour() -> None:
    at = NOW - DAY
    changes = [
        Change(at - 99, State.UP),
        Change(at + 3_000, State.DOWN),
        Change(at + 3_010, State.UP),
        Change(NOW - 60, State.DEGRADED),
    ]
    assert listing.beats(changes, at, NOW) == "ux" + "u" * 45 + "d"
    assert listing.beats([Change(NOW - 3_600, State.UP)], at, NOW) == "n" * 46 + "uu"
    assert listing.beats([], at, NOW) == "n" * 48


@given(st.lists(st.tuples(st.floats(0, DAY), st.sampled_from(list(State))), max_size=20), st.integers(1, 96))
def test_there_are_as_many_beats_as_asked_and_a_down_one_is_seen(
    found: list[tuple[float, State]], n: int
) -> None:
    changes = [Change(at, state) for at, state in sorted(found, key=lambda one: one[0])]
    drawn = listing.beats(changes, 0, DAY, n)
    assert len(drawn) == n
    downs = [
        a
        for a, b in zip(changes, [*changes[1:], Change(DAY, State.UP)], strict=False)
        if a.state is State.DOWN and b.at - a.at > 1
    ]
    assert bool(downs) <= ("x" in drawn)


def test_a_paused_monitor_is_nothing_else() -> None:
    assert listing.shown(glance("x", State.DOWN, paused=True).watched) is Shown.PAUSED


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90", 90),
        ("30 s", 30),
        ("5m", 300),
        ("1h 30m", 5_400),
        ("2 d", 172_800),
        ("1.5h", 5_400),
        ("250ms", 0.25),
        ("soon", None),
        ("", None),
        ("5 5", None),
        ("1 y", None),
        ("-3s", None),
    ],
)
def test_lengths_of_time_are_read(text: str, seconds: float | None) -> None:
    assert spelling.seconds(text) == seconds


@given(st.integers(1, 10**8))
def test_lengths_of_time_are_written_as_they_are_read(seconds: int) -> None:
    assert spelling.seconds(spelling.spelled(seconds)) == seconds


def test_maintenances_read_as_they_are() -> None:
    assert calendars.said(Once(starts=NOW, ends=NOW + 3_600), NOW, "UTC") == "24 Nov, 16:00 to 17:00"
    assert calendars.said(Once(starts=NOW, ends=NOW + DAY), NOW, "UTC") == "24 Nov, 16:00 to 25 Nov, 16:00"
    weekly = Weekly(days=(6, 0), start="02:00", minutes=90, zone="Europe/Berlin")
    assert calendars.said(weekly, NOW, "UTC") == "Mon, Sun from 02:00 for 1 h 30 min (Europe/Berlin)"


def test_a_weekly_maintenance_keeps_its_wall_clock_where_it_changes() -> None:
    weekly = Weekly(days=(0, 6), start="04:00", minutes=60, zone="Europe/Berlin")
    start = dt.datetime(2026, 3, 22, tzinfo=dt.UTC).timestamp()
    found = calendars.days(calendars.coming(weekly, "k", start, start + 9 * DAY), "UTC")
    assert [f"{day} {dt.datetime.fromtimestamp(one.starts, dt.UTC):%H}" for day, slots in found.items() for one in slots] == [
        "2026-03-22 03", "2026-03-23 03", "2026-03-29 02", "2026-03-30 02",
    ]  # fmt: skip


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin"])
def test_a_calendar_is_bounded_under_each_heading(zone: str) -> None:
    every = ByCron(expression="* * * * *", minutes=5, zone=zone)
    behind = calendars.over(every, "k", NOW - 30 * DAY, NOW)
    ahead = list(calendars.coming(every, "k", NOW, NOW + 30 * DAY))
    assert [slot.starts - NOW for slot in calendars.held(every, "k", NOW)] == [-240, -180, -120, -60, 0]
    assert [len(behind), len(ahead)] == [calendars.MOST_TIMES] * 2
    assert (behind[-1].ends, ahead[0].starts) == (NOW, NOW + 60), "what is nearest is shown"


def test_what_was_is_shown_from_where_the_calendar_begins() -> None:
    nightly = ByCron(expression="0 2 * * *", minutes=60)
    behind = calendars.over(nightly, "k", NOW - 3 * DAY, NOW)
    assert [round((slot.ends - NOW) / DAY, 2) for slot in behind] == [-2.54, -1.54, -0.54]
    assert not list(calendars.held(nightly, "k", NOW))
    once = Once(starts=NOW, ends=NOW + 60)
    shown = [
        len(list(find))
        for find in (calendars.held(once, "k", NOW), calendars.coming(once, "k", NOW, NOW + 9))
    ]
    assert shown == [1, 0]
    assert len(calendars.over(once, "k", NOW, NOW + 60)) == 1
