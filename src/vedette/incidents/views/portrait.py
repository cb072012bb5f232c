"""Gathers what the page of one incident shows: steps, chart and lanes, timeline, evidence, people."""

from collections.abc import Mapping, Sequence
from functools import partial

import msgspec
from django.urls import Resolver404, resolve

from vedette.accounts import service as accounts
from vedette.accounts.permissions import Actor, Verb, may
from vedette.accounts.types import UserRef
from vedette.incidents import lanes, service, severity, timeline, verdict
from vedette.incidents.lanes import Window
from vedette.incidents.timeline import Line
from vedette.incidents.types import (
    SECRET_KINDS,
    AttachedAlert,
    Entry,
    EntryKind,
    Incident,
    IncidentState,
    Responder,
    ResponderRole,
    Sev,
    TaskKind,
)
from vedette.signals import service as signals
from vedette.ui import charts, words

SHOWN = 40  # lines, before the rest is one link away
HIDDEN = "hidden"
_FOLDED = 12  # of what folds, before the rest is counted
_AFFECTED = 12
_FOLDABLE = 600  # of the newest entries are looked at, unless all are asked for
_ALERTS = 200  # as many are looked at
SEV_TONES = {Sev.ONE: "crit", Sev.TWO: "crit", Sev.THREE: "warn", Sev.FOUR: ""}
_CHIPS = (
    (EntryKind.ALERT, "siren", "Alerts"),
    (EntryKind.DEPLOY, "rocket", "Deploys"),
    (EntryKind.ISSUE, "bug", "Issues"),
    (EntryKind.CHECK, "heart-pulse", "Checks"),
    (EntryKind.HOST, "server", "Hosts"),
    (EntryKind.BAN, "ban", "Bans"),
    (EntryKind.NOTE, "message-square", "Notes"),
    (EntryKind.PAGE, "phone", "Pages"),
    (EntryKind.ACT, "user", "Acts"),
    (EntryKind.TASK, "check", "Tasks"),
)
_ROLE_WORDS = {
    ResponderRole.LEAD: "leads",
    ResponderRole.COMMUNICATION: "tells customers",
    ResponderRole.RESPONDER: "",
    ResponderRole.OBSERVER: "looks on",
}


class Asked(msgspec.Struct, frozen=True):
    """What of the timeline is asked for: one kind or `hidden`, all lines, the line whose form is open, and in which zone."""

    show: str = ""
    whole: bool = False
    line: int = 0
    zone: str = "UTC"


def context(actor: Actor, incident: Incident, asked: Asked, now: float) -> dict[str, object]:
    """Return all that the page of an incident shows."""
    unread = {kind for kind, verb in SECRET_KINDS.items() if not may(actor, verb).allowed}
    seen = [entry for entry in service.entries(incident.id) if entry.kind not in unread]
    attached = service.alerts_of(incident.id, _ALERTS)
    n, firing = service.standing(incident.id)
    window, there = lanes.window(incident, seen, now), service.responders(incident.id)
    tasks = tuple(task for task in service.tasks(incident.id) if task.kind is TaskKind.TASK)
    return {
        "incident": incident, "head": _head(incident, n, firing), "steps": _steps(incident, seen, asked.zone),
        "chart": _chart(incident, attached, seen, window, asked.zone),
        "lanes": lanes.lanes(seen, window, partial(words.clock, zone=asked.zone)),
        "axis": _axis(incident, window, asked.zone), "window": window, **_timeline(seen, asked),
        "people": _people(incident, there), "everybody": sorted(accounts.user_refs().values(), key=lambda ref: ref.name),
        "tasks": tasks, "names": accounts.user_refs([t.assignee for t in tasks if t.assignee]),
        "affected": _affected(attached), "attached": attached[:50], "more_alerts": max(0, n - 50),
        "causes": service.likely_causes(incident, seen, attached), "similar": service.similar(incident, attached),
        "links": _links(incident), "customers": service.customers_text(incident), "suggestion": severity.suggested(attached),
        "may_write": may(actor, Verb.INCIDENT_WRITE).allowed, "may_tell": may(actor, Verb.STATUS_WRITE).allowed,
        "impacts": list(severity.IMPACTS.items()), "urgencies": list(severity.URGENCIES.items()), "sevs": list(Sev),
        "roles": [(role.value, role.value.capitalize()) for role in ResponderRole],
        "runbook": ["incidents/_runbook.html", "incidents/_nothing.html"],
        "post_mortem": _there(f"{incident.link}post-mortem/"),
        "me_in": any(one.user == actor.id and one.left_at is None for one in there),
    }  # fmt: skip


