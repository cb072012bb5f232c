"""How a server is told something over its REST API: its address, the token, and what its refusals mean."""

import os
from collections.abc import Mapping
from pathlib import Path

from vedette.core.errors import ConfigError, Unavailable
from vedette.instruments.scan.telling.words import plain
from vedette.plumbing.net.port import Net

VARIABLE = "VEDETTE_TOKEN"
_DEADLINE, _TAKEN = 120.0, (200, 201, 202)


def url(server: str, door: str) -> str:
    """Return the address of a door of a server; raises `ConfigError` for what is no server."""
    if not server.startswith(("https://", "http://")) or "@" in server or "?" in server:
        raise ConfigError(
            f"--send {plain(server[:200])}: write the address of the server, https://vedette.example"
        )
    return server.rstrip("/") + door


def token(file: Path | None, option: str = "--token-file") -> str:
    """Return the first line of a file, else $VEDETTE_TOKEN; raises `ConfigError` where there is no token."""
    told = os.environ.get(VARIABLE, "")
    if file is not None:
        try:
            told = file.read_text(encoding="utf-8").partition("\n")[0]
        except (OSError, UnicodeDecodeError) as error:
            why = getattr(error, "strerror", None) or "it is no text"
            raise ConfigError(f"{option} {file} cannot be read: {why}.") from error
    found = told.strip()
    if not found:
        raise ConfigError(
            f"--send needs a token: set {VARIABLE}, or name a {option}; `vedette tokens add` makes one."
        )
    if not (found.isascii() and found.isprintable() and " " not in found):
        raise ConfigError("The token is no token: it holds characters that none has.")
    return found


def post(net: Net, place: str, body: bytes, secret: str, says: Mapping[int, str]) -> None:
    """Tell it; raises `Unavailable` with what the server said, `NetError` when it cannot be reached."""
    headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
    answer = net.request("POST", place, headers=headers, body=body, deadline=_DEADLINE)
    if answer.status not in _TAKEN:
        said = plain(answer.body[:300].decode("utf-8", "replace"))
        why = says.get(answer.status, "it did not take it")
        raise Unavailable(f"{place} answered {answer.status}: {why}. {said}".strip())
