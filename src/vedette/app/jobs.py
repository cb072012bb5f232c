"""What the scheduler does: retention, clean-ups, carrying counts, watching the write-ahead log."""

import time

from vedette.accounts import service as accounts
from vedette.alerts import service as alerts
from vedette.alerts.types import LIVE_TOPIC as ALERTS_CHANGED
from vedette.app import logs, wiring
from vedette.app.schedule import Job
from vedette.app.usage import UsageCarrier
from vedette.backups import service as backups
from vedette.certificates import service as certificates
from vedette.core.clock import monotonic, utc_day
from vedette.deploy import service as deploy
from vedette.errors import service as errors
from vedette.errors.privacy import service as privacy
from vedette.errors.types import JOBS_TOPIC
from vedette.hosts import service as hosts
from vedette.incidents import service as incidents
from vedette.incidents.postmortem import reminding
from vedette.incidents.runbooks import acting as runbooks
from vedette.intrusions import service as intrusions
from vedette.monitors import service as monitors
from vedette.notify import service as notify
from vedette.oncall import service as oncall
from vedette.plumbing.db import files
from vedette.plumbing.ports import Ports
from vedette.projects import service as projects
from vedette.reports import service as reports
from vedette.reports.types import TOPIC as REPORTS
from vedette.scans import service as scans
from vedette.signals import service as signals
from vedette.status import service as status
from vedette.vitals import service as vitals

LOG = logs.logger("vedette.jobs")
HOUR, DAY = 3_600.0, 86_400.0
WAL_BYTES = 64 * 1024 * 1024
_USAGE_DAYS = 400
_AT_ONCE, _REST = 0.25, 0.1
_IN_A_STORM = 2.0


def jobs(ports: Ports, carrier: UsageCarrier) -> tuple[Job, ...]:
    """Return every job of a process."""
    began = ports.clock.now()
    return (
        Job("usage", 5.0, carrier.drain, shared=False),
        Job("write-ahead log", 30.0, _watch_wal, shared=False),
        Job("retention", HOUR, lambda: _retention(ports)),
        Job("acts on many issues", 30.0, lambda: _work(ports), topic=JOBS_TOPIC),
        Job("erasures", 1.0, lambda: _ignore(privacy.work(ports.clock.now()))),
        Job("old erasures", 300.0, lambda: _ignore(privacy.forget(ports.clock.now()))),
        Job("mutes", 30.0, lambda: _ignore(errors.unmute_due(ports.clock.now()))),
        Job("similar issues", 10.0, lambda: _ignore(errors.remember_likeness())),
        Job("results of monitors", 60.0, lambda: _pack(ports)),
        Job("measures of hosts", 5.0, lambda: _roll(ports)),
        Job("silent hosts", 10.0, lambda: _ignore(hosts.notice(ports.clock.now(), began))),
        Job("disks of hosts", 60.0, lambda: _ignore(hosts.foresee(ports.clock.now()))),
        Job("intruders", 10.0, lambda: _ignore(intrusions.look(ports.clock.now(), wiring.knows()))),
        Job("addresses of this server", 600.0, lambda: _ignore(len(intrusions.find_ours(ports.clock.now())))),
        Job("lists of bans", 30.0, lambda: _ignore(intrusions.read_lists(ports.clock.now()))),
        Job("incidents", 5.0, lambda: _respond(ports), topic=ALERTS_CHANGED),
        Job("patterns of messages", 10.0, lambda: _ignore(alerts.find_templates(ports.clock.now()))),
        Job("web vitals", 300.0, lambda: _ignore(vitals.look(ports.clock.now()))),
        Job("digests", 30.0, lambda: _report(ports), topic=REPORTS),
        Job("attachments", 30.0, lambda: _ignore(errors.make_room())),
        Job("sessions", HOUR, lambda: _ignore(accounts.clean_up(ports.clock.now()))),
        Job("subscribers of status pages", 60.0, lambda: _ignore(status.clean(ports.clock.now()))),
        Job("runbooks of incidents", 5.0, lambda: _ignore(runbooks.attach_due(ports.clock.now()))),
        Job("actions on hosts", 2.0, lambda: _ignore(runbooks.settle_actions(ports.clock.now()))),
        Job("action items", 600.0, lambda: _ignore(reminding.remind(ports.clock.now()))),
        Job("gaps of on-call", 300.0, lambda: _ignore(oncall.warn_of_gaps(ports.clock.now()))),
        Job("calendars of on-call", 5.0, lambda: _ignore(oncall.refresh_calendars(ports.clock.now()))),
        Job(
            "targets of hosts that are gone",
            60.0,
            lambda: _ignore(scans.forget_hosts(lambda: {one.id for one in hosts.every()})),
        ),
        Job("scans from locations", 60.0, lambda: _ignore(scans.miss(ports.clock.now()))),
        Job("accepted findings", 60.0, lambda: _ignore(scans.end_acceptances(ports.clock.now()))),
        Job("backups", 30.0, lambda: _ignore(backups.look(ports.clock.now()))),
        Job("what hosts were asked", 60.0, lambda: _ignore(deploy.end_host_runs(ports.clock.now()))),
        Job("blind infrastructure", 60.0, lambda: _ignore(deploy.notice(ports.clock.now()))),
        Job("switches against floods", 15.0, lambda: _ignore(deploy.end_switches(ports.clock.now()))),
        Job("certificate", 10.0, lambda: _ignore(certificates.notice(ports.clock.now()))),
        Job("signals, alerts, notices", HOUR, lambda: _old_signals(ports)),
    )


