"""Names of packages: the normal form of each ecosystem, and package URLs (purl-spec, ECMA-427). Pure."""

import re
import string

from vedette.wire.scan import Component

_RUNS = re.compile(r"[-_.]+")
_TYPES = {
    "PyPI": "pypi", "npm": "npm", "crates.io": "cargo", "RubyGems": "gem", "Packagist": "composer", "Go": "golang",
    "Maven": "maven", "NuGet": "nuget", "Pub": "pub", "Hex": "hex", "Debian": "deb/debian", "Ubuntu": "deb/ubuntu",
    "Alpine": "apk/alpine", "Wolfi": "apk/wolfi", "Chainguard": "apk/chainguard", "Red Hat": "rpm/redhat",
    "Rocky Linux": "rpm/rocky-linux", "AlmaLinux": "rpm/almalinux", "openSUSE": "rpm/opensuse", "SUSE": "rpm/suse",
    "Fedora": "rpm/fedora", "GitHub Actions": "github", "Hackage": "hackage", "CRAN": "cran", "SwiftURL": "swift",
    "Bitnami": "bitnami", "ConanCenter": "conan",
}  # fmt: skip
_ECOSYSTEMS = {kind: ecosystem for ecosystem, kind in _TYPES.items()}
_PLAIN = frozenset(string.ascii_letters + string.digits + ".-_~")


def normal(ecosystem: str, name: str) -> str:
    """Return a name as its ecosystem compares it (PyPI: PEP 503; Packagist, NuGet and Hex know no capitals)."""
    name = name.strip()
    if ecosystem == "PyPI":
        return _RUNS.sub("-", name).lower()
    if ecosystem in {"Packagist", "Pub", "Hex"}:
        return name.lower()
    return name


def purl(ecosystem: str, name: str, version: str) -> str:
    """Return the package URL, empty for an ecosystem that has none."""
    kind = _TYPES.get(ecosystem.partition(":")[0])
    if kind is None:
        return ""
    path = name.replace(":", "/", 1) if ecosystem == "Maven" else name
    parts = "/".join(_encoded(part) for part in path.split("/"))
    return f"pkg:{kind}/{parts}@{_encoded(version, ':+')}" if version else f"pkg:{kind}/{parts}"


def of_kind(kind: str) -> str:
    """Return the ecosystem of the type of a package URL (`pypi`, `deb/debian`), empty for one that is not known."""
    return _ECOSYSTEMS.get(kind.lower(), "")


def component(
    ecosystem: str, name: str, version: str, place: str, *, groups: tuple[str, ...] = (), direct: bool | None = None,
    requires: tuple[str, ...] = (), source: str = "", hashes: tuple[str, ...] = (),
) -> Component:  # fmt: skip
    """Return a component under its normal name, with its package URL."""
    name, version = normal(ecosystem, name), version.strip()
    needs = tuple(sorted({normal(ecosystem, each) for each in requires}))
    return Component(
        ecosystem=ecosystem, name=name, version=version, place=place, groups=groups, direct=direct, requires=needs,
        source=source, purl=purl(ecosystem, name, version), hashes=hashes,
    )  # fmt: skip


def _encoded(text: str, more: str = "") -> str:
    return "".join(
        c if c in _PLAIN or c in more else "".join(f"%{b:02X}" for b in c.encode("utf-8", "replace"))
        for c in text
    )
