"""Why was, or is, somebody told of an alert, or not? Pure: from what is kept to the whole way in words.

Page, command line and REST show the same explanation. It follows the way an alert takes: rules, routes, inhibition,
silences, groups, and for each receiver of a group what dedup would say if the group looked now.
"""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from vedette.alerts import dedup, flapping, hearkening, matching, routing, silencing, whither
from vedette.alerts.dedup import Code, Entry
from vedette.alerts.hearkening import INHIBITION, SILENCE, Heard, Quietness
from vedette.alerts.inhibition import Sources
from vedette.alerts.routing import Step
from vedette.alerts.silencing import Silence, SilenceState
from vedette.alerts.types import Alert, Group, Member, Routing, Rule, Trace
from vedette.core.clock import iso
from vedette.notify.types import Delivery
from vedette.signals.types import SignalState


class RuleStep(msgspec.Struct, frozen=True):
    """A rule that spoke of the alert (its id, None when it is gone), and in words what it saw or where it leads."""

    id: int | None
    name: str
    reason: str


class SilenceStep(msgspec.Struct, frozen=True):
    """A silence that is in force or will be: whether it keeps this alert quiet now, and why or why not."""

    id: str
    holds: bool
    reason: str


class ReceiverStep(msgspec.Struct, frozen=True):
    """What would be said to one receiver if the group looked now; `last` is when it was told last.

    `code` is the short name of the reason, `told` says that it knows of this alert as it is.
    """

    name: str
    send: bool
    code: str
    reason: str
    last: float | None = None
    told: bool = False


class GroupStep(msgspec.Struct, frozen=True, kw_only=True):
    """A group the alert stands in; `last` and `due` are when it looked last and looks next.

    `route` is the key of its route, `size` how many alerts stand in it.
    """

    key: str
    route: str
    receiver: str
    labels: Mapping[str, str]
    last: float | None
    due: float | None
    size: int
    receivers: tuple[ReceiverStep, ...]


class EscalationPart(msgspec.Struct, frozen=True):
    """One escalation of a group the alert stands in: by which policy, where it is, and each line of what it did."""

    id: int
    policy: str
    state: str
    why: str
    lines: tuple[tuple[float, str], ...]


class Why(msgspec.Struct, frozen=True, kw_only=True):
    """The whole way of an alert, and the sentence it comes to.

    `routes` are those that were looked at, none when only rules say where it goes; `flaps` is empty unless it flaps.
    """

    alert: Alert
    sentence: str
    rules: tuple[RuleStep, ...]
    routes: tuple[Step, ...]
    quiet: Quietness
    silences: tuple[SilenceStep, ...]
    inhibition: str
    flaps: str
    groups: tuple[GroupStep, ...]
    lines: tuple[tuple[Trace, Delivery | None], ...]
    escalations: tuple[EscalationPart, ...] = ()


