"""A policy in one sentence, as one would say it. Pure."""

from collections.abc import Mapping, Sequence

import msgspec

from vedette.oncall import hours
from vedette.oncall.types import EscalationStep, Names, PolicyDraft, StepKind
from vedette.oncall.wording import joined, minutes


class Called(msgspec.Struct, frozen=True, kw_only=True):
    """How the things a policy names are called, by their ids."""

    users: Names = {}
    schedules: Mapping[int, str] = {}
    channels: Mapping[int, str] = {}


def sentence(policy: PolicyDraft, called: Called) -> str:
    """Return what a policy does: "Pages Mira at once; after 5 min without an answer everybody from admin up; …"."""
    if not policy.steps:
        return "It does nothing yet: add a step."
    parts = _parts(policy.steps, called)
    again = {0: "", 1: "; then all of it once more"}.get(
        policy.repeats, f"; then all of it again, {policy.repeats} times"
    )
    text = "; ".join(parts) + again
    held = policy.ack_minutes
    until = f" An acknowledgement holds {minutes(held)}." if held else ""
    return f"{text[:1].upper()}{text[1:]}.{until}"


def step_words(step: EscalationStep, called: Called) -> str:
    """Return what one step does, without when."""
    return _WORDS[step.kind](step, called)


def _parts(steps: Sequence[EscalationStep], called: Called) -> list[str]:
    parts: list[str] = []
    waited, when = 0, " at once"
    for step in steps:
        if step.kind is StepKind.WAIT:
            waited += step.minutes
            continue
        told = step_words(step, called)
        parts.append(f"after {minutes(waited)} without an answer {told}" if waited else f"{told}{when}")
        waited, when = 0, ""
    return [*parts, *([f"waits {minutes(waited)}"] if waited else [])]


def _users(step: EscalationStep, called: Called) -> str:
    return f"pages {_people(step, called)}"


def _round_robin(step: EscalationStep, called: Called) -> str:
    return f"pages in turn one of {_people(step, called)}"


def _team(step: EscalationStep, _: Called) -> str:
    return f"pages everybody from {step.team} up"


def _schedule(step: EscalationStep, called: Called) -> str:
    return f"pages who is on call in {called.schedules.get(step.schedule or 0, 'a schedule that is gone')}"


def _channel(step: EscalationStep, called: Called) -> str:
    return f"tells {called.channels.get(step.channel or 0, 'a channel that is gone')}"


def _if_time(step: EscalationStep, _: Called) -> str:
    return f"goes on {hours.spoken(step.spans, step.zone)}, else {_left_out(step)}"


def _if_many(step: EscalationStep, _: Called) -> str:
    return (
        f"goes on when more than {step.count} alerts came in {minutes(step.minutes)}, else {_left_out(step)}"
    )


def _left_out(step: EscalationStep) -> str:
    return "leaves out the next step" if step.skips == 1 else f"leaves out the next {step.skips} steps"


def _people(step: EscalationStep, called: Called) -> str:
    return joined([_named(user, called.users) for user in step.users]) or "nobody yet"


def _named(user: int, names: Names) -> str:
    return names.get(user, "somebody who was removed")


def _wait(step: EscalationStep, _: Called) -> str:
    return f"waits {minutes(step.minutes)}"


def _webhook(_: EscalationStep, __: Called) -> str:
    return "calls a webhook"


def _declare(_: EscalationStep, __: Called) -> str:
    return "declares an incident"


_WORDS = {
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
