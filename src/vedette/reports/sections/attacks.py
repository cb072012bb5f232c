"""Attacks: what was detected, who was banned, and whether somebody who is no attacker was."""

from vedette.accounts.permissions import Verb
from vedette.intrusions import service as intrusions
from vedette.reports import composing, phrasing
from vedette.reports.asking import total, totals
from vedette.reports.phrasing import counted
from vedette.reports.types import Line, Section, Stretch

BANS, DETECTIONS = "intrusions.bans", "intrusions.detections"


class _Attacks:
    key, order = "attacks", 50

    def tell(self, stretch: Stretch, now: float) -> Section | None:  # noqa: ARG002 - as every section is asked
        """Return detections by rule; hosts belong to no project, so only the digest of all tells it."""
        if stretch.project is not None:
            return None
        found, banned = totals(DETECTIONS, ("rule",), stretch), total(BANS, stretch)
        people = intrusions.people_banned()
        if not found and not banned and not people:
            return None
        lines = [
            Line(text=f"{address} is banned, and is {who}", link=f"/bans/{address}/", tone="crit") for address, who in people.items()
        ]  # fmt: skip
        lines += [
            Line(text=named["rule"], value=counted(n, "detection"), link="/bans/") for named, n in found
        ]
        detected = sum(n for _, n in found)
        sentence = (
            f"{counted(len(people), 'person')} of yours {'is' if len(people) == 1 else 'are'} banned."
            if people
            else f"{counted(banned, 'ban')}, {phrasing.compared(banned, total(BANS, stretch.before))}; {counted(detected, 'detection')}."
        )
        return composing.section(
            self.key, "Attacks", sentence, lines, "crit" if people else "", Verb.BAN_READ
        )


SECTION = _Attacks()
