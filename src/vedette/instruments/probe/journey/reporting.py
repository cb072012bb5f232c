"""What the driver of a journey tells, line by line, and what is known at the end. The lines are believed to be anything. Pure."""

import base64
import binascii
from typing import NamedTuple

import msgspec

MOST_STEPS = 100
MOST_PICTURE = 40_000
_MOST_LINE = 100_000


class Failure(msgspec.Struct, frozen=True):
    """What the script failed with: the kind of the error, its words, the line of the script with its text, and the step (0: none)."""

    kind: str = ""
    message: str = ""
    line: int = 0
    source: str = ""
    step: int = 0


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
    """One thing that happened; each line says one of them. `n` is the number of the step that it is about."""

    began: bool = False
    begins: str | None = None
    n: int = 0
    over: float | None = None
    left: bool = False
    ms: float | None = None
    failed: Failure | None = None
    seen: Look | None = None
    picture: str = ""
    unseen: str = ""
    sandbox: bool | None = None
    version: str = ""
    ended: bool = False


class Taken(NamedTuple):
    """A step: its name, its milliseconds once it is over, and whether an error left it."""

    name: str
    ms: float | None = None
    left: bool = False


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
        """Return the number of the last step that has not ended, 0 when there is none."""
        steps = self.steps
        return next(
            (n for n in range(len(steps), 0, -1) if steps[n - 1].ms is None and not steps[n - 1].left), 0
        )

    @property
    def failed_step(self) -> int:
        """Return the number of the step that the script failed in, 0 when it was in none."""
        return self.failed.step if self.failed is not None and 0 < self.failed.step <= len(self.steps) else 0

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
        if 0 < said.n <= len(self.steps) and (said.over is not None or said.left):
            self.steps[said.n - 1] = Taken(self.steps[said.n - 1].name, said.over, said.left)


def _picture(text: str) -> bytes:
    """Return a picture, when it is one: JPEG, and no larger than it may be."""
    try:
        found = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""
    return found if found.startswith(b"\xff\xd8\xff") and len(found) <= MOST_PICTURE else b""
