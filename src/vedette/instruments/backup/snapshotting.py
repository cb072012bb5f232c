"""How a file system is made to stand still while it is saved: by LVM, btrfs or ZFS. Pure: commands are planned, not run.

The snapshot is bound over the paths that are saved, in a mount namespace of our own (mount_namespaces(7)): sources and engines
find everything under its own name, and nobody else sees the snapshot in its place. Sources of commands: lvcreate(8),
lvremove(8), mount(8), btrfs-subvolume(8), zfs-snapshot(8), zfs-destroy(8); of mounts: proc_pid_mountinfo(5).
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import PurePosixPath

import msgspec

from vedette.instruments.backup.types import Failed
from vedette.wire.backup import Failure

_OCTAL = re.compile(r"\\([0-7]{3})")
_NAME = re.compile(r"[^a-zA-Z0-9_]+")
_MAPPER = re.compile(r"/dev/mapper/((?:[^-]|--)+)-((?:[^-]|--)+)")
_PLAIN = re.compile(r"/dev/([^/]+)/([^/]+)")
_NOT_VOLUMES = {"mapper", "disk", "block", "shm", "pts"}
_MODES = {"xfs": "ro,nouuid"}  # a snapshot has the identity of its origin, which XFS does not mount twice
Argv = tuple[str, ...]


class Mount(msgspec.Struct, frozen=True):
    """A file system as it is mounted: where, of which kind, from which device or dataset."""

    point: str
    kind: str
    source: str


class Bind(msgspec.Struct, frozen=True):
    """A path that takes the place of another."""

    source: str
    target: str


class Taking(msgspec.Struct, frozen=True, kw_only=True):
    """What is run to take a snapshot, what is bound over what then, and what is run to drop it, whatever came of it.

    `folders` are made before (and removed after) in our own namespace; `first` removes what an earlier run left behind, and may
    fail.
    """

    first: tuple[Argv, ...]
    take: tuple[Argv, ...]
    binds: tuple[Bind, ...]
    drop: tuple[Argv, ...]
    folders: tuple[str, ...] = ()


def mounts_in(text: str) -> tuple[Mount, ...]:
    """Return the mounts that `/proc/self/mountinfo` names."""
    found = []
    for line in text.splitlines():
        before, dash, after = line.partition(" - ")
        fields, more = before.split(" "), after.split(" ")
        if dash and len(fields) >= 5 and len(more) >= 2:
            found.append(Mount(_plain(fields[4]), more[0], _plain(more[1])))
    return tuple(found)


def planned(
    kind: str, paths: Sequence[str], kept: Sequence[str], mounts: Sequence[Mount], *, name: str, folder: str
) -> tuple[Taking, ...]:
    """Return what is to be done, one for each file system; raises `Failed(SOURCE_MISSING)` where a path cannot stand still.

    `kept` are paths below them that go on as they are (our own state, a repository), `folder` is an empty one of ours that
    lies in none of them.
    """
    plan = _KINDS.get(kind)
    if plan is None:
        raise Failed(Failure.SOURCE_MISSING, f"{kind!r} takes no snapshots; there are {', '.join(_KINDS)}.")
    word = f"vedette-{_NAME.sub('-', name).strip('-')[:40] or 'plan'}"
    below: dict[Mount, list[str]] = {}
    for path in paths:
        below.setdefault(_mount_of(path, mounts), []).append(path)
    _fit(paths, mounts)
    takings = tuple(
        plan(mount, tuple(found), word, f"{folder}/{number}")
        for number, (mount, found) in enumerate(below.items())
    )
    return (*takings, *_going_on(kept, paths, f"{folder}/kept"))


def _fit(paths: Iterable[str], mounts: Iterable[Mount]) -> None:
    """Refuse what would be hidden: a bind shows one file system alone."""
    for path in paths:
        if path == "/":
            raise Failed(
                Failure.SOURCE_MISSING,
                "A snapshot cannot take the place of /: name the folders that are saved.",
            )
        inside = [mount.point for mount in mounts if _is_below(mount.point, path) and mount.point != path]
        if inside:
            raise Failed(Failure.SOURCE_MISSING, f"{inside[0]} is another file system below {path}: a snapshot of {path} does not hold it. Save it by a plan of its own.")  # fmt: skip


def _mount_of(path: str, mounts: Iterable[Mount]) -> Mount:
    """Return the file system a path lies on: the deepest mount, of several at one place the last."""
    found = None
    for mount in mounts:
        if _is_below(path, mount.point) and (found is None or len(mount.point) >= len(found.point)):
            found = mount
    if found is None:
        raise Failed(Failure.SOURCE_MISSING, f"{path} lies on no file system that is known.")
    return found


def _lvm(mount: Mount, paths: Sequence[str], word: str, folder: str) -> Taking:
    group, volume = _volume(mount)
    device, name = f"/dev/{group}/{word}", f"{group}/{word}"
    options = _MODES.get(mount.kind, "ro")
    return Taking(
        first=(("lvremove", "--yes", name),),
        take=(
            ("lvcreate", "--snapshot", "--extents", "20%ORIGIN", "--name", word, f"{group}/{volume}"),
            ("mount", "-t", mount.kind, "-o", options, device, folder),
        ),
        binds=_binds(paths, mount.point, folder), drop=(("lvremove", "--yes", name),), folders=(folder,),
    )  # fmt: skip


def _volume(mount: Mount) -> tuple[str, str]:
    """Return the group and the volume a device is of; in names of the mapper a dash is written twice (dmsetup(8))."""
    found = _MAPPER.fullmatch(mount.source)
    if found:
        return found[1].replace("--", "-"), found[2].replace("--", "-")
    found = _PLAIN.fullmatch(mount.source)
    if found and found[1] not in _NOT_VOLUMES:
        return found[1], found[2]
    raise Failed(Failure.SOURCE_MISSING, f"{mount.point} lies on {mount.source}, which is no volume of LVM.")


def _btrfs(mount: Mount, paths: Sequence[str], word: str, folder: str) -> Taking:
    del folder
    if mount.kind != "btrfs":
        raise Failed(Failure.SOURCE_MISSING, f"{mount.point} is {mount.kind}, and no btrfs.")
    snapshot = f"{mount.point.rstrip('/')}/.{word}"
    drop = ("btrfs", "subvolume", "delete", snapshot)
    take = ("btrfs", "subvolume", "snapshot", "-r", mount.point, snapshot)
    return Taking(first=(drop,), take=(take,), binds=_binds(paths, mount.point, snapshot), drop=(drop,))


def _zfs(mount: Mount, paths: Sequence[str], word: str, folder: str) -> Taking:
    del folder
    if mount.kind != "zfs":
        raise Failed(Failure.SOURCE_MISSING, f"{mount.point} is {mount.kind}, and no ZFS.")
    snapshot, drop = (
        f"{mount.point.rstrip('/')}/.zfs/snapshot/{word}",
        ("zfs", "destroy", f"{mount.source}@{word}"),
    )
    take = ("zfs", "snapshot", f"{mount.source}@{word}")
    return Taking(first=(drop,), take=(take,), binds=_binds(paths, mount.point, snapshot), drop=(drop,))


def _binds(paths: Iterable[str], point: str, snapshot: str) -> tuple[Bind, ...]:
    return tuple(
        Bind(str(PurePosixPath(snapshot) / PurePosixPath(path).relative_to(point)), path) for path in paths
    )


def _going_on(kept: Iterable[str], paths: Sequence[str], folder: str) -> tuple[Taking, ...]:
    """What must stay as it is below a path is bound aside first, and to its place again last."""
    hidden = [one for one in dict.fromkeys(kept) if any(_is_below(one, path) for path in paths)]
    return tuple(
        Taking(first=(), take=(("mount", "--bind", one, f"{folder}{number}"),), binds=(Bind(f"{folder}{number}", one),),
               drop=(), folders=(f"{folder}{number}",))
        for number, one in enumerate(hidden)
    )  # fmt: skip


def _is_below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def _plain(text: str) -> str:
    return _OCTAL.sub(lambda found: chr(int(found[1], 8)), text)


_KINDS: Mapping[str, Callable[[Mount, Sequence[str], str, str], Taking]] = {
    "lvm": _lvm,
    "btrfs": _btrfs,
    "zfs": _zfs,
}
