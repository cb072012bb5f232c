"""Is an escalation policy fit to be kept? Pure: what is wrong, by field or step, with what to do."""

import re
from collections.abc import Collection, Iterator

import msgspec

from vedette.oncall import hours
from vedette.oncall.types import MOST_REPEATS, EscalationStep, PolicyDraft, StepKind

MOST_STEPS = 30
MOST_PEOPLE = 100  # in one step
LONGEST_WAIT = 24 * 60
LONGEST_ACK = 7 * 24 * 60
MOST_ALERTS = 100_000
LONGEST_URL = 2_000
_HTTP = re.compile(r"https?://([^\s/?#]+)(?:[/?#]\S*)?", re.ASCII | re.IGNORECASE)
ROLES = ("owner", "admin", "member", "viewer")
TELLING = frozenset(
    {
        StepKind.NOTIFY_USERS,
        StepKind.NOTIFY_TEAM,
        StepKind.NOTIFY_SCHEDULE,
        StepKind.ROUND_ROBIN,
        StepKind.NOTIFY_CHANNEL,
    }
)


class There(msgspec.Struct, frozen=True, kw_only=True):
    """What a policy may name: ids of people, schedules and shared channels; and the names other policies have."""

    users: Collection[int] = ()
    schedules: Collection[int] = ()
    channels: Collection[int] = ()
    taken: Collection[str] = ()


def problems(draft: PolicyDraft, there: There) -> dict[str, str]:
    """Return what is wrong, by the field (`name`) or the step (`step 2`, counted from 1); empty when it is fit."""
    wrong = dict(_whole(draft, there))
    for number, step in enumerate(draft.steps, 1):
        told = next(_step(step, there), "")
        if told:
            wrong[f"step {number}"] = told
    return wrong


def _whole(draft: PolicyDraft, there: There) -> Iterator[tuple[str, str]]:
    if not 1 <= len(draft.name.strip()) <= 80:
        yield "name", "Give the policy a name of at most 80 characters."
    elif draft.name in there.taken:
        yield "name", "There is another policy of this name."
    if not any(step.kind in TELLING for step in draft.steps):
        yield "steps", "Add at least one step that pages people or tells a channel."
    elif len(draft.steps) > MOST_STEPS:
        yield "steps", f"At most {MOST_STEPS} steps."
    if not 0 <= draft.repeats <= MOST_REPEATS:
        yield "repeats", f"From 0 to {MOST_REPEATS} times."
    elif draft.repeats and not any(step.kind is StepKind.WAIT for step in draft.steps):
        yield "repeats", "Add a step that waits: without one nobody has the time to answer before it repeats."
    if not 0 <= draft.ack_minutes <= LONGEST_ACK:
        yield "ack_minutes", f"From 0 (for good) to {LONGEST_ACK} minutes."


def _step(step: EscalationStep, there: There) -> Iterator[str]:
    kind = step.kind
    if kind in {StepKind.NOTIFY_USERS, StepKind.ROUND_ROBIN}:
        yield from _people(step, there)
    if kind is StepKind.NOTIFY_TEAM and step.team not in ROLES:
        yield f"Choose a role: {', '.join(ROLES)}."
    if kind is StepKind.NOTIFY_SCHEDULE and step.schedule not in there.schedules:
        yield "Choose a schedule that is there."
    if kind is StepKind.NOTIFY_CHANNEL and step.channel not in there.channels:
        yield "Choose a channel that is there."
    if kind is StepKind.WAIT and not 1 <= step.minutes <= LONGEST_WAIT:
        yield f"Wait 1 to {LONGEST_WAIT} minutes."
    if kind in {StepKind.IF_TIME, StepKind.IF_MANY}:
        yield from _condition(step)
    if kind is StepKind.WEBHOOK and (told := _url(step.url)):
        yield told
    if kind is StepKind.DECLARE_INCIDENT and step.severity not in {None, 1, 2, 3, 4}:
        yield "A severity is 1 (worst) to 4."


def _people(step: EscalationStep, there: There) -> Iterator[str]:
    if not step.users:
        yield "Choose at least one person."
    elif len(step.users) > MOST_PEOPLE:
        yield f"At most {MOST_PEOPLE} people."
    elif not set(step.users) <= set(there.users):
        yield "One of these people was removed or switched off."


def _condition(step: EscalationStep) -> Iterator[str]:
    if step.kind is StepKind.IF_TIME and (told := hours.problem(step.spans, step.zone)):
        yield told
    if step.kind is StepKind.IF_MANY and not 1 <= step.minutes <= LONGEST_WAIT:
        yield f"Count over 1 to {LONGEST_WAIT} minutes."
    if step.kind is StepKind.IF_MANY and not 1 <= step.count <= MOST_ALERTS:
        yield f"More than 1 to {MOST_ALERTS} alerts."
    if not 1 <= step.skips <= MOST_STEPS:
        yield f"It leaves out 1 to {MOST_STEPS} steps."


def _url(url: str) -> str:
    found = _HTTP.fullmatch(url)
    if found is None or len(url) > LONGEST_URL:
        return "The URL starts with http:// or https:// and names a host."
    return "Put no user or password into the URL; set a signing secret instead." if "@" in found[1] else ""
