"""Why a line became the entry that it is, or none. Pure."""

import re
from collections.abc import Sequence

import msgspec

from vedette.instruments.logs.fitting import Fit, JsonFit, Line, TextFit
from vedette.instruments.logs.types import LogEntry
from vedette.instruments.logs.wanting import Wanted


class Near(msgspec.Struct, frozen=True):
    """An event whose witness the line holds and that does not fit: which, and why not (a sentence)."""

    parser: str
    event: str
    reason: str


class Explained(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a line: an entry, or the events that came near, the nearest first.

    `wanted` tells whether the rules want such an entry at all: others are passed over unread. `too_long`: never read.
    """

    entry: LogEntry | None = None
    wanted: bool = True
    nearest: tuple[Near, ...] = ()
    too_long: bool = False


def explained(line: Line, fits: Sequence[Fit], wanted: Wanted) -> Explained:
    """Return what becomes of a line: `fits` are tried in their order, whatever is wanted."""
    near = [fit for fit in fits if any(text in line.text for text in fit.witnesses)]
    for fit in near:
        entry = fit.entry(line)
        if entry is not None:
            return Explained(entry=entry, wanted=_is_wanted(fit, line, wanted))
    found = [(*_why_not(fit, line), fit) for fit in near]
    found.sort(key=lambda row: -row[0])
    return Explained(nearest=tuple(Near(fit.parser.name, fit.event.name, why) for _, why, fit in found))


def _is_wanted(fit: Fit, line: Line, wanted: Wanted) -> bool:
    if fit.event.kind not in wanted.kinds:
        return False
    patterns = wanted.patterns().get(fit.event.kind)
    return patterns is None or any(re.search(pattern, line.text, re.IGNORECASE) for pattern in patterns)


def _why_not(fit: Fit, line: Line) -> tuple[int, str]:
    """Return how much of the pattern fits, to find the nearest, and a sentence."""
    if isinstance(fit, JsonFit):
        return _why_not_json(fit, line)
    if not isinstance(fit, TextFit):
        return 0, "it does not fit"
    return _why_not_text(fit, line)


def _why_not_json(fit: JsonFit, line: Line) -> tuple[int, str]:
    if fit.document(line) is None:
        return 0, "the line is no JSON object"
    if fit.event.match:
        return 1, f"a value does not look as it must: {', '.join(fit.event.match)}"
    return 1, "its address is no address"


def _why_not_text(fit: TextFit, line: Line) -> tuple[int, str]:
    start = 0
    if fit.parser.frame == "syslog":
        head = line.head
        if head is None:
            return 0, "the line does not begin as syslog's do"
        if not fit.has_program(head[2]):
            return 1, f"the program is {head[2]!r}, and this parser reads {', '.join(fit.parser.programs)}"
        start = head.end()
    elif fit.start(line) >= 0:
        start = fit.start(line)
    if fit.fits(line) is not None:
        return len(fit.event.pattern), "its address is no address"
    upto = _fitting(fit.event.pattern, line.text[start:])
    return len(
        upto
    ), f"the pattern fits up to {upto!r}, and then no more" if upto else "the pattern does not fit at all"


def _fitting(pattern: str, text: str) -> str:
    """Return the longest beginning of a pattern that is a pattern and fits the beginning of a text."""
    for length in range(len(pattern) - 1, 1, -1):
        try:
            if re.match(pattern[:length], text, re.ASCII):
                return pattern[:length]
        except re.error:
            continue
    return ""
