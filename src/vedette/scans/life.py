"""The life of a finding: what a look does to it, and why."""

import enum

import msgspec

from vedette.scans.types import Known, Life
from vedette.wire.finding import Finding, FindingState, Severity, severity_of

_ORDER = tuple(Severity)


class Step(enum.StrEnum):
    """What a look did; people are told of what is new, worse, back, accepted no longer, and fixed."""

    NEW = "new"
    WORSE = "worse"
    SAME = "same"
    REOPENED = "reopened"
    ENDED = "ended"
    WAIVED = "waived"
    FIXED = "fixed"
    GONE = "gone"


class Transition(msgspec.Struct, frozen=True):
    """What becomes of a finding: the step, where it stands then, and why, as a sentence."""

    step: Step
    life: Life
    reason: str


def step(known: Known | None, found: Finding | None, now: float) -> Transition:
    """Return what a look does to a finding; `found` None: it was looked for, completely, and is not there.

    What is false stays so, found or not. What is accepted is quiet until its day, unless it became worse. What the host's own
    waiver answers for is accepted, with the waiver's reason and end, and is no news; the look after its end finds it open.
    """
    if found is None:
        return _not_found(known)
    if found.state is FindingState.WAIVED:
        return _waived(known, found)
    if known is None:
        return Transition(Step.NEW, Life.OPEN, "Found for the first time.")
    return _found_again(known, found, now)


def _waived(known: Known | None, found: Finding) -> Transition:
    if known is not None and (known.life is Life.FALSE or _answered(known, found)):
        return Transition(Step.SAME, known.life, "A waiver of the host answers for it, as before.")
    return Transition(Step.WAIVED, Life.ACCEPTED, f"A waiver of the host answers for it: {found.reason}")


def _answered(known: Known, found: Finding) -> bool:
    return known.life is Life.ACCEPTED and (known.until is not None or known.reason == found.reason)


def _found_again(known: Known, found: Finding, now: float) -> Transition:
    if known.life is Life.FALSE:
        return Transition(Step.SAME, Life.FALSE, "Somebody said that it is no weakness.")
    if known.life is Life.ACCEPTED and known.until is None:  # a person's acceptance has an end
        return Transition(Step.ENDED, Life.OPEN, "No waiver of the host answers for it any more.")
    if known.life is Life.FIXED:
        return Transition(Step.REOPENED, Life.OPEN, "It was fixed, and is there again.")
    if (why := worse(known.finding, found)) is not None:
        return Transition(Step.WORSE, Life.OPEN, why)
    if is_over(known, now):
        return Transition(Step.ENDED, Life.OPEN, "The time for which it was accepted is over.")
    return Transition(Step.SAME, known.life, "Found as before.")


def is_over(known: Known, now: float) -> bool:
    """Tell whether a finding was accepted until an instant that has come."""
    return known.life is Life.ACCEPTED and known.until is not None and known.until <= now


def worse(before: Finding, after: Finding) -> str | None:
    """Return why a finding is worse than it was; None when it is not. A likelihood that grows is not told."""
    old, new = severity_of(before.risk), severity_of(after.risk)
    if after.exploited and not before.exploited:
        return "Attackers are known to use it now."
    if after.exposed is True and before.exposed is not True:
        return "Others can get there now."
    if after.reachable is True and before.reachable is not True:
        return "Our code can get there now."
    if _ORDER.index(new) < _ORDER.index(old):
        return f"It was {old} and is {new} now."
    return None


def _not_found(known: Known | None) -> Transition:
    if known is None or known.life in {Life.FIXED, Life.FALSE}:
        return Transition(
            Step.GONE, Life.FIXED if known is None else known.life, "It is not there, as before."
        )
    return Transition(Step.FIXED, Life.FIXED, "A complete scan found it no longer.")
