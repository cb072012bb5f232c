"""The words of privacy: whose data is erased, how far that is, and what proves it."""

import enum
from collections.abc import Mapping

import msgspec


class DatumKind(enum.StrEnum):
    """What a datum is: the `user.id` or the `user.email` that an application sends with its events."""

    ID = "id"
    EMAIL = "email"


class Datum(msgspec.Struct, frozen=True):
    """What an end user is known by."""

    kind: DatumKind
    value: str


class ErasureStage(enum.StrEnum):
    """What an erasure is at, in this order; a dry run ends with the texts."""

    WAITING = "waiting"
    EVENTS = "events"
    FEEDBACK = "feedback"
    TEXTS = "texts"
    WORDS = "words"
    COPIES = "copies"
    DISK = "disk"
    JOURNAL = "journal"


class FoundEvent(msgspec.Struct, frozen=True):
    """An event that an erasure found; `person` when its user is the one, else the datum stands elsewhere in it."""

    event: str
    project: int
    person: bool


class Erasure(msgspec.Struct, frozen=True, kw_only=True):
    """The erasing of one end user's data, or a dry run of it, as people see it.

    `counts` says how much of each kind was found (dry run) or is gone; the first `done` of `total` pieces are done.
    `found` are the events of a dry run, at most 10,000, and `also` what else its persons are known by.
    """

    id: str
    kind: DatumKind
    project: str
    who: str
    at: float
    dry_run: bool
    stage: ErasureStage
    done: int
    total: int
    ended_at: float | None
    problem: str
    counts: Mapping[str, int]
    found: tuple[FoundEvent, ...] = ()
    also: tuple[str, ...] = ()
    may_begin: bool = False


class Remains(msgspec.Struct, frozen=True):
    """Something an erasure leaves, why, and until when."""

    what: str
    why: str
    until: str


class ErasureReceipt(msgspec.Struct, frozen=True, kw_only=True):
    """What proves an erasure, under its id. `datum` is a keyed hash of what was erased, `seal` one of all the rest."""

    id: str
    kind: DatumKind
    datum: str
    project: str
    by: str
    asked_at: float
    ended_at: float
    seconds: float
    version: str
    counts: Mapping[str, int]
    remains: tuple[Remains, ...]
    seal: str = ""


class Proof(msgspec.Struct, frozen=True):
    """Whether a receipt is as it was written here, and whether it is about a datum (None when none was asked)."""

    genuine: bool
    about: bool | None
