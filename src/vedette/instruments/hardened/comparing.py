"""Is what hardening set still so? Pure: standards and what a look saw, and each that is not so with the lines that tell it."""

import hashlib
from collections.abc import Callable, Iterator, Mapping

from vedette.instruments.drift.comparing import differences
from vedette.instruments.hardened.types import (
    Access,
    File,
    Kernel,
    Manifest,
    Off,
    Package,
    Sight,
    Standard,
    Stood,
    Table,
    Unit,
    key_of,
    name_of,
)

_UNKNOWN = object()
_MAY_HOLD_PASSWORDS = ("/etc/redis/", "/etc/mysql/", "/etc/caddy/", "/etc/postgresql/")


def off(manifest: Manifest, sight: Sight) -> tuple[Off, ...]:
    """Return what is not so, by key; what a look could not tell counts as it was."""
    found = (one for standard in manifest.standards for one in _LOOKS[type(standard)](standard, sight))
    return tuple(sorted(found, key=lambda one: one.key))


def untold(manifest: Manifest, sight: Sight) -> frozenset[str]:
    """Return the keys of standards of which a look says nothing."""
    return frozenset(key_of(one) for one in manifest.standards if _is_untold(one, sight))


def _is_untold(standard: Standard, sight: Sight) -> bool:
    match standard:
        case File() | Access():
            return standard.path not in sight.files
        case Kernel():
            return standard.name not in sight.values
        case Unit():
            return standard.link not in sight.links
        case Package():
            return sight.packages is None
        case Table():
            return sight.table is None


def _file(standard: File, sight: Sight) -> Iterator[Off]:
    found = sight.files.get(standard.path, _UNKNOWN)
    if not isinstance(found, Stood):
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


def _access(standard: Access, sight: Sight) -> Iterator[Off]:
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


def _kernel(standard: Kernel, sight: Sight) -> Iterator[Off]:
    found = sight.values.get(standard.name, standard.value)
    if found != standard.value:
        yield _told(standard, standard.value, found)


def _unit(standard: Unit, sight: Sight) -> Iterator[Off]:
    if not sight.links.get(standard.link, True):
        yield _gone(standard, standard.link, f"{standard.unit} starts with the host", sight)


def _package(standard: Package, sight: Sight) -> Iterator[Off]:
    if sight.packages is not None and (standard.name in sight.packages) is not standard.there:
        words = {True: "installed", False: "not installed"}
        yield _told(standard, words[standard.there], words[not standard.there])


def _table(standard: Table, sight: Sight) -> Iterator[Off]:
    if sight.table is not None and sight.table != standard.text:
        yield _told(standard, standard.text, sight.table)


def _gone(standard: Standard, path: str, was: str, sight: Sight) -> Off:
    changed = sight.folders.get(path.rpartition("/")[0] or "/", 0.0)
    return Off(standard=standard, before=_told(standard, was, "").before, after="", changed=changed)


def _told(standard: Standard, was: str, now: str, changed: float = 0.0, owner: int = 0) -> Off:
    """Return the lines that went and came, a few of each, values of what is called like a secret as dots."""
    name = name_of(standard)
    found = differences({name: was}, {name: now} if now else {})
    lines = (found[0].before, found[0].after) if found else ("", "")
    return Off(standard=standard, before=lines[0], after=lines[1], changed=changed, owner=owner)


_LOOKS: Mapping[type, Callable[..., Iterator[Off]]] = {
    File: _file, Access: _access, Kernel: _kernel, Unit: _unit, Package: _package, Table: _table,
}  # fmt: skip
