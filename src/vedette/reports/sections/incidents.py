"""Incidents: what was broken, by the story that their room tells."""

from vedette.accounts.permissions import Verb
from vedette.reports import composing
from vedette.reports.asking import moments_of
from vedette.reports.phrasing import counted
from vedette.reports.types import Line, Section, Stretch
from vedette.signals.types import Moment

DECLARED, RESOLVED, REOPENED = "incident.declare", "incident.resolve", "incident.reopen"
_MOST = 500


class _Incidents:
    key, order = "incidents", 1

    def tell(self, stretch: Stretch, now: float) -> Section | None:  # noqa: ARG002 - as every section is asked
        """Return the incidents that began or ended, those first that did not end."""
        told = moments_of("incidents", stretch, _MOST)
        last = {one.subject: one for one in reversed(told) if one.kind in {DECLARED, RESOLVED, REOPENED}}
        if not last:
            return None
        begun = {one.subject for one in told if one.kind == DECLARED}
        still = [key for key, one in last.items() if one.kind != RESOLVED]
        lines = [_line(one) for one in last.values()]
        sentence = f"{counted(len(begun), 'incident')} began, {counted(len(last) - len(still), 'one', 'of them')} ended."
        if still:
            sentence = f"{counted(len(begun), 'incident')} began; {', '.join(sorted(still))} did not end in this time."
        return composing.section(
            self.key, "Incidents", sentence, lines, "crit" if still else "warn", Verb.INCIDENT_READ
        )


def _line(one: Moment) -> Line:
    over = one.kind == RESOLVED
    return Line(
        text=one.text, value="over" if over else "began", link=one.link, tone="ok" if over else "crit"
    )


SECTION = _Incidents()