def _head(incident: Incident, n: int, firing: int) -> dict[str, object]:
    tone, word = verdict.STATES[incident.state]
    fire = (
        f"{firing} of {n} alerts fire"
        if n > 1
        else "its alert fires"
        if firing
        else "its alert is over"
        if n
        else ""
    )
    return {
        "tone": tone,
        "word": word,
        "sev_tone": SEV_TONES[incident.severity],
        "alerts": fire,
        "firing": firing,
    }


def _steps(incident: Incident, seen: Sequence[Entry], zone: str) -> list[dict[str, str]]:
    """Return the four steps of progress: what is done, what goes on, what is to come."""
    clock = partial(words.clock_seconds, zone=zone)
    late = incident.detected_at - incident.started_at
    detected = clock(incident.detected_at) + (f", {words.duration(late)} after it began" if late >= 1 else "")
    acts = [entry for entry in seen if entry.kind is EntryKind.ACT]
    acked = _when(incident.acked_at, incident, clock, _by(acts, "acknowledge"))
    mitigated = _when(incident.mitigated_at, incident, clock, _by(acts, "mitigate"))
    resolved = _when(incident.resolved_at, incident, clock, _by(acts, "resolve")) or _waits(incident, clock)
    done = [
        True,
        incident.acked_at is not None,
        incident.mitigated_at is not None,
        incident.resolved_at is not None,
    ]
    told = [
        ("Detected", detected),
        ("Acknowledged", acked or "nobody yet"),
        ("Mitigated", mitigated or "not yet"),
        ("Resolved", resolved),
    ]
    last = max(place for place, each in enumerate(done) if each)
    return [
        {
            "word": word,
            "text": text,
            "icon": "circle-check" if done[place] else "circle",
            "css": _css(incident, done[place], place == last),
        }
        for place, (word, text) in enumerate(told)
    ]


def _css(incident: Incident, done: bool, last: bool) -> str:
    return "now" if done and last and incident.is_open else "done" if done else "todo"


def _when(at: float | None, incident: Incident, clock: partial[str], by: str) -> str:
    if at is None:
        return ""
    who = f" by {by.partition(' ')[0]}" if by else " by itself"
    return f"{clock(at)}{who}, in {words.duration(max(1.0, at - incident.detected_at))}"


def _by(acts: Sequence[Entry], action: str) -> str:
    return next((entry.by for entry in acts if entry.source.startswith(f"act:{action}:")), "")


def _waits(incident: Incident, clock: partial[str]) -> str:
    if incident.state is IncidentState.MERGED:
        return f"lives on in INC-{incident.merged_into}"
    if not incident.quiet_minutes:
        return "when somebody says so"
    if incident.quiet_since is None:
        return f"after {incident.quiet_minutes} quiet minutes"
    return f"by itself at {clock(incident.quiet_since + incident.quiet_minutes * 60)}, if quiet"


