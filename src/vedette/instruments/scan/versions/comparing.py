"""Which of two versions is earlier, by the rules of their ecosystem, each from its published specification."""

import functools

from vedette.instruments.scan.versions import (
    alpine,
    debian,
    maven,
    numbers,
    packagist,
    pypi,
    redhat,
    rubygems,
    semver,
)
from vedette.instruments.scan.versions.types import MOST, Key, KeyOf, NoVersion, Unreadable

_RULES: dict[str, KeyOf] = {
    **dict.fromkeys(
        (
            "npm", "Go", "crates.io", "Hex", "SwiftURL", "GitHub Actions", "Julia", "Bitnami", "VSCode", "ConanCenter",
            "Linux",
        ),
        semver.key,
    ),
    "Pub": semver.pub,
    "NuGet": semver.nuget,
    "PyPI": pypi.key,
    **dict.fromkeys(("Debian", "Ubuntu", "Echo"), debian.key),
    **dict.fromkeys(("Alpine", "Alpaquita", "BellSoft Hardened Containers", "Chainguard", "MinimOS", "Wolfi"), alpine.key),
    **dict.fromkeys(
        (
            "Red Hat", "Rocky Linux", "AlmaLinux", "SUSE", "openSUSE", "Mageia", "openEuler", "Photon OS", "Azure Linux",
            "Fedora", "Amazon Linux", "Oracle Linux", "CentOS",
        ),
        redhat.key,
    ),
    "Maven": maven.key,
    "RubyGems": rubygems.key,
    "Packagist": packagist.key,
    "CRAN": numbers.key,
    "Bioconductor": numbers.key,
    "Hackage": numbers.key,
    "GHC": numbers.key,
}  # fmt: skip


def ecosystems() -> tuple[str, ...]:
    """Return the ecosystems whose versions can be compared, named as OSV names them."""
    return tuple(sorted(_RULES))


def family(ecosystem: str) -> str:
    """Return an ecosystem without its release: `Debian` of `Debian:12`."""
    return ecosystem.partition(":")[0]


def compare(ecosystem: str, a: str, b: str) -> int:
    """Return -1, 0 or 1 as `a` is earlier than, the same as, or later than `b`; raises `Unreadable`."""
    one, other = key(ecosystem, a), key(ecosystem, b)
    return 0 if one == other else -1 if one < other else 1


def key(ecosystem: str, version: str) -> Key:
    """Return what sorts as versions of an ecosystem do; raises `Unreadable`."""
    return _key(family(ecosystem), version)


@functools.lru_cache(maxsize=65_536)
def _key(ecosystem: str, version: str) -> Key:
    rule = _RULES.get(ecosystem)
    if rule is None or not 0 < len(version) <= MOST:
        raise Unreadable(ecosystem, version)
    try:
        return rule(version)
    except NoVersion:
        raise Unreadable(ecosystem, version) from None
