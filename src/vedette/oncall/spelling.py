"""Parts of the week as people write them: `Mon-Fri 08:30-17:30`, one a line. Pure."""

import re
from collections.abc import Sequence

from vedette.core.errors import Invalid
from vedette.oncall.types import Span

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_LINE = re.compile(r"([A-Za-z][A-Za-z, -]*?)\s+([0-9]{1,2}:[0-9]{2})\s*(?:-|–|to)\s*([0-9]{1,2}:[0-9]{2})")
_WORDS = {"daily": range(7), "every day": range(7), "weekdays": range(5), "weekends": range(5, 7)}


def read(text: str) -> tuple[Span, ...]:
    """Return the spans of a text; raises `Invalid` naming the line."""
    lines = ((number, line.strip()) for number, line in enumerate(text.splitlines(), 1))
    return tuple(_span(number, line) for number, line in lines if line)


def written(spans: Sequence[Span]) -> str:
    """Return spans as `read` reads them."""
    return "\n".join(f"{days(one.days)} {one.start}-{one.end}" for one in spans)


def days(chosen: Sequence[int]) -> str:
    """Return days in words: `Mon-Fri`, `Sat, Mon`; those that follow one another put together."""
    runs: list[list[int]] = []
    for day in sorted(set(chosen)):
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return ", ".join(DAYS[run[0]] if len(run) == 1 else f"{DAYS[run[0]]}-{DAYS[run[-1]]}" for run in runs)


def _span(number: int, line: str) -> Span:
    found = _LINE.fullmatch(line)
    if found is None:
        raise Invalid(f"Line {number}: write days and times like Mon-Fri 08:30-17:30.")
    return Span(days=_days(number, found[1]), start=found[2].rjust(5, "0"), end=found[3].rjust(5, "0"))


def _days(number: int, text: str) -> tuple[int, ...]:
    known = _WORDS.get(text.strip().lower())
    if known is not None:
        return tuple(known)
    chosen: set[int] = set()
    for part in text.split(","):
        first, dash, last = part.partition("-")
        begin = _day(number, first)
        end = _day(number, last) if dash else begin
        chosen |= {(begin + step) % 7 for step in range((end - begin) % 7 + 1)}
    return tuple(sorted(chosen))


def _day(number: int, text: str) -> int:
    found = [place for place, day in enumerate(DAYS) if text.strip().lower().startswith(day.lower())]
    if not found:
        raise Invalid(
            f"Line {number}: {text.strip()[:20]!r} is no day; write Mon, Tue, Wed, Thu, Fri, Sat or Sun."
        )
    return found[0]