class Recipient(msgspec.Struct, frozen=True, kw_only=True):
    """A channel a group tells. `alerts` are the ids of those that concern it, None when all do."""

    name: str
    channel: int
    enabled: bool
    why: str = ""
    alerts: frozenset[int] | None = None


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of a group: its alerts, what each channel was told last, whom it tells, and who wants quiet and why."""

    group: Group
    members: tuple[Member, ...]
    entries: Mapping[int, Entry]
    recipients: tuple[Recipient, ...]
    quieted: tuple[tuple[str, str], ...] = ()


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """Everything an explanation is made of; `sources` tells which firing alerts mute others."""

    alert: Alert
    rules: tuple[Rule, ...]
    table: Routing
    silences: tuple[Silence, ...]
    sources: Sources
    groups: tuple[Kept, ...]
    lines: tuple[tuple[Trace, Delivery | None], ...]
    now: float
    escalations: tuple[EscalationPart, ...] = ()


def why(found: Evidence) -> Why:
    """Return the whole way of an alert."""
    alert, now = found.alert, found.now
    flaps = flapping.judge(alert.flips, now)
    quiet = hearkening.quietness(alert, found.table, found.silences, found.sources, now)
    groups = tuple(_group(kept, found) for kept in found.groups)
    return Why(
        alert=alert,
        sentence=_sentence(alert, quiet, groups, found.lines),
        rules=tuple(_rules(found)),
        routes=_routes(found),
        quiet=quiet,
        silences=tuple(_silence(each, alert, now) for each in found.silences),
        inhibition=_inhibition(found, quiet),
        flaps=flaps.reason if flaps else "",
        groups=groups,
        lines=found.lines,
        escalations=found.escalations,
    )


def written(explained: Why) -> tuple[str, ...]:
    """Return the explanation as lines of plain text."""
    lines = [explained.sentence, ""]
    lines += [f"rule{step.name and ' '}{step.name}: {step.reason}" for step in explained.rules]
    lines += [
        f"route {'  ' * step.depth}{step.key} {'takes it' if step.taken else 'does not take it'}: {step.reason}"
        for step in explained.routes
    ]
    lines.append(f"inhibition: {explained.inhibition}")
    lines += [f"silence {step.id}: {step.reason}" for step in explained.silences] or [
        "silence: There is none."
    ]
    lines += [f"flapping: {explained.flaps}"] if explained.flaps else []
    for group in explained.groups:
        lines += _written_group(group)
    for part in explained.escalations:
        lines.append(f"escalation {part.id} by {part.policy} ({part.state}): {part.why}")
        lines += [f"  {iso(at)} {text}" for at, text in part.lines]
    lines += [f"{iso(line.at)} {_written_line(line, became)}" for line, became in explained.lines]
    return tuple(lines)


def _written_group(group: GroupStep) -> Iterator[str]:
    last = "has not looked yet" if group.last is None else f"looked last {iso(group.last)}"
    due = "looks when something changes" if group.due is None else f"looks next {iso(group.due)}"
    yield f"group {group.key} of {group.size}: {last}, {due}"
    for step in group.receivers:
        yield f"  {step.name} {'is told' if step.send else 'is not told'}: {step.reason}"


def _written_line(line: Trace, became: Delivery | None) -> str:
    whom = f" to {line.channel}" if line.channel else ""
    if not line.sent:
        return f"not told{whom}: {line.reason}"
    receipt = f" ({became.state}{': ' + became.detail if became.detail else ''})" if became else ""
    return f"told{whom}: {line.reason}{receipt}"


def _rules(found: Evidence) -> Iterator[RuleStep]:
    alert = found.alert
    if not alert.rules and alert.rule_id is None:
        yield RuleStep(None, "", alert.why or "It was pushed; no rule speaks of it.")
        return
    known = {rule.id: rule for rule in found.rules}
    own = {way.destination.key for way in whither.ways(alert, found.table, found.rules)}
    for number in alert.rules or (alert.rule_id or 0,):
        rule = known.get(number)
        if rule is None:
            yield RuleStep(None, alert.rule, "It was deleted.")
            continue
        alone = f"{whither.RULE}{rule.id}" in own
        where = "It tells each alert alone and at once." if alone else "It leaves the way to the routes."
        yield RuleStep(rule.id, rule.name, f"{alert.why} {where}".strip())


def _routes(found: Evidence) -> tuple[Step, ...]:
    ways = whither.ways(found.alert, found.table, found.rules)
    if all(way.destination.key.startswith(whither.RULE) for way in ways):
        return ()
    return routing.trace(found.table.tree, whither.seen_labels(found.alert))


def _silence(each: Silence, alert: Alert, now: float) -> SilenceStep:
    failing = matching.first_failing(each.matchers, whither.seen_labels(alert))
    if failing is not None:
        return SilenceStep(each.id, False, f"It is for other alerts: {failing} does not hold.")
    state = silencing.state(each, now)
    if state is SilenceState.ACTIVE:
        held = silencing.quiet([each], whither.seen_labels(alert), now)
        return SilenceStep(each.id, True, f"{held.reason.rstrip('.')}." if held else "")
    words = {SilenceState.PENDING: "It does not hold at this time.", SilenceState.EXPIRED: "It is over."}
    return SilenceStep(each.id, False, words[state])


def _inhibition(found: Evidence, quiet: Quietness) -> str:
    if quiet.by == INHIBITION:
        return quiet.reason
    if not found.table.inhibitions:
        return "There is none."
    labels = whither.seen_labels(found.alert)
    aimed = sum(matching.matches(rule.target, labels) for rule in found.table.inhibitions)
    return "No source fires that mutes it." if aimed else "None is for this alert."


def _group(kept: Kept, found: Evidence) -> GroupStep:
    group = kept.group
    kept_quiet = (found.table, found.silences, found.sources, found.now)
    members = [hearkening.heard(member, *kept_quiet) for member in kept.members]
    steps = [_receiver(kept, each, members, found) for each in kept.recipients]
    steps += [ReceiverStep(name, False, Code.QUIET.value, reason) for name, reason in kept.quieted]
    if not kept.recipients:
        nobody = "There is no channel to tell: add one under Settings, Notifications."
        steps.append(ReceiverStep("Nobody", False, Code.NO_CHANNEL.value, nobody))
    return GroupStep(
        key=group.key,
        route=group.destination.key,
        receiver=group.destination.receiver,
        labels=group.labels,
        last=group.pulse.last,
        due=group.pulse.due,
        size=len(members),
        receivers=tuple(steps),
    )


def _receiver(kept: Kept, to: Recipient, members: Sequence[Heard], found: Evidence) -> ReceiverStep:
    entry, mine = kept.entries.get(to.channel), _mine(members, found.alert)
    last = entry.at if entry else None
    if not to.enabled:
        return ReceiverStep(to.name, False, Code.CHANNEL_OFF.value, "The channel is switched off.", last)
    if mine is not None and mine.quiet.by:
        code = Code.SILENCED if mine.quiet.by == SILENCE else Code.INHIBITED
        return ReceiverStep(to.name, False, code.value, mine.quiet.reason, last)
    theirs = hearkening.concerning(members, to.alerts)
    policy = hearkening.policy(kept.group, theirs)
    reason = dedup.why_notify(entry, *hearkening.names(theirs), policy, found.now)
    words = " ".join(part for part in (reason.text, to.why) if part)
    told = entry is not None and mine is not None and mine.name in entry.firing | entry.resolved
    return ReceiverStep(to.name, reason.send, reason.code.value, words, last, told)


def _mine(members: Sequence[Heard], alert: Alert) -> Heard | None:
    return next((each for each in members if each.alert.id == alert.id), None)


def _sentence(
    alert: Alert,
    quiet: Quietness,
    groups: Sequence[GroupStep],
    lines: Sequence[tuple[Trace, Delivery | None]],
) -> str:
    told = _names(line.channel for line, _ in lines if line.sent)
    whom = f"told to {told}" if told else "nobody was told"
    if alert.standing.state is SignalState.RESOLVED:
        return f"It is over; {whom}."
    if alert.standing.state is SignalState.INFO:
        return f"It happened; {whom}."
    if quiet.by:
        return f"It fires and is kept quiet. {quiet.reason}"
    if alert.acked_at is not None:
        return f"It fires, and {alert.acked_by or 'somebody'} takes care of it; {whom}."
    return f"It fires; {whom if told else _not_yet(groups)}."


def _not_yet(groups: Sequence[GroupStep]) -> str:
    waits = next((g for g in groups if g.due is not None and any(step.send for step in g.receivers)), None)
    if waits is None or waits.due is None:
        return "nobody was told"
    whom = _names(step.name for step in waits.receivers if step.send)
    return f"{whom} will be told at {iso(waits.due)}"


def _names(found: Iterator[str]) -> str:
    return ", ".join(dict.fromkeys(name for name in found if name))
