"""Plans and outcomes of hardening as people read them. Pure."""

from collections.abc import Iterator

from vedette.core.clock import iso
from vedette.instruments.harden import planning
from vedette.instruments.harden.types import Ended, Former, Hardened, HardenPlan, Judged
from vedette.instruments.judges.types import LYNIS

_SENTENCES = {
    Ended.UNCHANGED: "{host}: nothing was changed. {reason}",
    Ended.KEPT: "{host} is harder: {count} changes, proven and kept. {reason} Checks: {before:g} of 100 before, {after:g} now.",
    Ended.REVERTED: "{host} was NOT hardened. {reason}",
    Ended.UNKNOWN: "{host}: nobody knows. {reason}",
}

_UNDONE = {
    Ended.UNCHANGED: "{host}: nothing was taken back. {reason}",
    Ended.KEPT: "{host} is as it was before: {count} paths, proven and kept so. {reason} Checks: {before:g} of 100 before, {after:g} now.",
    Ended.REVERTED: "{host} is still hardened: taking it back did not come through. {reason}",
    Ended.UNKNOWN: "{host}: nobody knows. {reason}",
}


def plan(host: str, planned: HardenPlan) -> str:
    """Return a plan: a sentence, then what changes, what a person has to know, and what is waived."""
    return "\n".join(_plan(host, planned))


def _plan(host: str, planned: HardenPlan) -> Iterator[str]:
    count = len(planning.lines(planned.changes))
    yield (
        f"{host}: {count} changes of {len(planned.changes)} measures; {planned.score:g} of 100 by their checks now."
        if count
        else f"{host}: nothing to change; {planned.score:g} of 100 by the measures' checks."
    )
    for each in planned.changes:
        yield f"~ {each.title}"
        yield from (f"    {planning.told(step)}" for step in each.steps)
    yield from (f"! {note}" for each in planned.planned for note in each.notes)
    yield from (
        f"- Waived: {each.title} ({each.measure}): {each.waived}" for each in planned.planned if each.waived
    )


def undoing(host: str, kept: Former | None) -> str:
    """Return what taking a run back would do: a sentence, then what goes back and what stays."""
    if kept is None:
        return f"{host}: no run was kept here that could be taken back (they are kept for 30 days)."
    lines = [
        f"{host}: the run of {iso(kept.at)} is taken back: {len(kept.paths)} paths become what they were before.",
        *(f"    {each}" for each in kept.paths),
    ]
    lines += [f"~ packages: {', '.join(kept.packages)}"] if kept.packages else []
    lines += [f"! {each} stays as it is: somebody changed it since" for each in kept.stays]
    return "\n".join(lines)


def undone(host: str, hardened: Hardened) -> str:
    """Return how taking back ended."""
    return _UNDONE[hardened.ended].format(
        host=host, reason=hardened.reason, count=len(hardened.changed), before=hardened.before, after=hardened.after,
    )  # fmt: skip


def outcome(host: str, hardened: Hardened) -> str:
    """Return how a run ended, the sentence first, and what a second look still found to do."""
    told = _SENTENCES[hardened.ended].format(
        host=host, reason=hardened.reason, count=len(hardened.changed), before=hardened.before, after=hardened.after,
    )  # fmt: skip
    left = [f"  still: {each}" for each in hardened.left]
    return "\n".join([told, *left, *(line for each in hardened.judged for line in _judged(each))])


def _judged(told: Judged) -> Iterator[str]:
    """Tell what a judge said: what nobody has a reason for first."""
    yield (
        f"{told.judge} {told.version}: {told.before:g} of 100 before, {told.after:g} now; "
        f"{told.failed_before} of its checks failed before, {told.failed_after} now."
    )
    if told.judge == LYNIS:  # nobody can follow all of its suggestions
        return
    yield from (f"  fails: {name}" for name, reason in told.left.items() if not reason)
    yield from (f"  waived: {name}: {reason}" for name, reason in told.left.items() if reason)