def _chart(
    incident: Incident, attached: Sequence[AttachedAlert], seen: Sequence[Entry], window: Window, zone: str
) -> dict[str, object] | None:
    """Return the errors of its project, else the failed checks of a monitor that is part of it; None where nothing can be drawn."""
    drawn = ((unit, _read(name, labels, window)) for name, labels, unit in _series(incident, attached))
    unit, values = next(((unit, values) for unit, values in drawn if any(values)), ("", []))
    if not values:
        return None
    hot = int((incident.started_at - window.start) // window.step) if incident.is_open else None
    span = f"{words.clock(window.start, zone)} to {words.clock(window.end, zone)}"
    return {
        "values": values, "unit": "per min", "title": unit, "hot": hot, "marks": _marks(incident, seen, window),
        "sentence": f"{unit[0].upper()}{unit[1:]} from {span}; at most {words.number(round(max(values), 1))}",
    }  # fmt: skip


def _read(name: str, labels: Mapping[str, str], window: Window) -> list[float]:
    found = signals.catalogue()[name].read(labels, window.start, window.end, window.step)
    return [value * 60.0 / window.step for value in found]


def _series(
    incident: Incident, attached: Sequence[AttachedAlert]
) -> list[tuple[str, Mapping[str, str], str]]:
    """Return what may be drawn, best first: name and labels of a series, and what it counts."""
    found: list[tuple[str, Mapping[str, str], str]] = []
    if incident.project is not None:
        found.append(("errors.events", {"project": str(incident.project)}, "errors per minute"))
    monitor = next((alert.labels["monitor"] for alert in attached if alert.labels.get("monitor")), "")
    if monitor:
        found.append(("monitors.checks", {"monitor": monitor, "reading": "bad"}, "failed checks per minute"))
    return [each for each in found if each[0] in signals.catalogue()]


def _marks(incident: Incident, seen: Sequence[Entry], window: Window) -> list[charts.Mark]:
    deploys = [
        entry for entry in seen if entry.kind is EntryKind.DEPLOY and window.start <= entry.at < window.end
    ][:6]
    found = [charts.Mark(window.share(entry.at), "deploy", "info", entry.text) for entry in reversed(deploys)]
    for at, text in ((incident.mitigated_at, "mitigated"), (incident.resolved_at, "resolved")):
        if at is not None and window.start <= at < window.end:
            found.append(charts.Mark(window.share(at), text, "ok"))
    return found


def _axis(incident: Incident, window: Window, zone: str) -> list[str]:
    ats = [window.start + (window.end - window.start) * part / 4 for part in range(5)]
    told = [words.clock(at, zone) for at in ats]
    return [*told[:-1], "now"] if incident.is_open else told


def _timeline(seen: Sequence[Entry], asked: Asked) -> dict[str, object]:
    """Return the lines that are asked for, the chips that lead to others, and what is pinned."""
    visible = [entry for entry in seen if not entry.hidden]
    hidden = len(seen) - len(visible)
    chosen = (
        [entry for entry in seen if entry.hidden]
        if asked.show == HIDDEN
        else [e for e in visible if asked.show in {"", e.kind}]
    )
    newest = chosen if asked.whole else chosen[:_FOLDABLE]
    lines = timeline.folded(newest)
    shown = lines if asked.whole else lines[:SHOWN]
    more = len(lines) - len(shown) + len(chosen) - len(newest)
    counts = timeline.counted(visible)
    chips = [{"href": "?#h-tl", "icon": "history", "text": "All", "n": len(visible), "on": not asked.show}]
    chips += [
        {"href": f"?show={kind.value}#h-tl", "icon": icon, "text": text, "n": counts[kind], "on": asked.show == kind.value}
        for kind, icon, text in _CHIPS if kind in counts
    ]  # fmt: skip
    if hidden:
        chips.append(
            {
                "href": f"?show={HIDDEN}#h-tl",
                "icon": "eye-off",
                "text": "Hidden",
                "n": hidden,
                "on": asked.show == HIDDEN,
            }
        )
    pinned = [Line(entry=entry) for entry in visible if entry.pinned] if not asked.show else []
    return {
        "lines": [_row(line) for line in shown], "more_lines": more, "chips": chips, "show": asked.show,
        "pins": [_row(line) for line in pinned], "open_line": asked.line,
    }  # fmt: skip


def _row(line: Line) -> dict[str, object]:
    return {
        "line": line,
        "entry": line.entry,
        "some": line.folded[:_FOLDED],
        "rest": max(0, len(line.folded) - _FOLDED),
    }


def _people(incident: Incident, there: Sequence[Responder]) -> list[dict[str, object]]:
    names = accounts.user_refs([one.user for one in there])
    return [_person(incident, one, names.get(one.user)) for one in sorted(there, key=_first)]


def _first(one: Responder) -> tuple[bool, int, float]:
    return one.left_at is not None, list(ResponderRole).index(one.role), one.joined_at


def _person(incident: Incident, one: Responder, ref: UserRef | None) -> dict[str, object]:
    if one.left_at is not None:
        tone, word = "off", "Left"
    elif one.acked_at is not None:
        tone, word = "ok", f"Acked in {words.duration(max(1.0, one.acked_at - incident.detected_at))}"
    else:
        tone, word = "info", "Joined"
    return {
        "one": one,
        "name": ref.name if ref else f"user {one.user}",
        "does": _ROLE_WORDS[one.role],
        "tone": tone,
        "word": word,
    }


def _affected(attached: Sequence[AttachedAlert]) -> dict[str, object]:
    """Return what is hit: one row for each subject, those that still fire first."""
    found: dict[str, AttachedAlert] = {}
    for alert in attached:
        found.setdefault(alert.subject or alert.title, alert)
    rows = [
        {
            "name": name, "href": alert.labels.get("about", "") or alert.link, "tone": "crit" if alert.ends is None else "ok",
            "word": "Fires" if alert.ends is None else "Over", "title": alert.title,
        }
        for name, alert in found.items()
    ]  # fmt: skip
    return {"rows": rows[:_AFFECTED], "more": max(0, len(rows) - _AFFECTED)}


def _links(incident: Incident) -> list[dict[str, object]]:
    found = service.links(incident.id)
    there = service.some([each.other for each in found])
    said = {"related": "related", "caused_by": "caused it", "merged": "merged", "split": "split"}
    return [
        {"one": there[each.other], "said": said[each.kind.value], "may_part": each.kind.value in {"related", "caused_by"}}
        for each in found if each.other in there
    ]  # fmt: skip


def _there(path: str) -> str:
    """Return a path when there is a page, else nothing: parts of this room may not be installed."""
    try:
        resolve(path)
    except Resolver404:
        return ""
    return path
