"""Findings: what became known, worse and fixed in this time, and what must be fixed in the next days."""

from vedette.accounts.permissions import Verb
from vedette.reports import composing
from vedette.reports.asking import moments_of
from vedette.reports.phrasing import counted
from vedette.reports.types import Line, Section, Stretch
from vedette.scans import service as scans
from vedette.scans import signal

_MOST, _SHOWN = 500, 5


class _Findings:
    key, order = "findings", 55

    def tell(self, stretch: Stretch, now: float) -> Section | None:
        """Return what is due by rank, then what was told; what is due is told for all projects together only."""
        told = moments_of("scans", stretch, _MOST)
        week = scans.week(now, _SHOWN) if stretch.project is None else None
        due = week.count if week else 0
        if not told and not due:
            return None
        lines = [
            Line(text=one.finding.title, value="due", link=signal.link(one.id), tone="crit" if (one.due_at or now) < now else "warn")
            for one in (week.findings if week else ())
        ]  # fmt: skip
        lines += [
            Line(text=one.text, link=one.link, tone="ok" if one.kind == signal.FIXED else "")
            for one in told[:_SHOWN]
        ]
        new = sum(one.kind == signal.NEW for one in told)
        fixed = sum(one.kind == signal.FIXED for one in told)
        sentence = f"{counted(new, 'new finding')}, {fixed} fixed."
        if due:
            sentence += f" {counted(due, 'finding')} must be fixed this week."
        return composing.section(
            self.key, "Findings", sentence, lines, "warn" if due else "", Verb.FINDING_READ
        )


SECTION = _Findings()
