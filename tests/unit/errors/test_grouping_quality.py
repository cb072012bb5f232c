"""Pairs of events that are one problem, or two that look alike; and versions of grouping that must not drift."""

import json
import random
from collections import defaultdict

import pytest
from benchmarks.grouping import joined, score
from tests.support import apps
from tests.support.pairs import SEED, Pair, own_pairs, values
from tests.unit.errors.conftest import delivery

from vedette.errors.grouping import METHODS, VERSION, fingerprint
from vedette.errors.normalize import normalize
from vedette.errors.scrubbing import scrubber
from vedette.projects.types import ScrubRules

KINDS: dict[tuple[bool, str], list[Pair]] = defaultdict(list)
for _pair in own_pairs():
    KINDS[_pair.same, _pair.kind].append(_pair)

# What a version made of these events once it was released: hashes of known issues, never to change.
MADE = {
    1: {
        "python": "6aee5ddc", "python worker": "a28e8b88", "python lambda": "c1c4ff05", "browser": "58122594", "vite": "b1130afa",
        "webpack": "f714b9c5", "next": "1d3eb3e3", "express": "8372d9be", "laravel": "ae472652", "rails": "31501854",
        "spring": "bb18192c", "dotnet": "706eb80d", "go": "edef1977", "rust": "b0e22dcd", "native": "bd514c37",
        "swift": "8d8eacba", "flutter": "bc82f0aa", "kotlin": "b6d2f442",
    },
    2: {
        "python": "6d02e3bb", "python worker": "812ebef8", "python lambda": "68df26b4", "browser": "d217e651", "vite": "28cbea6a",
        "webpack": "6b7f40ae", "next": "445a7ed3", "express": "b373d72a", "laravel": "7aa843ed", "rails": "be33feed",
        "spring": "ba9d9713", "dotnet": "ca2f7773", "go": "37bdc8a7", "rust": "da51af94", "native": "5646983a",
        "swift": "3f00af14", "flutter": "6ab3d9b6", "kotlin": "14035245",
    },
    3: {
        "python": "7f387b78", "python worker": "22606190", "python lambda": "31b246d6", "browser": "dbf8f980", "vite": "486287ff", "webpack": "a48e4303",
        "next": "e2ef55b9", "express": "002f301a", "laravel": "c85a06f3", "rails": "cf5c8082", "spring": "32c98f5c", "dotnet": "90e84bea",
        "go": "c4d1b1bd", "rust": "1324f2f9", "native": "4c5ab5ed", "swift": "64f5b3c4", "flutter": "8f3f8c09", "kotlin": "e9b22675",
    },
}  # fmt: skip


@pytest.mark.parametrize(
    ("same", "kind"), KINDS, ids=[f"{'same' if s else 'different'} {k}" for s, k in KINDS]
)
def test_pairs_are_told_apart_or_joined(same: bool, kind: str) -> None:
    assert [pair.origin for pair in KINDS[same, kind] if joined(pair) != same] == []


def test_the_score_counts_both_ways_of_being_wrong() -> None:
    one, other = {"message": "a"}, {"message": "b"}
    pairs = [
        Pair("", True, "", one, one), Pair("", True, "", one, other), Pair("", False, "", one, one), Pair("", False, "", one, other),
    ]  # fmt: skip
    assert score(pairs) == (0.5, 0.5, pytest.approx(0.5))
    assert score(pairs[:1]) == (1.0, 1.0, pytest.approx(1.0))


def test_there_are_enough_pairs_and_they_are_always_the_same() -> None:
    pairs = list(own_pairs())
    assert len(pairs) >= 300
    assert pairs == list(own_pairs(SEED))
    assert all(pair.first != pair.second for pair in pairs if not pair.same)
    assert json.dumps(pairs[0].first) != json.dumps(next(iter(own_pairs(7))).first)


@pytest.mark.parametrize("version", METHODS)
def test_a_version_goes_on_making_the_hashes_it_made(version: int) -> None:
    once = values(random.Random(1))
    scrub = scrubber(ScrubRules())
    made = {
        app.name: fingerprint(normalize(delivery(apps.event(app, once)), scrub).event, version).hash.hex()[:8]
        for app in apps.STACKED
    }
    assert made == MADE[version]
    assert VERSION in MADE
