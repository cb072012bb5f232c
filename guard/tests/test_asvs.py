"""The table of requirements is whole, and every piece of evidence is a test that is there."""

import csv
import json
import re
from functools import cache
from pathlib import Path

import pytest
from vedette.cli.asvs import show
from vedette.core.errors import ConfigError

from vedette_guard.audit.asvs import CHAPTERS, WHO, requirements

ROOT = Path(__file__).parents[2]
ENOUGH = 100


@cache
def collected(path: str) -> frozenset[str]:
    """Return the names of the tests in a file that pytest would collect."""
    file = ROOT / path
    assert file.is_file(), f"{path} is not there"
    assert file.name.startswith("test_"), f"{path} is not collected"
    return frozenset(re.findall(r"^(?:async )?def (test_\w+)\(", file.read_text(), re.MULTILINE))


@pytest.mark.corpus
def test_every_requirement_of_the_standard_is_there_once(corpora: Path) -> None:
    with (corpora / "asvs/asvs-5.0.csv").open(encoding="utf-8") as file:
        standard = [row["id"] for row in csv.DictReader(file)]
    assert len(standard) == 345
    assert [one.id for one in requirements()] == standard


@pytest.mark.corpus
def test_no_words_of_the_standard_are_repeated(corpora: Path) -> None:
    """They are OWASP's, under a licence of their own."""
    with (corpora / "asvs/asvs-5.0.csv").open(encoding="utf-8") as file:
        texts = {row["id"]: row["text"] for row in csv.DictReader(file)}
    for one in requirements():
        words = one.sentence.split()
        for n in range(len(words) - 6):
            assert " ".join(words[n : n + 7]) not in texts[one.id], one.id


def test_the_table_is_well_formed() -> None:
    found = requirements()
    assert len({one.id for one in found}) == len(found) == 345
    assert {one.chapter for one in found} == set(CHAPTERS)
    for one in found:
        assert one.who in WHO, one.id
        assert one.sentence.endswith("."), one.id
        assert bool(one.evidence) == one.covered, f"{one.id}: covered is what has evidence, and nothing else"


def test_all_evidence_is_a_test_that_exists() -> None:
    lost = []
    for one in requirements():
        for test in one.evidence:
            path, _, name = test.partition("::")
            if name not in collected(path):
                lost.append(f"{one.id}: {test}")
    assert not lost


def test_the_guards_evidence_is_the_guards_and_the_servers_is_the_servers() -> None:
    for one in requirements():
        sides = {"guard" if test.startswith("guard/") else "server" for test in one.evidence}
        wanted = {"both": {"guard", "server"}, "neither": set()}.get(one.who, {one.who})
        assert sides == wanted, one.id


def test_enough_is_covered() -> None:
    assert sum(one.covered for one in requirements()) >= ENOUGH


def test_it_is_told_by_chapters(capsys: pytest.CaptureFixture[str]) -> None:
    show(chapter=3)
    said = capsys.readouterr().out
    assert said.startswith("V3 Browsers: ")
    assert "guard/tests/test_csrf.py::test_it_decides_as_go_does" in said
    assert "V4" not in said
    show(json=True)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(lines) == 345
    assert lines[0].keys() == {"id", "who", "evidence", "sentence"}
    with pytest.raises(ConfigError, match="1 to 17"):
        show(chapter=18)
