"""`vedette import`: read what `vedette export FILE` wrote."""

from pathlib import Path

from vedette.cli.export import again
from vedette.cli.out import emit
from vedette.core.errors import NotFound


def read(file: Path, /, *, dry_run: bool = False, json: bool = False) -> None:
    """Add what an export holds and this installation does not; what is here already stays as it is.

    The whole file is checked first: a broken one changes nothing. One that was stopped is simply run again.

    Parameters
    ----------
    file
        What `vedette export FILE` wrote.
    dry_run
        Say what would be done, and do nothing.
    json
        Print JSON.
    """
    from vedette.app import tools

    if not file.is_file():
        raise NotFound(f"{file}: there is no such file.")
    with tools.opened() as ports:
        from vedette.accounts import service as accounts
        from vedette.accounts.permissions import SYSTEM
        from vedette.app.moving.arriving import arrive
        from vedette.projects.types import REVISION

        now = ports.clock.now()
        done = arrive(file, dry_run=dry_run)
        if not dry_run:
            accounts.audit(SYSTEM, "data.import", file.name, {"added": str(done.added.total())}, now)
            ports.kv.put(REVISION, repr(now).encode())
            tools.tell_server(ports)
    parts = sorted({*done.added, *done.known})
    lines = [f"{part}: {done.added[part]} added, {done.known[part]} here already" for part in parts]
    lines += [f"Kept as it is here: {text}" for text in done.conflicts]
    lines += again(done.again)
    lines.append(
        "Nothing was changed: this was a dry run." if dry_run else f"{done.added.total()} rows were added."
    )
    value = {"dry_run": dry_run, "added": done.added, "known": done.known, "conflicts": done.conflicts, "again": done.again}  # fmt: skip
    emit(value, "\n".join(lines), json=json)
