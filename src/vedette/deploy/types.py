"""The words of desired state: what files say should be at Hetzner, and how what is there becomes that."""

import enum
from collections.abc import Mapping

import msgspec

from vedette.wire.infra import Hardening, Intent, Judged, Ref, Thing

ROOM = "deploy"


class Desired(msgspec.Struct, frozen=True, kw_only=True):
    """What files say of one project: its things, its groups of addresses by name, what must be true, and how hosts are hardened."""

    project: str
    things: tuple[Thing, ...]
    groups: Mapping[str, tuple[str, ...]] = {}
    intents: tuple[Intent, ...] = ()
    harden: Hardening = Hardening()
    files: tuple[str, ...] = ()


class Act(enum.StrEnum):
    """What is done to a thing."""

    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    DELETE = "delete"


class DangerKind(enum.StrEnum):
    """Why a change is to be looked at twice."""

    LOCKOUT = "lockout"  # nobody can sign in over SSH any more
    EXPOSURE = "exposure"  # something is reachable from the internet that was not
    DATA_LOSS = "data-loss"
    EGRESS = "egress"  # a first rule for what leaves turns everything else off
    DOWNTIME = "downtime"
    COST = "cost"


class Danger(msgspec.Struct, frozen=True, kw_only=True):
    """A danger of a change, in a sentence."""

    kind: DangerKind
    text: str


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One difference: of which field (`rules`), `+`, `-` or `~`, and what was and is to be, as people read it."""

    field: str
    sign: str
    before: str = ""
    after: str = ""


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be done to one thing, after which others, and why. `wave` orders: a wave begins when the one before is done."""

    act: Act
    ref: Ref
    before: Thing | None = None
    after: Thing | None = None
    lines: tuple[Line, ...] = ()
    reason: str = ""
    needs: tuple[Ref, ...] = ()
    wave: int = 0
    dangers: tuple[Danger, ...] = ()
    monthly: str = "0"  # by how much the month becomes dearer (a decimal, net)


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What of a plan is wanted: only these things (`server/web-1`, `web-*`) and what they wait for, or to remove everything of ours;
    `unprotect` lets what is protected go."""

    targets: tuple[str, ...] = ()
    destroy: bool = False
    unprotect: bool = False


class Planned(msgspec.Struct, frozen=True, kw_only=True):
    """How what is there becomes what should be: changes in order, what is foreign and left alone, and what a month costs.

    `digest` is of the live state it was made against: `apply` refuses one that is out of date.
    """

    project: str
    at: float
    digest: str
    changes: tuple[Change, ...] = ()
    foreign: tuple[Ref, ...] = ()
    notes: tuple[str, ...] = ()
    before: str = "0"
    after: str = "0"
    currency: str = "EUR"
    requests: int = 0

    @property
    def dangers(self) -> tuple[Danger, ...]:
        """Return all dangers."""
        return tuple(danger for change in self.changes for danger in change.dangers)


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one change of a plan: done, or why not. `seconds` is how long it took."""

    act: Act
    ref: Ref
    problem: str = ""
    seconds: float = 0.0


class Applied(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a plan: its steps, and what was not begun because something before it failed."""

    steps: tuple[Step, ...] = ()
    left: tuple[Ref, ...] = ()
    requests: int = 0

    @property
    def problems(self) -> tuple[Step, ...]:
        """Return what failed."""
        return tuple(step for step in self.steps if step.problem)


class Verified(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a project is as its files say: what differs, as a plan, and which intents hold.

    `odd` are ports that answer or do not although rules say otherwise; `tried` tells in a sentence what connections were tried,
    `untried` what could not be, and why.
    """

    planned: Planned
    intents: tuple[Judged, ...] = ()
    odd: tuple[str, ...] = ()
    tried: str = ""
    untried: tuple[str, ...] = ()


class Way(enum.StrEnum):
    """How something is not as the files say."""

    CHANGED = "changed"
    GONE = "gone"
    UNSAID = "unsaid"  # it bears our mark, and no file says it
    FOREIGN = "foreign"  # it came since the last look, and nobody says it


class Side(enum.StrEnum):
    """Which side moved since both were alike: Hetzner's, the files', both, or nobody knows."""

    CLOUD = "cloud"
    FILES = "files"
    BOTH = "both"
    UNKNOWN = "unknown"


class Drift(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is not as the files say: how it differs from them (`lines`: what they say, and what is there).

    Between the instants `after` (when it was last seen as it should be, 0: never) and `until` (when it was first seen otherwise)
    it moved. `when` is the instant of Hetzner's last action on it since, and `command` the last few of them (empty: Hetzner tells of none).
    `by` is who did it, as far as anybody knows.
    """

    ref: Ref
    way: Way
    side: Side
    lines: tuple[Line, ...] = ()
    after: float = 0.0
    until: float = 0.0
    when: float = 0.0
    command: str = ""
    by: str = ""


class Drifted(msgspec.Struct, frozen=True, kw_only=True):
    """All of a project that is not as the files say. `drifts` moved at Hetzner, or nobody knows where; `pending` in the files alone:
    an apply makes it so. `unread` are kinds of which nobody knows."""

    project: str
    at: float
    drifts: tuple[Drift, ...] = ()
    pending: tuple[Drift, ...] = ()
    unread: Mapping[str, str] = {}
    requests: int = 0


class Adopted(msgspec.Struct, frozen=True, kw_only=True):
    """Files that say what is there: new texts by name, which things they say now, and which could not be said, each with why."""

    texts: Mapping[str, str] = {}
    done: tuple[Ref, ...] = ()
    left: Mapping[Ref, str] = {}
