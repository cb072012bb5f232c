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
from typing import Any, Protocol

from vedette_guard.policy import PolicyError

MISSING = "guard.inspect needs hyperscan, or google-re2, and neither is installed: pip install 'vedette-guard[inspect]'"
log = logging.getLogger("vedette_guard")


class Prefilter(Protocol):
    """Finds patterns in a text."""

    def __call__(self, text: bytes) -> list[int]:
        """Return the numbers of the patterns that a text has."""

    def ends(self, text: bytes) -> list[int] | None:
        """Return where the first match of each pattern ends; None of an engine that does not tell places."""


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


class _Hyperscan:
    def __init__(self, patterns: Sequence[str]) -> None:
        import hyperscan

        self._database, self._scratch = _cached(patterns, hyperscan), hyperscan.Scratch
        # A scratch serves one scan at a time, and scanning releases the lock of the interpreter.
        self._own = threading.local()

    def __call__(self, text: bytes) -> list[int]:
        found: list[int] = []
        self._scan(text, lambda number, *_: found.append(number))
        return found

    def ends(self, text: bytes) -> list[int] | None:
        found: list[int] = []
        self._scan(text, lambda _number, _start, end, *_: found.append(end))
        return found

    def _scan(self, text: bytes, heard: Callable[..., None]) -> None:
        scratch = getattr(self._own, "scratch", None)
        if scratch is None:
            scratch = self._own.scratch = self._scratch(self._database)
        self._database.scan(text, heard, scratch=scratch)


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


class _Re2:
    def __init__(self, patterns: Sequence[str]) -> None:
        import re2

        options = re2.Options()
        options.encoding = re2.Options.Encoding.LATIN1
        options.max_mem = 256 * 1024 * 1024
        self._made = re2.Set.SearchSet(options)
        for pattern in patterns:
            self._made.Add(b"(?im)" + pattern.encode("latin-1"))
        self._made.Compile()

    def __call__(self, text: bytes) -> list[int]:
        return self._made.Match(text) or []

    def ends(self, text: bytes) -> list[int] | None:
        return None if self(text) else []


MAKERS: dict[str, Callable[[Sequence[str]], Prefilter]] = {"hyperscan": _Hyperscan, "re2": _Re2}
