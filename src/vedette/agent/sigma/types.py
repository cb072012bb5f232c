"""What a Sigma rule is here: a test on the fields of an event, and from which log the event must come."""

import enum
from collections.abc import Mapping

import msgspec

from vedette.agent.sigma.tree import Test


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
