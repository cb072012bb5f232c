"""The score of a site's headers, as MDN's HTTP Observatory publishes it; its table is data with its source (`table.json`).

Preload lists are not known offline: nothing is given for them.
"""

import functools
from collections.abc import Iterable, Mapping, Set
from pathlib import Path
from typing import NamedTuple

import msgspec

from vedette.instruments.scan.site.observatory import outcomes
from vedette.instruments.scan.site.types import Site

_FILE = Path(__file__).with_name("table.json")


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """What is published: points to begin with, from which bonuses count, the least points of each grade, and modifiers."""

    source: str
    start: int
    bonuses_from: int
    grades: tuple[tuple[int, str], ...]
    modifiers: Mapping[str, int]


class Score(NamedTuple):
    """Points and grade, with the outcomes that are not 0."""

    points: int
    grade: str
    outcomes: tuple[str, ...]


@functools.cache
def table() -> Table:
    """Return the published table."""
    return msgspec.json.decode(_FILE.read_bytes(), type=Table)


def score(site: Site, failed: Set[str]) -> Score:
    """Return the score of a site; `failed` are the checks that hit, for what only asking can tell."""
    return summed(tuple(outcomes.of(site, failed)))


def summed(names: Iterable[str]) -> Score:
    """Return what outcomes come to: penalties first, and bonuses only to who has 90 points after them."""
    known = table()
    changes = {name: known.modifiers[name] for name in names}
    points = known.start + sum(each for each in changes.values() if each < 0)
    if points >= known.bonuses_from:
        points += sum(each for each in changes.values() if each > 0)
    points = max(0, points)
    grade = next(letter for least, letter in known.grades if points >= least)
    return Score(points, grade, tuple(name for name, change in changes.items() if change))
