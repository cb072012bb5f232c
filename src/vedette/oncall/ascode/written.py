"""What may stand in a file of schedules: people by e-mail address, calendars by name, days as words. Pure."""

from typing import Annotated

import msgspec

from vedette.oncall.types import RotationKind
from vedette.wire.ascode.lengths import Wall

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
Day = Annotated[str, msgspec.Meta(max_length=10, description="a day: 2026-11-30")]
Turn = str | tuple[str, ...]


class LayerText(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A layer; a later one stands above an earlier one. `people` are turns: an address, or a list of those who are on together."""

    name: str = ""
    people: tuple[Turn, ...] = ()
    calendar: str = ""
    rotation: RotationKind = RotationKind.WEEKLY
    every: int = 1
    turns_on: str = "mon"
    turns_at: Wall = "09:00"
    first: Day = ""
    until: Day = ""
    spans: tuple[str, ...] = ()
    counts_spans: bool = False


class ScheduleText(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An on-call schedule; its layers in the order in which they lie on one another."""

    name: Name
    zone: str = "UTC"
    layer: tuple[LayerText, ...] = ()


class ScheduleFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A whole file."""

    schedule: tuple[ScheduleText, ...] = ()


SECTIONS: dict[str, type[msgspec.Struct]] = {"schedule": ScheduleText}
