"""Which file systems there are: each once, however often it is mounted. Source: proc(5), /proc/pid/mountinfo."""

import re
from collections.abc import Sequence

import msgspec

from vedette.instruments.host.reading import Files

MOST = 50
# Nothing of disks, or full by nature (squashfs), or of the network: asking a server that is away would wait for ever.
_LEFT_OUT = re.compile(
    r"(?:autofs|bdev|binfmt_misc|bpf|cgroup2?|cifs|smb3?|configfs|debugfs|devpts|devtmpfs|efivarfs|erofs|fuse.*|fusectl|hugetlbfs|iso9660|mqueue"
    r"|nfs4?|nfsd|nsfs|overlay|proc|pstore|ramfs|resctrl|rpc_pipefs|securityfs|selinuxfs|squashfs|sysfs|tracefs|udf|9p|afs|ceph|glusterfs|lustre)"
)
_KEPT_IN_MEMORY = frozenset({"/tmp", "/run", "/dev/shm", "/var/tmp"})  # noqa: S108 - to be looked at, not written
_OCTAL = re.compile(r"\\([0-7]{3})")


class Mount(msgspec.Struct, frozen=True):
    """A file system: where it is mounted, what it is, and whether it itself (not this one view of it) is read-only."""

    point: str
    kind: str
    device: str
    read_only: bool


def mounts(files: Files) -> Sequence[Mount]:
    """Return the file systems of the host, as process 1 sees them where that may be read; raises `OSError`.

    A view that is read-only in the mount namespace of a service says nothing of the file system; its own options do, and
    those stand last in a line.
    """
    found: dict[str, Mount] = {}
    for line in _table(files).splitlines():
        mount, whole = _read(line)
        if mount is None:
            continue
        before = found.get(mount.device)
        if before is None or (whole and len(mount.point) < len(before.point)):
            found[mount.device] = mount
    return tuple(sorted(found.values(), key=lambda one: one.point))[:MOST]


def _table(files: Files) -> str:
    try:
        return files.text("/proc/1/mountinfo")
    except OSError:
        return files.text("/proc/self/mountinfo")


def _read(line: str) -> tuple[Mount | None, bool]:
    """Return the mount of a line unless it is none of ours, and whether it shows the file system from its beginning."""
    first, dash, last = line.partition(" - ")
    fields, tail = first.split(), last.split()
    if not dash or len(fields) < 6 or len(tail) < 2:
        return None, False
    point, kind, options = _plain(fields[4]), tail[0], tail[-1].split(",")
    root = point == "/"
    if (_LEFT_OUT.fullmatch(kind) and not (root and kind == "overlay")) or (
        kind == "tmpfs" and point not in _KEPT_IN_MEMORY
    ):
        return None, False
    return Mount(point, kind, fields[2], "ro" in options), fields[3] == "/" or root


def _plain(text: str) -> str:
    return _OCTAL.sub(lambda found: chr(int(found[1], 8)), text)
