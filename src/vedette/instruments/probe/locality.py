"""Files and sockets of this machine: a path that a member enters is a door, so only folders that administrators name are looked into."""

import os
import re
from collections.abc import Sequence
from urllib.parse import unquote

from vedette.instruments.probe.optioning import wrong
from vedette.instruments.probe.types import Cause, Failed

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_MOST_PATH = 4096


def path_of(url: str, scheme: str) -> str:
    """Return the path of a URL such as `sqlite:///srv/shop.db`; raises `Invalid` for what is none."""
    path = unquote(url.partition("?")[0].removeprefix(f"{scheme}://"))
    if not path.startswith("/") or len(path) > _MOST_PATH or _CONTROL.search(path):
        raise wrong("url", f"it names a whole path, as in {scheme}:///srv/shop")
    if ".." in path.split("/"):
        raise wrong("url", "its path holds “..”")
    return path


def permitted(path: str, folders: Sequence[str]) -> str:
    """Return the path with its links followed; raises `Failed` unless a folder that is allowed holds what they lead to."""
    real = os.path.realpath(path)
    if not any(
        os.path.commonpath([real, os.path.realpath(folder)]) == os.path.realpath(folder) for folder in folders
    ):
        raise Failed(
            Cause.NO_PERMISSION,
            f"{path} was not opened: it is in no folder that checks may look into. An administrator can add one (check_folders).",
        )
    return real


def unopened(path: str, error: OSError) -> Failed:
    """Return the failure for what cannot be opened."""
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return Failed(Cause.NOT_FOUND, f"{path} does not exist.")
    if isinstance(error, PermissionError):
        return Failed(Cause.NO_PERMISSION, f"Vedette may not open {path}.")
    if isinstance(error, ConnectionRefusedError):
        return Failed(Cause.REFUSED, f"Nothing listens at {path}: the connection was refused.")
    return Failed(Cause.UNREACHABLE, f"{path} cannot be opened: {(error.strerror or str(error)).lower()}.")
