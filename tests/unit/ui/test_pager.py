"""Cursors: opaque, round, and refused when they are not ours."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.core.errors import Invalid
from vedette.ui import pager


@given(st.floats(allow_nan=False), st.text(max_size=40), st.integers(-(2**60), 2**60))
def test_round_trip(at: float, name: str, number: int) -> None:
    assert pager.decode(pager.encode(at, name, number), tuple[float, str, int]) == (at, name, number)


@given(st.text(max_size=60))
def test_anything_else_is_refused_and_nothing_worse(text: str) -> None:
    with suppress(Invalid):
        pager.decode(text, tuple[float, str])


@pytest.mark.parametrize("cursor", ["x" * 600, "!!!", "", pager.encode("a"), pager.encode(1.0, "a", 2)])
def test_wrong_shapes(cursor: str) -> None:
    with pytest.raises(Invalid):
        pager.decode(cursor, tuple[float, str])


@pytest.mark.parametrize(("asked", "got"), [(None, 25), (0, 1), (-3, 1), (10, 10), (9999, 100)])
def test_sizes(asked: int | None, got: int) -> None:
    assert pager.size(asked) == got
