"""The roles of status pages: one keeps them drawn, one sends what subscribers are to get."""

from django.db import connections

from vedette.app import logs
from vedette.app.roles import Role
from vedette.plumbing.db.changes import Changes
from vedette.plumbing.ports import Ports
from vedette.status import service
from vedette.status.site import Site
from vedette.status.types import OUTBOX
from vedette.status.views.public import render

LOG = logs.logger("vedette.status")
DRAWER, MAILER = "status", "status-mailer"
_EVERY = 1.0
_LONG_WAIT = 5.0


def new_site() -> Site:
    """Return the status pages of this process, not drawn yet."""
    return Site(render, _report)


def drawer(ports: Ports, site: Site) -> Role:
    """Look once a second whether anybody committed anything, and draw the pages that are different then."""
    changes: list[Changes] = []  # made in the thread that uses it

    def step() -> None:
        if not changes:
            changes.append(Changes())
        seen, now = ports.bus.seen(DRAWER), ports.clock.now()
        if changes[0].poll() or site.due(now):
            site.refresh(now)
        ports.bus.wait(DRAWER, seen, _EVERY)

    return Role(name=DRAWER, step=step, wake=lambda: ports.bus.wake(DRAWER), recover=connections.close_all)


def mailer(ports: Ports) -> Role:
    """Send what is due to subscribers; sleep until more is queued or the next try is due."""

    def step() -> None:
        seen = ports.bus.seen(OUTBOX)
        if not service.deliver_due(ports.clock.now()):
            due = service.next_due()
            wait = _LONG_WAIT if due is None else max(0.0, min(_LONG_WAIT, due - ports.clock.now()))
            ports.bus.wait(OUTBOX, seen, wait)

    return Role(name=MAILER, step=step, wake=lambda: ports.bus.wake(OUTBOX), recover=connections.close_all)


def _report(slug: str, error: Exception) -> None:
    LOG.warning("a status page was not drawn", page=slug, error=f"{type(error).__name__}: {error}")
