"""`vedette export`: everything, into a file that `vedette import` reads; or issues or events on standard output."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from vedette.cli.out import emit

if TYPE_CHECKING:
    from vedette.plumbing.ports import Ports


def export(
    file: Path | None = None,
    /,
    *,
    kind: Literal["issues", "events"] = "issues",
    project: str | None = None,
    days: int | None = None,
    json: bool = False,
) -> None:
    """Write everything but secrets into a file; without one, print issues or events, one JSON value a line.

    Parameters
    ----------
    file
        Where everything is written. When it was stopped, the same command goes on from there.
    kind
        Without a file: issues or events.
    project
        Without a file: only this project (its slug).
    days
        Without a file: only events of the last days; all that are kept without this.
    json
        Print JSON about the file; without a file the output is JSON lines always.
    """
    from vedette.app import tools

    with tools.opened() as ports:
        if file is not None:
            _everything(ports, file, json=json)
            return
        _print(ports, kind, project, days)


def _everything(ports: "Ports", file: Path, *, json: bool) -> None:
    from vedette.accounts import service as accounts
    from vedette.accounts.permissions import SYSTEM
    from vedette.app.moving.leaving import Export
    from vedette.notify import service as notify

    secrets = {
        kind.kind: frozenset(field.name for field in kind.fields if field.secret)
        for kind in notify.kinds().values()
    }
    now = ports.clock.now()
    head = Export(file, ports.settings.data, secrets).run(now)
    accounts.audit(SYSTEM, "data.export", file.name, {"lines": str(sum(head.counts.values()))}, now)
    lines = [f"{file}: {sum(head.counts.values())} lines, checksum {head.chain[:16]}…", *again(head.again)]
    value = {"file": str(file), "counts": head.counts, "chain": head.chain, "again": head.again}
    emit(value, "\n".join(lines), json=json)


def again(what: "tuple[str, ...] | list[str]") -> list[str]:
    """Return the lines that name what must be entered again, for it is secret and stays behind."""
    return ["Secrets stay behind. To be entered again:", *(f"- {each}" for each in what)] if what else []


def _print(ports: "Ports", kind: str, project: str | None, days: int | None) -> None:
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
