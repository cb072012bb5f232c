"""What would a rule have sent? A replay of what happened through the decisions that tell people. Pure.

The same decisions as in life (`life`, `whither`, `grouping`, `flapping`, `dedup`), on state in memory. All receivers of
a group hear the same here. Silences, inhibitions and people's own quiet are of today and are left out.
"""

import heapq
from collections.abc import Callable, Iterable, Sequence

import msgspec

from vedette.alerts import dedup, flapping, grouping, identity, life, whither
from vedette.alerts.becoming import Seen, become
from vedette.alerts.dedup import Code, Entry, Policy
from vedette.alerts.grouping import Pulse
from vedette.alerts.routing import Destination
from vedette.alerts.telling import Story
from vedette.alerts.types import Alert, Routing, Rule
from vedette.signals.types import Severity, SignalState

MOST_NOTICES = 1_000


class Happened(msgspec.Struct, frozen=True):
    """What the rule spoke of at an instant, and in words why."""

    at: float
    story: Story
    why: str


class WouldBe(msgspec.Struct, frozen=True):
    """A notice that would have been sent: when, by which way, what it says first, of how many alerts, and why then."""

    at: float
    destination: Destination
    title: str
    alerts: int
    code: Code
    reason: str


class _Group:
    """A group of the replay: who is in it, when it looks, and what it told last."""

    def __init__(self, destination: Destination) -> None:
        self.destination = destination
        self.members: dict[str, None] = {}
        self.pulse = Pulse()
        self.told: Entry | None = None


class Replay:
    """State of a replay: `take` what happened in the order of time, then `finish`; `notices` are what was sent."""

    def __init__(self, rule: Rule, table: Routing) -> None:
        self.notices: list[WouldBe] = []
        self._rule, self._table = rule, table
        self._alerts: dict[str, Alert] = {}
        self._groups: dict[str, _Group] = {}
        self._due: list[tuple[float, str]] = []
        self._ends: list[tuple[float, str]] = []

    def take(self, happened: Happened) -> None:
        """Let time run to what happened, and take it in."""
        self.finish(happened.at)
        name = identity.fingerprint(happened.story.labels)
        before = self._alerts.get(name)
        made = become(name, Seen(happened.story, (self._rule,), happened.why), before, happened.at)
        if made is None:
            return
        standing = made.standing
        self._alerts[name] = made
        if standing.ends is not None and standing.state is SignalState.FIRING:
            heapq.heappush(self._ends, (standing.ends, name))
        if before is None or before.standing.change != standing.change:
            self._place(made, happened.at)

    def finish(self, until: float) -> None:
        """Let every end and every look of a group up to an instant come, in order."""
        while len(self.notices) < MOST_NOTICES:
            due = min((queue[0] for queue in (self._due, self._ends) if queue), default=None)
            if due is None or due[0] > until:
                return
            if self._ends and due is self._ends[0]:
                heapq.heappop(self._ends)
                self._end(due[1], due[0])
            else:
                heapq.heappop(self._due)
                group = self._groups.get(due[1])
                if group is not None and group.pulse.due == due[0]:
                    self._look(due[1], group, due[0])

    def _place(self, alert: Alert, now: float) -> None:
        over = alert.standing.state is SignalState.RESOLVED
        for way in whither.ways(alert, self._table, (self._rule,)):
            group = self._groups.get(way.key)
            if group is None:
                if over:
                    continue
                group = self._groups[way.key] = _Group(way.destination)
            if not over:
                group.members[alert.fingerprint] = None
            critical = not over and alert.standing.severity is Severity.CRITICAL
            timing, starts = group.destination.timing, alert.standing.starts
            when = grouping.arrival(group.pulse, timing, starts, now, critical=critical)
            at = when.at if group.pulse.due is None else min(when.at, group.pulse.due)
            self._schedule(way.key, group, max(at, now))

    def _end(self, name: str, now: float) -> None:
        alert = self._alerts[name]
        over = life.over(alert.standing, now)
        if over is not None:
            flips = flapping.flipped(alert.flips, now)
            self._alerts[name] = msgspec.structs.replace(
                alert, standing=over, flips=flips, why="Its end has come."
            )
            self._place(self._alerts[name], now)

    def _look(self, key: str, group: _Group, now: float) -> None:
        members = [self._alerts[name] for name in group.members]
        flaps = {each.fingerprint: flapping.judge(each.flips, now) for each in members}
        fires = [e for e in members if flaps[e.fingerprint] or e.standing.state is not SignalState.RESOLVED]
        firing = frozenset(f"{e.fingerprint}.flaps" if flaps[e.fingerprint] else e.name for e in fires)
        resolved = frozenset(each.name for each in members if each not in fires)
        timing = group.destination.timing
        policy = Policy(repeat_interval=timing.repeat, send_resolved=group.destination.send_resolved)
        reason = dedup.why_notify(group.told, firing, resolved, policy, now)
        if reason.note:
            group.told = Entry(firing, resolved, now)
        if reason.send:
            worst = max(fires or members, key=lambda each: each.standing.severity.rank)
            flapping_now = flaps[worst.fingerprint]
            why = f"{flapping_now.reason if flapping_now else worst.why} {reason.text}"
            title = worst.title if fires else f"Over: {worst.title}"
            self.notices.append(
                WouldBe(now, group.destination, title, len(fires or members), reason.code, why)
            )
        self._rest(key, group, flaps, now)

    def _rest(self, key: str, group: _Group, flaps: dict[str, flapping.Flapping | None], now: float) -> None:
        for name in list(group.members):
            if flaps[name] is None and self._alerts[name].standing.state is not SignalState.FIRING:
                del group.members[name]
        if not group.members:
            del self._groups[key]
            return
        pulse = Pulse(first=now if group.pulse.first is None else group.pulse.first, last=now)
        group.pulse = pulse
        timing, told = group.destination.timing, group.told
        repeat_at = told.at + timing.repeat if told and told.firing else None
        due = grouping.again(pulse, timing, now, muted=False, repeat_at=repeat_at)
        wakes = [found.until for name in group.members if (found := flaps[name])]
        at = min([*wakes, *([] if due is None else [due])], default=None)
        if at is not None:
            self._schedule(key, group, at)

    def _schedule(self, key: str, group: _Group, at: float) -> None:
        group.pulse = msgspec.structs.replace(group.pulse, due=at)
        heapq.heappush(self._due, (at, key))


def replay(
    rule: Rule, happened: Iterable[Happened], table: Routing, end: float, goes_on: Callable[[], bool]
) -> tuple[Sequence[WouldBe], float]:
    """Return what would have been sent until `end`, and how far the replay came.

    It stops where `goes_on` says so (the time is up), or at `MOST_NOTICES`.
    """
    made = Replay(rule, table)
    for n, each in enumerate(happened):
        if (n % 64 == 0 and not goes_on()) or len(made.notices) >= MOST_NOTICES:
            return made.notices, each.at
        made.take(each)
    made.finish(end)
    return made.notices, end
