"""Whose lines a log holds, judged by some of them: a log of one program may not speak in another's name. Pure.

A log for which nobody named a parser is read by all. Whoever gets a line break into it could write a line of sshd there, or one of
an access log: so it is bound, once, to syslog or to the programs whose lines it has; where neither shows, nothing of it is read.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from vedette.instruments.logs.compiling import Frame, Parser
from vedette.instruments.logs.fitting import Fit, Line

MOST_LINES = 200
_LEVELS = frozenset({
    "trace", "debug", "info", "notice", "warn", "warning", "error", "err", "critical", "crit", "fatal", "alert",
})  # fmt: skip
_SHORTEST = 3  # letters of a program's name that counts within a path


class Binding(NamedTuple):
    """Whether lines begin with syslog's header, and by which parsers they are read: any where that is None."""

    framed: bool
    parsers: frozenset[str] | None = None

    @property
    def nothing(self) -> bool:
        """Tell whether nothing of the log is read."""
        return self.parsers is not None and not self.parsers


OWN = "drift"  # what the agent itself writes: no log on the host speaks so
SYSLOG, NOBODY = Binding(framed=True), Binding(framed=False, parsers=frozenset())


def judged(
    lines: Sequence[str], where: str, parsers: Mapping[str, Parser], fits: Sequence[Fit], line: Line
) -> Binding:
    """Return what a log is bound to: `lines` are some of it, `where` its path; `line` serves to take each apart."""
    framed = 0
    told: Counter[str] = Counter()
    for text in lines[:MOST_LINES]:
        line.take(text)
        if line.head is not None:
            framed += not _is_level(line.text, line.head.end())
        elif (name := _fitting(line, fits)) is not None and name != OWN:
            told[name] += 1
    n = len(lines[:MOST_LINES])
    if framed and 2 * framed >= n:
        return SYSLOG
    best = next((name for name, count in told.most_common(1) if 2 * count >= n), None)
    named = {*_named(where, parsers.values()), *([best] if best is not None else [])}
    return Binding(
        framed=False, parsers=frozenset(one for name in named for one in family(parsers[name], parsers))
    )


def family(parser: Parser, parsers: Mapping[str, Parser]) -> frozenset[str]:
    """Return the parsers that read logs of the same programs: of a web server the access log and that of errors."""
    own = set(parser.programs) - {"*"}
    return frozenset({parser.name, *(one.name for one in parsers.values() if own.intersection(one.programs))})


def _is_level(text: str, end: int) -> bool:
    """Tell whether what stands where syslog has its host is the level of an application's log."""
    words = text[:end].split()
    return len(words) > 1 and words[1].lower() in _LEVELS


def _fitting(line: Line, fits: Sequence[Fit]) -> str | None:
    for fit in fits:
        if any(text in line.text for text in fit.witnesses) and fit.entry(line) is not None:
            return fit.parser.name
    return None


def _named(where: str, parsers: Iterable[Parser]) -> Iterable[str]:
    """Return the parsers of which the path names a program, or themselves, and whose lines stand for themselves."""
    path = where.lower()
    for one in parsers:
        names = (one.name, one.name.partition("-")[0], *one.programs)
        if (
            one.name != OWN
            and one.frame is not Frame.SYSLOG
            and any(len(name) >= _SHORTEST and name in path for name in names)
        ):
            yield one.name
