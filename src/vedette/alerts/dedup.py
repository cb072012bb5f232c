"""Is there anything to tell? Pure; the table of Alertmanager's dedup stage, with a reason in words.

Rules (design of alerting, point "Grouping"): tell when nothing was told yet and something fires; when
something fires that was not told; when nothing fires any more but did; when resolutions are told and one is
new; else when the last telling is older than the repeat interval.
"""

import enum

import msgspec


class Code(enum.StrEnum):
    """The short name of a reason."""

    FIRST = "first"
    NEW_FIRING = "new_firing"
    ALL_RESOLVED = "all_resolved"
    NEW_RESOLVED = "new_resolved"
    REPEAT = "repeat"
    NEVER_TOLD = "never_told"
    UNCHANGED = "unchanged"
    RESOLVED_QUIETLY = "resolved_quietly"
    CHANNEL_OFF = "channel_off"
    NO_CHANNEL = "no_channel"
    QUIET = "quiet"
    SILENCED = "silenced"
    SILENCE_ENDED = "silence_ended"
    INHIBITED = "inhibited"
    ACKNOWLEDGED = "acknowledged"
    PERSONAL = "personal"
    STEP = "step"
    STEP_UNHEARD = "step_unheard"


class Entry(msgspec.Struct, frozen=True):
    """What one receiver was told last, and when."""

    firing: frozenset[str]
    resolved: frozenset[str]
    at: float


class Reason(msgspec.Struct, frozen=True):
    """The verdict: whether to send, whether to note the state as told, and why."""

    code: Code
    send: bool
    note: bool
    text: str


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """How often a lasting state is told again (seconds), and whether its end is told.

    `woken` are the names whose silence ended since the last look; `taken` says that somebody takes care of all
    that fires.
    """

    repeat_interval: float
    send_resolved: bool
    woken: frozenset[str] = frozenset()
    taken: bool = False


_UNCHANGED = Reason(Code.UNCHANGED, False, False, "It was told already and has not changed since.")


def why_notify(
    entry: Entry | None, firing: frozenset[str], resolved: frozenset[str], policy: Policy, now: float
) -> Reason:
    """Decide whether a receiver is to be told that `firing` fire and `resolved` are over.

    The names in the sets identify an alert together with its change, so that a new change is a new name.
    """
    if entry is None:
        return _first(firing)
    if not firing <= entry.firing:
        return Reason(Code.NEW_FIRING, True, True, "Something fires that was not told yet.")
    if firing & policy.woken:
        return Reason(Code.SILENCE_ENDED, True, True, "A silence is over, and it still fires.")
    if not firing:
        return _none_firing(entry, policy)
    if policy.send_resolved and not resolved <= entry.resolved:
        return Reason(Code.NEW_RESOLVED, True, True, "Something is over that was not told yet.")
    return _lasting(entry, policy, now)


def of_later_step(reason: Reason, heard: bool) -> Reason:
    """Decide what a later step of a person's rule makes of a reason to tell: it hears of the end only where it was `heard` from before."""
    if reason.code is Code.NEW_RESOLVED:
        return Reason(Code.STEP_UNHEARD, False, True, "A later step is not told that a part of it is over.")
    if reason.code is Code.ALL_RESOLVED and not heard:
        return Reason(Code.STEP_UNHEARD, False, True, "It was over before its step was sent.")
    return reason


def _first(firing: frozenset[str]) -> Reason:
    if firing:
        return Reason(Code.FIRST, True, True, "Nobody was told yet.")
    return Reason(Code.NEVER_TOLD, False, False, "It was over before anybody was told.")


def _none_firing(entry: Entry, policy: Policy) -> Reason:
    if not entry.firing:
        return _UNCHANGED
    if policy.send_resolved:
        return Reason(Code.ALL_RESOLVED, True, True, "All of it is over.")
    return Reason(Code.RESOLVED_QUIETLY, False, True, "All of it is over; this rule does not tell that.")


def _lasting(entry: Entry, policy: Policy, now: float) -> Reason:
    if now - entry.at > policy.repeat_interval:
        if policy.taken:
            return Reason(Code.ACKNOWLEDGED, False, False, "It lasts, and somebody takes care of it.")
        return Reason(
            Code.REPEAT, True, True, "It lasts, and the last telling is older than the repeat interval."
        )
    return _UNCHANGED
