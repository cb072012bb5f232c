"""Recording decisions: who is sheltered or was unbanned is left alone, repetitions last longer, and what stands is settled."""

from collections.abc import Callable, Sequence

from vedette.intrusions import merging, signal, telling
from vedette.intrusions.settling import lift_on, settle
from vedette.intrusions.sheltering import shelter as sheltered
from vedette.intrusions.store import bans
from vedette.intrusions.types import Claim, Knows
from vedette.signals import service as signals
from vedette.wire.agent.deciding.sparing import Shelter
from vedette.wire.agent.deciding.types import Past, Target
from vedette.wire.agent.types import Decision, Detection

On = Callable[[Decision], Detection | None]
MOST_ASKED = 50  # of one batch it is asked so often whether a real user is banned


class _Batch:
    """Decisions of one delivery, judged against what stood before it."""

    def __init__(self, about: Sequence[Decision], shelter: Shelter, now: float) -> None:
        found = {Target(one.scope, one.value) for one in about}
        self._past, self._live = (
            dict(bans.past(found)),
            {k: list(v) for k, v in bans.live(found, now).items()},
        )
        self._shelter, self._now = shelter, now
        self.made: list[Decision] = []
        self.refused: dict[Target, str] = {}

    def judge(self, one: Decision, detection: Detection | None) -> None:
        """Take a decision, or note why it counts for nothing."""
        target = Target(one.scope, one.value)
        past, unbanned = self._past.get(target, (Past(), None))
        left = merging.judge(one, detection, self._shelter, unbanned)
        if left is not None:
            if not one.simulated:
                self.refused[target] = left.reason
            return
        made, after = merging.longer(one, past, self._live.get(target, ()))
        if after != past or (unbanned is not None and not one.simulated):
            self._past[target] = after, None if not one.simulated else unbanned
            bans.remember(target, *self._past[target])
        self._live.setdefault(target, []).append(_claim(made))
        self.made.append(made)


def decided(reports: Sequence[Decision], on: On, now: float, knows: Knows) -> None:
    """Record decisions in the caller's transaction; `on` returns what one rests on. What comes again is left out."""
    bounded = [merging.bounded(made, now) for one in reports if (made := merging.normal(one)) is not None]
    fresh = [one for one in bounded if not bans.is_claimed(one.origin, one.id)]
    if not fresh:
        return
    shelter = sheltered(now)
    batch = _Batch(fresh, shelter, now)
    for one in fresh:
        batch.judge(one, on(one))
    bans.claim(batch.made)
    real = [one for one in batch.made if not one.simulated]
    settle({Target(one.scope, one.value) for one in real}, now, shelter)
    lift_on({target for target in batch.refused if not _stands(target, batch)}, now, "it may not be banned")
    _tell(real, on, now, knows)


def _stands(target: Target, batch: _Batch) -> bool:
    return any(Target(one.scope, one.value) == target and not one.simulated for one in batch.made)


def _tell(real: Sequence[Decision], on: On, now: float, knows: Knows) -> None:
    signals.record(signal.moments(real, now))
    told = []
    for one in real[:MOST_ASKED]:
        people = (*knows.people(one.value, now), *telling.signed_in(on(one), one.origin))
        if people and one.until > now:
            bans.tell(one.value, "; ".join(people)[:200])
            told.append(signal.of_user(one, people, now))
    signals.publish(told, now)


def _claim(one: Decision) -> Claim:
    return Claim(
        id=0, target=Target(one.scope, one.value), measure=one.measure, at=one.at, until=one.until, reason=one.reason,
        origin=one.origin, rule=one.rule, detection=one.detection, simulated=one.simulated,
    )  # fmt: skip
