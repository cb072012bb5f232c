"""Mappings for what teams have: what each sends is in its own documentation, and an example stands in `examples`. Pure.

Sources: Grafana, "Configure the webhook notifier"; Uptime Kuma, wiki, "Notification Methods, Webhook"; healthchecks.io,
"Webhooks"; GitHub, "Webhook events and payloads, workflow_run"; Sentry, "Integration Platform, Webhooks, Issues".
"""

from collections.abc import Mapping

import msgspec

from vedette.wire.hooks.mapping import FIRING, IGNORE, OTHERWISE, RESOLVED, AlertMapping

_HOUR, _WEEK = 60, 7 * 1_440
_FIRES = [
    "firing",
    "alerting",
    "alert",
    "down",
    "problem",
    "triggered",
    "open",
    "failed",
    "failure",
    "error",
    "critical",
    "warning",
]
_IS_OVER = ["resolved", "resolve", "ok", "up", "normal", "recovery", "recovered", "closed", "success"]


class Preset(msgspec.Struct, frozen=True, kw_only=True):
    """A mapping to begin with: its key, whose it is, and how the sender is set up."""

    key: str
    label: str
    note: str
    mapping: AlertMapping


GENERIC = Preset(
    key="generic",
    label="Title, message, severity",
    note="For scripts of your own: a title, and what else there is. Without a state it fires for an hour.",
    mapping=AlertMapping(
        labels={"alertname": "{title}", "source": "{source?}"},
        title="{title}",
        text="{message?}",
        link="{link || url ?}",
        state="{state || status || 'firing'}",
        states=dict.fromkeys(_FIRES, FIRING) | dict.fromkeys(_IS_OVER, RESOLVED),
        severity="{severity || level || priority ?}",
        lasts=_HOUR,
    ),
)
GRAFANA = Preset(
    key="grafana",
    label="Grafana",
    note="A contact point of type Webhook, with Authorization header: scheme Bearer, credentials the hook's secret. Leave the payload as it is.",
    mapping=AlertMapping(
        alerts="alerts",
        labels_from="labels",
        annotations_from="annotations",
        title="{annotations.summary || labels.alertname ?}",
        link="{panelURL || dashboardURL || generatorURL ?}",
        state="{status}",
        starts="{startsAt?}",
        ends="{endsAt?}",
    ),
)
UPTIME_KUMA = Preset(
    key="uptime-kuma",
    label="Uptime Kuma",
    note="A notification of type Webhook, body JSON, with the additional header Authorization: Bearer and the hook's secret.",
    mapping=AlertMapping(
        labels={"alertname": "Monitor down", "monitor": "{monitor.name}"},
        title="{monitor.name} is down",
        text="{heartbeat.msg?}",
        link="{monitor.url?}",
        state="{heartbeat.status || 'test'}",
        states={"0": FIRING, "1": RESOLVED, OTHERWISE: IGNORE},
        severity="critical",
        lasts=_WEEK,
    ),
)
HEALTHCHECKS = Preset(
    key="healthchecks",
    label="healthchecks.io",
    note='An integration Webhook, POST both when a check goes down and when it is back up, the body: {"check": "$NAME", "code": "$CODE", "status": "$STATUS", "tags": "$TAGS", "at": "$NOW"}, and the header Authorization: Bearer with the hook\'s secret.',
    mapping=AlertMapping(
        labels={"alertname": "Check is late", "check": "{check}", "code": "{code?}"},
        title="{check} did not report",
        text="{tags?}",
        state="{status}",
        states={"down": FIRING, "up": RESOLVED, OTHERWISE: IGNORE},
        severity="high",
        lasts=_WEEK,
    ),
)
GITHUB = Preset(
    key="github-actions",
    label="GitHub Actions",
    note="A webhook of the repository with content type application/json and the event Workflow runs. GitHub sets no header of ours: put ?token= and the hook's secret at the end of the address. A run that succeeds ends what one of the same workflow and branch began.",
    mapping=AlertMapping(
        labels={
            "alertname": "Workflow failed",
            "repository": "{repository.full_name}",
            "workflow": "{workflow_run.name}",
            "branch": "{workflow_run.head_branch}",
        },
        title="{workflow_run.name} failed on {workflow_run.head_branch} of {repository.full_name}",
        text="{workflow_run.display_title?}",
        link="{workflow_run.html_url?}",
        state="{workflow_run.conclusion || action || 'ping'}",
        states={
            "failure": FIRING,
            "timed_out": FIRING,
            "startup_failure": FIRING,
            "success": RESOLVED,
            OTHERWISE: IGNORE,
        },
        severity="high",
        starts="{workflow_run.updated_at?}",
        lasts=_WEEK,
    ),
)
SENTRY = Preset(
    key="sentry",
    label="Like Sentry",
    note="An internal integration with webhooks of issues. It sets no header of ours: put ?token= and the hook's secret at the end of the address.",
    mapping=AlertMapping(
        labels={"alertname": "Issue", "issue": "{data.issue.shortId}", "source": "{data.issue.project.slug?}"},
        title="{data.issue.title}",
        text="{data.issue.culprit?}",
        link="{data.issue.web_url || data.issue.permalink ?}",
        state="{action}",
        states={"created": FIRING, "unresolved": FIRING, "resolved": RESOLVED, "archived": RESOLVED, "ignored": RESOLVED, OTHERWISE: IGNORE},
        severity="{data.issue.level?}",
        starts="{data.issue.firstSeen?}",
        lasts=_WEEK,
    ),
)  # fmt: skip
PRESETS: Mapping[str, Preset] = {
    each.key: each for each in (GENERIC, GRAFANA, UPTIME_KUMA, HEALTHCHECKS, GITHUB, SENTRY)
}
