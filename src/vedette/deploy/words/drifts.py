"""The words of what is not as files say: verified, drifted, adopted."""

import enum
from collections.abc import Mapping

import msgspec

from vedette.deploy.words.plans import Line, Planned
from vedette.wire.infra import Judged, Ref, Thing


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


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """A thing as it last was when it was right, and when it was last seen so."""

    thing: Thing
    right: float


class Memory(msgspec.Struct, frozen=True, kw_only=True):
    """All that is remembered.

    `at` is when the last look was (0: there was none), `first` when each thing that is wrong now was first seen so, `foreign` what was
    foreign when this began or something was last applied, and `failed` what an apply from here left half-done.
    """

    project: str
    at: float = 0.0
    things: tuple[Known, ...] = ()
    first: Mapping[str, float] = {}
    foreign: tuple[Ref, ...] = ()
    failed: tuple[Ref, ...] = ()

    def known(self) -> Mapping[Ref, Known]:
        """Return things by kind and name."""
        return {each.thing.ref: each for each in self.things}
