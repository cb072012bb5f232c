"""Rules as files: those that come with Vedette are right by their own examples, and what is wrong is told well."""

import re
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from tools.rule_pages import PAGES, pages

from vedette.agent.detect.engine import Detector
from vedette.agent.detect.rules import SHIPPED, load, read
from vedette.agent.detect.trying import lines_of, try_rules
from vedette.agent.detect.types import Mode, Rule
from vedette.core.errors import ConfigError
from vedette.instruments.logs.types import LogEntry
from vedette.instruments.logs.wanting import Wanted
from vedette.wire.agent.types import Measure

ReaderOf = Callable[[Wanted], Callable[[bytes], Iterable[LogEntry]]]
RULE = """
set = "own"
[[rule]]
id = "own-rule"
title = "T"
severity = "high"
tells = "tries"
why = "W"
false_positives = "F"
[rule.when]
kind = "request"
fields.path.contains = ["/x"]
[rule.bucket]
capacity = 3
leak = "10s"
[rule.then]
measure = "ban"
duration = "1h"
"""


def test_every_example_of_the_shipped_rules_is_right(shipped: tuple[Rule, ...], reader_of: ReaderOf) -> None:
    tried = list(try_rules(shipped, reader_of))
    assert [each for each in tried if not each.right] == []
    assert len(tried) >= len(shipped)


def test_every_rule_has_examples_and_its_page(shipped: tuple[Rule, ...]) -> None:
    assert [rule.id for rule in shipped if {each.fires for each in rule.examples} != {True, False}] == []
    text = {name: (PAGES / name).read_text() for name in pages()}
    for rule in shipped:
        assert f"\n## {rule.id}\n" in text[f"{rule.set}.md"], rule.id


def test_the_pages_are_as_the_rules_are() -> None:
    assert {path.name: path.read_text() for path in PAGES.glob("*.md")} == pages(), "run tools/rule-pages"


def test_each_set_is_a_file_that_the_overview_names(shipped: tuple[Rule, ...]) -> None:
    overview = (PAGES.parent / "detection.md").read_text()
    for path in SHIPPED.glob("*.toml"):
        assert {rule.set for rule in shipped if rule.file == str(path)} == {path.stem}
        assert f"(detection/{path.stem}.md)" in overview


def test_every_list_is_used_and_has_no_doubles() -> None:
    rules = "".join(path.read_text() for path in SHIPPED.glob("*.toml"))
    for path in SHIPPED.glob("lists/*.txt"):
        lines = [line for line in path.read_text().splitlines() if not line.startswith("#")]
        assert f'"@{path.stem}"' in rules
        assert sorted(lines) == sorted(set(lines)), path.name
        assert lines == [line.lower() for line in lines], path.name


def test_what_a_rule_wants_lets_its_examples_through(shipped: tuple[Rule, ...]) -> None:
    for rule in shipped:
        requests = Detector([rule]).wanted.requests
        assert requests is not None, f"{rule.id} makes the agent read every request"
        for example in rule.examples if requests and rule.when[0].kinds == ("request",) else ():
            if example.fires:
                for line in lines_of(example):
                    assert any(re.search(each, line, re.IGNORECASE) for each in requests), (rule.id, line)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ('kind = "request"', 'kind = "requests"', "own.toml:11: Rule own-rule: there are no entries of kind `requests`; did you mean `request`?"),
        ("fields.path.contains", "fields.pth.contains", "own.toml:12: Rule own-rule: a request has no field `pth`; did you mean `path`?"),
        ('["/x"]', '["@bad-bots"]', "own.toml:12: Rule own-rule: there is no list `bad-bots`; did you mean `unwanted-bots`?"),
        ('contains = ["/x"]', 'matches = "(?=x)"', "own.toml:12: Rule own-rule: '(?=x)' is no pattern of RE2: invalid perl operator: (?=."),
        ('contains = ["/x"]', 'cidr = "10.0.0.1/8"', "own.toml:12: Rule own-rule: 10.0.0.1/8 has host bits set."),
        ('contains = ["/x"]', 'range = "5xx"', "own.toml:12: Rule own-rule: '5xx' is no range of numbers: write 404 or 500-599."),
        ('contains = ["/x"]', 'needs = ["x"]', "own.toml:12: Rule own-rule: it must look like something: equals, contains, startswith, endswith, matches, cidr or range."),
        ("capacity = 3", "capacty = 3", "own.toml:14: [[bucket]] has no `capacty`; did you mean `capacity`?"),
        ("capacity = 3", "capacity = 3\nby = \"adress\"", "own.toml:15: Rule own-rule: there are no buckets by `adress`; did you mean `address`?"),
        ('leak = "10s"', 'leak = "0s"', "own.toml:15: Rule own-rule: `leak` is how long until a drop is forgotten: 10s, 5m …"),
        ('duration = "1h"', "", "own.toml:16: Rule own-rule: ban needs a `duration`: 4h, 30m …"),
        ('duration = "1h"', 'duration = "1h"\n[[rule.example]]\ntimes = 2', "own.toml:19: Rule own-rule: an example has `fires` or `silent`, one of them."),
        ('set = "own"', 'set = "own"\nrules = 1', "own.toml:3: A file of rules has no `rules`; did you mean `rule`?"),
        ('severity = "high"', "severity = ", "own.toml:6: This is no TOML: Invalid value."),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_line_and_what_was_meant(before: str, after: str, told: str) -> None:
    assert before in RULE
    rules, faults = read(texts={"own.toml": RULE.replace(before, after, 1)})
    assert [str(fault) for fault in faults] == [told]
    assert [rule.id for rule in rules if rule.set == "own"] == []


def test_own_rules_stand_beside_the_shipped_ones_with_lists_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists/mine.txt").write_text("# a list\n/X\n\n/y\n")
    (tmp_path / "own.toml").write_text(RULE.replace('["/x"]', '["@mine", "@@home"]'))
    rules = load(SHIPPED, tmp_path)
    own = next(rule for rule in rules if rule.id == "own-rule")
    assert own.when[0].fields["path"].contains == ("/x", "/y", "@home")
    assert (own.measure, own.duration, own.bucket.capacity) == (Measure.BAN, 3600.0, 3)


def test_a_rule_of_a_name_that_is_taken_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(RULE)
    (tmp_path / "b.toml").write_text(RULE)
    with pytest.raises(ConfigError, match=r"b\.toml:3: Rule own-rule stands in .*a\.toml:3, too\."):
        load(tmp_path)


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no such folder of rules"):
        load(tmp_path / "none")


def test_a_set_that_is_off_costs_nothing(shipped: tuple[Rule, ...]) -> None:
    off = {rule.set: Mode.OFF for rule in shipped}
    wanted = Detector(shipped, off).wanted
    assert (wanted.kinds, wanted.requests, wanted.lines) == (frozenset(), (), {})
