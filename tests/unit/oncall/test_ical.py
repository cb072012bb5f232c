"""iCalendar in and out: real shapes of calendars, rules that would never end, lines and escapes."""

import contextlib
import datetime as dt
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.recurring_sample import SAMPLE
from tests.support.rotas import instant

from vedette.core.clock import monotonic
from vedette.core.errors import Invalid
from vedette.oncall.ical import lines, reading, recurring, writing
from vedette.oncall.ical.writing import Entry

DAY = 86_400.0
START, END = instant("2026-11-23T00:00"), instant("2026-12-21T00:00")
NAMES = {
    1: ("Mira Lind", "mira@example.org"),
    2: ("Jonas Berg", "jonas@example.org"),
    3: ("Jonas Vik", "jv@example.org"),
}


def calendar(*events: str, head: str = "") -> str:
    body = "".join(f"BEGIN:VEVENT\n{event.strip()}\nEND:VEVENT\n" for event in events)
    return f"BEGIN:VCALENDAR\nVERSION:2.0\n{head}{body}END:VCALENDAR\n".replace("\n", "\r\n")


def starts(text: str, start: float = START, end: float = END) -> list[str]:
    return [
        f"{dt.datetime.fromtimestamp(one.starts, dt.UTC):%m-%dT%H:%M}"
        for one in reading.occurrences(text, start, end)
    ]


def test_a_week_that_recurs_keeps_its_wall_time_and_its_exceptions() -> None:
    text = calendar(
        """UID:a
DTSTART;TZID=Europe/Berlin:20261012T090000
DTEND;TZID=Europe/Berlin:20261019T090000
RRULE:FREQ=WEEKLY;INTERVAL=2
EXDATE;TZID=Europe/Berlin:20261207T090000
SUMMARY:Mira Lind on call""",
    )
    assert starts(text, instant("2026-10-12T00:00")) == [
        "10-12T07:00",
        "10-26T08:00",
        "11-09T08:00",
        "11-23T08:00",
    ]


def test_an_instance_that_was_moved_takes_the_place_of_its_own() -> None:
    text = calendar(
        "UID:a\nDTSTART:20261123T090000Z\nDURATION:PT8H\nRRULE:FREQ=DAILY;COUNT=3\nSUMMARY:a",
        "UID:a\nRECURRENCE-ID:20261124T090000Z\nDTSTART:20261124T120000Z\nDTEND:20261124T130000Z\nSUMMARY:moved",
        "UID:a\nRECURRENCE-ID:20261125T090000Z\nDTSTART:20261125T090000Z\nDTEND:20261125T130000Z\nSTATUS:CANCELLED",
    )
    assert starts(text) == ["11-23T09:00", "11-24T12:00"]


def test_days_lists_and_zones_without_a_name() -> None:
    text = calendar(
        "UID:a\nDTSTART;VALUE=DATE:20261124\nRDATE;VALUE=DATE:20261201,20261203\nSUMMARY:a",
        head="X-WR-TIMEZONE:Europe/Berlin\n",
    )
    found = reading.occurrences(text, START, END)
    assert starts(text) == ["11-23T23:00", "11-30T23:00", "12-02T23:00"]
    assert all(one.ends - one.starts == DAY for one in found)


def test_whose_an_event_is() -> None:
    def whose(event: str) -> tuple[int, ...]:
        (one,) = reading.occurrences(
            calendar(f"UID:a\nDTSTART:20261124T090000Z\nDURATION:P1D\n{event}"), START, END
        )
        return reading.people_of(one, NAMES)

    assert whose("ATTENDEE;CN=x:mailto:MIRA@example.org\nSUMMARY:Jonas Berg") == (1,)
    assert whose("SUMMARY:on call: jonas@example.org") == (2,)
    assert whose("SUMMARY:On call: jonas berg (web)") == (2,)
    assert whose("SUMMARY:Mira") == (1,)
    assert whose("SUMMARY:Jonas") == ()  # there are two
    assert whose("SUMMARY:Admiral Mirabeau") == ()


