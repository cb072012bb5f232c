"""Names of ecosystems and packages as feeds and lock files write them, brought to one form."""

import functools
import re

from vedette.instruments.scan.versions import family
from vedette.wire.scan import Component

_RUNS = re.compile(r"[-_.]+")
_MAJOR = frozenset(
    {"Debian", "AlmaLinux", "Rocky Linux", "Red Hat", "CentOS", "Oracle Linux", "Fedora", "Amazon Linux"}
)
_SMALL = frozenset({"NuGet", "Packagist", "Hex", "GitHub Actions", "VSCode"})
_RELEASED = _MAJOR | {
    "Ubuntu",
    "Alpine",
    "openSUSE",
    "SUSE",
    "Mageia",
    "openEuler",
    "Photon OS",
    "Azure Linux",
    "Echo",
    "Alpaquita",
}
_RHEL = re.compile(r"(?:enterprise_linux|rhel[a-z_]*):([0-9]+)")


def released(ecosystem: str) -> bool:
    """Tell whether an ecosystem is a distribution, whose advisories are for one release."""
    return family(ecosystem) in _RELEASED


def canonical(ecosystem: str) -> str:
    """Return the form of an ecosystem that a feed and a scan agree on: `Debian:12` of `Debian:12.4`, `Alpine:v3.19` of `Alpine:3.19.1`."""
    base, colon, release = ecosystem.strip().partition(":")
    if not colon or not release:
        return base
    if base == "Red Hat":
        found = _RHEL.match(release)
        release = found[1] if found else release
    if base in _MAJOR:
        return f"{base}:{release.partition('.')[0]}"
    if base == "Ubuntu":
        return f"{base}:{release.removesuffix(':LTS')}"
    if base == "Alpine":
        return f"{base}:{_minor(release)}"
    return f"{base}:{release}"


def _minor(release: str) -> str:
    if release == "edge":
        return release
    return "v" + ".".join(release.lstrip("v").split(".")[:2])


def normal(ecosystem: str, name: str) -> str:
    """Return a package's name in its ecosystem's normal form; PEP 503 for PyPI."""
    base = family(ecosystem)
    if base == "PyPI":
        return _RUNS.sub("-", name).lower()
    return name.lower() if base in _SMALL else name


def names_of(component: Component) -> tuple[str, ...]:
    """Return the names under which advisories may know a component: its source package's first, its own."""
    if released(component.ecosystem) and component.source and family(component.ecosystem) in _BY_SOURCE:
        return (component.source,)
    names = dict.fromkeys((component.source, component.name)) if component.source else {component.name: None}
    return tuple(normal(component.ecosystem, each) for each in names)


def version_of(component: Component) -> str:
    """Return the version advisories speak of: of the source package where `labels["source_version"]` tells it.

    A Debian package built again without a change of its source (`+b1`) has its source's version.
    """
    version = component.labels.get("source_version") or component.version
    return _REBUILT.sub("", version) if family(component.ecosystem) in {"Debian", "Ubuntu"} else version


_BY_SOURCE = frozenset({"Debian", "Ubuntu", "Alpine", "Echo", "Alpaquita"})
_REBUILT = re.compile(r"\+b[0-9]+\Z")


@functools.lru_cache(maxsize=1_024)
def ecosystems_of(ecosystem: str) -> tuple[str, ...]:
    """Return the ecosystems under which advisories for one may stand: itself, and the whole of it."""
    return tuple(dict.fromkeys((canonical(ecosystem), family(ecosystem))))
