"""Versions in the order of their ecosystems: by our own table, and as orders whatever is compared."""

import tomllib
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.instruments.scan.versions import Unreadable, compare, ecosystems
from vedette.instruments.scan.versions.types import MOST

TABLE = tomllib.loads((Path(__file__).parents[3] / "fixtures/scan/versions.toml").read_text(encoding="utf-8"))
FAMILIES = sorted(TABLE)
PIECES = st.sampled_from(
    [
        *["0", "1", "2", "9", "10", "01", "007", ".", "-", "_", "~", "^", "+", ":", "!", "v", "r", "p", "a", "b", "m", "rc", "alpha", "beta", "dev", "pre", "post", "final", "ga", "sp", "snapshot", "stable"],
        ".0", ".1", "-r1", "_p1", "_rc2", "-1", "+b1", "1:", "1!", ".el9", ".x", "-x", "Z", "é", " ",
    ]
)  # fmt: skip
VERSIONS = st.lists(PIECES, min_size=1, max_size=9).map(lambda parts: "1" + "".join(parts))


@pytest.mark.parametrize("ecosystem", FAMILIES)
def test_order(ecosystem: str) -> None:
    places = [line.split(" = ") for line in TABLE[ecosystem]["order"]]
    for same in places:
        for one, other in combinations(same, 2):
            assert compare(ecosystem, one, other) == 0, f"{one} = {other}"
    for earlier, later in combinations(places, 2):
        for one in earlier:
            for other in later:
                assert compare(ecosystem, one, other) == -1, f"{one} < {other}"
                assert compare(ecosystem, other, one) == 1, f"{other} > {one}"


@pytest.mark.parametrize("ecosystem", FAMILIES)
def test_what_has_no_place(ecosystem: str) -> None:
    for version in [*TABLE[ecosystem]["unreadable"], "1" * (MOST + 1)]:
        with pytest.raises(Unreadable, match=ecosystem):
            compare(ecosystem, version, version)


@pytest.mark.parametrize("ecosystem", FAMILIES)
@given(data=st.data())
def test_it_is_an_order(ecosystem: str, data: st.DataObject) -> None:
    versions = [
        each for each in data.draw(st.lists(VERSIONS, min_size=3, max_size=4)) if _read(ecosystem, each)
    ]
    for one in versions:
        assert compare(ecosystem, one, one) == 0
        for other in versions:
            assert compare(ecosystem, one, other) == -compare(ecosystem, other, one)
            for third in versions:
                if compare(ecosystem, one, other) <= 0 and compare(ecosystem, other, third) <= 0:
                    assert compare(ecosystem, one, third) <= 0, (one, other, third)


def test_hostile_versions_cost_nothing() -> None:
    for ecosystem in ecosystems():
        for piece in ("1", "1.", "1-", "a1", "_p1", "~", "-.", "1a"):
            for text in (piece * (MOST // len(piece)), piece * 100_000):
                _read(ecosystem, text)


def test_releases_have_the_rules_of_their_distribution() -> None:
    assert compare("Debian:12", "1.0~rc1", "1.0") == -1
    with pytest.raises(Unreadable, match="Nowhere"):
        compare("Nowhere", "1", "2")


def _read(ecosystem: str, version: str) -> bool:
    try:
        compare(ecosystem, version, version)
    except Unreadable:
        return False
    return True
