"""What may stand in a file of backups: a plan as hosts are told it, its host by name, secrets by where they are. Pure."""

from collections.abc import Mapping
from typing import Annotated

import msgspec

from vedette.wire.backup import Assertion, Copy, Drills, Goals, Hook, Keep, Limits, Plan, Schedule, What

Source = Annotated[Mapping[str, str], msgspec.Meta(description='{ env = "NAME" } or { file = "/path" }')]


class WhatText(What, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that is saved; its settings are those of its kind (docs/backups/sources.md)."""


class CopyText(Copy, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a copy is kept. `given` says where its secrets are; they stand in no file. Without `password` we make one."""

    given: Mapping[str, Source] = {}


class WhenText(Schedule, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When it is saved."""


class KeepText(Keep, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many are kept of each age."""


class LimitsText(Limits, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a run may use."""


class BackupHookText(Hook, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A program that runs before or after."""


class AssertText(Assertion, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something a drill asks."""


class DrillsText(Drills, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How it is proven."""

    asserts: tuple[AssertText, ...] = ()


class GoalsText(Goals, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the team promises itself, in seconds."""


class BackupText(Plan, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A plan of a host, which is named; `project` is a slug."""

    host: str = ""
    project: str = ""
    what: tuple[WhatText, ...]
    copies: tuple[CopyText, ...]
    schedule: WhenText = WhenText()
    keep: KeepText = KeepText()
    limits: LimitsText = LimitsText()
    before: tuple[BackupHookText, ...] = ()
    after: tuple[BackupHookText, ...] = ()
    drills: DrillsText = DrillsText()
    goals: GoalsText = GoalsText()


class BackupFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A whole file."""

    backup: tuple[BackupText, ...] = ()


SECTIONS: dict[str, type[msgspec.Struct]] = {"backup": BackupText}
PARTS: dict[str, type[msgspec.Struct]] = {
    **SECTIONS, "what": WhatText, "copies": CopyText, "schedule": WhenText, "keep": KeepText, "limits": LimitsText,
    "before": BackupHookText, "after": BackupHookText, "drills": DrillsText, "asserts": AssertText, "goals": GoalsText,
}  # fmt: skip
