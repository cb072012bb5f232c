"""Personal rules: which of one's channels is told when, and whether a later step is still needed. Pure.

A rule (*important* or *default*) is a list of steps; a step that waits goes only when nobody acknowledged until then.
"""

from collections.abc import Mapping, Sequence

import msgspec

from vedette.notify.types import SEVERITIES, ChannelRef, Planned, Preferences, Stage, Step

IMPORTANT, DEFAULT = "important", "default"
RULES = (IMPORTANT, DEFAULT)
FROM = ("high", "critical")
LONGEST_WAIT = 60
MOST_STEPS = 10
CALLS = frozenset({"gateway"})  # what rings or costs: told only when the others were not heard
_CALL_AFTER = 1
_AT_ONCE = "at once"


class Goes(msgspec.Struct, frozen=True):
    """Whether a step is sent, and why or why not."""

    send: bool
    reason: str


def which(wants: Preferences, severity: str) -> str:
    """Return the rule by which an alert of a severity is told."""
    return IMPORTANT if SEVERITIES.index(severity) >= SEVERITIES.index(wants.important_from) else DEFAULT


def usual(rule: str, channels: Sequence[ChannelRef]) -> tuple[Step, ...]:
    """Return the steps of who set none: all at once; of what is important, SMS and calls a minute later."""
    calls = [one for one in channels if one.kind in CALLS] if rule == IMPORTANT else []
    first = [one for one in channels if one not in calls]
    if not first:
        return tuple(Step(channel=one.id) for one in calls)
    later = [Step(channel=one.id, wait=0 if n else _CALL_AFTER) for n, one in enumerate(calls)]
    return (*(Step(channel=one.id) for one in first), *later)


def steps_of(wants: Preferences, rule: str, channels: Sequence[ChannelRef]) -> tuple[Step, ...]:
    """Return the steps of a rule that lead somewhere; the usual ones when none does, so that nothing is lost.

    The first does not wait, also when what stood before it is gone; what waits after a step that is gone waits for it as well.
    """
    chosen = wants.important if rule == IMPORTANT else wants.default
    there = {one.id for one in channels}
    found = afters(chosen or ())
    left = {channel: after for channel, after in found.items() if channel in there}
    if not left:
        return usual(rule, channels)
    first = min(left.values())
    return of_afters({channel: after - first for channel, after in left.items()})


def plan(wants: Preferences, channels: Sequence[ChannelRef], severity: str) -> tuple[Planned, ...]:
    """Return the channels that are told of an alert of a severity, in their order, each with its step."""
    rule = which(wants, severity)
    known = {one.id: one for one in channels}
    planned, number, minutes = [], 0, 0
    for step in steps_of(wants, rule, channels):
        number += 1 if step.wait or not number else 0
        minutes += step.wait
        reason = f"Step {number} of {rule}: {_waited(minutes)}."
        made = Planned(
            channel=known[step.channel], which=rule, number=number, after=minutes * 60.0, reason=reason
        )
        planned.append(made)
    return tuple(planned)


def goes(stage: Stage, settled: str, hushed: str) -> Goes:
    """Decide whether a step whose time has come is sent; `settled` and `hushed` say why not, empty when nothing is in its way."""
    name = f"Step {stage.number} of {stage.which}"
    if stage.number > 1 and (settled or hushed):
        return Goes(False, f"{name} was not sent: {settled or hushed}")
    return Goes(True, f"{name}: {_waited(round(stage.after / 60))}.")


def afters(steps: Sequence[Step]) -> dict[int, int]:
    """Return after how many minutes each channel is told, counted from the first step."""
    found, minutes = {}, 0
    for step in steps:
        minutes += step.wait
        found[step.channel] = minutes
    return found


def of_afters(chosen: Mapping[int, int]) -> tuple[Step, ...]:
    """Return the steps that tell each channel after so many minutes; those of one minute keep their order."""
    made, before = [], 0
    for channel, minutes in sorted(chosen.items(), key=lambda each: each[1]):
        made.append(Step(channel=channel, wait=minutes - before))
        before = minutes
    return tuple(made)


def problems(wants: Preferences, own: frozenset[int]) -> dict[str, str]:
    """Return what is wrong with a person's rules, by the field of the preferences; `own` are the ids of their channels."""
    wrong = {} if wants.important_from in FROM else {"important_from": f"One of {', '.join(FROM)}."}
    for rule, steps in ((IMPORTANT, wants.important), (DEFAULT, wants.default)):
        if steps is not None and (what := _wrong(steps, own)):
            wrong[rule] = what
    return wrong


def sentence(planned: Sequence[Planned]) -> str:
    """Return what a rule does in words."""
    by_number: dict[int, list[Planned]] = {}
    for each in planned:
        by_number.setdefault(each.number, []).append(each)
    parts = [_said(group) for group in by_number.values()]
    text = "; ".join(parts)
    return f"{text[:1].upper()}{text[1:]}." if text else "Nobody is told: you have no channel of your own."


def _said(group: Sequence[Planned]) -> str:
    names = _joined([each.channel.name for each in group])
    return f"{_waited(round(group[0].after / 60))}: {names}"


def _joined(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]


def _waited(minutes: int) -> str:
    return f"{minutes} min without an acknowledgement" if minutes else _AT_ONCE


def _wrong(steps: Sequence[Step], own: frozenset[int]) -> str:
    channels = [step.channel for step in steps]
    if not steps or len(steps) > MOST_STEPS:
        return f"One to {MOST_STEPS} steps."
    if len(set(channels)) < len(channels):
        return "A channel stands once in a list."
    if not set(channels) <= own:
        return "One of these channels is not yours, or was deleted."
    if steps[0].wait:
        return "The first step waits for nothing: at least one channel is told at once."
    if any(not 0 <= step.wait <= LONGEST_WAIT for step in steps):
        return f"A step waits 0 to {LONGEST_WAIT} minutes."
    return ""
