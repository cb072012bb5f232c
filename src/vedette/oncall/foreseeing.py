"""Who would be paged, and when, if nobody answered? Pure: the decisions of a real escalation, made ahead of time."""

from collections.abc import Callable

import msgspec

from vedette.oncall import escalation as deciding
from vedette.oncall.escalation import Does, Facts
from vedette.oncall.types import Escalation, EscalationState

MOST = 200
_QUIET = frozenset({Does.WAIT, Does.SKIP})


class Foreseen(msgspec.Struct, frozen=True, kw_only=True):
    """What would happen at an instant, in words; `loud` says that it is not as the policy means it."""

    at: float
    text: str
    users: tuple[int, ...] = ()
    loud: bool = False


def foresee(
    begun: Escalation, facts_at: Callable[[Escalation, float, bool], Facts], most: int = MOST
) -> tuple[Foreseen, ...]:
    """Return what an escalation would do from where it stands if nobody answered, in order, at most `most` lines.

    `facts_at` returns what will be so at an instant, as far as one knows today; it is told whether somebody was told in the same round.
    What only waits or is left out as it should be has no line.
    """
    found: list[Foreseen] = []
    told = False
    while begun.state is EscalationState.RUNNING and begun.due is not None and len(found) < most:
        at = begun.due
        move = deciding.next_step(begun, facts_at(begun, at, told), at)
        if move.does not in _QUIET or move.loud:
            found.append(Foreseen(at=at, text=move.reason, users=move.users, loud=move.loud))
        told, begun = deciding.told_after(begun, move, told=told), move.after
    return tuple(found)
