"""The words of likeness."""

import enum

import msgspec

from vedette.errors.types import Issue, Part


class FeatureKind(enum.IntEnum):
    """What two issues may have in common."""

    PLACE = 0
    MESSAGE = 1
    FRAME = 2


class Feature(msgspec.Struct, frozen=True):
    """One thing issues may have in common, as 63 bits of a hash."""

    hash: int
    kind: FeatureKind


class Traits(msgspec.Struct, frozen=True):
    """What features are made of: an issue's project, exception type, culprit, message, and why it was grouped."""

    id: int
    project: int
    kind: str
    culprit: str
    message: str
    parts: tuple[Part, ...]


class Similar(msgspec.Struct, frozen=True):
    """An issue like another one: how much (0 to 1), and what they have in common."""

    issue: Issue
    score: float
    reason: str
