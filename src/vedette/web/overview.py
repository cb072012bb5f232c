"""Makes the Overview out of what the rooms report; pure, so that every state of the page can be drawn in a test."""

from collections.abc import Sequence
from typing import Any

from vedette.backups.types import Health, Summary
from vedette.errors.types import Issue, State
from vedette.incidents.types import IncidentState
from vedette.monitors.types import State as Standing
from vedette.projects.types import Project
from vedette.ui import words
from vedette.web import health, verdict
from vedette.web.types import (
    Facts,
    FindingLine,
    FindingsCard,
    IncidentLine,
    Line,
    MonitorLine,
    Overview,
    ProjectLine,
    Tile,
    Waiting,
)
from vedette.web.verdict import Rate, Trouble
from vedette.wire.finding import Severity

HALF = 1800.0
WORST = 8
WAITING = 5
_STATES = {
    State.NEW: ("crit", "New"),
    State.REGRESSED: ("crit", "Came back"),
    State.ESCALATING: ("crit", "Escalating"),
    State.ONGOING: ("warn", "Ongoing"),
    State.MUTED: ("off", "Muted"),
    State.RESOLVED: ("ok", "Resolved"),
}
_STANDS = {
    Standing.DOWN: ("crit", "Down"),
    Standing.DEGRADED: ("warn", "Slow"),
    Standing.UNKNOWN: ("off", "Not known"),
    Standing.WAITING: ("off", "Waiting"),
    Standing.UP: ("ok", "Up"),
}
_GOES_ON = {
    IncidentState.OPEN: ("crit", "Open"),
    IncidentState.ACKNOWLEDGED: ("warn", "Acknowledged"),
    IncidentState.MITIGATED: ("warn", "Mitigated, watching"),
}
_SEVERE = {Severity.CRITICAL: "crit", Severity.HIGH: "crit", Severity.MEDIUM: "warn", Severity.LOW: "warn"}
_SAID = {State.NEW: "new", State.REGRESSED: "came back", State.ESCALATING: "escalated"}


def build(facts: Facts) -> Overview:
    """Return the page: the sentence first, then its proof, worst first."""
    well = health.judge(facts.vitals, facts.now)
    rate = _rate(facts)
    per_minute = _per_minute(facts)
    return Overview(
        verdict=verdict.decide(_trouble(facts, rate), well),
        health=well,
        tiles=_tiles(facts, rate),
        sentence=_sentence(rate),
        per_minute=per_minute,
        start=facts.start,
        step=HALF,
        threshold=rate.usual * verdict.RISE if rate.usual >= 1 else None,
        hot=_hot(per_minute, rate),
        worst=_worst(facts),
        projects=_projects(facts),
        waiting=_waiting(facts),
        vitals=_vitals(facts),
        marks=facts.marks,
        monitors=_monitors(facts),
        incidents=[
            IncidentLine(incident=one, tone=_GOES_ON[one.state][0], word=_GOES_ON[one.state][1])
            for one in facts.incidents[:WORST]
            if one.state in _GOES_ON
        ],
        findings=_findings(facts),
    )


def _rate(facts: Facts) -> Rate:
    """Return errors a minute: the mean of the last minutes, against the median hour of the last seven days."""
    now = sum(facts.minutes) / len(facts.minutes) if facts.minutes else 0.0
    return Rate(now, facts.errors.usual_hour / 60)


def _per_minute(facts: Facts) -> list[float]:
    """Return errors a minute by half hours; the last one is not over, so it counts for the time that went by."""
    found = [count / HALF * 60 for count in facts.halves]
    if found:
        begun = facts.start + HALF * (len(found) - 1)
        found[-1] = facts.halves[-1] / min(HALF, max(60.0, facts.now - begun)) * 60
    return found


def _trouble(facts: Facts, rate: Rate) -> Trouble:
    busiest = next((issue for issue, _ in facts.errors.busiest), None)
    worst = busiest if rate.risen else next(iter(facts.errors.worst), None)
    return Trouble(
        projects=len(facts.projects),
        has_events=facts.has_events,
        rate=rate,
        new=facts.errors.new,
        regressed=facts.errors.regressed,
        escalating=facts.errors.escalating,
        unassigned=sum(1 for issue in facts.errors.worst if issue.state in _SAID and issue.assignee is None),
        **_down(facts),
        **_incidents(facts),
        worst_title=_name(worst) if worst else "",
        worst_link=f"/issues/{worst.short_id}/" if worst else "",
    )


