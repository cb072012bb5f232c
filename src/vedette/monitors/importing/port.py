"""What an importer is: one folder under `importing/formats/` with `format.py`, found through its `FORMAT`."""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Protocol

import msgspec

from vedette.monitors.ascode.written import MonitorText

Path = tuple[str | int, ...]


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """A file that was read: its name, what it says (of JSON or YAML; tables of rows of a database), and lines of places."""

    name: str
    said: object
    lines: Mapping[Path, int] = {}
    database: bool = False

    def place(self, path: Path) -> str:
        """Return a place for people: `gatus.yaml:12 endpoints[3].ssh`."""
        inner = path
        while inner and inner not in self.lines:
            inner = inner[:-1]
        line = f":{self.lines[inner]}" if inner in self.lines else ""
        dotted = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
        return f"{self.name}{line} {dotted.removeprefix('.')}".rstrip()


class Left(msgspec.Struct, frozen=True):
    """What was not carried: where it stands, and why."""

    place: str
    why: str


class Carried(msgspec.Struct, frozen=True):
    """A monitor that was carried: where it stood, and what a file would say of it; secrets stand among its options."""

    place: str
    text: MonitorText


class Found(msgspec.Struct, frozen=True):
    """What an importer made of files."""

    carried: tuple[Carried, ...]
    left: tuple[Left, ...]


class Format(Protocol):
    """How another program writes what it watches. `label` is its name for people."""

    name: ClassVar[str]
    label: ClassVar[str]

    def recognises(self, given: Given) -> bool:
        """Tell whether a file is of this format, by what stands in it."""
        ...

    def read(self, given: Sequence[Given], environment: Mapping[str, str]) -> Found:
        """Return the monitors of files, and everything that could not be carried.

        `environment` are variables that files of some formats speak of.
        """
        ...
