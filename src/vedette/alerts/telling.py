"""How an alert reads to a person: the story of what was seen, and the notice. Pure."""

from collections.abc import Mapping, Sequence

import msgspec

from vedette.alerts import ordering
from vedette.alerts.types import Alert, Observation, Per, Rule, Standing
from vedette.notify.types import Notice, Told
from vedette.signals.types import Severity, Signal, SignalState

MOST_TOLD = 100
LINES_SHOWN = 20


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """What was seen, before it is an alert of a rule. `link` is a path; `hook` is the hook it came by, if any."""

    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    seen: Standing
    title: str
    text: str
    link: str
    subject: str
    project: int | None
    hook: str = ""


class Telling(msgspec.Struct, frozen=True, kw_only=True):
    """What one receiver is told about a group: the alerts in their order, and why now. `project` is a slug."""

    group: str
    labels: Mapping[str, str]
    alerts: tuple[Alert, ...]
    reason: str
    project: str = ""


def of_signal(signal: Signal, labels: Mapping[str, str], rules: Sequence[Rule]) -> Story:
    """Return the story of a signal; the rules that speak of it may say how bad it is, the worst one counts."""
    said = [rule.severity for rule in rules if rule.severity is not None]
    seen = Standing(
        state=signal.state,
        severity=max(said, key=lambda severity: severity.rank) if said else signal.severity,
        change=0,
        starts=signal.at if signal.starts is None else signal.starts,
        ends=signal.ends,
    )
    return Story(
        labels=labels,
        annotations=signal.annotations,
        seen=seen,
        title=signal.title,
        text=signal.text,
        link=signal.link,
        subject=signal.subject,
        project=signal.project,
    )


def of_observation(seen: Observation, labels: Mapping[str, str], rule: Rule, why: str, project: str) -> Story:
    """Return the story of a series that is trouble: by whom, and by how much; `project` is a slug."""
    number = seen.labels.get("project", "")
    subject = seen.labels.get("issue") or project or rule.name
    standing = Standing(
        state=SignalState.FIRING, severity=rule.severity or Severity.HIGH, change=0, starts=seen.at
    )
    return Story(
        labels=labels,
        annotations=seen.annotations,
        seen=standing,
        title=f"{' '.join((subject, *_part(seen, rule)))}: {why.rstrip('.')}",
        text=seen.annotations.get("title", ""),
        link=seen.annotations.get("link") or _link(seen, project),
        subject=subject,
        project=int(number) if number.isdecimal() else rule.project,
    )


def _part(seen: Observation, rule: Rule) -> Sequence[str]:
    """Return which environment, release or page of a project it is, where the rule counts for each."""
    name = {Per.ENVIRONMENT: "environment", Per.RELEASE: "release", Per.PAGE: "page"}.get(rule.params.per, "")
    return [seen.labels[name]] if name in seen.labels else []


def notice(told: Telling, base_url: str, now: float) -> Notice:
    """Return the notice about the alerts of a group; the worst one gives it its name."""
    alerts = told.alerts
    firing = [each for each in alerts if each.standing.state is not SignalState.RESOLVED]
    worst = max(firing or alerts, key=lambda each: each.standing.severity.rank)
    return Notice(
        title=_title(worst, len(firing), len(alerts)),
        text=_text(worst, alerts),
        severity=worst.standing.severity.value,
        link=_absolute(worst.link, base_url) if len(alerts) == 1 else f"{base_url}/alerts/",
        at=now,
        project=told.project,
        state=worst.standing.state.value,
        labels=told.labels,
        reason=told.reason,
        group=told.group,
        alerts=tuple(_told(alert, base_url) for alert in _in_order(alerts[:MOST_TOLD])),
        truncated=max(0, len(alerts) - MOST_TOLD),
    )


def _in_order(alerts: Sequence[Alert]) -> list[Alert]:
    """Return them as Alertmanager does: what fires and what is over side by side."""
    return sorted(alerts, key=lambda alert: ordering.key(alert.labels))


def of_act(signal: Signal, why: str, project: str, base_url: str, now: float) -> Notice:
    """Return the notice about what somebody did to an issue, for a person it concerns."""
    return Notice(
        title=signal.title,
        text=signal.text,
        severity=signal.severity.value,
        link=f"{base_url}{signal.link}",
        at=now,
        project=project,
        state=signal.state.value,
        labels={"alertname": signal.kind, "subject": signal.subject},
        reason=why,
        group=f"act.{signal.subject}",
    )


def _title(worst: Alert, firing: int, alerts: int) -> str:
    n = firing or alerts
    named = worst.title if firing else f"Over: {worst.title}"
    return named if n == 1 else f"{named}, and {n - 1} more"


def _text(worst: Alert, alerts: Sequence[Alert]) -> str:
    if len(alerts) == 1:
        return worst.text
    lines = [f"{_state(alert)}: {alert.title}" for alert in alerts[:LINES_SHOWN]]
    more = len(alerts) - len(lines)
    return "\n".join([*lines, *([f"and {more} more"] if more else [])])


def _state(alert: Alert) -> str:
    return "over" if alert.standing.state is SignalState.RESOLVED else alert.standing.severity.value


def _told(alert: Alert, base_url: str) -> Told:
    standing = alert.standing
    return Told(
        labels=alert.labels,
        annotations=alert.annotations if alert.pushed else _annotations(alert),
        state=standing.state.value,
        fingerprint=alert.fingerprint,
        starts=standing.starts,
        ends=None if standing.state is SignalState.FIRING else standing.ends,
        link=_absolute(alert.link, base_url),
    )


def _annotations(alert: Alert) -> dict[str, str]:
    return {"summary": alert.title, "description": alert.text, **alert.annotations}


def _absolute(link: str, base_url: str) -> str:
    return link if "://" in link else f"{base_url}{link}"


def _link(seen: Observation, project: str) -> str:
    issue = seen.labels.get("issue")
    if issue:
        return f"/issues/{issue}/"
    return f"/issues/?project={project}" if project else "/alerts/"