@pytest.mark.parametrize(
    ("event", "said"),
    [
        (
            "DTSTART:20261124T090000Z\nRRULE:INTERVAL=2",
            "Line 6: the recurrence rule cannot be used: FREQ must be",
        ),
        (
            "DTSTART:20261124T090000Z\nRRULE:FREQ=SECONDLY",
            "Line 6: the recurrence rule cannot be used: FREQ must be",
        ),
        ("DTSTART:20261124T090000Z\nRRULE:FREQ=DAILY;BYHOUR=1", "BYHOUR is not understood"),
        ("DTSTART:20261124T090000Z\nRRULE:FREQ=DAILY;COUNT=2;UNTIL=20270101", "exclude each other"),
        ("DTSTART:20261124T090000Z\nRRULE:FREQ=DAILY;INTERVAL=0", "INTERVAL must be a number"),
        ("DTSTART:20261124T090000Z\nRRULE:FREQ=WEEKLY;BYDAY=1MO", "BYDAY counts weekdays only"),
        ("DTSTART:20261124T090000Z\nRRULE:FREQ=DAILY;UNTIL=soon", "UNTIL is no time"),
        ("DTSTART:2026", "Line 5: DTSTART is no time"),
        ("DTSTART;TZID=Middle Earth:20261124T090000", "Line 5: there is no time zone"),
        ("SUMMARY:a", "Line 3: this event says no start"),
        ("DTSTART:20261124T090000Z\nDTEND:20261123T090000Z", "ends before it starts"),
        ("DTSTART:20261124T090000Z\nDURATION:soon", "Line 6: 'soon' is no length of time"),
        ("DTSTART:20261124T090000Z\nwhat is this", "Line 6 is no line of a calendar"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(event: str, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        starts(calendar(f"UID:a\n{event}"))


@pytest.mark.parametrize("text", ["", "hello", "BEGIN:VCALENDAR\n", "BEGIN:VCALENDAR\nEND:VEVENT\n"])
def test_what_is_no_calendar(text: str) -> None:
    with pytest.raises(Invalid):
        starts(text)


def test_rules_that_would_go_on_for_ever_end_in_a_sentence_or_in_nothing() -> None:
    began = monotonic()
    assert starts(calendar("UID:a\nDTSTART:19700101T000000Z\nRRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30")) == []
    assert (
        starts(
            calendar("UID:a\nDTSTART:20000101T000000Z\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;COUNT=10000")
        )
        == []
    )
    bomb = [
        f"UID:{n}\nDTSTART:19700101T000000Z\nRRULE:FREQ=DAILY;COUNT=10000;BYMONTH=2;BYMONTHDAY=30"
        for n in range(400)
    ]
    with pytest.raises(Invalid, match="more than can be looked at"):
        starts(calendar(*bomb))
    crowd = [f"UID:{n}\nDTSTART:20261101T000000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY" for n in range(1_000)]
    with pytest.raises(Invalid, match="more than 5,000 times"):
        starts(calendar(*crowd))
    with pytest.raises(Invalid, match="more than 5,000 events"):
        starts(calendar(*["UID:a\nDTSTART:20261124T090000Z"] * 5_001))
    left = ",".join(["20261101T000000Z"] * 5_001)
    with pytest.raises(Invalid, match="the calendar has more than 5,000 dates in RDATE and EXDATE"):
        starts(calendar(f"UID:a\nDTSTART:20261101T000000Z\nRRULE:FREQ=DAILY\nEXDATE:{left}"))
    assert monotonic() - began < 20


@pytest.mark.parametrize(("rule", "first", "expected"), SAMPLE)
def test_rules_agree_with_dateutil(rule: str, first: str, expected: tuple[str, ...]) -> None:
    window = dt.datetime.fromisoformat("2026-03-01"), dt.datetime.fromisoformat("2029-01-01")
    begins = dt.datetime.fromisoformat(first)
    found = recurring.starts(recurring.parsed(rule), begins, window, recurring.Budget(100_000))
    assert tuple(f"{at:%Y-%m-%dT%H:%M}" for at in itertools.islice(found, 10)) == expected


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=80)


@given(st.lists(st.tuples(TEXTS, st.integers(0, 1_000)), max_size=5))
@settings(max_examples=30, deadline=None)
def test_what_is_written_is_read_again(told: list[tuple[str, int]]) -> None:
    entries = [
        Entry(
            key=f"{n}", starts=START + hour * 3_600, ends=START + (hour + 1) * 3_600, title=title, text=title
        )
        for n, (title, hour) in enumerate(told)
    ]
    text = writing.calendar("On call", entries, START)
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    found = reading.occurrences(text, START, START + 1_001 * 3_600)
    assert sorted((one.starts, one.ends) for one in found) == sorted(
        (one.starts, one.ends) for one in entries
    )
    assert {one.title for one in found} == {
        lines.unescaped(lines.escaped(one.title)).strip()[:200] for one in entries
    }


@given(st.text(max_size=300))
@settings(max_examples=100, deadline=None)
def test_no_text_breaks_the_reader(text: str) -> None:
    for given_text in (text, calendar(text), calendar(f"UID:a\nDTSTART:20261124T090000Z\nRRULE:{text}")):
        with contextlib.suppress(Invalid):
            reading.occurrences(given_text, START, END)


def test_ids_stay_and_tell_nothing() -> None:
    assert writing.uid("1/2/3") == writing.uid("1/2/3") != writing.uid("1/2/4")
    assert "1/2/3" not in writing.uid("1/2/3")


def test_an_independent_reader_takes_what_is_written() -> None:
    icalendar = pytest.importorskip("icalendar", reason="the independent reader is not installed")
    title = "Mira, Jonas; \\ and \N{SNOWMAN} " * 8
    entry = Entry(
        key="a",
        starts=START,
        ends=START + DAY,
        title=title,
        text="line one\nline two",
        link="https://v.example/",
    )
    (event,) = icalendar.Calendar.from_ical(writing.calendar("Web", [entry], START)).walk("VEVENT")
    assert str(event["SUMMARY"]) == title
    assert str(event["DESCRIPTION"]) == "line one\nline two"
    assert event["DTSTART"].dt == dt.datetime.fromtimestamp(START, dt.UTC)
