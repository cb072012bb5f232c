"""`vedette apply`: monitors, on-call, backups, infrastructure, alerting, incident rules and runbooks from files."""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from vedette.cli.out import emit
from vedette.core.errors import ConfigError, Invalid

if TYPE_CHECKING:
    from vedette.wire.ascode.reading import Fault

_MOST_FILES = 500
_FOLDERS = ("monitors", "oncall", "backups", "infra", "alerts", "incidents", "runbooks")


def apply(path: Path | None = None, *, diff: bool = False, schema: bool = False, json: bool = False) -> None:
    """Put in force what the files `*.toml` of a folder say, and the runbooks `runbooks/*.md`; what came from files and is in none any more is removed.

    All of it, or nothing: a file that is wrong changes nothing and is told with its line.

    Parameters
    ----------
    path
        The folder (its `monitors`, `oncall`, `backups`, `infra`, `alerts`, `incidents` and `runbooks` are read as well; one of these, named
        itself, speaks of nothing else), or one file. Without it: `vedette.toml` and these folders that lie here.
    diff
        Only say what would change.
    schema
        Print the JSON Schema of the files, for editors, and change nothing.
    json
        Print JSON.
    """
    from vedette.accounts.permissions import SYSTEM
    from vedette.app import tools

    if schema:
        _print_schema()
        return
    files = _files(path)
    with tools.opened() as ports:
        from vedette.app import filing
        from vedette.wire.ascode.changing import told

        act = filing.plan if diff else filing.apply
        found = act(SYSTEM, files, ports.clock.now(), _rooms(path or Path(), filing.ROOMS))
        if found.faults:
            _refuse(found.faults, json=json)
        if not diff:
            tools.tell_server(ports)
        lines = [told(change) for change in found.changes]
    verb = "would change" if diff else "changed"
    n = len(found.changes)
    text = "\n".join([*lines, f"{n} {'thing' if n == 1 else 'things'} {verb}."]) if n else f"Nothing {verb}."
    emit({"applied": not diff, "changes": found.changes}, text, json=json)


def _refuse(faults: "Sequence[Fault]", *, json: bool) -> None:
    """Tell every fault on a line of its own; raises `Invalid`."""
    if json:
        emit({"applied": False, "changes": [], "faults": faults}, "", json=True)
    else:
        print("\n".join(map(str, faults)), file=sys.stderr)
    n = len(faults)
    raise Invalid(f"{n} {'thing is' if n == 1 else 'things are'} wrong; nothing was changed.")


def _print_schema() -> None:
    import msgspec

    from vedette.app import tools

    tools.prepare()
    from vedette.app import filing

    print(msgspec.json.format(msgspec.json.encode(filing.schema()), indent=2).decode())


def _rooms(path: Path, rooms: Sequence[str]) -> Sequence[str]:
    """Return what the files speak of: a folder that has a room's name, of that room."""
    folder = (path.absolute() if path.is_dir() else path.absolute().parent).name
    return (folder,) if folder in rooms else rooms


def _files(path: Path | None) -> list[tuple[str, str, str]]:
    """Return name, text and folder of each file, by folder and name; raises `ConfigError` when there is none."""
    if path is None:
        found = [*Path().glob("vedette.toml"), *_in(Path(name) for name in _FOLDERS)]
    elif path.is_file():
        found = [path]
    elif path.is_dir():
        found = _in([path, *(path / name for name in _FOLDERS)])
    else:
        raise ConfigError(f"{path}: there is no such file or folder; name the folder with your *.toml files.")
    where = path or f"{Path().absolute()} (vedette.toml, {', '.join(_FOLDERS)})"
    if not found:
        raise ConfigError(f"{where}: there is no *.toml in it; to remove everything, leave an empty one.")
    if len(found) > _MOST_FILES:
        raise ConfigError(f"{where}: {len(found)} files; at most {_MOST_FILES} are taken.")
    folders = [each.absolute().parent for each in found]
    return [
        (f"{folder.name}/{each.name}", _text(each), str(folder))
        for folder, each in zip(folders, found, strict=True)
    ]


def _in(folders: Iterable[Path]) -> list[Path]:
    return [
        file
        for folder in folders
        for file in sorted(each for kind in _kinds(folder) for each in folder.glob(kind))
    ]


def _kinds(folder: Path) -> tuple[str, ...]:
    """Return which files of a folder are read: Markdown where runbooks lie, and nowhere else."""
    return ("*.toml", "*.md") if folder.absolute().name == "runbooks" else ("*.toml",)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ConfigError(f"{file}:{line}: This is no UTF-8; save the file as UTF-8.") from None
    except OSError as error:
        raise ConfigError(f"{file}: {error.strerror}.") from None
