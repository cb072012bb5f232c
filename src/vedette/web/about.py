"""What Settings, About tells: version, what the data folder holds, and whose work is inside."""

import functools
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

import msgspec

_PARTS = (
    ("core.db", "Issues, users, settings", ("core.db", "core.db-wal", "core.db-shm")),
    ("telemetry/", "Events, one file a day", ("telemetry",)),
    ("journal/", "Accepted events on their way in", ("journal",)),
    ("certificates/", "The certificate and its sealed key", ("certificates",)),
    ("backups/", "Copies made before upgrades", ("backups",)),
)
_SHIPPED = (
    ("Geist and Geist Mono", "The Geist Project Authors", "OFL-1.1", "https://github.com/vercel/geist-font"),
    ("Lucide icons", "Lucide contributors", "ISC", "https://lucide.dev"),
    ("htmx", "Big Sky Software", "0BSD", "https://htmx.org"),
)


class Part(msgspec.Struct, frozen=True):
    """A part of the data folder and its size in bytes."""

    name: str
    holds: str
    size: int


class Work(msgspec.Struct, frozen=True):
    """Someone else's work that ships with or under Vedette."""

    name: str
    version: str
    licence: str
    url: str


def version() -> str:
    """Return the version that is installed."""
    return metadata.version("vedette")


def parts(data: Path) -> tuple[Part, ...]:
    """Return what the data folder holds, by part."""
    return tuple(
        Part(name, holds, sum(_size(data / file) for file in files)) for name, holds, files in _PARTS
    )


def shipped() -> Sequence[Work]:
    """Return fonts, icons and scripts that are part of the built files."""
    return [Work(name, "", licence, url) for name, _, licence, url in _SHIPPED]


@functools.cache
def libraries() -> Sequence[Work]:
    """Return the installed Python packages Vedette asks for by name, with their licences; read once (80 ms)."""
    wanted = {_plain(line) for line in metadata.requires("vedette") or () if "extra ==" not in line}
    found = {_plain(dist.name): dist for dist in metadata.distributions() if dist.name}
    return [_work(found[name]) for name in sorted(wanted) if name in found]


def _work(dist: metadata.Distribution) -> Work:
    told = dist.metadata
    written = _first(told.get_all("License-Expression")) or _classified(told.get_all("Classifier") or [])
    licence = written or _first(told.get_all("License")).partition("\n")[0] or "see the package"
    return Work(dist.name, dist.version, licence[:60], _first(told.get_all("Home-page")))


def _first(values: Sequence[str] | None) -> str:
    return values[0] if values else ""


def _classified(classifiers: Sequence[str]) -> str:
    found = (c.rpartition(":: ")[2] for c in classifiers if c.startswith("License ::") and c.count("::") > 1)
    return next(found, "")


def _plain(requirement: str) -> str:
    name = requirement
    for mark in " [<>=!~;(":
        name = name.partition(mark)[0]
    return name.lower().replace("_", "-").replace(".", "-")


def _size(path: Path) -> int:
    try:
        if path.is_dir():
            return sum(_size(child) for child in path.iterdir())
        return path.stat().st_size if path.is_file() else 0
    except FileNotFoundError:  # a day or a segment was dropped while we looked
        return 0
