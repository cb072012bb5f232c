"""What would this rule have sent in the last 30 days, to whom? Read from signals and series, then replayed."""

import math
from collections.abc import Callable, Mapping, Sequence

import msgspec

from vedette.alerts import (
    addressing,
    builtin,
    identity,
    learning,
    listening,
    observing,
    replaying,
    rules,
    telling,
    timelines,
)
from vedette.alerts.addressing import Setting
from vedette.alerts.conditions import registry
from vedette.alerts.looking import project_slug
from vedette.alerts.replaying import Happened, WouldBe
from vedette.alerts.routing import Destination
from vedette.alerts.setting import setting_of
from vedette.alerts.timelines import DAY, HOUR, MINUTE, Sums, Turn
from vedette.alerts.types import OWN_ROOM, Rule, RuleDraft, Standing, Window
from vedette.core.clock import iso, monotonic
from vedette.signals import service as signals
from vedette.signals.types import Series, Severity, Signal, SignalState

DAYS = 30
SECONDS = 1.0  # how long it may take
STEP = 6 * HOUR
MOST_LABELS = 50


class Notice(msgspec.Struct, frozen=True):
    """A notice that would have been sent, and the names of those who would have got it."""

    at: float
    receivers: tuple[str, ...]
    title: str
    alerts: int
    code: str
    reason: str


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule would have sent from `start` to `end`; `values` are what it looks at, one each `step` seconds.

    `note` says what was not looked at; empty when everything was.
    """

    start: float
    end: float
    step: float
    values: tuple[float, ...]
    unit: str
    notices: tuple[Notice, ...]
    note: str


class _Seen(msgspec.Struct, frozen=True):
    happened: list[Happened]
    values: Sequence[float]
    unit: str
    notes: list[str]


def preview(draft: RuleDraft, now: float, seconds: float = SECONDS) -> Preview:
    """Return what a rule would have sent in the last 30 days; where the time is up, it says how far it looked."""
    until = monotonic() + seconds
    rule = Rule(id=0, **{**{n: getattr(draft, n) for n in RuleDraft.__struct_fields__}, "enabled": True})
    end = math.ceil(now / STEP) * STEP
    start = end - DAYS * DAY
    seen = _way(rule)(rule, start, now, lambda: monotonic() < until - seconds / 4)
    seen.happened.sort(key=lambda each: each.at)
    found, reached = replaying.replay(rule, seen.happened, builtin.table(), now, lambda: monotonic() < until)
    if reached < now:
        seen.notes.append(f"The replay was stopped at {iso(reached)}.")
    setting = msgspec.structs.replace(setting_of(now), rules=(rule,))
    return Preview(
        start=start,
        end=end,
        step=STEP,
        values=tuple(seen.values),
        unit=seen.unit,
        notices=tuple(_notice(each, setting) for each in found),
        note=" ".join(seen.notes),
    )


def _way(rule: Rule) -> Callable[[Rule, float, float, Callable[[], bool]], _Seen]:
    condition = registry.of(rule.kind)
    if condition.learns:
        return _learnt
    return _measured if condition.windows is not None else _heard


def _notice(each: WouldBe, setting: Setting) -> Notice:
    return Notice(
        each.at, _whom(each.destination, setting), each.title, each.alerts, each.code.value, each.reason
    )


def _whom(destination: Destination, setting: Setting) -> tuple[str, ...]:
    named, asked = addressing.receiver_of(destination.receiver, setting)
    people = [each.name for each in setting.people if each.user in asked.people or each.email in asked.emails]
    assignee = ["whoever it is assigned to"] if asked.assignee else []
    paged = [f"the policy {each.name}" for each in setting.policies if each.id in asked.policies]
    default = [each for each in setting.channels.values() if each.default]
    channels = named if named or people or assignee or paged else default
    return (*(each.name for each in channels if each.enabled), *people, *assignee, *paged)


def _heard(rule: Rule, start: float, now: float, goes_on: Callable[[], bool]) -> _Seen:
    """Return the signals the rule would have spoken of."""
    found, notes = signals.between(start, now), []
    if len(found) == signals.MOST_AT_ONCE:
        notes.append(f"Signals are looked at from {iso(found[0][0])} on; there were more before.")
    values = [0.0] * int(DAYS * DAY // STEP)
    happened = []
    for n, (at, signal) in enumerate(found):
        if n % 64 == 0 and not goes_on():
            notes.append(f"Time was up: signals are looked at until {iso(at)}.")
            break
        decision = None if _is_ours(signal) else rules.decide(rule, signal, at)
        if decision is not None and decision.fire:
            values[min(len(values) - 1, int((at - start) // STEP))] += 1
            story = telling.of_signal(signal, identity.of_signal(signal), [rule])
            happened.append(Happened(at, story, decision.reason))
    return _Seen(happened, values, "signals", notes)


def _is_ours(signal: Signal) -> bool:
    return signal.room == OWN_ROOM or signal.kind in listening.PERSONAL


def _measured(rule: Rule, start: float, now: float, goes_on: Callable[[], bool]) -> _Seen:
    """Return when the rule would have begun and ceased to fire, for the busiest sets of labels."""
    catalogue = signals.catalogue()
    windows = registry.of(rule.kind).windows
    first = windows(rule.params, now)[0] if windows else None
    series = catalogue.get(first.series) if first else None
    if windows is None or first is None or series is None:
        return _Seen([], (), "", ["Nobody offers this series."])
    scope = observing.scope_of(rule) | dict(first.scope)
    values = series.read(scope, start, start + DAYS * DAY, STEP)
    if series.level or series.totals is None:
        return _Seen([], values, series.unit, [_LEVEL])
    busiest = _busiest(rule, series, scope, start - timelines.reach(rule, now), now)
    coarse = HOUR if series.fine < DAYS * DAY else max(MINUTE, rule.params.minutes * MINUTE)
    instants = timelines.looks(start, math.floor(now / MINUTE) * MINUTE, coarse)
    happened: list[Happened] = []
    notes = [] if series.fine >= DAYS * DAY else [_COARSE]
    for n, (labels, annotations) in enumerate(busiest[:MOST_LABELS]):
        if not goes_on():
            notes.append(f"Time was up: the {n} busiest of {len(busiest)} were looked at.")
            return _Seen(happened, values, series.unit, notes)
        lines = [_line(window, labels, rule, start, now) for window in windows(rule.params, now)]
        turns = timelines.turns(rule, labels, lines, annotations, instants)
        happened += [_happened(rule, turn) for turn in turns]
    if len(busiest) > MOST_LABELS:
        notes.append(f"The {MOST_LABELS} busiest of {len(busiest)} were looked at.")
    return _Seen(happened, values, series.unit, notes)


def _learnt(rule: Rule, start: float, now: float, goes_on: Callable[[], bool]) -> _Seen:
    """Return when the detectors of a rule would have spoken, for the busiest sets of labels."""
    series = signals.catalogue().get(rule.params.series)
    if series is None:
        return _Seen([], (), "", ["Nobody offers this series."])
    values = series.read(observing.scope_of(rule), start, start + DAYS * DAY, STEP)
    happened: list[Happened] = []
    watched = learning.watched(rule, series, now)
    for n, (labels, annotations) in enumerate(watched):
        if not goes_on():
            note = f"Time was up: the {n} busiest of {len(watched)} were looked at."
            return _Seen(happened, values, series.unit, [_WEEK, note])
        turns = learning.turns(rule, series, labels, annotations, now)
        happened += [_happened(rule, turn) for turn in turns if turn.at >= start]
    return _Seen(happened, values, series.unit, [_WEEK])


_WEEK = "The first week of what is known is learnt from and not told."
_LEVEL = "This is a level by the hour; the rule is not tried on the past, its values are drawn."
_COARSE = (
    "Before the last two days it is counted by the hour: what came in an hour is taken to have come evenly."
)


def _busiest(
    rule: Rule, series: Series, scope: Mapping[str, str], start: float, now: float
) -> list[tuple[dict[str, str], dict[str, str]]]:
    """Return the sets of labels with what is told beside them, the busiest first."""
    by = observing.labels_of(rule, [series])
    if not by:
        return [({}, {})]
    rows = series.totals(by, scope, start, now) if series.totals else ()
    ordered = sorted(rows, key=lambda row: -row[1])
    return [
        ({n: labels.get(n, "") for n in by}, {n: v for n, v in labels.items() if n not in by})
        for labels, _ in ordered
    ]


def _line(window: Window, labels: Mapping[str, str], rule: Rule, start: float, now: float) -> Sums:
    """Return the line of sums of one window's series: by the hour, and by the minute where minutes are needed."""
    series = signals.catalogue()[window.series]
    scope = observing.scope_of(rule) | dict(window.scope) | {name: v for name, v in labels.items() if v}
    begin = math.floor((start - timelines.reach(rule, now)) / HOUR) * HOUR
    edge = math.floor((now - timelines.FINE) / HOUR) * HOUR + HOUR
    end = math.floor(now / MINUTE) * MINUTE + MINUTE
    fine = series.read(scope, edge, end, MINUTE)
    if series.fine >= DAYS * DAY and rule.params.minutes < 60:
        step = max(MINUTE, rule.params.minutes * MINUTE)
        n = math.ceil((edge - begin) / step)
        return timelines.sums(
            [(edge - n * step, step, series.read(scope, edge - n * step, edge, step)), (edge, MINUTE, fine)]
        )
    return timelines.sums([(begin, HOUR, series.read(scope, begin, edge, HOUR)), (edge, MINUTE, fine)])


def _happened(rule: Rule, turn: Turn) -> Happened:
    labels = identity.of_observation(rule, turn.seen)
    project = project_slug(int(turn.seen.labels.get("project") or rule.project or 0))
    story = telling.of_observation(turn.seen, labels, rule, turn.decision.reason, project)
    if not turn.fires:
        over = Standing(
            state=SignalState.RESOLVED,
            severity=rule.severity or Severity.HIGH,
            change=0,
            starts=turn.at,
            ends=turn.at,
        )
        story = msgspec.structs.replace(story, seen=over)
    return Happened(turn.at, story, turn.decision.reason)
