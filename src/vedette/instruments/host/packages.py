"""Packages that wait to be updated, and whether the host waits to be restarted; without the network. Debian and its kin.

Source: apt-get(8) --simulate; reboot-required of update-notifier and unattended-upgrades; kernels as Debian installs them.
"""

import re
from collections.abc import Sequence

from vedette.instruments.host.asking import Ask
from vedette.instruments.host.reading import Files
from vedette.instruments.host.series import shown
from vedette.wire.agent.types import Package

MOST = 500
_APT = ("apt-get", "--simulate", "--quiet", "-o", "Debug::NoLocking=true", "dist-upgrade")
_WAITS = re.compile(r"^Inst (\S+) \[([^\]]+)\] \((\S+) ([^)]*?)(?: \[[^\]]*\])?\)", re.MULTILINE)
_SECURITY = re.compile(r"security", re.IGNORECASE)
_CHANGES = ("/var/lib/dpkg/status", "/var/lib/apt/lists", "/etc/apt/sources.list", "/etc/apt/sources.list.d", "/etc/apt/preferences.d")  # fmt: skip
_REQUIRED = ("/run/reboot-required", "/var/run/reboot-required")
_IMAGE = re.compile(r"vmlinuz-(\d[A-Za-z0-9.+~_-]*)")
_KEPT = 86_400.0


class Pending:
    """Knows which packages wait. apt is asked again only when what it answers from was written, or after a day."""

    def __init__(self, files: Files, ask: Ask) -> None:
        self._files, self._ask = files, ask
        self._of: Sequence[float] = ()
        self._asked = 0.0
        self._found: tuple[Package, ...] = ()

    def packages(self, now: float) -> tuple[Package, ...]:
        """Return what waits, security first; empty on a host without apt."""
        stamp = [_written(self._files, path) for path in _CHANGES]
        if not stamp[0]:
            return ()
        if stamp != self._of or not 0 <= now - self._asked < _KEPT:
            self._of, self._asked = stamp, now
            self._found = waiting(self._ask(*_APT, seconds=60.0) or "")
        return self._found


def waiting(said: str) -> tuple[Package, ...]:
    """Return the packages that `apt-get --simulate` would update: those of a security archive first, then by name."""
    found = [
        Package(shown(name), shown(before), shown(after), bool(_SECURITY.search(origin)))
        for name, before, after, origin in _WAITS.findall(said)
    ]
    return tuple(sorted(found, key=lambda one: (not one.security, one.name))[:MOST])


def reboot_required(files: Files) -> bool:
    """Tell whether something says so, or the newest kernel of the running one's kind is not the one that runs."""
    if any(files.is_file(path) for path in _REQUIRED):
        return True
    try:
        running = files.text("/proc/sys/kernel/osrelease", 256).strip()
        installed = [found[1] for name in files.names("/boot") if (found := _IMAGE.fullmatch(name))]
    except OSError:
        return False
    kind = _kind(running)
    same = [one for one in installed if _kind(one) == kind]
    return running in installed and max(map(_parts, same)) > _parts(running)


def _kind(release: str) -> str:
    """Return what a kernel is built for (`amd64`, `cloud-amd64`): others may lie beside it and are never started."""
    return "-".join(part for part in release.split("-") if part and not part[0].isdigit())


def _parts(release: str) -> list[int]:
    return [int(text) for text in re.findall(r"\d+", release.removesuffix(_kind(release)))]


def _written(files: Files, path: str) -> float:
    try:
        return files.written(path)
    except OSError:
        return 0.0
