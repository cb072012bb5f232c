"""From a detection to a decision with its reason, or to none with the reason why not."""

from dataclasses import dataclass

from vedette.agent.deciding import ladder, targets
from vedette.agent.deciding.sparing import Shelter
from vedette.agent.deciding.spelling import spelled
from vedette.agent.deciding.standing import Standing
from vedette.agent.deciding.types import Left, Response, Target
from vedette.wire.agent.types import Decision, Detection, Scope

LONGEST_VALUE = 200  # characters of a user or key


def target_of(detection: Detection, scope: Scope) -> Target | None:
    """Return whom a decision of a scope is about, or None when the detection does not say."""
    if scope is Scope.ADDRESS:
        return targets.of_address(detection.address)
    if scope is Scope.NETWORK:
        return targets.around(detection.address)
    value = detection.user if scope is Scope.USER else detection.labels.get("key", "")
    return targets.normal(Target(scope, value[:LONGEST_VALUE]))


@dataclass(frozen=True)
class Judge:
    """What a decision depends on besides its detection: what stands, who is sheltered, and this host's name."""

    standing: Standing
    shelter: Shelter
    origin: str

    def decide(self, detection: Detection, response: Response, *, id: str, now: float) -> Decision | Left:  # noqa: A002
        """Return what is done about a detection, or why nothing is; `id` is the decision's.

        Who is sheltered is never decided about; a detection whose first line is older than an unban counts for nothing. A
        simulated detection yields a simulated decision, with the duration it would have.
        """
        target = target_of(detection, response.scope)
        if target is None:
            return Left(f"it names no {response.scope}")
        return self._judged(target, detection, response, detection.reason, id, now)

    def crowded(self, network: Target, count: int, detection: Detection, response: Response, *, id: str, now: float) -> Decision | Left | None:  # fmt: skip # noqa: A002
        """Return the decision about a network of which `count` addresses were decided about; None while that is too few."""
        if not response.crowd or count < response.crowd:
            return None
        reason = f"{count} addresses of {network.value} within an hour, the last of them {detection.address}"
        return self._judged(network, detection, response, reason, id, now)

    def _judged(self, target: Target, detection: Detection, response: Response, reason: str, id: str, now: float) -> Decision | Left:  # fmt: skip # noqa: A002, PLR0917
        why = self._why_not(target, detection, response, now)
        if why is not None:
            return Left(why)
        past = self.standing.past(target, simulated=detection.simulated)
        lasts, times = ladder.lasts(response, past, now), ladder.counting(past, now) + 1
        again = "" if times == 1 else f" ({_ordinal(times)} time)"
        return Decision(
            id=id, scope=target.scope, value=target.value, measure=response.measure, at=now, until=now + lasts,
            reason=f"{reason}: {response.measure} for {spelled(lasts)}{again}", rule=detection.rule,
            detection=detection.id, origin=self.origin, simulated=detection.simulated,
        )  # fmt: skip

    def _why_not(self, target: Target, detection: Detection, response: Response, now: float) -> str | None:
        net = targets.network(target)
        why = self.shelter.why(net) if net is not None else None
        if why is not None:
            return why
        unbanned = self.standing.unbanned_at(target)
        if unbanned is not None and (detection.first_at or detection.at) <= unbanned:
            return (
                f"{target.value} was unbanned {spelled(now - unbanned)} ago, and the lines are not all later"
            )
        live = self.standing.stands(target, response.measure, now, simulated=detection.simulated)
        if live is not None:
            return f"{target.value}: {live.measure} stands for {spelled(live.until - now)} more"
        return None


def _ordinal(number: int) -> str:
    return {2: "second", 3: "third"}.get(number, f"{number}th")
