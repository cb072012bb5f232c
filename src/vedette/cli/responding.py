"""`vedette incidents …`: what is open, declare one, write a note, say that it is over."""

from typing import TYPE_CHECKING, Literal

from vedette.cli.out import emit, table
from vedette.core.clock import iso

if TYPE_CHECKING:
    from vedette.incidents.types import Incident


def list_incidents(*, past: bool = False, json: bool = False) -> None:
    """List what is open, the worst first.

    Parameters
    ----------
    past
        List the newest that are over in its place.
    json
        Print JSON.
    """
    from vedette.app import tools

    with tools.opened() as ports:
        from vedette.incidents import service

        found = service.incidents()[0] if past else service.open_incidents(ports.clock.now())
    rows = [_row(one) for one in found]
    emit(rows, table(rows, "No incident is open." if not past else "There was none."), json=json)


def declare(
    title: str,
    *,
    impact: Literal["all", "many", "some", "none"] = "some",
    urgency: Literal["now", "soon", "later"] = "soon",
    project: str = "",
    json: bool = False,
) -> None:
    """Declare an incident; its severity is what impact and urgency make.

    Parameters
    ----------
    title
        What is wrong, as you would say it aloud.
    impact
        Whom it hits.
    urgency
        How fast it has to end.
    project
        The project whose deploys, issues and monitors fill its timeline.
    json
        Print JSON.
    """
    from vedette.accounts.permissions import SYSTEM
    from vedette.app import tools

    with tools.opened() as ports:
        from vedette.incidents import service
        from vedette.incidents.types import Impact, IncidentDraft, Urgency
        from vedette.projects import service as projects

        where = projects.project(project).id if project else None
        draft = IncidentDraft(title=title, impact=Impact(impact), urgency=Urgency(urgency), project=where)
        made = service.declare(SYSTEM, draft, ports.clock.now())
        tools.tell_server(ports)
        url = f"{ports.settings.public_url}{made.link}"
    emit(_row(made), f"{made.key}, SEV {made.severity.value}: {url}", json=json)


def note(incident: str, text: str) -> None:
    """Write a note on the timeline of an incident.

    Parameters
    ----------
    incident
        27 or INC-27.
    text
        What everybody on the incident should know.
    """
    from vedette.accounts.permissions import SYSTEM
    from vedette.app import tools

    with tools.opened() as ports:
        from vedette.incidents import service

        found = service.incident(service.number_of(incident))
        service.note(SYSTEM, found.id, text, ports.clock.now())
        tools.tell_server(ports)
    print(f"It stands on the timeline of {found.key}.")


def resolve(incident: str) -> None:
    """Say that an incident is over.

    Parameters
    ----------
    incident
        27 or INC-27.
    """
    from vedette.accounts.permissions import SYSTEM
    from vedette.app import tools

    with tools.opened() as ports:
        from vedette.incidents import service

        found = service.resolve(SYSTEM, service.number_of(incident), ports.clock.now())
        tools.tell_server(ports)
    print(f"{found.key} {found.title} is {found.state}.")


def _row(one: "Incident") -> dict[str, str]:
    return {
        "key": one.key, "severity": f"SEV {one.severity.value}", "state": one.state.value, "title": one.title,
        "began": iso(one.started_at), "over": iso(one.resolved_at) if one.resolved_at else "",
    }  # fmt: skip
