"""What the page of findings says first: nothing that was not seen is called clean."""

import pytest

from vedette.scans import verdict
from vedette.scans.types import Life, Outcome, Week

NOTHING = Week(findings=(), count=0, late=0)


@pytest.mark.parametrize(
    ("states", "outcomes", "title", "tone"),
    [
        ({}, [], "Nothing was scanned yet", "off"),
        ({}, [None], "Nothing was scanned yet", "off"),
        ({}, [Outcome.CLEAN], "No weakness is open", "ok"),
        ({Life.FIXED: 2}, [Outcome.CLEAN, None], "No weakness is open", "off"),
        ({}, [Outcome.CLEAN, Outcome.BLIND], "1 scan could not know.", "crit"),
        ({Life.OPEN: 3}, [Outcome.FOUND, Outcome.BLIND, Outcome.BLIND], "2 scans could not know.", "crit"),
        ({Life.OPEN: 1}, [Outcome.FOUND], "Nothing must be fixed this week", "ok"),
        ({Life.OPEN: 1}, [Outcome.FOUND, None], "Nothing must be fixed this week", "off"),
    ],
)
def test_only_what_was_seen_is_clean(
    states: dict[str, int], outcomes: list[Outcome | None], title: str, tone: str
) -> None:
    said = verdict.of_list(NOTHING, states, outcomes)
    assert (said.title, said.tone) == (title, tone)


def test_what_is_not_known_stands_beside() -> None:
    said = verdict.of_list(NOTHING, {Life.OPEN: 1}, [Outcome.FOUND, None, None])
    assert said.text == "1 is open, with time left. 2 targets were not scanned yet."
