"""`vedette test-error`: a real error the whole way, through the front door when it is open."""

import urllib.error
import urllib.request
from typing import TYPE_CHECKING

import msgspec

from vedette.cli.out import emit
from vedette.core.errors import Invalid, Unavailable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vedette.core.settings import Settings
    from vedette.projects.types import Project


def send(project: str = "", *, json: bool = False) -> None:
    """Send a real error to the running server; into the journal when none runs.

    Parameters
    ----------
    project
        Slug or id of the project; the only one when there is just one.
    json
        Print JSON.
    """
    from vedette.app import tools

    with tools.opened() as ports:
        from vedette.projects import service as projects

        target = _pick(project, projects.projects())
        key = next((k for k in projects.keys(target.id) if k.active), None)
        if key is None:
            raise Invalid(
                f"Project {target.slug} has no active key; make one at /settings/projects/{target.slug}/."
            )
        now = ports.clock.now()
        event_id = _by_http(ports.settings, target.id, key.public, now)
        way = "through the server"
        if event_id is None:
            event_id, way = (
                _by_journal(target.id, now),
                "into the journal; it is digested when Vedette starts",
            )
    emit(
        {"event_id": event_id, "project": target.slug, "sent": "http" if way.startswith("through") else "journal"},
        f"Sent event {event_id} of {target.slug} {way}.",
        json=json,
    )  # fmt: skip


def _pick(wanted: str, found: "Sequence[Project]") -> "Project":
    from vedette.projects import service as projects

    if wanted:
        return projects.project(wanted)
    if len(found) == 1:
        return found[0]
    if not found:
        raise Invalid("There is no project yet: `vedette projects add shop --platform python`.")
    raise Invalid(f"Which project? One of {', '.join(p.slug for p in found)}.")


def _by_http(settings: "Settings", project: int, key: str, now: float) -> str | None:
    """Return the event's id, or None when no server listens; raises `Unavailable` when it refuses."""
    from vedette.app.own_address import own_address, own_tls
    from vedette.core import ids
    from vedette.web import test_error as content

    body = msgspec.json.encode(content.payload(ids.new_id(), now, "command line"))
    request = urllib.request.Request(  # noqa: S310 - our own server
        f"{own_address(settings)[2]}/api/{project}/store/",
        body,
        {"Content-Type": "application/json", "X-Sentry-Auth": f"Sentry sentry_key={key}, sentry_version=7"},
    )
    try:
        with urllib.request.urlopen(request, timeout=15, context=own_tls(settings)) as response:  # noqa: S310
            return str(msgspec.json.decode(response.read())["id"])
    except urllib.error.HTTPError as error:
        raise Unavailable(
            f"The server answered {error.code}: {error.read(300).decode('utf-8', 'replace')}"
        ) from error
    except urllib.error.URLError:
        return None


def _by_journal(project: int, now: float) -> str:
    from vedette.app.wiring import wire
    from vedette.plumbing.ports import ports
    from vedette.web import test_error as content

    wired = wire(ports().settings)
    try:
        return content.send(project, now, "command line")
    finally:
        wired.log.close()
        wired.telemetry.close()
