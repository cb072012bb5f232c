"""The last copy of the ban list on disk: what counts while the server is away."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterable
from pathlib import Path

from vedette_guard.decisions.bans import Ban, read_text

LARGEST = 64 * 1024 * 1024


def read(path: Path) -> tuple[str, tuple[Ban, ...]]:
    """Return cursor and bans. Raise OSError when the file cannot be read, ValueError when it is no such list."""
    with path.open("rb") as file:
        page = read_text(file.read(LARGEST))
    return page.cursor, page.added


def write(path: Path, cursor: str, bans: Iterable[Ban]) -> None:
    """Replace the file in one step, readable by its owner alone. Raise OSError when that cannot be."""
    added = [{"scope": ban.network, "until": ban.until, "reason": ban.reason} for ban in bans]
    beside = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        beside.touch(mode=0o600, exist_ok=False)
        beside.write_text(json.dumps({"cursor": cursor, "reset": True, "added": added}), encoding="utf-8")
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
