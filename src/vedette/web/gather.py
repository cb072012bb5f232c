"""Asks the rooms for what the Overview shows."""

from collections.abc import Callable

from vedette.accounts.permissions import Verb
from vedette.alerts import service as alerts
from vedette.backups import service as backups
from vedette.deploy import service as deploy
from vedette.deploys import service as deploys
from vedette.errors import service as errors
from vedette.errors.types import Sort
from vedette.incidents import service as incidents
from vedette.monitors import service as monitors
from vedette.notify import service as notify
from vedette.projects import service as projects
from vedette.projects.types import Project
from vedette.scans import service as scans
from vedette.web import vitals
from vedette.web.overview import HALF
from vedette.web.types import Facts

DAY, HOUR, MINUTES = 86_400.0, 3600.0, 10
MONITORS, FINDINGS = 8, 5
MOST_PROJECTS = 12


def facts(now: float, may_read: Callable[[Verb], bool] = lambda _: True) -> Facts:
    """Return what the rooms report at `now`; of findings, backups and infrastructure only to who may read them."""
    found = errors.overview(now)
    shown = projects.projects()
    start = now - now % HALF + HALF - DAY
    latest = errors.issues(sort=Sort.LAST_SEEN, n=1).issues
    channels = notify.channels()
    failing = notify.failing_channels(channels, now)
    last_event_at = latest[0].last_seen if latest else None
    return Facts(
        now=now,
        errors=found,
        start=start,
        halves=errors.chart(None, start, start + DAY, HALF),
        minutes=errors.chart(None, now - now % 60 - MINUTES * 60, now - now % 60, 60.0),
        projects=shown,
        hours={project.id: _hours(project, now) for project in shown[:MOST_PROJECTS]},
        has_events=bool(latest),
        channels=sum(1 for channel in channels if channel.enabled),
        failing=failing,
        vitals=vitals.read(now, last_event_at, found.usual_hour, len(failing)),
        marks=(*deploys.marks(start, start + DAY), *alerts.marks(start, start + DAY)),
        incidents=incidents.open_incidents(now),
        monitors=monitors.worst(now, MONITORS),
        states=monitors.states(),
        findings=scans.stands(now, FINDINGS) if may_read(Verb.FINDING_READ) and scans.every() else None,
        backups=backups.summary(now) if may_read(Verb.BACKUP_READ) else None,
        infrastructure=deploy.troubles() if may_read(Verb.INFRA_READ) else (),
    )


def _hours(project: Project, now: float) -> tuple[int, ...]:
    end = now - now % HOUR + HOUR
    return errors.chart(None, end - DAY, end, HOUR, project.id)
