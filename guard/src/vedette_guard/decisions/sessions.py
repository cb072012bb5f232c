"""When a session ends, when it is worth a write that it was seen, and what becomes of two that were written at once."""

from __future__ import annotations

import enum
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vedette_guard.durations import MEANT, seconds

SEEN_EVERY = 60.0


class Ending(str, enum.Enum):
    """Why a session ended."""

    NONE = "none"
    IDLE = "idle"
    OLD = "old"
    BROWSER = "browser"


@dataclass(frozen=True)
class SessionRules:
    """How long sessions last, and where their token stands.

    `idle`: how long without a request; `longest`: since sign-in, in any case (durations, or `0s`: no such limit).
    `bind`: a session ends when another family of browsers shows its token. `persistent`: the cookie outlives the
    browser's end. `secure` False is for development over plain HTTP: no `__Host-`, no Secure.
    Raise ValueError with the field, the value and what was meant.
    """

    idle: str = "3d"
    longest: str = "30d"
    bind: bool = True
    cookie: str = "session"
    same_site: str = "Lax"
    persistent: bool = False
    secure: bool = True

    def __post_init__(self) -> None:
        for name in ("idle", "longest"):
            if seconds(getattr(self, name)) is None:
                raise ValueError(f"SessionRules.{name}: {getattr(self, name)!r} is not {MEANT}")
        if self.same_site not in {"Lax", "Strict"}:
            raise ValueError(f"SessionRules.same_site: {self.same_site!r} is neither Lax nor Strict")
        if not self.cookie.replace("_", "").replace("-", "").isalnum() or not self.cookie.isascii():
            raise ValueError(
                f"SessionRules.cookie: {self.cookie!r} is not a name of letters, digits, - and _"
            )

    @property
    def idle_seconds(self) -> float:
        """Return how long a session may be unused."""
        return seconds(self.idle) or math.inf

    @property
    def longest_seconds(self) -> float:
        """Return how long a session lasts in any case."""
        return seconds(self.longest) or math.inf


@dataclass(frozen=True)
class SessionVerdict:
    """Whether a session goes on, whether to note that it was seen, and why."""

    alive: bool
    note_seen: bool
    ending: Ending
    reason: str


@dataclass(frozen=True)
class Times:
    """When a session began (at sign-in, else when it was made) and when it was last seen."""

    created_at: float
    seen_at: float

    def ends_at(self, rules: SessionRules) -> float:
        """Return from when on it is over if nobody uses it."""
        return min(self.created_at + rules.longest_seconds, self.seen_at + rules.idle_seconds)


def judge(times: Times, now: float, families: tuple[str, str], rules: SessionRules) -> SessionVerdict:
    """Decide about a session; `families` are the browsers that it was opened with and that shows it now.

    A clock that went back ends nothing.
    """
    opened_with, shown_by = families
    if now - times.created_at >= rules.longest_seconds:
        reason = f"Signed in {rules.longest} ago; sign in again."
        return SessionVerdict(False, False, Ending.OLD, reason)
    if now - times.seen_at >= rules.idle_seconds:
        return SessionVerdict(False, False, Ending.IDLE, f"Unused for {rules.idle}; sign in again.")
    if rules.bind and opened_with != shown_by:
        reason = f"Opened with {opened_with}, shown by {shown_by}; sign in again."
        return SessionVerdict(False, False, Ending.BROWSER, reason)
    return SessionVerdict(True, now - times.seen_at >= SEEN_EVERY, Ending.NONE, "The session is in use.")


@dataclass(frozen=True)
class Merged:
    """What two writers make together, and the names where the other one's word stands."""

    data: dict[str, Any]
    lost: tuple[str, ...]


def merge(base: Mapping[str, Any], mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> Merged:
    """Return what becomes of a session that was read as `base` and changed to `mine` while others wrote `theirs`.

    Names that only we changed are ours, all else is theirs: a slow request overwrites nothing that is newer.
    """
    data, lost = dict(theirs), []
    for name in sorted({*base, *mine}):
        if _same(base, mine, name) or _same(mine, theirs, name):
            continue
        if not _same(base, theirs, name):
            lost.append(name)
        elif name in mine:
            data[name] = mine[name]
        else:
            del data[name]
    return Merged(data, tuple(lost))


def _same(one: Mapping[str, Any], other: Mapping[str, Any], name: str) -> bool:
    return (name in one) == (name in other) and one.get(name) == other.get(name)
