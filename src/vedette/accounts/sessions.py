"""When a session ends, and when it is worth a write that somebody was seen."""

import enum

import msgspec

SEEN_EVERY = 60.0


class Ending(enum.StrEnum):
    """Why a session ended."""

    NONE = "none"
    IDLE = "idle"
    OLD = "old"


class SessionVerdict(msgspec.Struct, frozen=True):
    """Whether a session goes on, whether to note that it was seen, and why."""

    alive: bool
    note_seen: bool
    ending: Ending
    reason: str


def judge(created_at: float, last_seen_at: float, now: float, idle: float, longest: float) -> SessionVerdict:
    """Decide about a session; `idle` and `longest` are in seconds.

    It ends `idle` seconds after it was last seen, and `longest` seconds after sign-in in any case. A clock that
    went back ends nothing.
    """
    if now - created_at >= longest:
        return SessionVerdict(False, False, Ending.OLD, f"Signed in {_days(longest)} ago; sign in again.")
    if now - last_seen_at >= idle:
        return SessionVerdict(False, False, Ending.IDLE, f"Unused for {_hours(idle)}; sign in again.")
    return SessionVerdict(True, now - last_seen_at >= SEEN_EVERY, Ending.NONE, "The session is in use.")


def _days(seconds: float) -> str:
    days = seconds / 86_400
    return f"{days:g} day{'' if days == 1 else 's'}"


def _hours(seconds: float) -> str:
    hours = seconds / 3_600
    return f"{hours:g} hour{'' if hours == 1 else 's'}"
