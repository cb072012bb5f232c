"""One walk over the local file systems for what stands in permissions: bounded in entries and in time."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from vedette.core.clock import monotonic
from vedette.instruments.live.types import Sweep

MOST_OF_A_SORT = 200
MOST_ENTRIES = 5_000_000
SECONDS = 60.0
LOCAL = frozenset({"ext2", "ext3", "ext4", "xfs", "btrfs", "f2fs", "jfs", "zfs", "bcachefs", "tmpfs"})
# Layers of containers belong to users of the containers, and are looked at from inside.
SKIPPED = ("/proc", "/sys", "/dev", "/run", "/var/lib/docker", "/var/lib/containers", "/var/lib/containerd", "/var/lib/lxc", "/snap")  # fmt: skip


class _Found:
    def __init__(self) -> None:
        self.writable: list[str] = []
        self.unsticky: list[str] = []
        self.set_id: list[str] = []
        self.owners: dict[int, str] = {}
        self.groups: dict[int, str] = {}

    def add(self, path: str, found: os.stat_result) -> None:
        mode = found.st_mode
        self._owned(path, found)
        if stat.S_ISREG(mode):
            self._keep(self.writable, path, bool(mode & stat.S_IWOTH))
            self._keep(self.set_id, path, bool(mode & (stat.S_ISUID | stat.S_ISGID) and mode & 0o111))
        elif stat.S_ISDIR(mode):
            self._keep(self.unsticky, path, bool(mode & stat.S_IWOTH and not mode & stat.S_ISVTX))

    def _owned(self, path: str, found: os.stat_result) -> None:
        for ids, one in ((self.owners, found.st_uid), (self.groups, found.st_gid)):
            if len(ids) < 4096:
                ids.setdefault(one, path)

    def _keep(self, paths: list[str], path: str, wanted: bool) -> None:
        if wanted and len(paths) < MOST_OF_A_SORT:
            paths.append(path)


def sweep(root: Path, mounts: str, seconds: float = SECONDS) -> Sweep:
    """Return what a walk of at most so many seconds finds; by /proc/mounts (`mounts`) local file systems are known."""
    found, whole, until = _Found(), True, monotonic() + seconds
    devices = _devices(root, mounts)
    for entries, (path, status) in enumerate(_walked(str(root), devices), 1):
        found.add(_shown(path, root), status)
        if entries >= MOST_ENTRIES or (entries & 1023 == 0 and monotonic() > until):
            whole = False
            break
    return Sweep(
        whole=whole, writable=tuple(found.writable), unsticky=tuple(found.unsticky), set_id=tuple(found.set_id),
        owners=found.owners, groups=found.groups,
    )  # fmt: skip


def _devices(root: Path, mounts: str) -> set[int]:
    devices = {root.stat().st_dev}
    for line in mounts.splitlines():
        cells = line.split()
        if len(cells) > 2 and cells[2] in LOCAL:
            try:
                devices.add(os.stat(root / cells[1].replace("\\040", " ").lstrip("/")).st_dev)  # noqa: PTH116
            except OSError:
                continue
    return devices


def _walked(top: str, devices: set[int]) -> Iterator[tuple[str, os.stat_result]]:
    waiting = [top]
    skipped = {os.path.join(top, path.lstrip("/")) for path in SKIPPED}  # noqa: PTH118
    while waiting:
        try:
            entries = os.scandir(waiting.pop())
        except OSError:
            continue
        with entries:
            for entry in entries:
                try:
                    status = entry.stat(follow_symlinks=False)
                except OSError:
                    continue
                if status.st_dev not in devices or entry.path in skipped:
                    continue
                yield entry.path, status
                if stat.S_ISDIR(status.st_mode):
                    waiting.append(entry.path)


def _shown(path: str, root: Path) -> str:
    base = str(root).rstrip("/")
    return path[len(base) :] or "/"
