"""Parts of the week as people write them, what load is said to be, which gaps are told, and rows of the calendar."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.rotas import instant

from vedette.core.errors import Invalid
from vedette.oncall import burdens, drawing, saying, spelling, warning
from vedette.oncall.types import Load, Schedule, Shift, Span, Turn

NOON, HOUR, DAY = instant("2026-11-26T12:00"), 3_600.0, 86_400.0
NAMES = {1: "Mira Lind", 2: "Jonas Berg"}
WALLS = st.builds(lambda hour, minute: f"{hour:02}:{minute:02}", st.integers(0, 23), st.integers(0, 59))
SPANS = st.builds(
    lambda days, start, end: Span(days=tuple(sorted(days)), start=start, end=end),
    st.sets(st.integers(0, 6), min_size=1), WALLS, WALLS,
)  # fmt: skip


@given(st.lists(SPANS, max_size=5))
def test_what_is_written_is_read_again(spans: list[Span]) -> None:
    assert spelling.read(spelling.written(spans)) == tuple(spans)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("weekdays 9:00-17:00", (0, 1, 2, 3, 4)),
        ("Fri-Mon 9:00 to 17:00", (0, 4, 5, 6)),
        ("monday, Wed 9:00–17:00", (0, 2)),
        ("daily 00:00-00:00", tuple(range(7))),
    ],
)
def test_days_in_words(text: str, days: tuple[int, ...]) -> None:
    assert spelling.read(text)[0].days == days


@pytest.mark.parametrize("text", ["9-5", "Mon", "Mon 9:00", "Foo 09:00-10:00", "Mon 09:00-10:00\nsoon"])
def test_what_is_no_part_of_the_week(text: str) -> None:
    with pytest.raises(Invalid, match=r"Line [12]"):
        spelling.read(text)


def shift(people: tuple[int, ...], start: float, end: float) -> Shift:
    return Shift(starts=NOON + start, ends=NOON + end, people=people)


def turn(name: str, people: tuple[int, ...], then: tuple[int, ...] = (2,)) -> Turn:
    return Turn(
        schedule=Schedule(id=1, name=name), now=shift(people, 0, 4 * HOUR), then=shift(then, 4 * HOUR, DAY)
    )


def test_the_sentence_names_a_gap_before_everything_else() -> None:
    assert (
        saying.opening([turn("Web", (1,))], NAMES, NOON, "UTC").title
        == "Mira Lind gets the next page until 16:00, then Jonas Berg."
    )
    gap = saying.opening([turn("Web", (1,)), turn("Shop", ())], NAMES, NOON, "Europe/Berlin")
    assert (gap.title, gap.tone) == ("Nobody is on call in Shop.", "crit")
    assert "until 17:00" in gap.text
    both = saying.opening([turn("Web", (1,)), turn("Shop", (2,))], NAMES, NOON, "UTC")
    assert both.title == "2 people are on call."
    one = saying.opening([turn("Web", (1,)), turn("Shop", (1,))], NAMES, NOON, "UTC")
    assert one.title == "Mira Lind gets every page now."
    assert saying.opening([], NAMES, NOON, "UTC").tone == "off"
    assert "then nobody." in saying.next_page(turn("Web", (1,), ()), NAMES, NOON, "UTC")
    assert "somebody who left" in saying.next_page(turn("Web", (9,)), NAMES, NOON, "UTC")


def test_two_schedules_at_once_count_once_and_an_hour_makes_a_night() -> None:
    evening = (shift((1,), 10 * HOUR, 11 * HOUR), "UTC")  # 22:00 to 23:00
    found = burdens.loads([evening, evening, (shift((2,), 10 * HOUR, 10.5 * HOUR), "UTC")], [(2, NOON)])
    assert found[1] == Load(user=1, hours=1.0, nights=1)
    assert found[2] == Load(user=2, hours=0.5, nights=0, pages=1)
    weekend = burdens.loads([(shift((1,), 2 * DAY, 4 * DAY), "UTC")], [])
    assert (weekend[1].weekends, weekend[1].nights) == (1, 2)


def test_who_bore_the_most() -> None:
    even = [Load(user=1, hours=100.0), Load(user=2, hours=90.0)]
    assert burdens.sentence(even, NAMES) == "It is shared evenly: Mira Lind had the most with 100 hours."
    uneven = [Load(user=1, hours=30.0), Load(user=2, hours=90.0)]
    assert burdens.sentence(uneven, NAMES).startswith("Jonas Berg bore the most: 90 hours, ×3.0")
    assert burdens.sentence([], NAMES) == ""


GAPS = st.lists(st.tuples(st.integers(0, 20), st.integers(1, 5)), max_size=5)


def apart(raw: list[tuple[int, int]]) -> list[warning.Gap]:
    """Return gaps that do not touch, in order."""
    at, found = 0.0, []
    for away, length in raw:
        found.append((at + away + 1, at + away + 1 + length))
        at = found[-1][1]
    return found


@given(GAPS, GAPS)
def test_each_gap_is_told_once_and_ended_once(
    before: list[tuple[int, int]], after: list[tuple[int, int]]
) -> None:
    first = warning.compared((), apart(before))
    assert (first.fresh, first.closed) == (tuple(apart(before)), ())
    again = warning.compared(first.told, apart(before))
    assert (again.fresh, again.closed, again.told) == ((), (), first.told)
    then = warning.compared(first.told, apart(after))
    assert len(then.told) == len(apart(after))
    starts = {gap[0] for gap in first.told}
    assert {gap[0] for gap in then.closed} <= starts
    assert len(then.closed) + len(then.told) - len(then.fresh) == len(first.told)


@given(st.lists(st.integers(1, 400), min_size=1, max_size=20))
def test_blocks_fill_a_row_and_lie_within_it(lengths: list[int]) -> None:
    of, at, shifts = drawing.shown(NOON, "Europe/Berlin"), 0.0, []
    for n, length in enumerate(lengths):
        shifts.append(shift((n % 3,) if n % 3 else (), at, at + length * 900.0))
        at += length * 900.0
    row = drawing.row("a", "", shifts, of, NAMES, 1, is_final=True)
    assert len(row.blocks) == len(lengths)
    assert all(0 <= float(one.x) <= 100 and 0 < float(one.width) <= 100 for one in row.blocks)
    assert {one.tone for one in row.blocks} <= {"gap", "me", "p2"}


def test_days_of_a_range_where_the_clock_changes() -> None:
    days = drawing.days(drawing.shown(instant("2026-10-20T12:00"), "Europe/Berlin"))
    assert len(days) == 14
    assert days[0].label == "Tue 20"
    assert float(days[1].x) < 100 / 14  # the fourteen days have an hour more
