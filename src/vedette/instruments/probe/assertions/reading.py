"""From the text of an assertion to its tree: a recursive descent of one character ahead.

The conditions are those of Gatus (its README, "Conditions", describes them), with quotes, headers, `contains`
and `schema()` beside them.
"""

import difflib
import functools
import json
import re
from collections.abc import Iterable

from vedette.core.errors import Invalid
from vedette.instruments.probe.assertions import schema
from vedette.instruments.probe.assertions.scanning import Scanner
from vedette.instruments.probe.assertions.tree import (
    Assertion,
    Choice,
    Length,
    Literal,
    Measure,
    Name,
    Operator,
    Pattern,
    Placeholder,
    Presence,
    Schema,
    Subject,
)

MOST_CHARACTERS = 16_384
MOST_ASSERTIONS = 100
_MOST_STEPS = 50

_NAME = re.compile(r"[A-Za-z_]+")
_KEY = re.compile(r"[\w$@:-]+")
_INDEX = re.compile(r"\d{1,9}")
_FUNCTION = re.compile(r"[a-z_]+(?=\()")
_OPERATOR = re.compile(r"==|!=|<=|>=|<|>|!?contains(?=[\s\"'])")
_BEFORE_OPERATOR = re.compile(r"\S+?(?=\s*(?:==|!=|<=|>=|<|>)|\s+!?contains\b|\s*$)")
_FUNCTIONS = ("len", "has", "pat", "any", "schema")
_EQUALITY = frozenset({Operator.EQUAL, Operator.UNEQUAL})
_PATHS = frozenset({Name.BODY, Name.HEADER})


def read_all(texts: Iterable[str]) -> tuple[Assertion, ...]:
    """Return assertions in order; raises `Invalid` for the first that is wrong, and when they are too many."""
    found = tuple(read(text) for text in texts)
    if len(found) > MOST_ASSERTIONS:
        raise Invalid(f"There are {len(found)} assertions; {MOST_ASSERTIONS} are the most.")
    return found


@functools.lru_cache(maxsize=1024)
def read(text: str) -> Assertion:
    """Return what an assertion says; raises `Invalid` that points at the column of what is wrong."""
    if len(text) > MOST_CHARACTERS:
        raise Invalid(f"An assertion has {len(text)} characters; {MOST_CHARACTERS} are the most.")
    scan = Scanner(text)
    if scan.at_end():
        scan.fail("there is nothing to assert; write for example [STATUS] == 200")
    left = _left(scan)
    if scan.at_end():
        return _alone(scan, left)
    operator = _operator(scan)
    scan.skip_space()
    begin = scan.at
    right = _right(scan)
    if not scan.at_end():
        scan.fail("nothing may follow here")
    _check(scan, left, operator, right, begin)
    return Assertion(text.strip(), left, operator, right)


@functools.lru_cache(maxsize=1024)
def read_placeholder(text: str) -> Placeholder:
    """Return what a placeholder by itself says (`[BODY].token`); raises `Invalid` that points at what is wrong."""
    scan = Scanner(text)
    if scan.at_end() or not scan.sees("["):
        scan.fail("a placeholder stands here, as in [BODY].token")
    found = _placeholder(scan)
    if not scan.at_end():
        scan.fail("nothing may follow here")
    return found


def _alone(scan: Scanner, left: Subject) -> Assertion:
    """Return what `has(…)` or `[CONNECTED]` say without an operator: that it is true."""
    if not isinstance(left, Presence) and left != Placeholder(Name.CONNECTED):
        scan.fail("an operator is missing: ==, !=, <, <=, >, >=, contains or !contains")
    return Assertion(scan.text.strip(), left, Operator.EQUAL, Literal("true"))


def _left(scan: Scanner) -> Subject:
    if scan.sees("["):
        return _placeholder(scan)
    if scan.text[scan.at] in "\"'":
        return Literal(scan.quoted())
    begin, name = scan.at, scan.take(_FUNCTION)
    if not name:
        return Literal(scan.take(_BEFORE_OPERATOR) or scan.fail("a value is missing"))
    if name not in {"len", "has"}:
        scan.fail(_no_function(name, "on the left stand len() and has()"), begin)
    return _measured(scan, name)


def _right(scan: Scanner) -> Measure:
    if scan.at_end():
        scan.fail("what it is compared with is missing")
    if scan.sees("["):
        return _placeholder(scan)
    if scan.text[scan.at] in "\"'":
        return Literal(scan.quoted())
    begin, name = scan.at, scan.take(_FUNCTION)
    if not name:
        return Literal(scan.take(re.compile(r".+", re.DOTALL)).strip())
    if name not in _FUNCTIONS:
        scan.fail(_no_function(name, "put text with parentheses in quotes"), begin)
    return _called(scan, name)


def _no_function(name: str, hint: str) -> str:
    near = difflib.get_close_matches(name, _FUNCTIONS, 1)
    return f"there is no function {name}() here{f', did you mean {near[0]}()?' if near and near[0] != name else ';'} {hint}"


