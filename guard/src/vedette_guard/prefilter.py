"""Many patterns over a text at once: by hyperscan, or where that is missing by RE2 (`pip install 'vedette-guard[inspect]'`)."""

from __future__ import annotations

import hashlib
import logging
import os
import platform
import tempfile
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from vedette_guard.policy import PolicyError

MISSING = "guard.inspect needs hyperscan, or google-re2, and neither is installed: pip install 'vedette-guard[inspect]'"
log = logging.getLogger("vedette_guard")
Prefilter = Callable[[bytes], "list[int]"]


def prefilter(patterns: Sequence[str], engine: str = "auto") -> Prefilter:
    """Return what finds which patterns a text has. Engines: `hyperscan`, `re2`, `auto`. Raise PolicyError without one."""
    for name in MAKERS if engine == "auto" else (engine,):
        made = _made(name, patterns)
        if made is not None:
            return made
    raise PolicyError(MISSING)


def _made(name: str, patterns: Sequence[str]) -> Prefilter | None:
    try:
        return MAKERS[name](patterns)
    except ImportError:
        return None


def _hyperscan(patterns: Sequence[str]) -> Prefilter:
    import hyperscan

    database = _cached(patterns, hyperscan)
    own = (
        threading.local()
    )  # a scratch serves one scan at a time, and scanning releases the lock of the interpreter

    def scan(text: bytes) -> list[int]:
        scratch = getattr(own, "scratch", None)
        if scratch is None:
            scratch = own.scratch = hyperscan.Scratch(database)
        found: list[int] = []
        database.scan(text, lambda number, *_: found.append(number), scratch=scratch)
        return found

    return scan


def _cached(patterns: Sequence[str], hyperscan: Any) -> Any:
    """Return the database of patterns: compiling takes seconds, so it is kept in the user's cache, where there is one."""
    said = "\0".join([hyperscan.__version__, platform.machine(), platform.processor(), *patterns])
    path = cache_folder() / f"inspect-{hashlib.sha256(said.encode()).hexdigest()[:32]}.hs"
    try:
        return hyperscan.loadb(_own_bytes(path), hyperscan.HS_MODE_BLOCK)
    except (OSError, ValueError, hyperscan.HyperscanError):  # none yet, or not ours, or of another machine
        database = _compiled(patterns, hyperscan)
    try:
        _keep(path, hyperscan.dumpb(database))
    except OSError as error:
        log.info("compiled patterns are not kept, so every start compiles them: %s", error)
    return database


def _compiled(patterns: Sequence[str], hyperscan: Any) -> Any:
    flags = hyperscan.HS_FLAG_CASELESS | hyperscan.HS_FLAG_MULTILINE | hyperscan.HS_FLAG_SINGLEMATCH
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    database.compile(
        expressions=[pattern.encode("latin-1") for pattern in patterns],
        ids=list(range(len(patterns))),
        elements=len(patterns),
        flags=[flags] * len(patterns),
    )
    return database


def cache_folder() -> Path:
    """Return where compiled patterns are kept: `$XDG_CACHE_HOME/vedette-guard`, by default below `~/.cache`."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "vedette-guard"


def _own_bytes(path: Path) -> bytes:
    """Return a file that nobody else may have written. Raise OSError when there is none, ValueError when somebody may."""
    with path.open("rb") as file:
        found = os.fstat(file.fileno())
        if hasattr(os, "getuid") and (found.st_uid != os.getuid() or found.st_mode & 0o022):
            raise ValueError("somebody else may have written it")
        return file.read()


def _keep(path: Path, content: bytes) -> None:
    """Keep a file, whole or not at all: several processes may start at once."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    Path(name).replace(path)


def _re2(patterns: Sequence[str]) -> Prefilter:
    import re2

    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.max_mem = 256 * 1024 * 1024
    made = re2.Set.SearchSet(options)
    for pattern in patterns:
        made.Add(b"(?im)" + pattern.encode("latin-1"))
    made.Compile()

    def scan(text: bytes) -> list[int]:
        return made.Match(text) or []

    return scan


MAKERS: dict[str, Callable[[Sequence[str]], Prefilter]] = {"hyperscan": _hyperscan, "re2": _re2}
