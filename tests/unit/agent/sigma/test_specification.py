"""Rules of any shape against what Sigma's specification says, written here once more and as simply as can be."""

import base64
import ipaddress
import re
from collections.abc import Callable

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.agent.sigma.compiling import compiled
from vedette.agent.sigma.event import Event
from vedette.agent.sigma.loading import read
from vedette.agent.sigma.needing import Gate, needed
from vedette.agent.sigma.types import SigmaRule

FIELDS = ("one", "two", "three")
TEXTS = st.text("aAbBéÉ*?\\%_-/. 15'[^", max_size=5)
PATTERNS = ("a", "^a", "b$", "[0-9]+", "a|b", "(?i)é", "a.b", "-(a|b)?")
NETWORKS = ("10.0.0.0/8", "192.0.2.0/25", "2001:db8::/32")
NUMBERS = st.sampled_from((0, 1, 5, 15, -1, 1.5))
VALUES = (
    TEXTS
    | st.sampled_from(("10.1.2.3", "192.0.2.200", "2001:db8::7", "1", "5", "15", "1.5", "-1", ""))
    | NUMBERS
    | st.none()
    | st.booleans()
)
EVENTS = st.dictionaries(st.sampled_from(FIELDS), VALUES)


def _rule(detection: object, condition: str) -> SigmaRule:
    document = {
        "title": "t", "status": "test", "logsource": {"category": "webserver"},
        "detection": {**detection, "condition": condition},  # type: ignore[dict-item]
    }  # fmt: skip
    found = read([("t.yml", yaml.safe_dump(document))])
    assert not found.refused, found.refused
    return found.rules[0]


@st.composite
def items(draw: st.DrawFn) -> tuple[str, object]:
    field = draw(st.sampled_from(FIELDS))
    kind = draw(st.sampled_from(("", "contains", "startswith", "endswith", "contains|all", "cased", "contains|cased", "re", "cidr", "gt", "lte", "exists", "fieldref", "null")))  # fmt: skip
    if kind in ("gt", "lte"):
        return f"{field}|{kind}", draw(NUMBERS)
    if kind == "exists":
        return f"{field}|exists", draw(st.booleans())
    if kind == "fieldref":
        return f"{field}|fieldref", draw(st.sampled_from(FIELDS))
    if kind == "null":
        return field, draw(st.sampled_from((None, True, False)))
    one = {"re": st.sampled_from(PATTERNS), "cidr": st.sampled_from(NETWORKS), "": TEXTS | NUMBERS}.get(
        kind, TEXTS
    )
    return f"{field}|{kind}".rstrip("|"), draw(one | st.lists(one, min_size=1, max_size=3))


@st.composite
def detections(draw: st.DrawFn) -> object:
    if draw(st.integers(0, 5)) == 0:
        return draw(st.lists(TEXTS.filter(lambda text: text.strip("*?")), min_size=1, max_size=3))
    maps = st.lists(items(), min_size=1, max_size=3).map(dict)
    return draw(maps | st.lists(maps, min_size=1, max_size=2))


CONDITIONS: dict[str, Callable[[bool, bool, bool], bool]] = {
    "sel_a": lambda a, b, c: a,
    "not sel_a": lambda a, b, c: not a,
    "sel_a and not sel_b": lambda a, b, c: a and not b,
    "1 of sel_*": lambda a, b, c: a or b,
    "all of sel_*": lambda a, b, c: a and b,
    "all of them": lambda a, b, c: a and b and c,
    "other or sel_a and sel_b": lambda a, b, c: c or (a and b),
    "not (other or not sel_a) or sel_b": lambda a, b, c: not (c or not a) or b,
    "other and not 1 of sel_*": lambda a, b, c: c and not (a or b),
}


MADE = given(
    detections(), detections(), detections(), st.sampled_from(sorted(CONDITIONS)),
    st.lists(st.tuples(EVENTS, TEXTS), min_size=5, max_size=20),
)  # fmt: skip


def _is_as_specified(
    one: object, two: object, three: object, condition: str, events: list[tuple[dict[str, object], str]]
) -> None:
    rule = _rule({"sel_a": one, "sel_b": two, "other": three}, condition)
    check, gate = compiled(rule.test), Gate([needed(rule.test)])
    for values, text in events:
        event = Event(values, text)  # type: ignore[arg-type]
        wanted = CONDITIONS[condition](*(_detects(each, values, text) for each in (one, two, three)))
        assert check(event) is wanted, (rule.test, values, text)
        assert not wanted or gate.open_to(event.everything()), (rule.test, values, text)


@settings(max_examples=6, deadline=None)
@MADE
def test_some_rules_are_what_the_specification_says(
    one: object, two: object, three: object, condition: str, events: list[tuple[dict[str, object], str]]
) -> None:
    _is_as_specified(one, two, three, condition, events)


@pytest.mark.deep
@pytest.mark.timeout(600)
@settings(max_examples=500, deadline=None)
@MADE
def test_rules_are_what_the_specification_says(
    one: object, two: object, three: object, condition: str, events: list[tuple[dict[str, object], str]]
) -> None:
    _is_as_specified(one, two, three, condition, events)