def _retention(ports: Ports) -> None:
    now = ports.clock.now()
    day = utc_day(now - projects.retention_days() * DAY)
    gone = errors.drop_before(day, now)
    LOG.info("retention", dropped=gone, before=day)
    vitals.drop_old(now)
    reports.drop_old(now)
    hosts.drop_old(now)
    intrusions.drop_old(now)
    backups.drop_old(now)
    deploy.drop_old(now)
    oncall.drop_old_covers(now)
    projects.drop_usage_before(utc_day(now - _USAGE_DAYS * DAY))


def _work(ports: Ports) -> None:
    """Go on with acts on many issues, and let who waits for core.db go first: SQLite looks again every 0.1 s."""
    if errors.work(ports.clock.now(), _AT_ONCE):
        time.sleep(_REST)


def _pack(ports: Ports) -> None:
    """Pack what is over, a while at a time: the scheduler has other jobs, and comes back."""
    end = monotonic() + _AT_ONCE
    now = ports.clock.now()
    while (monitors.pack(now) or monitors.drop_old(now)) and monotonic() < end:
        time.sleep(_REST)


def _respond(ports: Ports) -> None:
    """Let alerts make incidents and quiet end them, a while at a time: what is left of a storm has its turn at the next."""
    end = monotonic() + _IN_A_STORM
    while incidents.work(ports.clock.now()) and monotonic() < end:
        pass


def _roll(ports: Ports) -> None:
    """Put measures together that are over, a while at a time."""
    end = monotonic() + _AT_ONCE
    while hosts.roll(ports.clock.now()) and monotonic() < end:
        time.sleep(_REST)


def _report(ports: Ports) -> None:
    """Make a digest, or mail some, let who waits for core.db go first, and come back while there is more."""
    if reports.work(ports.clock.now()):
        time.sleep(_REST)
        ports.bus.wake(REPORTS)


def _old_signals(ports: Ports) -> None:
    now = ports.clock.now()
    signals.drop_before(now - signals.KEEP_SECONDS)
    alerts.drop_before(now - alerts.KEEP_SECONDS)
    notify.drop_before(now - notify.KEEP_SECONDS)
    oncall.drop_before(now - oncall.KEEP_SECONDS)
    ports.outbox.forget_before(now - notify.KEEP_SECONDS)


def _watch_wal() -> None:
    """Cut the write-ahead log when a long reader let it grow."""
    size = files.wal_bytes(files.path())
    if size > WAL_BYTES:
        whole = files.checkpoint(truncate=True)
        LOG.warning("write-ahead log was large", bytes=size, moved=whole)


def _ignore(_: int) -> None:
    """Drop a count nobody asks for."""
