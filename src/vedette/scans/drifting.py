"""What of a host is not as it was, as findings. Pure.

A change that nothing explains stays open until it is undone, or until a person accepts it: a later look that says nothing of it
does not mend it.
"""

from collections.abc import Iterable, Sequence

from vedette.wire.agent.types import HostChange
from vedette.wire.finding import Finding, FindingState

MOST = 500
_RISKS = {"critical": 9.0, "high": 7.0, "medium": 5.0, "low": 2.0}
_BEFORE = "before"


def after(known: Iterable[Finding], changes: Sequence[HostChange]) -> tuple[Finding, ...]:
    """Return what is not as it was after changes, `known` being what was not before them; those found last, `MOST` of them."""
    found = {one.identity: one for one in known}
    for change in changes:
        key = f"{change.kind}/{change.subject}"
        held = found.get(key)
        if held is not None and held.labels.get(_BEFORE, "") == change.after[:300]:
            del found[key]
        elif is_alarming(change):
            found[key] = _finding(key, change, held)
    return tuple(found.values())[-MOST:]


def is_alarming(change: HostChange) -> bool:
    """Tell whether people have to look at a change: nothing explains it, and it is more than information."""
    return not change.explanation and change.severity in _RISKS


def _finding(key: str, change: HostChange, held: Finding | None) -> Finding:
    before = held.labels.get(_BEFORE, "") if held else change.before[:300]
    return Finding(
        check=f"drift-{change.kind}", title=f"{change.kind} {change.subject} was changed, and nothing explains it",
        state=FindingState.FAILED, subject=change.subject, risk=_RISKS[change.severity], identity=key, place=change.subject,
        why="No package, deploy or person that this host knows of did it. Whoever broke in changes such things to stay.",
        fix="Find out who did it. Undo it, or accept it with a reason if it is meant to be so.",
        evidence=f"before: {before or 'not there'}\nnow: {change.after[:300] or 'not there'}", labels={_BEFORE: before},
    )  # fmt: skip
