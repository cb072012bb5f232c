"""The words of ownership rules."""

import msgspec

from vedette.errors.types import Issue


class OwnerRules(msgspec.Struct, frozen=True):
    """A project's ownership rules as written; with `suggest` new issues are not assigned, their history names the owner."""

    source: str = ""
    suggest: bool = False


class Trial(msgspec.Struct, frozen=True):
    """To whom rules would give an issue (a name) and by which rule; both empty when none fits."""

    issue: Issue
    owner: str
    reason: str
