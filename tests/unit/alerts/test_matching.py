"""Matchers: Alertmanager's syntax, RE2's patterns, and errors that name the place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.alerts.matching import Matcher, Operator, accepts_nothing, matches, parse, written
from vedette.core.errors import Invalid

NAMES = st.from_regex(r"[a-zA-Z_][a-zA-Z0-9_]{0,8}", fullmatch=True)
MATCHERS = st.lists(
    st.builds(
        Matcher,
        NAMES,
        st.sampled_from([Operator.EQUAL, Operator.NOT_EQUAL]),
        st.text(st.characters(codec="utf-8")),
    ),
    max_size=5,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('severity="critical"', [("severity", "=", "critical")]),
        ("severity=critical", [("severity", "=", "critical")]),
        ('{a="1", b!="2",c=~"x|y" , d!~"z.*"}', [("a", "=", "1"), ("b", "!=", "2"), ("c", "=~", "x|y"), ("d", "!~", "z.*")]),
        ('a="b, c"', [("a", "=", "b, c")]),
        (r'a="say \"hi\"\\\n"', [("a", "=", 'say "hi"\\\n')]),
        ('a=""', [("a", "=", "")]),
        ("a=", [("a", "=", "")]),
        ("", []),
        ("{}", []),
    ],
)  # fmt: skip
def test_what_is_written_is_read(text: str, expected: list[tuple[str, str, str]]) -> None:
    assert [(each.name, each.op.value, each.value) for each in parse(text)] == expected


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("severity", "After 'severity'"),
        ('="x"', "A label's name is missing before"),
        ('a="b', "has no closing quote"),
        ('a="b" c="d"', "comes a comma, not 'c="),
        ('{a="b"', "A brace is missing"),
        ('a=~"("', "The pattern of a=~"),
        ('a=~"(?=x)"', "no look-around"),
        ('a="b",,c="d"', "A label's name is missing before"),
        (",".join('a="b"' for _ in range(60)), "More than 50 matchers"),
        (f'a="{"x" * 3000}"', "longer than 2000"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_place(text: str, told: str) -> None:
    with pytest.raises(Invalid) as error:
        parse(text)
    assert told in str(error.value)


@given(MATCHERS)
def test_what_is_written_comes_back(matchers: list[Matcher]) -> None:
    assert parse(written(matchers)) == tuple(matchers)


@pytest.mark.parametrize(
    ("text", "labels", "expected"),
    [
        ('a="1"', {"a": "1"}, True),
        ('a="1"', {}, False),
        ('a=""', {}, True),
        ('a!="1"', {}, True),
        ('a=~"1|2"', {"a": "12"}, False),
        ('a=~"1|2"', {"a": "2"}, True),
        ('a=~".*"', {}, True),
        ('a=~".+"', {}, False),
        ('a!~"x.*"', {"a": "xy"}, False),
        ('a="1",b="2"', {"a": "1", "b": "3"}, False),
    ],
)
def test_labels_are_matched_as_alertmanager_does(text: str, labels: dict[str, str], expected: bool) -> None:
    assert matches(parse(text), labels) is expected


def test_matchers_that_hold_for_nothing_at_all_are_known() -> None:
    assert accepts_nothing(parse('a=~".*",b!="x"'))
    assert not accepts_nothing(parse('a="x"'))


def test_a_pattern_that_explodes_elsewhere_takes_no_time_here() -> None:
    assert not matches(parse('a=~"(x+x+)+y"'), {"a": "x" * 5_000})
