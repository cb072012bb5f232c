"""What comes by itself: alerts that make or join incidents, the story around them, and the quiet that ends them.

Each step is bounded and one transaction: a storm of ten thousand alerts is worked off piece by piece, and a crash
repeats nothing, for what stands in an incident stands there once.
"""

from collections.abc import Sequence

import msgspec

from vedette.accounts.permissions import SYSTEM
from vedette.alerts import service as alerts
from vedette.alerts.types import Alert
from vedette.incidents import acting, attaching, declaring, opening, quieting, telling, timeline
from vedette.incidents.declaring import Decision, Fate
from vedette.incidents.opening import Origin
from vedette.incidents.progress import Act
from vedette.incidents.store import attached as alert_store
from vedette.incidents.store import entries as entry_store
from vedette.incidents.store import incidents as store
from vedette.incidents.store import quiet as quiet_store
from vedette.incidents.store import rules as rule_store
from vedette.incidents.timeline import Scope
from vedette.incidents.types import (
    CURSOR,
    AttachedAlert,
    Declared,
    Incident,
    IncidentDraft,
    IncidentRule,
    Sev,
)
from vedette.oncall.types import DECLARE
from vedette.oncall.types import ROOM as ONCALL
from vedette.plumbing.db.sql import transaction
from vedette.signals import service as signals
from vedette.signals.types import Moment, Signal, SignalState

BATCH = 200
MOMENTS = 1_000
_SEQ, _ID, _STORY = "alerts.seq", "alerts.id", "story.{}"
_NET, _NET_ID = "net.at", "net.id"
_NET_EVERY = 60.0
_QUIET_EVERY = 15.0  # between two looks at whether an alert is still kept quiet
_LATE = 120.0  # a moment may be told this much later than it happened
_EVERY = 5.0  # between two looks at what happened around one incident
_STORIES = 20  # incidents at a time
_BEFORE = 900.0  # of bans and checks before the beginning; deploys and hosts lead up to it for longer
_LEADS = frozenset({"deploys", "hosts", "errors"})


def work(now: float) -> int:
    """Take in what is new; return how much there was, so that whoever calls comes again until there is nothing.

    To be called when alerts changed or signals were published, and every few seconds for the quiet.
    """
    declared, (taken, whole) = _take_signals(now), _take_alerts(now)
    done = declared + taken + whole + _take_quiet(now) + _catch_up(now) + _take_stories(now)
    return done if whole else done + _end(now)  # what waits to be taken in may be what fires again


def _take_signals(now: float) -> int:
    """Declare what steps of escalations ask for."""
    with transaction():
        cursor = rule_store.mark(CURSOR)
        if cursor is None:
            rule_store.set_mark(CURSOR, signals.last_seq())
            return 0
        if signals.last_seq() <= cursor:
            return 0
        found = signals.after(int(cursor), BATCH)
        asked = [one.signal for one in found if one.signal.room == ONCALL and one.signal.kind == DECLARE]
        for signal in asked:
            _declare_for(signal, now)
        if found:
            rule_store.set_mark(CURSOR, found[-1].seq)
    return len(asked) + (len(found) == BATCH)


def _declare_for(signal: Signal, now: float) -> None:
    """Declare an incident of what an escalation is about, unless it is part of one that goes on."""
    found = alerts.of_thread(signal.labels.get("thread", ""))
    there = alert_store.in_open([alert.fingerprint for alert in found])
    policy = signal.labels.get("policy", "") or "unnamed"
    if there:
        incident = telling.found(next(iter(there.values()))[0].incident)
        opening.attach(incident, [alert for alert in found if alert.fingerprint not in there])
        return
    severity = signal.labels.get("severity", "")
    draft = IncidentDraft(
        title=signal.title[:200] or signal.subject or "An escalation asked for an incident", summary=signal.text[:2_000],
        severity=Sev(int(severity)) if severity in {"1", "2", "3", "4"} else None, project=signal.project,
    )  # fmt: skip
    opening.opened(SYSTEM, draft, Origin(how=Declared.ESCALATION, alerts=found, by=policy), now)


def _take_alerts(now: float) -> tuple[int, bool]:
    """Let alerts that changed join, open again or make incidents; return what was done, and whether more may wait."""
    with transaction():
        seq = rule_store.mark(_SEQ)
        if seq is None:
            _move_on(alerts.last_change())
            return 0, False
        found, place = alerts.changed_since((int(seq), int(rule_store.mark(_ID) or 0)), BATCH)
        done = _Round(now).take(found) if found else 0
        if found:
            _move_on(place)
    return done, len(found) == BATCH


