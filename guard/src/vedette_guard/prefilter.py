"""Many patterns over a text at once: by hyperscan, or where that is missing by RE2 (`pip install 'vedette-guard[inspect]'`)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from vedette_guard.policy import PolicyError

MISSING = (
    "guard.inspect needs hyperscan, or google-re2, and neither is installed: pip install 'vedette-guard[inspect]'"
)
Prefilter = Callable[[bytes], "list[int]"]


def prefilter(patterns: Sequence[str], engine: str = "auto") -> Prefilter:
    """Return what finds which patterns a text has. Engines: `hyperscan`, `re2`, `auto`. Raise PolicyError without one."""
    makers = {"hyperscan": _hyperscan, "re2": _re2}
    for name in makers if engine == "auto" else (engine,):
        try:
            return makers[name](patterns)
        except ImportError:
            continue
    raise PolicyError(MISSING)


def _hyperscan(patterns: Sequence[str]) -> Prefilter:
    import hyperscan

    flags = hyperscan.HS_FLAG_CASELESS | hyperscan.HS_FLAG_MULTILINE | hyperscan.HS_FLAG_SINGLEMATCH
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    database.compile(
        expressions=[pattern.encode("latin-1") for pattern in patterns],
        ids=list(range(len(patterns))),
        elements=len(patterns),
        flags=[flags] * len(patterns),
    )
    own = threading.local()  # a scratch serves one scan at a time, and scanning releases the lock of the interpreter

    def scan(text: bytes) -> list[int]:
        scratch = getattr(own, "scratch", None)
        if scratch is None:
            scratch = own.scratch = hyperscan.Scratch(database)
        found: list[int] = []
        database.scan(text, match_event_handler=_note, context=found, scratch=scratch)
        return found

    return scan


def _note(number: int, _start: int, _end: int, _flags: int, found: list[int]) -> None:
    found.append(number)


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
