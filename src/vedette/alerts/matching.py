"""Which labels does somebody mean? Matchers in Alertmanager's syntax (`severity=~"high|critical"`). Pure.

Source of the syntax: Prometheus' documentation, "Alertmanager, Configuration, Matcher". A name, one of
`=`, `!=`, `=~`, `!~`, and a value that may be quoted; several are parted by commas, braces around them are
allowed. Regular expressions are RE2's and match the whole value; a label that is not there has the value "".
"""

import enum
import functools
import re
from collections.abc import Callable, Iterable, Mapping

import msgspec
import re2

from vedette.core.errors import Invalid

LONGEST_VALUE = 2_000
MOST_MATCHERS = 50
_NAME = re.compile(r"\s*([^\s=!~,{}\"\\]+)\s*")
_OPERATOR = re.compile(r"(=~|!~|!=|=)\s*")
_QUOTED = re.compile(r'"((?:[^"\\\n]|\\.)*)"\s*', re.DOTALL)
_BARE = re.compile(r'[^",{}\n]*')
_ESCAPED = re.compile(r'\\([n"\\])')


class Operator(enum.StrEnum):
    """How a matcher compares."""

    EQUAL = "="
    NOT_EQUAL = "!="
    MATCHES = "=~"
    MATCHES_NOT = "!~"


class Matcher(msgspec.Struct, frozen=True):
    """One condition on one label."""

    name: str
    op: Operator
    value: str

    def __str__(self) -> str:
        """Return it as it is written."""
        value = self.value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        return f'{self.name}{self.op.value}"{value}"'


def parse(text: str) -> tuple[Matcher, ...]:
    """Read matchers parted by commas; raises `Invalid` with the place and what to write instead."""
    inner = _without_braces(text)
    found: list[Matcher] = []
    rest = inner
    while rest.strip():
        matcher, rest = _one(rest, text)
        found.append(matcher)
        if len(found) > MOST_MATCHERS:
            raise Invalid(f"More than {MOST_MATCHERS} matchers in one place; split them.")
    return tuple(found)


def matcher(name: str, op: Operator, value: str) -> Matcher:
    """Return a matcher that is fit to be used; raises `Invalid` for a pattern RE2 does not take."""
    if len(value) > LONGEST_VALUE:
        raise Invalid(f"The value for {name} is longer than {LONGEST_VALUE} characters.")
    made = Matcher(name, op, value)
    if op in {Operator.MATCHES, Operator.MATCHES_NOT}:
        _check_pattern(made)
    return made


def matches(matchers: Iterable[Matcher], labels: Mapping[str, str]) -> bool:
    """Tell whether every matcher holds for the labels."""
    return all(_test(each)(labels.get(each.name, "")) for each in matchers)


def first_failing(matchers: Iterable[Matcher], labels: Mapping[str, str]) -> Matcher | None:
    """Return the matcher that keeps these labels out, None when all hold."""
    return next((each for each in matchers if not _test(each)(labels.get(each.name, ""))), None)


def accepts_nothing(matchers: Iterable[Matcher]) -> bool:
    """Tell whether the matchers hold for an empty label set, so that they would hold for nearly everything."""
    return matches(matchers, {})


def written(matchers: Iterable[Matcher]) -> str:
    """Return matchers as they are written, parted by a comma and a blank."""
    return ", ".join(str(each) for each in matchers)


def _without_braces(text: str) -> str:
    stripped = text.strip()
    opened, closed = stripped.startswith("{"), stripped.endswith("}")
    if opened != closed:
        raise Invalid(f"A brace is missing in {text.strip()!r}: write {{…}}, or none at all.")
    return stripped[1:-1] if opened else stripped


def _one(rest: str, whole: str) -> tuple[Matcher, str]:
    name = _NAME.match(rest)
    if name is None:
        raise Invalid(f"A label's name is missing before {rest.strip()[:40]!r} in {whole!r}.")
    op = _OPERATOR.match(rest, name.end())
    if op is None:
        raise Invalid(f'After {name[1]!r} in {whole!r} comes =, !=, =~ or !~, then a value: {name[1]}="…".')
    value, rest = _value(rest[op.end() :], name[1], whole)
    return matcher(name[1], Operator(op[1]), value), rest


def _value(rest: str, name: str, whole: str) -> tuple[str, str]:
    quoted = _QUOTED.match(rest)
    found = quoted or _BARE.match(rest)
    if found is None or (quoted is None and rest.startswith('"')):
        raise Invalid(f"The value of {name!r} in {whole!r} has no closing quote.")
    after = rest[found.end() :]
    if after and not after.startswith(","):
        raise Invalid(f"After the value of {name!r} in {whole!r} comes a comma, not {after[:20]!r}.")
    text = quoted[1] if quoted else found[0].strip()
    return _ESCAPED.sub(lambda m: "\n" if m[1] == "n" else m[1], text), after[1:]


def _check_pattern(made: Matcher) -> None:
    try:
        _pattern(made.value)
    except re2.error as error:
        told = error.args[0] if error.args else ""
        shown = told.decode(errors="replace") if isinstance(told, bytes) else str(told)
        raise Invalid(
            f"The pattern of {made} cannot be used: {shown} (patterns are RE2's: no look-around, no back references)."
        ) from None


@functools.lru_cache(maxsize=4_096)
def _test(each: Matcher) -> Callable[[str], bool]:
    value = each.value
    if each.op is Operator.EQUAL:
        return lambda given: given == value
    if each.op is Operator.NOT_EQUAL:
        return lambda given: given != value
    pattern = _pattern(value)
    if each.op is Operator.MATCHES:
        return lambda given: pattern.fullmatch(given) is not None
    return lambda given: pattern.fullmatch(given) is None


def _pattern(value: str) -> "re2._Regexp":
    options = re2.Options()
    options.log_errors = False
    options.max_mem = 1 << 20
    return re2.compile(value, options=options)
