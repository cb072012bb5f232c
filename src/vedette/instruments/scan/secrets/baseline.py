"""Secrets that are known already, by a report of gitleaks (JSON): they are left out, and counted."""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from vedette.instruments.scan.secrets.types import Leak
from vedette.instruments.scan.types import CannotKnow

_LARGEST = 64 * 1024 * 1024


class _Known(msgspec.Struct, rename="pascal"):
    file: str = ""
    secret: str = ""
    start_line: int = 0


class Baseline:
    """What a report of gitleaks names: a secret in a file, or, where it was redacted, a line of one."""

    def __init__(self, known: Sequence[_Known]) -> None:
        self._secrets = {(each.file, each.secret.encode()) for each in known if _told(each)}
        self._lines = {(each.file, each.start_line) for each in known if not _told(each)}

    def holds(self, leak: Leak) -> bool:
        """Whether a leak is known."""
        hit = leak.hit
        return (leak.path, hit.secret) in self._secrets or (leak.path, hit.line) in self._lines


def read(path: Path) -> Baseline:
    """Return a baseline; raises `CannotKnow` where the file is none."""
    try:
        if path.stat().st_size > _LARGEST:
            raise CannotKnow(f"{path} is too large for a baseline.", "Name a report of gitleaks in JSON.")
        return Baseline(msgspec.json.decode(path.read_bytes(), type=list[_Known]))
    except (OSError, msgspec.DecodeError, RecursionError) as error:
        raise CannotKnow(f"{path} is no baseline: {error}", "Name a report of gitleaks in JSON.") from error


def _told(known: _Known) -> bool:
    return bool(known.secret) and "REDACTED" not in known.secret
