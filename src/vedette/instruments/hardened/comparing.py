"""Is what hardening set still so? Pure: standards and what a look saw, and each that is not so with the lines that tell it."""

import hashlib
from collections.abc import Callable, Iterator, Mapping

from vedette.instruments.drift.comparing import differences
from vedette.instruments.hardened.types import (
    AccessStandard,
    Deviation,
    FileStandard,
    HardeningManifest,
    HostSight,
    KernelStandard,
    PackageStandard,
    PathState,
    Standard,
    TableStandard,
    UnitStandard,
    key_of,
    name_of,
)

_UNKNOWN = object()
_MAY_HOLD_PASSWORDS = ("/etc/redis/", "/etc/mysql/", "/etc/caddy/", "/etc/postgresql/")


def off(manifest: HardeningManifest, sight: HostSight) -> tuple[Deviation, ...]:
    """Return what is not so, by key; what a look could not tell counts as it was."""
    found = (one for standard in manifest.standards for one in _LOOKS[type(standard)](standard, sight))
    return tuple(sorted(found, key=lambda one: one.key))


def untold(manifest: HardeningManifest, sight: HostSight) -> frozenset[str]:
    """Return the keys of standards of which a look says nothing."""
    return frozenset(key_of(one) for one in manifest.standards if _is_untold(one, sight))


def _is_untold(standard: Standard, sight: HostSight) -> bool:
    match standard:
        case FileStandard() | AccessStandard():
            return standard.path not in sight.files
        case KernelStandard():
            return standard.name not in sight.values
        case UnitStandard():
            return standard.link not in sight.links
        case PackageStandard():
            return sight.packages is None
        case TableStandard():
            return sight.table is None


def _file(standard: FileStandard, sight: HostSight) -> Iterator[Deviation]:
    found = sight.files.get(standard.path, _UNKNOWN)
    if not isinstance(found, PathState):
        if found is None:
            was = standard.text
            yield _gone(
                standard,
                standard.path,
                _digested(f"\n{was}") if standard.path.startswith(_MAY_HOLD_PASSWORDS) else was,
                sight,
            )
        return
    was, now = _stands(standard.text, standard.mode, standard.uid, standard.gid), _stands(
        found.text if found.text is not None else "no file that can be read", found.mode, found.uid, found.gid
    )  # fmt: skip
    if was != now:
        if standard.path.startswith(_MAY_HOLD_PASSWORDS):
            was, now = _digested(was), _digested(now)
        yield _told(standard, was, now, found.changed, found.uid)


def _digested(text: str) -> str:
    """Return how a file stands without its lines: `masked` knows not every way to write a password."""
    head, _, rest = text.partition("\n")
    digest = hashlib.blake2b(rest.encode("utf-8", "surrogateescape"), digest_size=8).hexdigest()
    return f"{head}\n{len(rest.splitlines())} lines, {digest}; they may hold passwords and are not told"


def _stands(text: str, mode: int, uid: int, gid: int) -> str:
    return f"mode {mode:04o}, owner {uid}, group {gid}\n{text}"


def _access(standard: AccessStandard, sight: HostSight) -> Iterator[Deviation]:
    found = sight.files.get(standard.path)
    if found is None:
        return
    owned = standard.uid in {-1, found.uid} and standard.gid in {-1, found.gid}
    if found.mode & ~standard.most or not owned:
        owner = "" if standard.uid < 0 else f", owner {standard.uid}"
        group = "" if standard.gid < 0 else f", group {standard.gid}"
        was = f"at most mode {standard.most:04o}{owner}{group}"
        now = f"mode {found.mode:04o}, owner {found.uid}, group {found.gid}"
        yield _told(standard, was, now, found.changed, found.uid)


def _kernel(standard: KernelStandard, sight: HostSight) -> Iterator[Deviation]:
    found = sight.values.get(standard.name, standard.value)
    if found != standard.value:
        yield _told(standard, standard.value, found)


def _unit(standard: UnitStandard, sight: HostSight) -> Iterator[Deviation]:
    if not sight.links.get(standard.link, True):
        yield _gone(standard, standard.link, f"{standard.unit} starts with the host", sight)


def _package(standard: PackageStandard, sight: HostSight) -> Iterator[Deviation]:
    if sight.packages is not None and (standard.name in sight.packages) is not standard.there:
        words = {True: "installed", False: "not installed"}
        yield _told(standard, words[standard.there], words[not standard.there])


def _table(standard: TableStandard, sight: HostSight) -> Iterator[Deviation]:
    if sight.table is not None and sight.table != standard.text:
        yield _told(standard, standard.text, sight.table)


def _gone(standard: Standard, path: str, was: str, sight: HostSight) -> Deviation:
    changed = sight.folders.get(path.rpartition("/")[0] or "/", 0.0)
    return Deviation(standard=standard, before=_told(standard, was, "").before, after="", changed=changed)


def _told(standard: Standard, was: str, now: str, changed: float = 0.0, owner: int = 0) -> Deviation:
    """Return the lines that went and came, a few of each, values of what is called like a secret as dots."""
    name = name_of(standard)
    found = differences({name: was}, {name: now} if now else {})
    lines = (found[0].before, found[0].after) if found else ("", "")
    return Deviation(standard=standard, before=lines[0], after=lines[1], changed=changed, owner=owner)


_LOOKS: Mapping[type, Callable[..., Iterator[Deviation]]] = {
    FileStandard: _file, AccessStandard: _access, KernelStandard: _kernel, UnitStandard: _unit, PackageStandard: _package, TableStandard: _table,
}  # fmt: skip
