"""What does an escalation do next, and why? Pure: where it stands and what is so in, a move and the new state out.

An escalation walks through the steps of its policy. What it does at one instant is one move for each step until one
waits; each move has a name (round and step) that comes once, so that a move is never made twice. It ends always: a
policy begins again at most `MOST_REPEATS` times by itself, and another time only after somebody acknowledged.
"""

import enum
from collections.abc import Mapping

import msgspec

from vedette.oncall import hours
from vedette.oncall.types import MOST_REPEATS, Escalation, EscalationState, EscalationStep, StepKind
from vedette.oncall.wording import joined, minutes

_HAPPENED = "info"  # the state of a notice of what has no end
PAUSE = 60.0  # seconds between two rounds of a policy whose last step does not wait
_LIVE = frozenset({EscalationState.RUNNING, EscalationState.ACKNOWLEDGED})
_replace = msgspec.structs.replace


class Does(enum.StrEnum):
    """What a move does: pages people, tells a channel, calls a webhook, asks for an incident, tells the default channels, or nothing but go on, begin again or end."""

    PAGE = "page"
    CHANNEL = "channel"
    WEBHOOK = "webhook"
    DECLARE = "declare"
    WAIT = "wait"
    SKIP = "skip"
    REPEAT = "repeat"
    LAST_RESORT = "last_resort"
    END = "end"
    STOP = "stop"


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What is so when a move is decided; what the step does not ask for may be left out.

    `settled` says why nobody is needed any more ("" while somebody is). `names` are the active people, by id, and
    `reachable` those of them who have a channel of their own that is on. `team` are the people of the step's role.
    `on_call` are those who are on in its schedule and `place` the schedule's name; None when it was deleted.
    `channel` is the name of its channel, None when it is gone or off. `turn` counts the turns of its round-robin,
    `alerts` those that came in its window. `told` says that somebody was told in this round.
    """

    settled: str = ""
    names: Mapping[int, str] = {}
    reachable: frozenset[int] = frozenset()
    team: tuple[int, ...] = ()
    on_call: tuple[int, ...] | None = ()
    place: str = ""
    channel: str | None = None
    turn: int = 0
    alerts: int = 0
    told: bool = False


class Move(msgspec.Struct, frozen=True, kw_only=True):
    """What is done now, why in words, and where the escalation stands after it.

    `key` names the move (`0.2`: round and step); `users` are paged. `loud` says that something is not as the policy
    means it, as a schedule in which nobody is on. `turned` says that a round-robin goes on to the next person.
    """

    does: Does
    key: str
    reason: str
    after: Escalation
    users: tuple[int, ...] = ()
    loud: bool = False
    turned: int = 0

    @property
    def tells(self) -> bool:
        """Tell whether somebody learns of it by this move."""
        return self.does in {Does.PAGE, Does.CHANNEL, Does.LAST_RESORT}


def next_step(escalation: Escalation, facts: Facts, now: float) -> Move:
    """Return the next move of an escalation that runs and whose time has come."""
    if facts.settled:
        ended = stopped(escalation, facts.settled, now)
        return Move(does=Does.STOP, key=_key(escalation), reason=ended.why, after=ended)
    if escalation.step >= len(escalation.policy.steps):
        return _round_over(escalation, facts, now)
    step = escalation.policy.steps[escalation.step]
    return _MOVES[step.kind](escalation, step, facts, now)


def told_after(before: Escalation, move: Move, *, told: bool) -> bool:
    """Tell whether somebody was told in the round in which an escalation stands after a move.

    Who was told in an earlier one may have left since, or have acknowledged and let go.
    """
    return move.after.round == before.round and (told or move.tells)


def began(escalation: Escalation) -> str:
    """Return the first line of an escalation."""
    return f"The policy {escalation.policy.name} began for “{escalation.notice.title}”."


def answered(escalation: Escalation, who: str, now: float) -> Escalation:
    """Return an escalation somebody acknowledged: it rests, for good or until the acknowledgement is over.

    One that did all it could before stays done, with the answer that came late; the first answer counts.
    """
    if escalation.state is EscalationState.DONE and not escalation.acked_by:
        late = f"{who} acknowledged after the policy's end."
        return _replace(escalation, acked_by=who, acked_at=now, why=late)
    if escalation.state is not EscalationState.RUNNING:
        return escalation
    holds = escalation.policy.ack_minutes
    until = f" It goes on in {minutes(holds)} unless it is over." if holds else ""
    return _replace(
        escalation,
        state=EscalationState.ACKNOWLEDGED,
        due=now + holds * 60.0 if holds else None,
        acked_by=who,
        acked_at=now,
        why=f"{who} acknowledged.{until}",
    )


def expired(escalation: Escalation, now: float) -> bool:
    """Tell whether an acknowledgement does not hold any more."""
    rests = escalation.state is EscalationState.ACKNOWLEDGED
    return rests and escalation.due is not None and escalation.due <= now


def resumed(escalation: Escalation, now: float, why: str = "") -> Escalation:
    """Return an escalation whose acknowledgement is over: it begins with its first step, in a round of its own."""
    if escalation.state is not EscalationState.ACKNOWLEDGED:
        return escalation
    holds = minutes(escalation.policy.ack_minutes)
    return _replace(
        escalation,
        state=EscalationState.RUNNING,
        step=0,
        round=escalation.round + 1,
        due=now,
        acked_by="",
        acked_at=None,
        why=why or f"{escalation.acked_by} acknowledged {holds} ago and it still fires: it begins again.",
    )


def stopped(escalation: Escalation, why: str, now: float) -> Escalation:
    """Return an escalation that goes no further; one that ended stays as it is."""
    if escalation.state not in _LIVE:
        return escalation
    return _replace(
        escalation, state=EscalationState.STOPPED, due=None, ended_at=now, why=f"{why.rstrip('.')}."
    )


def _users(escalation: Escalation, step: EscalationStep, facts: Facts, now: float) -> Move:
    return _page(escalation, step.users, facts, now)


def _team(escalation: Escalation, step: EscalationStep, facts: Facts, now: float) -> Move:
    if not facts.team:
        return _skip(escalation, f"there is nobody of the role {step.team} or above", now, loud=True)
    return _page(escalation, facts.team, facts, now)


def _schedule(escalation: Escalation, _: EscalationStep, facts: Facts, now: float) -> Move:
    if facts.on_call is None:
        return _skip(escalation, "its schedule was deleted", now, loud=True)
    if not facts.on_call:
        return _skip(escalation, f"NOBODY IS ON CALL in {facts.place}", now, loud=True)
    return _page(escalation, facts.on_call, facts, now, f", on call in {facts.place},")


def _round_robin(escalation: Escalation, step: EscalationStep, facts: Facts, now: float) -> Move:
    """Page whose turn it is; who cannot be paged is passed over, and their turn is over as well."""
    order = [step.users[(facts.turn + n) % len(step.users)] for n in range(len(step.users))]
    passed = next((n for n, user in enumerate(order) if _pageable(user, facts)), None)
    if passed is None:
        return _page(escalation, step.users, facts, now)
    move = _page(escalation, (order[passed],), facts, now, ", whose turn it is,")
    return _replace(move, turned=passed + 1)


def _channel(escalation: Escalation, _: EscalationStep, facts: Facts, now: float) -> Move:
    if facts.channel is None:
        return _skip(escalation, "its channel is switched off, or was deleted", now, loud=True)
    return _goes_on(escalation, Does.CHANNEL, f"{facts.channel} is told{_unanswered(escalation)}", now)


def _wait(escalation: Escalation, step: EscalationStep, facts: Facts, now: float) -> Move:
    if escalation.notice.state == _HAPPENED:
        return _all_told(escalation, facts, now)
    move = _goes_on(escalation, Does.WAIT, f"waits {minutes(step.minutes)} for an answer", now)
    return _replace(move, after=_replace(move.after, due=now + step.minutes * 60.0))


def _all_told(escalation: Escalation, facts: Facts, now: float) -> Move:
    """End before the first wait: what only happened does not fire, so nobody can acknowledge it."""
    if not facts.told:
        return _last_resort(escalation, now)
    why = f"Step {escalation.step + 1}: it only happened, so it ends here: there is no answer to wait for."
    ended = _replace(escalation, state=EscalationState.DONE, due=None, ended_at=now, why=why)
    return Move(does=Does.END, key=_key(escalation), reason=why, after=ended)


def _if_time(escalation: Escalation, step: EscalationStep, _: Facts, now: float) -> Move:
    told = hours.spoken(step.spans, step.zone)
    if hours.inside(step.spans, step.zone, now):
        return _goes_on(escalation, Does.SKIP, f"goes on, for it is {told}", now)
    return _skips(escalation, step, f"it is not {told}", now)


def _if_many(escalation: Escalation, step: EscalationStep, facts: Facts, now: float) -> Move:
    window = minutes(step.minutes)
    came = f"{facts.alerts} {'alert' if facts.alerts == 1 else 'alerts'} came in {window}"
    if facts.alerts > step.count:
        return _goes_on(escalation, Does.SKIP, f"goes on, for {came}, more than {step.count}", now)
    return _skips(escalation, step, f"{came}, not more than {step.count}", now)


def _webhook(escalation: Escalation, _: EscalationStep, __: Facts, now: float) -> Move:
    return _goes_on(escalation, Does.WEBHOOK, f"its webhook is called{_unanswered(escalation)}", now)


def _declare(escalation: Escalation, _: EscalationStep, __: Facts, now: float) -> Move:
    return _goes_on(escalation, Does.DECLARE, f"an incident is declared{_unanswered(escalation)}", now)


_MOVES = {
    StepKind.NOTIFY_USERS: _users,
    StepKind.NOTIFY_TEAM: _team,
    StepKind.NOTIFY_SCHEDULE: _schedule,
    StepKind.ROUND_ROBIN: _round_robin,
    StepKind.NOTIFY_CHANNEL: _channel,
    StepKind.WAIT: _wait,
    StepKind.IF_TIME: _if_time,
    StepKind.IF_MANY: _if_many,
    StepKind.WEBHOOK: _webhook,
    StepKind.DECLARE_INCIDENT: _declare,
}


def _page(escalation: Escalation, wanted: tuple[int, ...], facts: Facts, now: float, whose: str = "") -> Move:
    """Page each of those who can be, once; say of the others why they are not."""
    everybody = tuple(dict.fromkeys(wanted))
    paged = tuple(user for user in everybody if _pageable(user, facts))
    not_paged = [_why_not(user, facts) for user in everybody if user not in paged]
    if not paged:
        return _skip(escalation, f"nobody can be paged: {'; '.join(not_paged)}", now, loud=True)
    names = joined([facts.names[user] for user in paged])
    aside = f" Not paged: {'; '.join(not_paged)}." if not_paged else ""
    told = f"{names}{whose} {'is' if len(paged) == 1 else 'are'} paged{_unanswered(escalation)}"
    move = _goes_on(escalation, Does.PAGE, told, now, aside)
    return _replace(move, users=paged, loud=bool(not_paged))


def _pageable(user: int, facts: Facts) -> bool:
    return user in facts.names and user in facts.reachable


def _why_not(user: int, facts: Facts) -> str:
    if user in facts.names:
        return f"{facts.names[user]} has no channel of their own that is on"
    return f"the person with the number {user} was removed or switched off"


def _unanswered(escalation: Escalation) -> str:
    """Return that nobody answered for as long as the step before waited, "" when it did not wait."""
    before = escalation.policy.steps[escalation.step - 1] if escalation.step else None
    if before is not None and before.kind is StepKind.WAIT:
        return f": nobody answered in {minutes(before.minutes)}"
    return ": nobody answered" if escalation.round else ""


def _round_over(escalation: Escalation, facts: Facts, now: float) -> Move:
    policy = escalation.policy
    if escalation.round < min(policy.repeats, MOST_REPEATS) and escalation.notice.state != _HAPPENED:
        return _repeat(escalation, now)
    if not facts.told:
        return _last_resort(escalation, now)
    why = f"The policy {policy.name} is at its end; nobody answered."
    ended = _replace(escalation, state=EscalationState.DONE, due=None, ended_at=now, why=why)
    return Move(does=Does.END, key=_key(escalation), reason=why, after=ended)


def _last_resort(escalation: Escalation, now: float) -> Move:
    """Tell the default channels, for nobody was told at all."""
    why = f"The policy {escalation.policy.name} reached nobody: the default channels are told."
    ended = _replace(escalation, state=EscalationState.DONE, due=None, ended_at=now, why=why)
    return Move(does=Does.LAST_RESORT, key=_key(escalation), reason=why, after=ended, loud=True)


def _repeat(escalation: Escalation, now: float) -> Move:
    waited = bool(escalation.policy.steps) and escalation.policy.steps[-1].kind is StepKind.WAIT
    number = escalation.round + 1
    why = f"Nobody answered: it begins again ({number} of {min(escalation.policy.repeats, MOST_REPEATS)})."
    after = _replace(escalation, step=0, round=number, due=now if waited else now + PAUSE, why=why)
    return Move(does=Does.REPEAT, key=_key(escalation), reason=why, after=after)


def _skips(escalation: Escalation, step: EscalationStep, why: str, now: float) -> Move:
    """Leave out the steps that stand behind a condition which does not hold."""
    left = min(step.skips, len(escalation.policy.steps) - escalation.step - 1)
    what = "the next step is" if left == 1 else f"the next {left} steps are"
    move = _goes_on(escalation, Does.SKIP, f"{what} left out, for {why}", now)
    return _replace(move, after=_replace(move.after, step=escalation.step + 1 + left))


def _skip(escalation: Escalation, why: str, now: float, *, loud: bool) -> Move:
    reason = f"Step {escalation.step + 1} is left out: {why}."
    move = _goes_on(escalation, Does.SKIP, "", now)
    return _replace(move, reason=reason, after=_replace(move.after, why=reason), loud=loud)


def _goes_on(escalation: Escalation, does: Does, told: str, now: float, aside: str = "") -> Move:
    reason = f"Step {escalation.step + 1}: {told}.{aside}"
    after = _replace(escalation, step=escalation.step + 1, due=now, why=reason)
    return Move(does=does, key=_key(escalation), reason=reason, after=after)


def _key(escalation: Escalation) -> str:
    return f"{escalation.round}.{escalation.step}"
