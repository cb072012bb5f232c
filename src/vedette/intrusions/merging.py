"""Of all that is claimed about a target: what is in force, for how long, and why a claim counts for nothing."""

from collections.abc import Iterable

import msgspec

from vedette.intrusions.types import DAY, Ban, Claim
from vedette.wire.agent.deciding import ladder, targets
from vedette.wire.agent.deciding.sparing import Shelter
from vedette.wire.agent.deciding.spelling import spelled
from vedette.wire.agent.deciding.types import Left, Past, Response, Target
from vedette.wire.agent.types import Decision, Detection, Measure

LONGEST = 400 * DAY  # that anybody's clock or word may ban without a person
PERSON, LIST = "person:", "list:"
_AGAIN = 60.0  # hosts that decide within this many seconds of one another saw one wave


def normal(decision: Decision) -> Decision | None:
    """Return a decision about a target in its one form; None when it names none, or one wider than anybody means."""
    target = targets.normal(Target(decision.scope, decision.value))
    if target is None:
        return None
    net = targets.network(target)
    if net is not None and net.prefixlen < targets.WIDEST[net.version]:
        return None
    return msgspec.structs.replace(decision, scope=target.scope, value=target.value)


def judge(
    decision: Decision, detection: Detection | None, shelter: Shelter, unbanned_at: float | None
) -> Left | None:
    """Return why a host's decision counts for nothing here, or None when it counts."""
    net = targets.network(Target(decision.scope, decision.value))
    why = shelter.why(net) if net is not None else None
    if why is not None:
        return Left(why)
    if unbanned_at is None or decision.origin.startswith(PERSON):
        return None
    began = (detection.first_at or detection.at) if detection is not None else decision.at
    if began <= unbanned_at:
        return Left(f"{decision.value} was unbanned, and what it rests on is not all later")
    return None


def longer(decision: Decision, past: Past, live: Iterable[Claim]) -> tuple[Decision, Past]:
    """Return a host's decision for as long as what all hosts remember asks for, and what is remembered then.

    Another host that decides about the same wave adds nothing: only what comes when nothing stood, or later, is a repetition.
    """
    if decision.simulated or decision.origin.startswith(PERSON):
        return decision, past
    standing = [one for one in live if not one.simulated and one.origin != decision.origin]
    if any(one.at - _AGAIN <= decision.at < one.until for one in standing):
        return decision, past
    lasts = ladder.lasts(Response(), past, decision.at)
    times = ladder.counting(past, decision.at)
    until = max(decision.until, decision.at + lasts) if times else decision.until
    reason = decision.reason
    if until > decision.until:
        reason = f"{reason}; {spelled(lasts)}, as hosts decided about it {times} {'time' if times == 1 else 'times'} before"
    made = msgspec.structs.replace(decision, until=until, reason=reason[:500])
    return made, ladder.after(past, until, decision.at)


def bounded(decision: Decision, now: float) -> Decision:
    """Return a decision that begins by now and ends within bounds, whatever its host's clock says."""
    at = min(decision.at, now)
    return msgspec.structs.replace(decision, at=at, until=min(decision.until, at + LONGEST))


def in_force(
    target: Target, claims: Iterable[Claim], named: tuple[float, str] | None, now: float
) -> Claim | None:
    """Return the claim that counts: a ban before milder measures, then the one that lasts longest; `named` is a list's."""
    found = [
        one
        for one in claims
        if not one.simulated and one.ended_at is None and one.until > now and one.measure is not Measure.NOTE
    ]
    best = max(found, key=lambda one: (one.measure is Measure.BAN, one.until, -one.id), default=None)
    if named is None or (best is not None and best.measure is Measure.BAN and best.until >= named[0]):
        return best
    return Claim(
        id=0, target=target, measure=Measure.BAN, at=now, until=named[0],
        reason=f"named by the list {named[1]}", origin=f"{LIST}{named[1]}",
    )  # fmt: skip


def differs(before: Ban | None, after: Claim | None, now: float) -> bool:
    """Tell whether what is in force becomes otherwise for those who enforce it."""
    stood = before is not None and before.until > now
    if after is None or before is None or not stood:
        return stood or after is not None
    return (before.measure, before.until) != (after.measure, after.until)
