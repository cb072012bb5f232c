"""What a Sigma rule is here: a tree of tests on the fields of an event, and from which log the event must come."""

import enum
from collections.abc import Mapping

import msgspec

Value = str | int | float | bool | None
TEXT = ""  # the field that is the whole line: what keywords are looked for in


class Wild(enum.Enum):
    """What stands for other characters in a text of a rule: `*` for any number of them, `?` for one."""

    MANY = "*"
    ONE = "?"


Piece = str | Wild


class All(msgspec.Struct, frozen=True):
    """Every one of the parts must hold."""

    parts: tuple["Test", ...]


class Any(msgspec.Struct, frozen=True):
    """At least one of the parts must hold."""

    parts: tuple["Test", ...]


class Not(msgspec.Struct, frozen=True):
    """The part must not hold; what asks for a field that is missing does not hold."""

    part: "Test"


class Text(msgspec.Struct, frozen=True):
    """A field is a text with wildcards, whatever the case of letters unless `cased`; a keyword is anywhere in the line."""

    field: str
    pieces: tuple[Piece, ...]
    cased: bool = False


class Number(msgspec.Struct, frozen=True):
    """A field is a number, however it is written (`5`, `5.0`); as a keyword its digits are in the line."""

    field: str
    value: float


class Flag(msgspec.Struct, frozen=True):
    """A field is true or false: the words, or 1 and 0."""

    field: str
    value: bool


class Null(msgspec.Struct, frozen=True):
    """A field is missing or null."""

    field: str


class Exists(msgspec.Struct, frozen=True):
    """A field is there with a value, or is not."""

    field: str
    wanted: bool


class Pattern(msgspec.Struct, frozen=True):
    """A regular expression (RE2) is found in a field; `flags` are of `i`, `m` and `s`."""

    field: str
    pattern: str
    flags: str = ""


class Network(msgspec.Struct, frozen=True):
    """A field is an address of a network (CIDR)."""

    field: str
    cidr: str


class Compare(msgspec.Struct, frozen=True):
    """A field is a number, and less (`<`, `<=`) or more (`>`, `>=`) than one."""

    field: str
    operator: str
    value: float


class Same(msgspec.Struct, frozen=True):
    """A field is, begins with, ends with or (both) contains what another field is."""

    field: str
    other: str
    begins: bool = False
    ends: bool = False


Test = All | Any | Not | Text | Number | Flag | Null | Exists | Pattern | Network | Compare | Same


class LogSource(msgspec.Struct, frozen=True):
    """From which log an event is; what is empty in a rule may be anything."""

    product: str = ""
    category: str = ""
    service: str = ""


class SigmaRule(msgspec.Struct, frozen=True, kw_only=True):
    """A rule in Sigma's format as it is evaluated, and what is said with a match.

    `author` and `references` are kept with every detection: the Detection Rule License asks for it. A rule that is only
    there for a correlation is not told by itself (`told` is false).
    """

    id: str
    title: str
    test: Test
    source: LogSource
    name: str = ""
    level: str = "medium"
    author: str = ""
    references: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    told: bool = True


class CorrelationType(enum.StrEnum):
    """What is counted over time."""

    EVENT_COUNT = "event_count"
    VALUE_COUNT = "value_count"
    TEMPORAL = "temporal"
    TEMPORAL_ORDERED = "temporal_ordered"


class Correlation(msgspec.Struct, frozen=True, kw_only=True):
    """Matches of other rules taken together: so many within `seconds` for the same values of `group_by`.

    `rules` are ids of rules or of other correlations. `aliases` tell which field of a rule's event stands for a name of
    `group_by`: `{"client": {"<rule>": "c-ip"}}`. `fields` are those whose different values are counted. With
    `generate` the rules are told by themselves as well.
    """

    id: str
    title: str
    type: CorrelationType
    rules: tuple[str, ...]
    seconds: float
    group_by: tuple[str, ...] = ()
    operator: str = ">="
    count: float = 1
    fields: tuple[str, ...] = ()
    aliases: Mapping[str, Mapping[str, str]] = {}
    name: str = ""
    level: str = "medium"
    author: str = ""
    references: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    generate: bool = False
    told: bool = True
