"""How an agent fares, in a file of its state folder: written by the loop, read by `vedette agent status`."""

import os
from collections.abc import Mapping
from pathlib import Path

import msgspec

from vedette.core.errors import NotFound, Unavailable
from vedette.instruments.logs.sources.ledger import written
from vedette.instruments.logs.sources.types import Standing

NAME = "status.json"


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """Which process, since when, how each source fares, and how many reports wait by lane; instants as seconds since 1970."""

    pid: int
    since: float
    at: float
    server: str = ""
    sources: tuple[Standing, ...] = ()
    waiting: Mapping[str, int] = {}
    detections: int = 0
    failed: int = 0


def write(folder: Path, status: Status, before: bytes) -> bytes:
    """Write it unless it says what was written before, its own instant apart; return what it says."""
    says = msgspec.json.encode(msgspec.structs.replace(status, at=0.0))
    if says != before:
        try:
            written(folder / NAME, msgspec.json.encode(status))
        except OSError:
            return before
    return says


def read(folder: Path) -> Status:
    """Return what was written last; raises `NotFound` where there is nothing, `Unavailable` where it cannot be read."""
    path = folder / NAME
    try:
        return msgspec.json.decode(path.read_bytes(), type=Status)
    except FileNotFoundError:
        raise NotFound(f"{path} is not there: no agent ran with this state folder.") from None
    except PermissionError:
        raise Unavailable(f"{path} is its owner's alone: run this as root (sudo).") from None
    except (OSError, ValueError) as error:
        raise Unavailable(f"{path} cannot be read: {error}.") from None


def runs(status: Status) -> bool:
    """Tell whether the process is still there."""
    try:
        os.kill(status.pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
