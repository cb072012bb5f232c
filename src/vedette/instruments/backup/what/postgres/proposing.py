"""Which PostgreSQL servers a host has, by their sockets and Debian's folders. Pure over a root folder."""

from collections.abc import Iterator
from pathlib import Path

from vedette.wire.backup import Proposal, What

_SOCKETS = "var/run/postgresql", "run/postgresql", "tmp"
_PREFIX = ".s.PGSQL."


def propose(root: Path) -> tuple[Proposal, ...]:
    """Return one proposal for each server that listens at a socket, else for each cluster Debian made."""
    found = {port: folder for folder in _SOCKETS for port in _ports(root / folder)}
    if found:
        return tuple(_proposal(port, f"/{folder}") for port, folder in sorted(found.items()))
    return tuple(_stopped(path) for path in sorted((root / "var/lib/postgresql").glob("*/*/PG_VERSION")))


def _ports(folder: Path) -> Iterator[int]:
    for path in sorted(folder.glob(f"{_PREFIX}*")):
        text = path.name.removeprefix(_PREFIX)
        if text.isdecimal() and path.is_socket():
            yield int(text)


def _proposal(port: int, folder: str) -> Proposal:
    settings: dict[str, object] = {"socket": folder} if folder != "/var/run/postgresql" else {}
    if port != 5432:  # the usual one
        settings["port"] = port
    name = "" if port == 5432 else str(port)
    return Proposal(
        what=What(kind="postgres", name=name, settings=settings),
        sentence=f"PostgreSQL listens at {folder}, port {port}.",
    )


def _stopped(path: Path) -> Proposal:
    version, name = path.parts[-3:-1]
    return Proposal(
        what=What(kind="postgres", name=f"{version}-{name}"),
        sentence=f"There is a cluster {version}/{name} of PostgreSQL that does not run; start it, then its dump can be saved.",
    )
