"""Alerts: how often people were told of what, and which of it was told the most."""

from collections import Counter

from vedette.accounts.permissions import Verb
from vedette.reports import composing, phrasing
from vedette.reports.asking import moments_of
from vedette.reports.phrasing import counted
from vedette.reports.types import Line, Section, Stretch

TOLD = "alert.told"
_MOST = 2_000
_MANY = 20


class _Alerts:
    key, order = "alerts", 5

    def tell(self, stretch: Stretch, now: float) -> Section | None:  # noqa: ARG002 - as every section is asked
        """Return what people were told of, the most often first."""
        told = moments_of("alerts", stretch, _MOST, TOLD)
        if not told:
            return None
        before = len(moments_of("alerts", stretch.before, _MOST, TOLD))
        times = Counter(one.subject for one in told)
        newest = {one.subject: one for one in reversed(told)}
        lines = [
            Line(
                text=newest[subject].text, value=f"{n} times" if n > 1 else "once", link=newest[subject].link
            )
            for subject, n in times.most_common()
        ]
        sentence = f"People were told {counted(len(told), 'time')} of {counted(len(times), 'thing')}, {phrasing.compared(len(told), before)}."
        noisy = len(told) >= _MANY and len(told) > 2 * before
        return composing.section(self.key, "Alerts", sentence, lines, "warn" if noisy else "", Verb.RULE_READ)


SECTION = _Alerts()
