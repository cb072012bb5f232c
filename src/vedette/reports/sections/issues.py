"""Issues: what was new, what came back, what was busiest, and how many events came."""

from vedette.accounts.permissions import Verb
from vedette.errors.types import SERIES
from vedette.reports import composing, phrasing
from vedette.reports.asking import moments_of, total, totals
from vedette.reports.phrasing import counted
from vedette.reports.types import Line, Section, Stretch
from vedette.ui import words

_MOST = 500
_BUSIEST = 5
_KINDS = {
    "issue.new": ("new", "warn"),
    "issue.regressed": ("came back", "crit"),
    "issue.escalated": ("escalated", "crit"),
}


class _Issues:
    key, order = "issues", 10

    def tell(self, stretch: Stretch, now: float) -> Section | None:  # noqa: ARG002 - as every section is asked
        """Return the issues that changed, and the busiest."""
        events, before = total(SERIES, stretch), total(SERIES, stretch.before)
        changed = [one for one in moments_of("errors", stretch, _MOST) if one.kind in _KINDS]
        if not events and not changed:
            return None
        lines = {
            one.subject: Line(
                text=one.text, value=_KINDS[one.kind][0], link=one.link, tone=_KINDS[one.kind][1]
            )
            for one in reversed(changed)
        }
        busiest = totals(SERIES, ("issue",), stretch)[:_BUSIEST]
        for named, n in busiest:
            key = named.get("issue", "")
            lines.setdefault(
                key, Line(text=named.get("title", key), value=counted(n, "event"), link=named.get("link", ""))
            )
        tone = "crit" if any(one.tone == "crit" for one in lines.values()) else "warn" if changed else ""
        return composing.section(
            self.key,
            "Issues",
            _sentence(events, before, len(changed)),
            list(lines.values()),
            tone,
            Verb.ISSUE_READ,
        )


def _sentence(events: float, before: float, changed: int) -> str:
    told = f"{counted(events, 'event')}, {phrasing.compared(events, before)}"
    if not changed:
        return f"No issue is new; {told}."
    return f"{words.number(changed)} {'issue is' if changed == 1 else 'issues are'} new or came back; {told}."


SECTION = _Issues()
