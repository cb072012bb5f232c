"""Which lines of a chunk hold what is looked for: by hyperscan, or where that is missing by RE2. Nothing else is touched."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from vedette.instruments.logs import patterns

LITERALS_AT_ONCE = 256 * 1024 * 1024  # memory RE2's automata may use
Hit = tuple[int, int]
Scan = Callable[[bytes], list[Hit]]  # number of a pattern and where its match ends, by that place


class Sought(NamedTuple):
    """A pattern over a line's bytes, and the number that its hits bear; several may bear one."""

    pattern: str
    number: int
    caseless: bool = False


class EngineMissing(RuntimeError):
    """Neither hyperscan nor google-re2 is installed."""


def literal(text: str, number: int) -> Sought:
    """Return what finds a literal."""
    return Sought(re.escape(text), number)


def scanner(sought: Sequence[Sought], engine: str = "auto", cache: Path | None = None) -> Scan:
    """Return what finds patterns in a chunk. Engines: `hyperscan`, `re2`, `auto` (the first that is installed).

    `cache` is a folder where hyperscan's database is kept between starts; None keeps none. Raise EngineMissing, ValueError
    for a pattern that the engine does not know, with that pattern.
    """
    if not sought:
        return lambda chunk: []  # noqa: ARG005
    for name in ENGINES if engine == "auto" else (engine,):
        try:
            return ENGINES[name](sought, cache)
        except ImportError:
            continue
    raise EngineMissing("reading logs needs hyperscan, or google-re2, and neither is installed")


def _hyperscan(sought: Sequence[Sought], cache: Path | None) -> Scan:
    import hyperscan

    database = patterns.database(sought, cache)
    scratch = hyperscan.Scratch(database)

    def hit(number: int, _begin: int, end: int, _flags: int, found: list[Hit]) -> None:
        found.append((number, end))

    def scan(chunk: bytes) -> list[Hit]:
        found: list[Hit] = []  # a new one each time: who reads the last may not be done with it
        database.scan(chunk, hit, scratch=scratch, context=found)
        return found

    return scan


def _re2(sought: Sequence[Sought], cache: Path | None) -> Scan:  # noqa: ARG001
    import re2

    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.max_mem = LITERALS_AT_ONCE
    options.log_errors = False
    sources = [
        b"(?%sm:%s)" % (b"i" if one.caseless else b"", one.pattern.encode("latin-1")) for one in sought
    ]
    numbers = [one.number for one in sought]
    each = re2.Set.SearchSet(options)
    for pattern in sources:
        _added(each, pattern, options)
    each.Compile()
    search = re2.compile(b"|".join(sources), options).search

    def scan(chunk: bytes) -> list[Hit]:
        found: list[Hit] = []
        at = 0
        while (hit := search(chunk, at)) is not None:
            end = max(hit.end(), at + 1)
            start = chunk.rfind(b"\n", 0, end - 1) + 1
            at = chunk.find(b"\n", end - 1) + 1 or len(chunk) + 1
            found.extend((numbers[number], end) for number in each.Match(chunk[start : at - 1]) or ())
            if at > len(chunk):
                break
        return found

    return scan


def _added(each: Any, pattern: bytes, options: Any) -> None:
    import re2

    try:
        re2.compile(pattern, options)
    except re2.error as error:
        raise ValueError(f"a pattern that RE2 does not know: {pattern.decode('latin-1')}") from error
    each.Add(pattern)


ENGINES: dict[str, Callable[[Sequence[Sought], Path | None], Scan]] = {"hyperscan": _hyperscan, "re2": _re2}
