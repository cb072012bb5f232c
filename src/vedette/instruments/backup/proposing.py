"""What an agent proposes: all that sources find below a root, and the engines that are installed."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from vedette.instruments.backup import registry
from vedette.instruments.backup.types import Engine, Failed, Source, Tools
from vedette.wire.backup import Proposal, Proposals

MOST = 100
# Dumps first, for a database that is saved as files is torn; folders last, for they are what is left.
_ORDER = ("postgres", "mysql", "mongo", "redis", "sqlite", "volumes", "vedette", "paths")


def proposals(
    root: Path,
    tools: Tools,
    *,
    sources: Mapping[str, Source] | None = None,
    engines: Mapping[str, Engine] | None = None,
) -> Proposals:
    """Return what should be saved of the host whose files lie below a root, databases first; never raises for what is unreadable."""
    known = registry.sources() if sources is None else sources
    found = [one for kind in sorted(known, key=_place) for one in _of(known[kind], root)]
    there = registry.engines() if engines is None else engines
    return Proposals(
        at=tools.now(), found=tuple(_apart(found))[:MOST], engines=dict(_installed(there, tools))
    )


def _of(source: Source, root: Path) -> Iterable[Proposal]:
    try:
        return sorted(source.propose(root), key=lambda one: -one.bytes)
    except (OSError, Failed):
        return ()


def _apart(found: Iterable[Proposal]) -> Iterator[Proposal]:
    """Leave out a database file that is a part of what another proposal saves in its own way."""
    found = list(found)
    data = tuple(
        f"{one.what.settings['data']}/"
        for one in found
        if one.what.kind == "vedette" and "data" in one.what.settings
    )
    for one in found:
        paths = one.what.settings.get("paths")
        inside = one.what.kind == "sqlite" and isinstance(paths, list) and str(paths[0]).startswith(data)
        if not inside:
            yield one


def _installed(engines: Mapping[str, Engine], tools: Tools) -> Iterator[tuple[str, str]]:
    for kind, engine in engines.items():
        try:
            yield kind, engine.version(tools)
        except Failed:
            continue


def _place(kind: str) -> tuple[int, str]:
    return (_ORDER.index(kind) if kind in _ORDER else len(_ORDER), kind)
