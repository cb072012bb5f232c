"""Deploys: what went out."""

from vedette.accounts.permissions import Verb
from vedette.deploys.types import KIND, ROOM
from vedette.reports import composing, phrasing
from vedette.reports.asking import moments_of
from vedette.reports.phrasing import counted
from vedette.reports.types import Line, Section, Stretch
from vedette.ui import words

_MOST = 500


class _Deploys:
    key, order = "deploys", 70

    def tell(self, stretch: Stretch, now: float) -> Section | None:
        """Return the versions that went out, the newest first."""
        found = moments_of(ROOM, stretch, _MOST, KIND)
        if not found:
            return None
        before = len(moments_of(ROOM, stretch.before, _MOST, KIND))
        lines = [Line(text=one.text, value=words.date(one.at, now), link=one.link) for one in found]
        sentence = f"{counted(len(found), 'deploy')}, {phrasing.compared(len(found), before)}."
        return composing.section(self.key, "Deploys", sentence, lines, "", Verb.DEPLOY_READ)


SECTION = _Deploys()
