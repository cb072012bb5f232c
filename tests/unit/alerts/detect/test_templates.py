"""The miner of templates: masks, groups, bounds."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.alerts.detect import masks, templates
from vedette.alerts.detect.masks import MOST_TOKENS, tokens
from vedette.alerts.detect.templates import MOST_PATTERNS, Miner, mine, recall, resolve


@pytest.mark.parametrize(
    ("line", "masked"),
    [
        ("took 12.5 ms", "took <num> ms"),
        ("from 10.0.0.7:443 closed", "from <ip> closed"),
        ("peer ::1 gone", "peer <ip> gone"),
        ("at 2026-11-26T10:00:00.123Z", "at <time>"),
        ("Nov 26 10:00:00 web sshd[123]: bye", "<time> <num> <time> web sshd[<num>]: bye"),
        ("open /var/log/app.log failed", "open <path> failed"),
        ("see https://example.org/a?b=c", "see <path>"),
        ("order 6f1c2b9a-11d4-4c3e-9b1a-aa00bb11cc22 lost", "order <hex> lost"),
        ("mail to ann@example.org", "mail to <mail>"),
        ('user "Ann Lee" left', "user <str> left"),
        ("it's here", "it's here"),
        ("pool=3 user=ann", "pool=<num> user=ann"),
        ('{"level":"info","msg":"paid 3 orders"}', "paid <num> orders"),
        ('time="x" level=warn msg="disk sda full"', "time= <str> level=warn msg= disk sda full"),
    ],
)
def test_what_varies_is_masked(line: str, masked: str) -> None:
    assert " ".join(tokens(line)) == masked


@pytest.mark.parametrize(
    "line",
    [":" * 1_000, ":" * 499 + "x", "a:" * 500, "[:" * 500, "\'" * 1_000, '"\\' * 500, '\\"' * 500, "a@" * 500, "@" * 1_000],
)  # fmt: skip
def test_no_line_is_dear(line: str) -> None:
    """Whoever has a browser key writes these: a mask that tries every way to split one takes half a second."""
    began = time.process_time()
    tokens(line)
    assert time.process_time() - began < 0.1


def test_what_is_nested_too_deep_is_a_line_like_any_other() -> None:
    assert tokens('{"a":' * 2_000 + "1" + "}" * 2_000)
    assert tokens('{"a":' * 2_000)


def test_long_words_are_not_remembered() -> None:
    tokens("x" * 500)
    assert "x" * 500 not in masks._known
    assert tokens("y" * 60) == ("y" * 60,)
    assert "y" * 60 in masks._known


def test_lines_of_one_statement_are_one_pattern() -> None:
    miner = Miner()
    first = mine(miner, "Invalid user ann from 10.0.0.1 port 4711")
    assert mine(miner, "Invalid user bob from 10.0.0.2 port 4712") is first
    assert first.text == "Invalid user <*> from <ip> port <num>"
    assert first.count == 2


def test_two_words_of_a_sentence_are_two_patterns_and_many_are_a_value() -> None:
    miner = Miner()
    lines = [f"cache for region {name} was rebuilt in 3 ms" for name in ("north", "south", "east", "west")]
    numbers = [mine(miner, line).number for line in lines[:3]]
    assert len(set(numbers)) == 3
    last = mine(miner, lines[3])
    assert last.text == "cache for region <*> was rebuilt in <num> ms"
    assert {resolve(miner, n) for n in numbers} == {last.number}
    assert last.count == 4


def test_a_different_statement_of_the_same_length_is_its_own() -> None:
    miner = Miner()
    assert mine(miner, "payment of 3 accepted").number != mine(miner, "worker 3 went away").number


def test_a_pattern_that_is_taken_back_is_known() -> None:
    miner = Miner()
    kept = recall(miner, "Invalid user <*> from <ip> port <num>", 41)
    assert mine(miner, "Invalid user eve from 10.9.9.9 port 1") is kept
    assert kept.count == 42


def test_the_patterns_seen_least_lately_are_forgotten() -> None:
    miner = Miner()
    words = [
        f"{'abcdefghij'[a]}{'abcdefghij'[b]}{'abcdefghij'[c]}x"
        for a in range(10)
        for b in range(10)
        for c in range(10)
    ]
    for word in [*words, "one", "two", "three"]:
        mine(miner, f"{word} {word}")
    assert len(miner.patterns) == MOST_PATTERNS
    assert sum(map(len, miner.leaves.values())) == MOST_PATTERNS
    assert mine(miner, f"{words[-1]} {words[-1]}").count == 2
    assert mine(miner, f"{words[0]} {words[0]}").count == 1


@given(st.lists(st.text(max_size=80), max_size=40))
def test_any_line_has_a_pattern_that_covers_it(lines: list[str]) -> None:
    miner = Miner()
    for line in lines:
        found = mine(miner, line)
        words = tokens(line)
        assert len(words) <= MOST_TOKENS
        assert len(found.words) == len(words)
        assert all(a in (b, templates.WILD) for a, b in zip(found.words, words, strict=True))
    assert sum(each.count for each in miner.patterns.values()) == len(lines)
