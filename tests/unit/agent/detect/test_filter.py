"""What is passed over unread sets nothing off: with the filter that rules give, and without any, the same is found."""

import itertools
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from benchmarks import genlogs
from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.agent.detect.engine import Detector
from vedette.agent.detect.rules import load
from vedette.instruments.logs.reading import Reader
from vedette.instruments.logs.registry import parsers
from vedette.instruments.logs.wanting import EVERYTHING
from vedette.wire.agent.types import Detection

NOW = 1_795_725_500.0
PARSERS, RULES = parsers(), load()
EXAMPLES = sorted({line for rule in RULES for example in rule.examples for line in example.lines})


Read = Callable[[Sequence[str], bool], Sequence[Detection]]


@pytest.fixture(scope="module", params=["hyperscan", "re2"])
def found(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Read:
    """Return what tells what lines set off: read through the filter of the rules, or one that lets through all."""
    cache = tmp_path_factory.mktemp("patterns")
    readers = [
        Reader(PARSERS, wanted, engine=request.param, cache=cache)
        for wanted in (Detector(RULES).wanted, EVERYTHING)
    ]

    def read(lines: Sequence[str], filtered: bool) -> Sequence[Detection]:
        number = itertools.count()
        detector = Detector(RULES, ids=lambda: str(next(number)))
        chunk = "".join(f"{line}\n" for line in lines).encode()
        entries = readers[0 if filtered else 1].entries(chunk, "x", NOW)
        return [one for entry in entries for one in detector.pour(entry, NOW)]

    return read


def test_of_generated_logs_nothing_is_passed_over(found: Read, tmp_path: Path) -> None:
    genlogs.write(tmp_path, 2_000, NOW)
    for name in ("auth.log", "access.log", "access.json"):
        lines = (tmp_path / name).read_text().splitlines()
        told = found(lines, True)
        assert told, name
        assert told == found(lines, False), name


@pytest.mark.parametrize(
    "target",
    ["r\\x6d+-rf+/", "\\x72m+-rf+/", "%72m+-rf+/", "r%u006d+-rf+/", "r\\u006d+-rf+/", "r%256d+-rf+/"],
)
def test_a_letter_in_any_notation_is_seen(found: Read, target: str) -> None:
    lines = [
        f'192.0.2.7 - - [17/Oct/2022:14:14:23 +0000] "GET /search?q={one} HTTP/1.1" 301 492 "-" "-"'
        for one in (target, f"x+{target}", f"y+{target}")
    ]
    assert found(lines, True) == found(lines, False) != []


@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_of_what_rules_are_about_nothing_is_passed_over(found: Read, data: st.DataObject) -> None:
    drawn = data.draw(st.lists(st.sampled_from(EXAMPLES), min_size=1, max_size=40))
    lines = [_hidden(line, data) for line in drawn for _ in range(data.draw(st.sampled_from([1, 1, 8])))]
    assert found(lines, True) == found(lines, False)


def _hidden(line: str, data: st.DataObject) -> str:
    """Return a line in which one character of a target may be written otherwise, as who attacks does."""
    begin, end = line.find(" /") + 1, line.find(" HTTP/")
    if not 0 < begin < end or not data.draw(st.booleans()):
        return line
    at = data.draw(st.integers(begin, end - 1))
    how = data.draw(
        st.sampled_from(
            [
                str.upper,
                lambda c: f"%{ord(c):02x}",
                lambda c: f"%25{ord(c):02X}",
                lambda c: f"\\x{ord(c):02x}",
            ]
        )
    )
    return line[:at] + how(line[at]) + line[at + 1 :] if line[at].isascii() else line