def _move_on(place: tuple[int, int]) -> None:
    rule_store.set_mark(_SEQ, place[0])
    rule_store.set_mark(_ID, place[1])


def _take_quiet(now: float) -> int:
    """Look again at alerts that were kept quiet: the end of a silence changes no alert."""
    with transaction():
        due = quiet_store.due(now - _QUIET_EVERY, BATCH)
        if not due:
            return 0
        quiet_store.forget(due)
        done = _Round(now).take(alerts.of_fingerprints(due))
    return done + (len(due) == BATCH)


def _catch_up(now: float) -> int:
    """Once a minute, let alerts of open incidents be over that fire no more or are gone: an incident must end.

    An installation that moved has its incidents and not their alerts.
    """
    last = int(rule_store.mark(_NET_ID) or 0)
    if not last and now - (rule_store.mark(_NET) or 0.0) < _NET_EVERY:
        return 0
    with transaction():
        last, firing = alert_store.firing_in_open(last, BATCH)
        known = {
            alert.fingerprint: alert
            for alert in alerts.of_fingerprints([each.fingerprint for each in firing])
        }
        gone = [each for each in firing if each.fingerprint not in known]
        alert_store.save([msgspec.structs.replace(each, ends=now) for each in gone])
        done = _Round(now).refresh([(known[each.fingerprint], each) for each in firing if each not in gone])
        whole = len(firing) == BATCH
        rule_store.set_mark(_NET_ID, last if whole else 0)
        rule_store.set_mark(_NET, now)
    return done + len(gone) + whole


class _Round:
    """One batch of changed alerts: what was asked of the database stays asked."""

    def __init__(self, now: float) -> None:
        self._now = now
        self._rules: Sequence[IncidentRule] = rule_store.every()
        self._last: dict[tuple[int, str], Incident | None] = {}
        self._joins: dict[int, list[Alert]] = {}
        self._done = 0

    def take(self, found: Sequence[Alert]) -> int:
        """Take alerts in; return how many changed something."""
        there = alert_store.in_open([alert.fingerprint for alert in found])
        self.refresh([(alert, old) for alert in found for old in there.get(alert.fingerprint, ())])
        free = [alert for alert in found if alert.fingerprint not in there]
        decided = [(alert, self._decide(alert)) for alert in free] if self._rules else []
        met = [(alert, decision) for alert, decision in decided if decision.fate is Fate.DECLARE]
        quiet = alerts.quiet_of([alert for alert, _ in met], self._now) if met else {}
        quiet_store.remember([alert.fingerprint for alert, _ in met if alert.id in quiet], self._now)
        for alert, decision in met:
            if alert.id not in quiet:
                self._meet(alert, decision)
        for number, joined in self._joins.items():
            self._done += opening.attach(telling.found(number), joined)
        return self._done

    def refresh(self, pairs: Sequence[tuple[Alert, AttachedAlert]]) -> int:
        """Note of alerts that are part of incidents what changed since they were last seen; return of how many."""
        changed = [(alert, old) for alert, old in pairs if _differs(alert, old)]
        alert_store.save([attaching.attached(old.incident, alert) for alert, old in changed])
        lines: dict[int, list[Alert]] = {}
        for alert, old in changed:
            if (old.ends is None) is not (alert.standing.state is SignalState.FIRING):
                lines.setdefault(old.incident, []).append(alert)
        for number, told in lines.items():
            telling.came(number, [attaching.line(alert) for alert in told])
        self._done += len(changed)
        return len(changed)

    def _decide(self, alert: Alert) -> Decision:
        return declaring.first(self._rules, alert, alerts.labels_of(alert), alerts.holds)

    def _meet(self, alert: Alert, decision: Decision) -> None:
        rule = decision.rule
        if rule is None:
            return
        place = (rule.id, decision.key)
        if place not in self._last:
            self._last[place] = store.of_rule(*place)
        last = self._last[place]
        decision = declaring.with_known(decision, alert, last, self._now)
        if decision.fate is Fate.DECLARE:
            self._last[place] = self._declare(alert, rule, decision.key)
        elif last is not None and decision.fate is not Fate.NOTHING:
            if decision.fate is Fate.REOPEN:
                self._last[place] = acting.act(SYSTEM, last.id, Act.REOPEN, self._now, decision.reason)
            self._joins.setdefault(last.id, []).append(alert)

    def _declare(self, alert: Alert, rule: IncidentRule, key: str) -> Incident:
        draft = IncidentDraft(
            title=alert.title[:200] or rule.name,
            impact=rule.impact,
            urgency=rule.urgency,
            project=alert.project,
        )
        origin = Origin(how=Declared.RULE, rule=rule, key=key, alerts=(alert,), by=rule.name)
        self._done += 1
        return opening.opened(SYSTEM, draft, origin, self._now)


