"""What files change, and how that is told: one difference for each object."""

import enum
from collections.abc import Mapping

import msgspec

from vedette.wire.ascode.reading import Fault


class Act(enum.StrEnum):
    """What becomes of an object."""

    ADD = "add"
    CHANGE = "change"
    REMOVE = "remove"


class Change(msgspec.Struct, frozen=True):
    """One difference; `fields` are what it has before and after, as text."""

    act: Act
    what: str
    name: str
    file: str
    fields: Mapping[str, tuple[str, str]] = {}


class Plan(msgspec.Struct, frozen=True):
    """What files would change, and what is wrong with them; where something is wrong, nothing is changed."""

    changes: tuple[Change, ...]
    faults: tuple[Fault, ...]


def differ(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Return the fields of `after` that are not as they were, each before and after."""
    return {
        name: (before.get(name, ""), value) for name, value in after.items() if before.get(name, "") != value
    }


def told(change: Change) -> str:
    """Return a difference as lines: a sign, what it is, and each field that differs."""
    sign = {Act.ADD: "+", Act.CHANGE: "~", Act.REMOVE: "-"}[change.act]
    head = f"{sign} {change.what} {change.name} ({change.file})"
    return "\n".join(
        [head, *(f"    {name}: {a or '–'} → {b or '–'}" for name, (a, b) in change.fields.items())]
    )