def _down(facts: Facts) -> dict[str, Any]:
    """Return what of the monitors is trouble."""
    first = next((one for one in facts.monitors if one.watched.known.standing.state is Standing.DOWN), None)
    if first is None:
        return {}
    monitor, standing = first.watched.monitor, first.watched.known.standing
    return {
        "down": facts.states.get(Standing.DOWN, 0), "down_name": monitor.name, "down_why": standing.reason, "down_link": first.href,
    }  # fmt: skip


def _incidents(facts: Facts) -> dict[str, Any]:
    """Return what of the open incidents is told: how many, and of the worst how it is called and how far it is."""
    if not facts.incidents:
        return {}
    worst = facts.incidents[0]
    word = _GOES_ON.get(worst.state, ("", "Open"))[1].lower()
    text = (
        f"SEV {worst.severity.value}, {word}, for {words.duration(max(1.0, facts.now - worst.started_at))}."
    )
    return {
        "incidents": len(facts.incidents),
        "incident_title": worst.title,
        "incident_text": text,
        "incident_link": worst.link,
    }


def _findings(facts: Facts) -> FindingsCard | None:
    """Return what is said of weaknesses, and which must be fixed within seven days."""
    if facts.findings is None:
        return None
    said, week = facts.findings
    lines = [
        FindingLine(
            href=f"/findings/{one.id}/", name=one.name, tone=_SEVERE.get(one.severity, "off"), word=one.severity.value,
            due_at=one.due_at, late=(one.due_at or facts.now) < facts.now,
        )
        for one in week.findings
    ]  # fmt: skip
    return FindingsCard(sentence=said.title, text=said.text, lines=lines)


def _name(issue: Issue) -> str:
    title = issue.kind or issue.title
    return f"{title} in {issue.culprit}" if issue.culprit else title


def _tiles(facts: Facts, rate: Rate) -> Sequence[Tile]:
    found = facts.errors
    per_hour = rate.now < 1
    shown = words.number(round(rate.now * (60 if per_hour else 1)))
    usual = (
        (f", {rate.said}" if rate.said else "") if rate.risen else ", as usual" if found.usual_hour else ""
    )
    fresh = "since yesterday"
    return (
        Tile(icon="gauge", label="Errors", value=shown, small=f"per {'hour' if per_hour else 'min'}{usual}", tone="crit" if rate.risen else "", href="/issues/"),
        Tile(icon="zap", label="New issues", value=words.number(found.new), small=fresh, tone="warn" if found.new else "", href="/issues/?q=is:new"),
        Tile(icon="rotate-ccw", label="Came back", value=words.number(found.regressed), small=fresh, tone="warn" if found.regressed else "", href="/issues/?q=is:regressed"),
        Tile(icon="bug", label="Open issues", value=words.number(found.open), href="/issues/?q=is:open"),
        _proof(facts.backups, facts.now) if facts.backups else Tile(icon="list", label="Events", value=words.short(sum(found.hours)), small="in 24 h"),
        Tile(icon="bell", label="Channels", value=words.number(facts.channels), small=_channels(facts), tone="crit" if facts.failing or not facts.channels else "", href="/settings/notifications/"),
    )  # fmt: skip


def _proof(backups: Summary, now: float) -> Tile:
    """Return how old the oldest proof of a restore is, and how long that restore took."""
    tone = {Health.RED: "crit", Health.AMBER: "warn"}.get(backups.health, "")
    if backups.health is Health.OFF:
        value, small = "–", "plans are off"
    elif backups.proven_at is None:
        value, small = "never", "of every plan"
    else:
        value = f"{words.duration(max(1.0, now - backups.proven_at))} ago"
        small = words.duration(backups.rto) if backups.rto is not None else ""
    return Tile(
        icon="archive-restore", label="Restore proven", value=value, small=small, tone=tone, href="/backups/"
    )


def _channels(facts: Facts) -> str:
    if not facts.channels:
        return "nobody hears"
    return f"{len(facts.failing)} fail" if facts.failing else "all work"


def _sentence(rate: Rate) -> str:
    now = words.number(round(rate.now, 1))
    if rate.risen:
        return f"Errors per minute, last 24 hours. Rose from {words.number(round(rate.usual, 1))} to {now}"
    return f"Errors per minute, last 24 hours. {now} now, {words.number(round(rate.usual, 1))} usually"


