"""Uptime: which monitors were down, for how long, and what share of the time all of them were up."""

from vedette.accounts.permissions import Verb
from vedette.monitors import service as monitors
from vedette.monitors import signal
from vedette.monitors.types import Monitor, Uptime
from vedette.reports import composing
from vedette.reports.asking import watched
from vedette.reports.phrasing import counted
from vedette.reports.types import Line, Section, Stretch
from vedette.ui import words

_FAR_DOWN = 300.0
_MOST = 10_000


class _Uptime:
    key, order = "uptime", 20

    def tell(self, stretch: Stretch, now: float) -> Section | None:  # noqa: ARG002 - as every section is asked
        """Return the monitors that were down, the longest first."""
        seen = [
            (one, up)
            for one in watched(stretch, _MOST)
            if (up := monitors.uptime(one, stretch.start, stretch.end)).share is not None
        ]
        if not seen:
            return None
        fell = sorted(((one, up) for one, up in seen if up.down > 0), key=lambda each: -each[1].down)
        tone = "crit" if any(up.down >= _FAR_DOWN for _, up in fell) else "warn" if fell else ""
        return composing.section(
            self.key, "Uptime", _sentence(len(seen), fell), [_line(*each) for each in fell], tone, Verb.MONITOR_READ
        )  # fmt: skip


def _sentence(seen: int, fell: list[tuple[Monitor, Uptime]]) -> str:
    if not fell:
        return f"{'The monitor was' if seen == 1 else f'All {words.number(seen)} monitors were'} up the whole time."
    worst, up = fell[0]
    return f"{counted(len(fell), 'monitor')} of {words.number(seen)} {'was' if len(fell) == 1 else 'were'} down, {worst.name} the longest: {words.duration(up.down)}."


def _line(monitor: Monitor, up: Uptime) -> Line:
    share = f"{100 * (up.share or 0.0):.3f}".rstrip("0").rstrip(".")
    return Line(
        text=monitor.name, value=f"down {words.duration(up.down)}", before=f"up {share} %", link=signal.link(monitor),
        tone="crit" if up.down >= _FAR_DOWN else "warn",
    )  # fmt: skip


SECTION = _Uptime()
