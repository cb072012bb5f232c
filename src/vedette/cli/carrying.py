"""`vedette monitors export` and `import`: monitors as a file, and from what other programs watch."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from vedette.cli.out import emit
from vedette.core.errors import ConfigError

if TYPE_CHECKING:
    from vedette.monitors.importing.running import Imported


def export_monitors(*, project: str = "", write_files: Path | None = None, json: bool = False) -> None:
    """Write the monitors that were made by hand as a file for `vedette apply`; what is in files already is left out.

    Secrets are not in it: it names the variables that hold them when it is applied.

    Parameters
    ----------
    project
        Only this project (slug or id).
    write_files
        Write `monitors.toml` into this folder, instead of printing it.
    json
        Print JSON.
    """
    from vedette.accounts.permissions import SYSTEM
    from vedette.app import tools

    with tools.opened():
        from vedette.monitors import service
        from vedette.projects import service as projects

        owner = projects.project(project).id if project else None
        made = service.export_files(SYSTEM, owner)
    file = None if write_files is None else write(write_files, made.text)
    value = {"file": None if file is None else str(file), "text": made.text, "variables": made.variables}
    emit(value, told(file, made.text, made.variables), json=json)


def import_monitors(
    *files: Path, from_: Annotated[str, Parameter(name="--from")] = "", project: str = "", dry_run: bool = False,
    write_files: Path | None = None, json: bool = False,
) -> None:  # fmt: skip
    """Make monitors of what another program watches; everything that cannot be carried is told with its place and why.

    Monitors that are here already stay as they are.

    Parameters
    ----------
    files
        Its database, configuration or backup; several files, or a folder of them, where they belong together.
    from_
        uptime-kuma, gatus, blackbox, healthchecks or seed; what stands in the files tells it without this.
    project
        The project they shall belong to (slug or id).
    dry_run
        Only say what would be made.
    write_files
        Make nothing, and write `monitors.toml` into this folder, for `vedette apply`.
    json
        Print JSON.
    """
    from vedette.accounts.permissions import SYSTEM
    from vedette.app import tools

    if not files:
        raise ConfigError("Name the file to import: `vedette monitors import kuma.db`.")
    with tools.opened() as ports:
        from vedette.monitors import service
        from vedette.projects import service as projects

        now, owner = ports.clock.now(), projects.project(project).slug if project else ""
        found = service.read_foreign(SYSTEM, files, now, name=from_, project=owner)
        if not dry_run and write_files is None:
            found = service.make_imported(SYSTEM, found, now)
            tools.tell_server(ports)
    file = None if write_files is None or dry_run else write(write_files, found.file.text)
    value = {
        "format": found.format, "dry_run": dry_run, "file": None if file is None else str(file),
        "monitors": [{"slug": one.draft.slug, "name": one.draft.name, "kind": one.draft.kind} for one in found.entries],
        "left": found.left, "variables": found.file.variables if file else (),
    }  # fmt: skip
    emit(value, _imported(found, file, dry_run=dry_run), json=json)


def _imported(found: "Imported", file: Path | None, *, dry_run: bool) -> str:
    """Return what came of an import: what was left, place by place, then the sum."""
    lines = [f"{each.place}: {each.why}" for each in found.left]
    lines += [f"+ {one.draft.slug} ({one.draft.kind})" for one in found.entries] if dry_run else []
    lines += [told(file, found.file.text, found.file.variables)] if file else []
    n, left = len(found.entries), len(found.left)
    verb = "would be made" if dry_run else "written" if file else "made"
    sum_ = f"{n} {'monitor' if n == 1 else 'monitors'} of {found.format} {verb}"
    return "\n".join([*lines, f"{sum_}; {left} {'thing was' if left == 1 else 'things were'} not carried."])


def told(file: Path | None, text: str, variables: tuple[str, ...]) -> str:
    """Return the text of a file, or where it was written and the variables it needs."""
    if file is None:
        return text.rstrip() or "# Every monitor is written in a file already, or there is none."
    needed = [f"Set {name} for `vedette apply`." for name in variables]
    return "\n".join([f"{file} is written; put it in force by `vedette apply {file.parent}`.", *needed])


def write(folder: Path, text: str) -> Path:
    """Write `monitors.toml` into a folder and return it; raises `ConfigError` when it is there already, or cannot be."""
    file = folder / "monitors.toml"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with file.open("x", encoding="utf-8") as out:
            out.write(text)
    except FileExistsError:
        raise ConfigError(f"{file} is there already; move it away, or name another folder.") from None
    except OSError as error:
        raise ConfigError(f"{file}: {error.strerror}.") from None
    return file
