"""What formats tell of what they could not know, in the same words everywhere. Pure."""

from collections.abc import Iterable

from vedette.instruments.scan.inventory.types import Lockfile
from vedette.wire.scan import Unknown


def unpinned(file: Lockfile, line: int, name: str, fix: str) -> Unknown:
    """Return that a package is wanted in no single version."""
    return Unknown(subject=file.at(line), why=f"{shown(name)} is not pinned to one version.", fix=fix)


def unread(file: Lockfile, line: int, why: str, fix: str = "") -> Unknown:
    """Return that a part of a file could not be read."""
    return Unknown(subject=file.at(line), why=why, fix=fix)


def undistributed(file: Lockfile) -> Unknown:
    """Return that nothing tells which distribution's packages these are."""
    return Unknown(
        subject=file.place,
        why="No os-release tells which distribution these packages are of, or advisories know none of that name.",
        fix="Scan the root of the system, with its etc/os-release.",
    )


def nameless(file: Lockfile, names: Iterable[str]) -> Iterable[Unknown]:
    """Return one line for what an SBOM lists without saying where it comes from."""
    found = sorted({shown(name) for name in names})
    if found:
        few = ", ".join(found[:5]) + (f" and {len(found) - 5} more" if len(found) > 5 else "")
        yield Unknown(
            subject=file.place,
            why=f"Of {len(found)} components the package URL is missing or not known, so that no advisory can be compared: {few}.",
            fix="Have the tool that writes this SBOM give purl and version of each component.",
        )


def shown(text: str) -> str:
    """Return a text in one short line, control characters written out."""
    return printable(text if len(text) <= 120 else text[:119] + "…")


def printable(text: str) -> str:
    """Return a text in one line, control characters written out."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