def _differs(alert: Alert, old: AttachedAlert) -> bool:
    firing = alert.standing.state is SignalState.FIRING
    return (
        (old.ends is None) is not firing
        or old.severity != alert.standing.severity.value
        or old.title != alert.title
    )


def _take_stories(now: float) -> int:
    """Read what happened around open incidents into their timelines, those first that were read the longest ago.

    What happened of late is read once for all of them; only one that is new is looked back from for itself.
    """
    there = store.still_open()
    read = rule_store.marks([_STORY.format(incident.id) for incident in there])
    waits = sorted((read.get(_STORY.format(each.id), 0.0), each.id, each) for each in there)
    due = [(at, each) for at, _, each in waits if now - at >= _EVERY]
    some = due[:_STORIES]
    known = [(at, each) for at, each in some if at]
    late = _moments(min(at for at, _ in known) - _LATE, now + 1.0) if known else []
    done = sum(_tell_story(each, [one for one in late if one.at >= at - _LATE], now) for at, each in known)
    return done + sum(read_story(each, now) for at, each in some if not at) + (len(due) > len(some))


def read_story(incident: Incident, now: float) -> int:
    """Read what happened around one incident since it was last looked at; return how many lines came."""
    read, first = rule_store.mark(_STORY.format(incident.id)), incident.started_at - timeline.BEFORE
    start = first if read is None else max(read - _LATE, first)
    return _tell_story(incident, _moments(start, now + 1.0), now)


def _tell_story(incident: Incident, found: Sequence[Moment], now: float) -> int:
    with transaction():
        scope = _scope(incident, any(moment.room == ONCALL for moment in found))
        early = incident.started_at - _BEFORE
        fits = [
            one for one in found if timeline.belongs(one, scope) and (one.at >= early or one.room in _LEADS)
        ]
        n = (
            telling.came(incident.id, [timeline.of_moment(one, scope) for one in reversed(fits)])
            if fits
            else 0
        )
        n += _taken(incident.id)
        rule_store.set_mark(_STORY.format(incident.id), now)
    return n


def _taken(incident: int) -> int:
    """Tell of alerts that somebody acknowledged where they stand, and not with the incident."""
    acked = alerts.acknowledged([alert.fingerprint for alert in alert_store.of(incident, 500)])
    lines = attaching.taken(acked, entry_store.acts(incident)) if acked else []
    return telling.came(incident, lines) if lines else 0


def _moments(start: float, end: float) -> list[Moment]:
    """Return the moments of a time, newest first, at most as many as a timeline keeps."""
    found: list[Moment] = []
    while len(found) < telling.MOST_ENTRIES:
        part = signals.moments(start, end, n=MOMENTS)
        found += part
        if len(part) < MOMENTS or part[-1].at >= end:
            break
        end = part[-1].at
    return found


def _scope(incident: Incident, paged: bool) -> Scope:
    there = alert_store.of(incident.id, 500)
    return Scope(
        project=incident.project, subjects=frozenset(alert.subject for alert in there if alert.subject),
        hosts=frozenset(alert.labels["host"] for alert in there if alert.labels.get("host")),
        threads=_threads(there) if paged else frozenset(),
    )  # fmt: skip


def _threads(there: Sequence[AttachedAlert]) -> frozenset[str]:
    found = alerts.of_fingerprints([alert.fingerprint for alert in there])
    return frozenset(key for alert in found for key in alert.groups)


def _end(now: float) -> int:
    """Resolve what has been quiet for long enough."""
    return sum(_look_at_quiet(incident, now) for incident in store.still_open())


def _look_at_quiet(incident: Incident, now: float) -> bool:
    n, firing, last = alert_store.standing(incident.id)
    quiet = quieting.decide(incident, n, firing, last, now)
    if quiet.over:
        read_story(incident, now)
        acting.act(SYSTEM, incident.id, Act.RESOLVE, now, quiet.reason)
        rule_store.drop_mark(_STORY.format(incident.id))
    elif quiet.since != incident.quiet_since:
        with transaction():
            store.save(msgspec.structs.replace(telling.found(incident.id), quiet_since=quiet.since))
    return quiet.over
