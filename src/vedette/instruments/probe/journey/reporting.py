"""What the driver of a journey tells, line by line, and what is known at the end. The lines are believed to be anything. Pure."""

import base64
import binascii
from typing import NamedTuple

import msgspec

MOST_STEPS = 100
MOST_PICTURE = 40_000
_MOST_LINE = 100_000


class Failure(msgspec.Struct, frozen=True):
    """What the script failed with: the kind of the error, its words, and the line of the script with its text."""

    kind: str = ""
    message: str = ""
    line: int = 0
    source: str = ""


class Look(msgspec.Struct, frozen=True):
    """What was seen of the browser at the end."""

    url: str = ""
    title: str = ""
    status: int = 0
    console: tuple[str, ...] = ()


class Ending(msgspec.Struct, frozen=True):
    """How a journey ended: by itself (`exit`), because it used too much (`memory`, `seconds`, `processes`), or stopped by us.

    `memory` (bytes) and `seconds` are the most that was used.
    """

    why: str = "lost"
    status: int = 0
    memory: int = 0
    seconds: float = 0.0


class Line(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that happened; each line says one of them."""

    began: bool = False
    begins: str | None = None
    over: float | None = None
    ms: float | None = None
    failed: Failure | None = None
    seen: Look | None = None
    picture: str = ""
    unseen: str = ""
    sandbox: bool | None = None
    version: str = ""
    ended: bool = False


class Taken(NamedTuple):
    """A step: its name, and its milliseconds once it is over."""

    name: str
    ms: float | None = None


_DECODE = msgspec.json.Decoder(Line).decode


class Report:
    """What is known of a journey so far."""

    def __init__(self) -> None:
        self.began = self.ended = False
        self.steps: list[Taken] = []
        self.ms: float | None = None
        self.failed: Failure | None = None
        self.seen = Look()
        self.picture = b""
        self.unseen = ""
        self.sandbox: bool | None = None
        self.version = ""

    @property
    def open_step(self) -> int:
        """Return the number of the step that has not ended, 0 when there is none."""
        return next((n for n in range(len(self.steps), 0, -1) if self.steps[n - 1].ms is None), 0)

    def take(self, line: bytes) -> None:
        """Note what a line says; what is no such line says nothing."""
        if len(line) > _MOST_LINE:
            return
        try:
            said = _DECODE(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return
        self._steps(said)
        self.began, self.ended = self.began or said.began, self.ended or said.ended
        self.ms = self.ms if said.ms is None else said.ms
        self.failed = self.failed or said.failed
        self.seen = said.seen or self.seen
        self.picture = _picture(said.picture) or self.picture
        self.unseen, self.version = said.unseen or self.unseen, said.version or self.version
        self.sandbox = self.sandbox if said.sandbox is None else said.sandbox

    def _steps(self, said: Line) -> None:
        if said.begins is not None and len(self.steps) < MOST_STEPS:
            self.steps.append(Taken(said.begins[:200]))
        if said.over is not None and self.open_step:
            n = self.open_step - 1
            self.steps[n] = Taken(self.steps[n].name, said.over)


def _picture(text: str) -> bytes:
    """Return a picture, when it is one: JPEG, and no larger than it may be."""
    try:
        found = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""
    return found if found.startswith(b"\xff\xd8\xff") and len(found) <= MOST_PICTURE else b""
