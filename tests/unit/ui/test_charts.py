"""Charts: what is drawn is what the data says, and nothing of it can break out of the SVG."""

import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.ui import charts

counts = st.lists(st.integers(min_value=0, max_value=10**7), min_size=0, max_size=60)


def parse(svg: str) -> ET.Element:
    return ET.fromstring(f"<root>{svg}</root>")  # noqa: S314 - our own text


def plot(values: list[float], **more: object) -> charts.Plot:
    return charts.Plot(values=values, sentence="Errors", **more)  # type: ignore[arg-type]


@given(counts, st.text(max_size=20))
def test_every_chart_is_well_formed_without_styles(values: list[int], text: str) -> None:
    marks = (charts.Mark(0.5, text, "ok"), charts.Mark(0.0, text))
    shown = charts.Plot(values=values, sentence=text, marks=marks, threshold=3.0, hot=1, unit=text)
    for svg in (
        charts.area(shown),
        charts.bars(shown),
        charts.spark(values, "crit"),
        charts.heartbeat("uudxn", text),
    ):
        legal = re.sub(r"[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", svg)
        drawn = list(parse(legal).iter())
        assert not [e for e in drawn if "style" in e.attrib or e.tag in {"style", "script"}]


@given(counts.filter(len))
def test_nothing_is_drawn_outside(values: list[int]) -> None:
    top = charts.ceiling(values)
    assert top >= max(values)
    for rect in parse(charts.bars(plot(list(values)))).iter("rect"):
        assert float(rect.get("y", "0")) >= -0.1
        assert float(rect.get("y", "0")) + float(rect.get("height", "0")) <= 100.2


@pytest.mark.parametrize(
    ("values", "expected"),
    [([0], 1), ([7], 8), ([9], 10), ([11], 20), ([238], 300), ([41_000], 50_000), ([0.3], 1)],
)
def test_ceiling_is_round(values: list[float], expected: float) -> None:
    assert charts.ceiling(values) == expected


def test_threshold_is_inside() -> None:
    assert charts.ceiling([3], 60) == 60


def test_one_bar_for_each_value_that_is_not_zero_and_trouble_is_marked() -> None:
    found = list(parse(charts.bars(plot([0, 4, 0, 9], hot=3))).iter("rect"))
    assert [r.get("class") for r in found] == ["bar", "bar crit"]


def test_the_smallest_bar_can_be_seen() -> None:
    found = list(parse(charts.bars(plot([1, 10_000]))).iter("rect"))
    assert float(found[0].get("height", "0")) >= 1.2


def test_a_chart_has_its_sentence_as_name_and_its_data_for_the_crosshair() -> None:
    div = next(iter(parse(charts.area(plot([1, 2, 3], start=60.0, step=30.0, unit="per min")))))
    assert div.get("role") == "img"
    assert div.get("aria-label") == "Errors"
    assert (div.get("data-v"), div.get("data-start"), div.get("data-step"), div.get("data-unit")) == (
        "1,2,3",
        "60",
        "30",
        "per min",
    )


def test_usual_noise_looks_flat_in_a_spark() -> None:
    heights = [
        float(y)
        for y in re.findall(r" (\d+(?:\.\d+)?)(?=L|\")", charts.spark([10, 11, 10, 9, 10]).split('d="')[2])
    ]
    assert max(heights) - min(heights) < 3


def test_an_empty_spark_is_a_line_at_the_bottom() -> None:
    assert charts.spark([]) == charts.spark([0, 0, 0])


def test_heartbeat_carries_state_in_height() -> None:
    heights = re.findall(r'class="(\w)" d="M\d+ (\d+)h', charts.heartbeat("udxn", "checkout"))
    assert heights == [("u", "12"), ("d", "7"), ("x", "0"), ("n", "16")]


@pytest.mark.parametrize(
    ("share", "tone"), [(0.5, ""), (0.8, " warn"), (0.95, " crit"), (7.0, " crit"), (-1.0, "")]
)
def test_meter_changes_tone_and_stays_inside(share: float, tone: str) -> None:
    svg = charts.meter(share, "Disk")
    assert f'class="meter{tone}"' in svg
    width = float(re.findall(r'class="v" width="([\d.]+)"', svg)[0])
    assert 0 <= width <= 100


def test_tagbar_shows_at_most_four_parts() -> None:
    found = list(parse(charts.tagbar([0.5, 0.2, 0.1, 0.1, 0.1])).iter("rect"))
    assert [r.get("x") for r in found] == ["0", "50", "70", "80"]


def test_layers_lie_on_one_another_under_the_line() -> None:
    plot = charts.Plot(values=[30.0, 90.0], sentence="Response time", unit="ms")
    layers = [[10.0, 20.0], [10.0, 60.0]]
    drawn = charts.stacked(plot, layers)
    assert charts.topmost(plot, layers) == 100.0
    assert '<path class="ly l1" d="M0 90L400 80L400 100L0 100z"/>' in drawn
    assert '<path class="ly l2" d="M0 80L400 20L400 80L0 90z"/>' in drawn
    assert '<path class="ln" d="M0 70L400 10"/>' in drawn
    assert charts.topmost(charts.Plot(values=[1.0], sentence=""), [[300.0], [150.0]]) == 500.0
    assert 'class="ln"' in charts.stacked(charts.Plot(values=[], sentence="Nothing"), [])
