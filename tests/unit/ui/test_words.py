"""Times, numbers and sizes in plain words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.ui import words
from vedette.wire.agent.deciding import spelling

NOW = 1_764_040_000.0  # 25 Nov 2025, 03:06:40 UTC


def plain(text: str) -> str:
    return text.replace(words.NB, " ").replace(words.THIN, " ")


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0, "0 s"), (0.25, "250 ms"), (0.0004, "1 ms"), (0.9996, "1 s"), (1.7, "2 s"), (59.9, "1 min"), (3_599.7, "1 h"), (60, "1 min"), (1050, "17 min 30 s"), (3600, "1 h"),
        (11_100, "3 h 5 min"), (100_000, "27 h 47 min"), (172_800, "2 d"), (-5, "0 s"),
    ],
)  # fmt: skip
def test_duration(seconds: float, expected: str) -> None:
    assert plain(words.duration(seconds)) == expected


@given(st.floats(1, 86_399))
def test_a_length_below_a_day_reads_alike_wherever_it_is_spelled(seconds: float) -> None:
    """A page shows both: a figure of its own, and a sentence of the room."""

    def total(text: str) -> float:
        return spelling.duration(text.replace(words.NB, "").replace("day", "d").replace("ds", "d"))

    assert total(words.duration(seconds)) == total(spelling.spelled(seconds))


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (0, "now"),
        (12, "12 s ago"),
        (125, "2 min ago"),
        (7_500, "2 h 5 min ago"),
        (86_400, "24 Nov, 03:06"),
        (-90, "in 1 min"),
        (400 * 86_400, "21 Oct 2024"),
    ],
)
def test_ago(age: float, expected: str) -> None:
    assert plain(words.ago(NOW - age, NOW)) == expected


def test_zones() -> None:
    assert words.exact(NOW, "Europe/Stockholm") == "25 Nov 2025, 04:06:40 CET"
    assert words.exact(NOW, "No/Where") == "25 Nov 2025, 03:06:40 UTC"
    assert words.clock(NOW, "UTC") == "03:06"


@pytest.mark.parametrize(
    ("value", "expected"), [(0, "0"), (1491, "1 491"), (2_000_000, "2 000 000"), (0.25, "0.25"), (3.0, "3")]
)
def test_number(value: float, expected: str) -> None:
    assert plain(words.number(value)) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(999, "999"), (1400, "1.4k"), (1000, "1k"), (23_900, "23k"), (2_000_000, "2M"), (3e9, "3G")],
)
def test_short(value: float, expected: str) -> None:
    assert words.short(value) == expected


@pytest.mark.parametrize(
    ("count", "expected"),
    [(812, "812 bytes"), (7400, "7.4 KB"), (1_200_000_000, "1.2 GB"), (2e12, "2.0 TB"), (1e6, "1 MB")],
)
def test_size(count: float, expected: str) -> None:
    assert plain(words.size(count)) == expected


@pytest.mark.parametrize(
    ("share", "expected"), [(0, "0 %"), (0.004, "<1 %"), (0.709, "71 %"), (0.999, "99 %"), (1, "100 %")]
)
def test_percent(share: float, expected: str) -> None:
    assert plain(words.percent(share)) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [("Mira Lind", "ML"), ("mira", "MI"), ("mira@tidemark.se", "MT"), ("", "?"), ("Ana de la Cruz", "AC")],
)
def test_initials(name: str, expected: str) -> None:
    assert words.initials(name) == expected


@given(st.floats(min_value=0, max_value=4e9), st.floats(min_value=0, max_value=4e9))
def test_ago_never_fails(at: float, now: float) -> None:
    assert words.ago(at, now)
