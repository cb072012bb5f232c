"""What the pages of monitors have in common."""

from collections.abc import Mapping

from vedette.accounts.middleware import Request
from vedette.monitors import service
from vedette.monitors.types import Monitor, Watched
from vedette.plumbing.ports import ports
from vedette.projects import service as projects
from vedette.projects.types import Project

PAGE = "/monitors/"


def now() -> float:
    """Return the present instant."""
    return ports().clock.now()


def posted(request: Request) -> Mapping[str, object] | None:
    """Return what was sent, None where nothing was."""
    return request.POST if request.method == "POST" else None


def watched(key: str) -> Watched:
    """Return a monitor and what is known of it; raises `NotFound`."""
    (found,) = service.watched([service.find(key)])
    return found


def project_of(monitor: Monitor) -> Project | None:
    """Return the project of a monitor, None where it belongs to none."""
    return next((one for one in projects.projects() if one.id == monitor.project), None)