def _called(scan: Scanner, name: str) -> Measure:
    if name in {"len", "has"}:
        return _measured(scan, name)
    if name == "schema":
        return _schema(scan)
    return _pattern(scan) if name == "pat" else _choice(scan)


def _measured(scan: Scanner, name: str) -> Length | Presence:
    scan.expect("(", "")
    scan.skip_space()
    if not scan.sees("["):
        scan.fail(f"{name}() takes a placeholder, as in {name}([BODY].items)")
    inside = _placeholder(scan)
    scan.skip_space()
    scan.expect(")", "the closing")
    return Length(inside) if name == "len" else Presence(inside)


def _pattern(scan: Scanner) -> Pattern:
    scan.expect("(", "")
    scan.skip_space()
    text = scan.quoted() if scan.sees('"') or scan.sees("'") else scan.until(")")
    scan.skip_space()
    scan.expect(")", "the closing")
    return Pattern(text)


def _choice(scan: Scanner) -> Choice:
    scan.expect("(", "")
    found = [_member(scan)]
    while scan.accept(","):
        found.append(_member(scan))
    scan.expect(")", "the closing")
    return Choice(tuple(found))


def _member(scan: Scanner) -> Literal | Pattern:
    scan.skip_space()
    if scan.accept("pat"):
        made: Literal | Pattern = _pattern(scan)
    elif scan.sees('"') or scan.sees("'"):
        made = Literal(scan.quoted())
    else:
        made = Literal(scan.until(",)") or scan.fail("a value is missing"))
    scan.skip_space()
    return made


def _schema(scan: Scanner) -> Schema:
    scan.expect("(", "")
    scan.skip_space()
    begin = scan.at
    try:
        _, scan.at = json.JSONDecoder().raw_decode(scan.text, begin)
    except json.JSONDecodeError as error:
        scan.fail(f"the schema is no JSON ({error.msg})", error.pos)
    except RecursionError:
        scan.fail("the schema is nested too deeply", begin)
    text = scan.text[begin : scan.at]
    wrong = schema.why_wrong(text)
    if wrong:
        scan.fail(f"this is no JSON Schema: {wrong}", begin)
    scan.skip_space()
    scan.expect(")", "the closing")
    return Schema(text)


def _placeholder(scan: Scanner) -> Placeholder:
    begin = scan.at
    scan.expect("[", "")
    word = scan.take(_NAME)
    name = next((known for known in Name if known.value == word.upper()), None)
    if name is None:
        near = difflib.get_close_matches(word.upper(), list(Name), 1)
        scan.fail(f"there is no [{word}]{f'; did you mean [{near[0]}]?' if near else _known()}", begin)
    scan.expect("]", "the closing")
    path = _path(scan)
    if path and name not in _PATHS:
        scan.fail(f"[{name}] is one value, nothing stands below it", begin)
    if name is Name.HEADER and (len(path) != 1 or not isinstance(path[0], str)):
        scan.fail('name one header, as in [HEADER].content-type or [HEADER]["x-y"]', begin)
    return Placeholder(name, path)


def _known() -> str:
    return f"; there are {', '.join(f'[{name}]' for name in Name)}"


def _path(scan: Scanner) -> tuple[str | int, ...]:
    steps: list[str | int] = []
    while scan.sees(".") or scan.sees("["):
        if len(steps) == _MOST_STEPS:
            scan.fail(f"a path has {_MOST_STEPS} steps at most")
        steps.append(_step(scan))
    return tuple(steps)


def _step(scan: Scanner) -> str | int:
    if scan.accept("."):
        return scan.take(_KEY) or scan.fail("a key is missing; keys with other characters go into [“…”]")
    scan.expect("[", "")
    if scan.sees('"') or scan.sees("'"):
        step: str | int = scan.quoted()
    else:
        step = int(scan.take(_INDEX) or scan.fail("an index is a number, a key stands in quotes"))
    scan.expect("]", "the closing")
    return step


def _operator(scan: Scanner) -> Operator:
    word = scan.take(_OPERATOR)
    if not word:
        seen = scan.text[scan.at : scan.at + 20].split(" ")[0]
        hint = (
            "; write =="
            if seen.startswith("=")
            else ": there are ==, !=, <, <=, >, >=, contains and !contains"
        )
        scan.fail(f"{seen} is no operator{hint}")
    return Operator(word)


def _check(scan: Scanner, left: Subject, operator: Operator, right: Measure, begin: int) -> None:
    """Refuse what can never hold."""
    if isinstance(right, Pattern | Choice | Schema) and operator not in _EQUALITY:
        scan.fail(f"pat(), any() and schema() go with == and !=, not with {operator}", begin)
    if isinstance(right, Schema) and not (isinstance(left, Placeholder) and left.name is Name.BODY):
        scan.fail("schema() describes [BODY] or a part of it", begin)
    if isinstance(left, Literal) and isinstance(right, Literal):
        scan.fail("neither side speaks of the answer; one must be a placeholder such as [STATUS]", 0)
    if isinstance(left, Presence) and right not in {Literal("true"), Literal("false")}:
        scan.fail("has() is compared with true or false", begin)
