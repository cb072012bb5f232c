"""What a Sigma rule asks of an event: a tree of tests on its fields."""

import enum

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
