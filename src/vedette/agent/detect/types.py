"""The nouns of detection: a rule, what it looks for, how it counts and what follows."""

import enum
from collections.abc import Mapping

import msgspec

from vedette.instruments.logs.types import EntryKind
from vedette.wire.agent.types import Measure

ALL = "all"


class Mode(enum.StrEnum):
    """What is done with a set of rules: nothing, tell what would be done, or do it."""

    OFF = "off"
    SIMULATE = "simulate"
    ENFORCE = "enforce"


class Severity(enum.StrEnum):
    """How bad it is when a rule is met."""

    INFO = "info"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Likeness(msgspec.Struct, frozen=True, kw_only=True):
    """What a field must look like: one of these holds. All texts are in lower case, as fields are when they are compared.

    `needs` are literals of which a value that one of `matches` fits holds at least one, `line` patterns of which its line fits
    one; without either no line can be told apart beforehand. `networks` are CIDR, `ranges` numbers from and to.
    """

    equals: tuple[str, ...] = ()
    contains: tuple[str, ...] = ()
    startswith: tuple[str, ...] = ()
    endswith: tuple[str, ...] = ()
    matches: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    line: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    ranges: tuple[tuple[float, float], ...] = ()


class Clause(msgspec.Struct, frozen=True, kw_only=True):
    """Which entries: every part that is named must hold, and of each part one of its words."""

    kinds: tuple[EntryKind, ...]
    services: tuple[str, ...] = ()
    parsers: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    fields: Mapping[str, Likeness] = {}


class Bucket(msgspec.Struct, frozen=True, kw_only=True):
    """A leaky bucket for each `by`: holds `capacity` drops, loses one each `leak` seconds, overflows with one more.

    `distinct` names a field of which each value is one drop. Once it overflowed it is quiet for `again` seconds.
    """

    capacity: int = 0
    leak: float = 60.0
    by: tuple[str, ...] = ("address",)
    distinct: str = ""
    again: float = 300.0


class Example(msgspec.Struct, frozen=True):
    """Lines of a log and whether they make the rule fire; `times` is how often they come, with `{n}` for which time."""

    lines: tuple[str, ...]
    fires: bool
    times: int = 1


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """What is looked for and why, and what is done then.

    `tells` is what a drop is, for the sentence (`failed sign-ins of ssh`). `before` are the entries that fill the bucket
    when those of `when` only ask whether it is over its brim. `reset` are successes: they take back the failures of their
    own user. Once `crowd` addresses of one network were answered by `measure` within an hour, the network is; 0 never does that.
    """

    id: str
    set: str
    title: str
    severity: Severity
    why: str
    false_positives: str
    tells: str
    when: tuple[Clause, ...]
    unless: tuple[Clause, ...] = ()
    before: tuple[Clause, ...] = ()
    reset: tuple[Clause, ...] = ()
    bucket: Bucket = Bucket()
    measure: Measure = Measure.NOTE
    duration: float = 0.0
    crowd: int = 0
    examples: tuple[Example, ...] = ()
    file: str = ""
    line: int = 0