def _hot(per_minute: Sequence[float], rate: Rate) -> int | None:
    """Return where the present rise began: the run of buckets at the end that stand above the threshold."""
    if not rate.risen or not per_minute:
        return None
    limit = max(rate.usual * verdict.RISE, 1.0)
    first = len(per_minute) - 1
    while first > 0 and per_minute[first - 1] >= limit:
        first -= 1
    return first


def _worst(facts: Facts) -> Sequence[Line]:
    hourly = {issue.id: count for issue, count in facts.errors.busiest}
    return [
        Line(
            issue=issue,
            tone=_STATES[issue.state][0],
            word=_STATES[issue.state][1],
            hour=hourly.get(issue.id, 0),
        )
        for issue in facts.errors.worst[:WORST]
    ]


def _monitors(facts: Facts) -> Sequence[MonitorLine]:
    lines = []
    for glance in facts.monitors:
        standing = glance.watched.known.standing
        tone, word = _STANDS[standing.state]
        said = standing.reason if tone in {"crit", "warn"} else ""
        lines.append(MonitorLine(glance=glance, tone=tone, word=word, said=glance.hushed or said))
    return lines


def _projects(facts: Facts) -> Sequence[ProjectLine]:
    lines = [_project(project, facts.hours.get(project.id, ())) for project in facts.projects]
    order = {"crit": 0, "warn": 1, "ok": 2, "off": 3}
    return sorted(lines, key=lambda line: (order[line.tone], -line.total, line.project.name))


def _project(project: Project, counts: Sequence[int]) -> ProjectLine:
    """Return a project with a word for its last hour against the median of its day."""
    last, total = (counts[-1] if counts else 0), sum(counts)
    usual = sorted(counts)[len(counts) // 2] if counts else 0
    if total == 0:
        tone, word = "off", "Quiet"
    elif last >= 10 and last >= verdict.RISE * max(usual, 1):
        tone, word = "crit", "Failing"
    elif last > 1.5 * max(usual, 4):
        tone, word = "warn", "More"
    else:
        tone, word = "ok", "Usual"
    return ProjectLine(project=project, counts=counts, total=total, tone=tone, word=word)


def _waiting(facts: Facts) -> Sequence[Waiting]:
    found = [_failing(name) for name in (channel.name for channel in facts.failing)]
    if facts.projects and not facts.channels:
        found.append(
            Waiting(icon="bell-off", title="Nobody hears of trouble", text="no notification channel is set up", href="/settings/notifications/", verb="Add")
        )  # fmt: skip
    if facts.backups and facts.backups.health is Health.RED:
        said = facts.backups.sentence
        found.append(
            Waiting(
                icon="archive-restore",
                title="Not everything could be restored",
                text=said,
                href="/backups/",
                verb="Look",
            )
        )
    found += [
        Waiting(icon="network", title=f"Look at {one.name}", text=one.sentence, href=f"/infrastructure/{one.project}/", verb="Look")
        for one in facts.infrastructure
    ]  # fmt: skip
    for issue in facts.errors.worst:
        if issue.state in _SAID and issue.assignee is None:
            since = words.ago(issue.changed_at or issue.first_seen, facts.now)
            said = _SAID[issue.state]
            found.append(
                Waiting(
                    icon="bug",
                    title=_name(issue),
                    text=f"{issue.project_name}, {said} {since}",
                    href=f"/issues/{issue.short_id}/",
                    verb="Look",
                )
            )
    return found[:WAITING]


def _failing(name: str) -> Waiting:
    return Waiting(
        icon="bell-off",
        title=f"{name} does not get through",
        text="notifications to it are kept and tried again",
        href="/settings/notifications/",
        verb="Fix",
    )


def _vitals(facts: Facts) -> Sequence[tuple[str, str]]:
    vital = facts.vitals
    last = words.ago(vital.last_event_at, facts.now) if vital.last_event_at else "never"
    rows = [
        ("Last event", last),
        ("Waiting to be read", words.number(vital.waiting)),
        ("Waiting to be sent", words.number(vital.outbox)),
    ]
    if vital.free_bytes is not None:
        rows.append(("Disk free", words.size(vital.free_bytes)))
    return rows
