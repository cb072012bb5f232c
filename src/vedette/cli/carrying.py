"""`vedette monitors export`: monitors that were made by hand, as a file."""

from pathlib import Path

from vedette.cli.out import emit
from vedette.core.errors import ConfigError


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
