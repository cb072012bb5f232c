"""From the configured sources to those that follow them, and which zone and parser each has."""

from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatch

from vedette.agent.config import Config, Source
from vedette.agent.pipeline import Pipeline
from vedette.agent.ports import Follows, Reads
from vedette.core.clock import Clock
from vedette.instruments.logs.sources.files import Files
from vedette.instruments.logs.sources.journal import NAME as JOURNAL
from vedette.instruments.logs.sources.journal import Journal
from vedette.instruments.logs.sources.ledger import Ledger
from vedette.instruments.logs.sources.types import FileSource, JournalSource, Start

Way = tuple[str, str]  # zone and parser of a source


def followers(
    config: Config, sources: Sequence[Source], pipeline: Pipeline, clock: Clock
) -> list[tuple[str, Follows]]:  # fmt: skip
    """Return what follows these sources, each with the name of its thread; positions are kept in the state folder."""
    ledger = Ledger(config.state, clock, pipeline.notice)
    found: list[tuple[str, Follows]] = []
    files = [_file(one) for one in sources if one.path]
    if files:
        found.append(("sources", Files(files, ledger, clock, pipeline.take, pipeline.notice)))
    journals = [one for one in sources if not one.path]
    if journals:
        found.append((JOURNAL, Journal(_journal(journals), ledger, clock, pipeline.take, pipeline.notice)))
    return found


def _file(source: Source) -> FileSource:
    start = Start.BEGINNING if source.beginning else Start.END
    return FileSource(path=source.path, start=start, silent_after=source.silent_after)


def _journal(sources: Sequence[Source]) -> JournalSource:
    """Return one journal of several: of all their units, or the whole where one asks for that."""
    units = (
        () if any(not one.units for one in sources) else tuple(unit for one in sources for unit in one.units)
    )
    return JournalSource(units=units, silent_after=max(one.silent_after for one in sources))


def readers(sources: Sequence[Source], make: Callable[[Way], Reads]) -> Callable[[str], Reads]:
    """Return who reads which source: one reader for each zone and parser that sources name."""
    made: dict[Way, Reads] = {way: make(way) for way in dict.fromkeys(_way(one) for one in sources)}
    plain: Way = ("", "")
    of_pattern: Mapping[str, Way] = {one.path or JOURNAL: _way(one) for one in sources}
    known: dict[str, Reads] = {}

    def reader_of(name: str) -> Reads:
        found = known.get(name)
        if found is None:
            way = next(
                (way for pattern, way in of_pattern.items() if name == pattern or fnmatch(name, pattern)),
                plain,
            )
            found = known[name] = made.get(way) or made.setdefault(way, make(way))
        return found

    return reader_of


def _way(source: Source) -> Way:
    return (source.zone, source.parser)
