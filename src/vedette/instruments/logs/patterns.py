"""Hyperscan's database of patterns, and its copy on disk: compiling takes a second, and an agent starts in half of one."""

import hashlib
import os
import platform
import stat
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vedette.instruments.logs.prefilter import Sought

KEPT = 8  # copies in the folder: of other rules, of another version
LARGEST = 64 * 1024 * 1024
SUM = hashlib.sha256().digest_size


def folder() -> Path:
    """Return where copies are kept: `$XDG_CACHE_HOME/vedette`, by default below `~/.cache`."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "vedette"


def database(sought: Sequence["Sought"], cache: Path | None) -> Any:
    """Return the compiled database, from its copy where that is ours and whole. Raise ValueError naming a wrong pattern."""
    import hyperscan

    if cache is None:
        return _compiled(sought)
    path = cache / f"logs-{_key(sought)}.hs"
    try:
        return hyperscan.loadb(own(path), hyperscan.HS_MODE_BLOCK)
    except (
        OSError,
        ValueError,
        hyperscan.HyperscanError,
    ):  # none yet, or not ours, damaged, or of another machine
        made = _compiled(sought)
    with suppress(OSError):  # without a copy every start compiles
        keep(path, hyperscan.dumpb(made))
    return made


def _key(sought: Sequence["Sought"]) -> str:
    said = repr((version("hyperscan"), platform.machine(), [tuple(one) for one in sought]))
    return hashlib.sha256(said.encode()).hexdigest()[:32]


def _compiled(sought: Sequence["Sought"]) -> Any:
    import hyperscan

    made = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    flags = [
        hyperscan.HS_FLAG_MULTILINE | (hyperscan.HS_FLAG_CASELESS if one.caseless else 0) for one in sought
    ]
    try:
        made.compile(
            expressions=[one.pattern.encode("latin-1") for one in sought],
            ids=[one.number for one in sought],
            elements=len(sought),
            flags=flags,
        )
    except hyperscan.HyperscanError as error:
        raise ValueError(f"a pattern that hyperscan does not know: {error}") from error
    return made


def own(path: Path) -> bytes:
    """Return the content of a copy. Raise OSError when there is none, ValueError when others may have written it or it is damaged."""
    _ours(os.stat(path.parent), 0o022)  # noqa: PTH116
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as file:
        found = os.fstat(file.fileno())
        _ours(found, 0o022)
        if not stat.S_ISREG(found.st_mode) or found.st_size > LARGEST:
            raise ValueError("no copy of ours")
        content = file.read()
    if hashlib.sha256(content[SUM:]).digest() != content[:SUM]:
        raise ValueError("the copy is damaged")
    return content[SUM:]


def _ours(found: os.stat_result, mode: int) -> None:
    if found.st_uid != os.geteuid() or found.st_mode & mode:
        raise ValueError("others may have written it")


def keep(path: Path, content: bytes) -> None:
    """Keep a copy, whole or not at all, and not more than the last few. Raise OSError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(hashlib.sha256(content).digest() + content)
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
    _drop_old(path.parent)


def _drop_old(where: Path) -> None:
    copies = sorted(where.glob("logs-*.hs"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in copies[KEPT:]:
        path.unlink(missing_ok=True)
