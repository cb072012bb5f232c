"""How an alert reads to a person: the story of what was seen, and the notice. Pure."""

from collections.abc import Mapping

import msgspec

from vedette.alerts.types import Alert, Observation, Rule, Standing
from vedette.notify.types import Notice, Told
from vedette.signals.types import Severity, Signal, SignalState


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """What was seen, before it is an alert of a rule. `link` is a path."""

    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    seen: Standing
    title: str
    text: str
    link: str
    subject: str
    project: int | None


def of_signal(signal: Signal, labels: Mapping[str, str], rule: Rule) -> Story:
    """Return the story of a signal; the rule may say how bad it is."""
    seen = Standing(
        state=signal.state,
        severity=rule.severity or signal.severity,
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
    """Return the story of a threshold that was crossed: by whom, and by how much; `project` is a slug."""
    number = seen.labels.get("project", "")
    subject = seen.labels.get("issue") or project
    standing = Standing(
        state=SignalState.FIRING, severity=rule.severity or Severity.HIGH, change=0, starts=seen.at
    )
    return Story(
        labels=labels,
        annotations=seen.annotations,
        seen=standing,
        title=f"{subject}: {why.rstrip('.')}",
        text=seen.annotations.get("title", ""),
        link=seen.annotations.get("link") or _link(seen, project),
        subject=subject,
        project=int(number) if number.isdecimal() else rule.project,
    )


def alert(rule: Rule, fingerprint: str, story: Story, standing: Standing, now: float) -> Alert:
    """Return the alert of a rule for a story; its `id` is still to be given."""
    return Alert(
        id=0,
        rule_id=rule.id,
        rule=rule.name,
        fingerprint=fingerprint,
        labels=story.labels,
        annotations=story.annotations,
        standing=standing,
        title=story.title,
        text=story.text,
        link=story.link,
        subject=story.subject,
        project=story.project,
        updated_at=now,
    )


def notice(alert: Alert, reason: str, project: str, base_url: str, now: float) -> Notice:
    """Return the notice about an alert; `reason` says which rule and why now."""
    standing = alert.standing
    link = f"{base_url}{alert.link}"
    resolved = standing.state is SignalState.RESOLVED
    told = Told(
        labels=alert.labels,
        annotations={"summary": alert.title, "description": alert.text, **alert.annotations},
        state=standing.state.value,
        fingerprint=alert.fingerprint,
        starts=standing.starts,
        ends=standing.ends,
        link=link,
    )
    return Notice(
        title=f"Over: {alert.title}" if resolved else alert.title,
        text=alert.text,
        severity=standing.severity.value,
        link=link,
        at=now,
        project=project,
        state=standing.state.value,
        labels=alert.labels,
        reason=reason,
        group=f"{alert.rule_id}.{alert.fingerprint}",
        alerts=(told,),
    )


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


def _link(seen: Observation, project: str) -> str:
    issue = seen.labels.get("issue")
    return f"/issues/{issue}/" if issue else f"/issues/?project={project}"
