"""Which ecosystem a distribution's packages are of, as OSV names it, told by os-release(5). Pure.

https://ossf.github.io/osv-schema/#defined-ecosystems
"""

import shlex
from collections.abc import Mapping

from vedette.instruments.scan.inventory.types import Lockfile

_LONG_TERM = ("20.04", "22.04", "24.04", "26.04", "18.04", "16.04", "14.04")
_MAJOR = {
    "rhel": "Red Hat",
    "rocky": "Rocky Linux",
    "almalinux": "AlmaLinux",
    "fedora": "Fedora",
    "centos": "Red Hat",
}
_PLAIN = {"wolfi": "Wolfi", "chainguard": "Chainguard", "arch": "Arch Linux"}


def ecosystem(os_release: str) -> str:
    """Return the ecosystem, empty for a distribution without one."""
    told = _pairs(os_release)
    kind, version = told.get("ID", ""), told.get("VERSION_ID", "")
    if kind == "debian" and version:
        return f"Debian:{version.partition('.')[0]}"
    if kind == "ubuntu" and version:
        return f"Ubuntu:{version}:LTS" if version in _LONG_TERM else f"Ubuntu:{version}"
    if kind == "alpine" and version:
        return f"Alpine:v{'.'.join(version.split('.')[:2])}"
    if kind in _MAJOR and version:
        return f"{_MAJOR[kind]}:{version.partition('.')[0]}"
    if kind == "opensuse-leap" and version:
        return f"openSUSE:Leap {version}"
    return _PLAIN.get(kind, "")


def beside(file: Lockfile, *places: str) -> str:
    """Return the ecosystem that the os-release at one of these paths from a file tells, empty where none does."""
    found = next(filter(None, (file.beside(place) for place in places)), None)
    return ecosystem(found.text()) if found is not None else ""


def _pairs(text: str) -> Mapping[str, str]:
    rows = (line.partition("=") for line in text.splitlines()[:200] if not line.startswith("#"))
    return {key.strip(): _unquoted(value) for key, _, value in rows if key}


def _unquoted(value: str) -> str:
    try:
        return "".join(shlex.split(value[:1_000]))
    except ValueError:
        return value.strip()
