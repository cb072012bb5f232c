"""Selectors, requests an hour and pages: the fake's decisions."""

import contextlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.core.errors import ConfigError
from vedette.instruments.hetzner.fake.calls import Refused, Shape
from vedette.instruments.hetzner.fake.keeping import load, load_faults
from vedette.instruments.hetzner.fake.labels import check, matches
from vedette.instruments.hetzner.fake.paging import paged
from vedette.instruments.hetzner.fake.rates import Allowance, spend
from vedette.instruments.hetzner.fake.state import State

LABELS = {"env": "production", "just-a-key": "", "example.com/tier": "web"}


@pytest.mark.parametrize(
    ("selector", "fits"),
    [
        ("env=production", True),
        ("env==production", True),
        ("env!=production", False),
        ("other!=production", True),
        ("env", True),
        ("!env", False),
        ("just-a-key=", True),
        ("!other,example.com/tier=web", True),
        ("env in (staging, production)", True),
        ("env notin (staging,production)", False),
        ("other notin (staging)", True),
        ("env=production,type!=db,!old", True),
        ("env=production,old", False),
    ],
)
def test_a_selector_names_what_fits_it(selector: str, fits: bool) -> None:
    assert matches(selector, LABELS) is fits


@pytest.mark.parametrize("selector", ["", "a=b,", "=b", "a in b", "a in (b", "a=b=c", "a b"])
def test_what_is_no_selector_is_refused(selector: str) -> None:
    with pytest.raises(Refused, match="label selector"):
        matches(selector, LABELS)


@pytest.mark.parametrize(
    "label",
    [
        ("", ""),
        ("a b", ""),
        ("-a", ""),
        ("a" * 64, ""),
        ("hetzner.cloud/x", ""),
        ("UP.com/x", ""),
        ("a", "b c"),
    ],
)
def test_what_is_no_label_is_refused(label: tuple[str, str]) -> None:
    with pytest.raises(Refused, match="label"):
        check(dict([label]))


@given(st.text(alphabet="ab=!,()/.- é", max_size=20))
def test_a_selector_is_read_or_refused_whatever_it_is(selector: str) -> None:
    with contextlib.suppress(Refused):
        assert matches(selector, {"a": "b"}) in {True, False}


@given(st.lists(st.floats(0, 100), min_size=1, max_size=60), st.integers(1, 20))
def test_no_more_is_allowed_than_there_was_and_came(waits: list[float], limit: int) -> None:
    had, now, allowed = Allowance(left=limit, at=0), 0.0, 0
    for wait in waits:
        now += wait
        had, may = spend(had, limit, now)
        allowed += may
        assert 0 <= had.left <= limit
    assert allowed <= limit + now * limit / 3600 + 1e-6


@given(st.integers(0, 130), st.integers(1, 50))
def test_pages_follow_one_another_and_hold_everything_once(count: int, size: int) -> None:
    shapes: list[Shape] = [{"id": at} for at in range(count)]
    seen, page = [], "1"
    while page:
        answer = paged("things", shapes, {"page": [page], "per_page": [str(size)]})
        things, meta = answer["things"], answer["meta"]
        assert isinstance(things, list)
        assert isinstance(meta, dict)
        seen += things
        page = str(meta["pagination"]["next_page"] or "")
    assert seen == shapes


@pytest.mark.parametrize(
    ("read", "text"),
    [(load, '{"servers": 7}'), (load, "{"), (load_faults, '[{"harm": "flood"}]'), (load_faults, "")],
)
def test_a_file_that_is_none_is_told_by_its_name(
    tmp_path: Path, read: Callable[[Path], object], text: str
) -> None:
    path = tmp_path / "wrong.json"
    path.write_text(text)
    with pytest.raises(ConfigError, match=r"wrong\.json"):
        read(path)


def test_a_project_without_a_file_is_empty(tmp_path: Path) -> None:
    assert load(tmp_path / "none.json") == State()
    with pytest.raises(ConfigError, match=r"none\.json"):
        load_faults(tmp_path / "none.json")
