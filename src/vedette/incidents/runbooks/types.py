"""The words of runbooks that are written, and what becomes of a step."""

import enum

import msgspec

from vedette.alerts.types import Matchers
from vedette.incidents.types import StepRun


class RunbookDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A runbook as somebody writes it. `secret` signs what its webhooks are sent; None leaves the one there is."""

    slug: str
    name: str
    text: str
    owner: int | None = None
    matchers: Matchers = ()
    secret: str | None = None


class StepAct(enum.StrEnum):
    """What somebody does with a step: says that it is done, takes that back, or lets it be done."""

    TICK = "tick"
    UNTICK = "untick"
    RUN = "run"


class StepVerdict(msgspec.Struct, frozen=True):
    """Whether something may be done with a step, and why not; `asks` says that somebody has to be asked first."""

    allowed: bool
    reason: str = ""
    asks: bool = False


class AttachedRunbook(msgspec.Struct, frozen=True, kw_only=True):
    """A runbook in an incident: its name as it was, and its steps as far as they are."""

    slug: str
    name: str
    steps: tuple[StepRun, ...]
    done: int

    @property
    def total(self) -> int:
        """Return how many steps it has."""
        return len(self.steps)


class RunbookLine(msgspec.Struct, frozen=True, kw_only=True):
    """A runbook in the list: how many steps, how many of them do themselves, and when it was last attached (None: never)."""

    slug: str
    name: str
    owner: int | None
    steps: int
    automatic: int
    used_at: float | None
    uses: int
    source: str = ""
