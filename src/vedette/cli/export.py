"""`vedette export`: what is stored, as JSON lines on standard output."""

import sys
from typing import Literal


def export(
    *,
    kind: Literal["issues", "events"] = "issues",
    project: str | None = None,
    days: int | None = None,
    json: bool = False,  # noqa: ARG001 - every verb takes it; an export is JSON in any case
) -> None:
    """Print issues or events, one JSON value a line; scrubbed, as they are stored.

    Parameters
    ----------
    kind
        issues or events.
    project
        Only this project (its slug).
    days
        Only events of the last days; all that are kept without this.
    json
        Accepted for the sake of uniformity: the output is JSON lines always.
    """
    from vedette.app import tools

    with tools.opened() as ports:
        from vedette.errors import service as errors
        from vedette.projects import service as projects

        only = projects.project(project).slug if project else None
        now = ports.clock.now()
        if kind == "issues":
            lines = errors.export_issues(only)
        else:
            start = now - (days if days is not None else projects.retention_days() + 1) * 86_400.0
            lines = errors.export_events(start, now, only)
        for line in lines:
            sys.stdout.buffer.write(line + b"\n")
        sys.stdout.buffer.flush()