def _detects(detection: object, values: dict[str, object], text: str) -> bool:
    if isinstance(detection, dict):
        return all(_item(key, value, values) for key, value in detection.items())
    assert isinstance(detection, list)
    if isinstance(detection[0], dict):
        return any(_detects(one, values, text) for one in detection)
    return any(
        _like(f"*{word}*" if not _odd(word) else f"*{word}\\*", text, cased=False) for word in detection
    )


def _odd(word: str) -> bool:
    """Tell whether a text ends with a lone backslash: what is written behind it would be escaped."""
    return (len(word) - len(word.rstrip("\\"))) % 2 == 1


def _item(key: str, wanted: object, values: dict[str, object]) -> bool:
    field, *modifiers = key.split("|")
    many = wanted if isinstance(wanted, list) else [wanted]
    return (all if "all" in modifiers else any)(_one(field, modifiers, one, values) for one in many)


def _one(field: str, modifiers: list[str], wanted: object, values: dict[str, object]) -> bool:  # noqa: C901, PLR0911
    value = values.get(field)
    if modifiers == ["exists"]:
        return (value is not None) is wanted
    if modifiers == ["fieldref"]:
        other = values.get(str(wanted))
        return value is not None and other is not None and _text(value).casefold() == _text(other).casefold()
    if wanted is None:
        return value is None
    if value is None:
        return False
    if isinstance(wanted, bool):
        return _text(value).lower() in (("true", "1") if wanted else ("false", "0"))
    if modifiers in (["gt"], ["lte"]):
        number = _number(value)
        return number is not None and (number > wanted if modifiers == ["gt"] else number <= wanted)  # type: ignore[operator]
    if isinstance(wanted, int | float):
        return _number(value) == wanted
    if modifiers == ["re"]:
        return re.search(str(wanted), _text(value)) is not None
    if modifiers == ["cidr"]:
        try:
            return ipaddress.ip_address(_text(value)) in ipaddress.ip_network(str(wanted))
        except ValueError:
            return False
    return _text_like(str(wanted), modifiers, _text(value))


def _text_like(wanted: str, modifiers: list[str], value: str) -> bool:
    tokens = _tokens(wanted)
    if {"contains", "endswith"} & {*modifiers}:
        tokens = ["MANY", *tokens]
    if {"contains", "startswith"} & {*modifiers}:
        tokens = [*tokens, "MANY"]
    return _match(tokens, value, cased="cased" in modifiers)


def _like(pattern: str, value: str, *, cased: bool) -> bool:
    if pattern.endswith("\\*"):  # see _odd
        return _match([*_tokens(pattern[:-1] + " ")[:-1], "MANY"], value, cased=cased)
    return _match(_tokens(pattern), value, cased=cased)


def _tokens(pattern: str) -> list[str]:
    """Return characters and wildcards; a backslash before a wildcard or a backslash means the character itself."""
    found, at = [], 0
    while at < len(pattern):
        character = pattern[at]
        if character == "\\" and pattern[at + 1 : at + 2] in ("*", "?", "\\") and at + 1 < len(pattern):
            at += 1
            found.append(pattern[at])
        else:
            found.append({"*": "MANY", "?": "ONE"}.get(character, character))
        at += 1
    return found


def _match(tokens: list[str], text: str, *, cased: bool) -> bool:
    if not tokens:
        return not text
    first, rest = tokens[0], tokens[1:]
    if first == "MANY":
        return any(_match(rest, text[at:], cased=cased) for at in range(len(text) + 1))
    same = text[:1] == first if cased else text[:1].casefold() == first.casefold()
    return bool(text) and (first == "ONE" or same) and _match(rest, text[1:], cased=cased)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _number(value: object) -> float | None:
    if isinstance(value, bool):
        return None
    try:
        return float(value) if re.fullmatch(r"[+-]?\d+(\.\d+)?", str(value)) else None  # type: ignore[arg-type]
    except ValueError:
        return None


@pytest.mark.parametrize(
    ("item", "value"),
    [
        ({"one|windash|contains": " -l "}, "ls /l x"),
        ({"one|base64": "root"}, base64.b64encode(b"root").decode()),
        ({"one|base64offset|contains": "/etc/passwd"}, base64.b64encode(b"cat /etc/passwd; id").decode()),
        (
            {"one|wide|base64offset|contains": "passwd"},
            base64.b64encode("xpasswd".encode("utf-16le")).decode(),
        ),
        ({"one|re|i": "^ROOT$"}, "root"),
        ({"one|fieldref|startswith": "two"}, "roots"),
        ({"one|neq": "guest"}, "root"),
        ({"one|contains": "*"}, ""),
        ({"one": ""}, ""),
        ({"one": "?"}, "İ"),
    ],
)
def test_what_modifiers_make_of_values(item: dict[str, object], value: str) -> None:
    check = compiled(_rule({"selection": item}, "selection").test)
    assert check(Event({"one": value, "two": "ROOT"}))
    assert not check(Event({"one": "guest" if "one|neq" in item else "something else", "two": "b"})) or item == {"one|contains": "*"}  # fmt: skip


def test_a_lone_surrogate_and_a_hostile_text_are_read() -> None:
    check = compiled(_rule({"selection": {"one|re": "(a+)+$"}}, "selection").test)
    assert not check(Event({"one": "\ud800" + "a" * 9_000 + "!"}))
    assert check(Event({"one": "\ud800" + "a" * 9_000}))
