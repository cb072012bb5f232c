"""Which snapshot is meant. Pure."""

from collections.abc import Sequence

from vedette.instruments.backup.types import Failed
from vedette.wire.backup import Aim, Failure, Snapshot

_SHORTEST = 6  # signs of a name by which one is meant


def snapshot(there: Sequence[Snapshot], aim: Aim, plan: str) -> Snapshot:
    """Return the aimed snapshot by its name or the beginning of it, else the newest whole one of the plan; raises `Failed`."""
    whole = [one for one in there if one.whole and one.plan in {"", plan}]
    if not aim.snapshot:
        if not whole:
            raise Failed(Failure.NOT_PROVEN, f"There is no whole snapshot of {plan} in the repository: nothing can be restored.")  # fmt: skip
        return _latest(whole, aim)
    exact = [one for one in there if one.name == aim.snapshot]
    near = [one for one in there if one.name.startswith(aim.snapshot) and len(aim.snapshot) >= _SHORTEST]
    found = exact or near
    if len(found) != 1:
        why = "is not in the repository" if not found else "may mean several"
        raise Failed(
            Failure.AIM, f"The snapshot {aim.snapshot[:80]} {why}; `vedette backup list` shows them."
        )
    return found[0]


def _latest(whole: Sequence[Snapshot], aim: Aim) -> Snapshot:
    """Return the newest; of those before an instant that must not be in it, where one is aimed at."""
    before = [one for one in whole if aim.before is None or one.at < aim.before]
    if not before:
        raise Failed(Failure.AIM, "Every snapshot was made after that instant; nothing older is kept.")
    return max(before, key=lambda one: one.at)
