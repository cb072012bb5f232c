"""Slowest: the monitors whose checks took the longest, and those that became much slower than before."""

from vedette.accounts.permissions import Verb
from vedette.monitors import signal
from vedette.reports import composing
from vedette.reports.asking import watched
from vedette.reports.types import Line, Section, Stretch
from vedette.signals import service as signals
from vedette.ui import words

SERIES = "monitors.duration"
SLOWER = 1.5
_ENOUGH_MS = 20.0
_SHOWN = 5
_MOST = 500  # of so many monitors it is asked; an installation with more has its slowest among the pages of each project


class _Slowest:
    key, order = "slowest", 30

    def tell(self, stretch: Stretch, now: float) -> Section | None:  # noqa: ARG002 - as every section is asked
        """Return the slowest monitors by p95, those first that became slower."""
        timed = [
            (one, _p95(one.id, stretch), _p95(one.id, stretch.before)) for one in watched(stretch, _MOST)
        ]
        slow = sorted((each for each in timed if each[1] >= _ENOUGH_MS), key=lambda each: -each[1])
        if not slow:
            return None
        worse = [each for each in slow if is_worse(each[1], each[2])]
        shown = [*worse, *(each for each in slow[:_SHOWN] if each not in worse)]
        lines = [_line(signal.link(one), one.name, now_ms, before) for one, now_ms, before in shown]
        first = (worse or slow)[0]
        return composing.section(
            self.key, "Slowest", _sentence(first[0].name, first[1], first[2]), lines, "warn" if worse else "", Verb.MONITOR_READ
        )  # fmt: skip


def is_worse(now_ms: float, before: float) -> bool:
    """Tell whether something became much slower; where nothing is known of before it did not."""
    return before > 0 and now_ms >= SLOWER * before and now_ms - before >= _ENOUGH_MS


def _p95(monitor: int, stretch: Stretch) -> float:
    asked = {"monitor": str(monitor), "quantile": "p95"}
    values = signals.catalogue()[SERIES].read(asked, stretch.start, stretch.end, stretch.end - stretch.start)
    return values[0] if values else 0.0


def _line(link: str, name: str, now_ms: float, before: float) -> Line:
    return Line(
        text=name, value=f"p95 {words.duration(now_ms / 1000)}", before=f"{words.duration(before / 1000)} before" if before else "",
        link=link, tone="warn" if is_worse(now_ms, before) else "",
    )  # fmt: skip


def _sentence(name: str, now_ms: float, before: float) -> str:
    shown = words.duration(now_ms / 1000)
    if is_worse(now_ms, before):
        return f"{name} became slower: p95 {shown}, {words.duration(before / 1000)} before."
    return f"The slowest monitor was {name}: p95 {shown}."


SECTION = _Slowest()
