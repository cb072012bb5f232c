"""Hosts: what happened on them, which are silent or run full, and what was found by audits."""

from vedette.accounts.permissions import Verb
from vedette.hosts import service as hosts
from vedette.hosts.types import Standing
from vedette.reports import composing
from vedette.reports.asking import moments_of
from vedette.reports.phrasing import counted
from vedette.reports.types import Line, Section, Stretch

_MOST = 200
_SHOWN = 8


class _Hosts:
    key, order = "hosts", 60

    def tell(self, stretch: Stretch, now: float) -> Section | None:
        """Return hosts that are in trouble, then what happened on all of them; only the digest of all tells it."""
        if stretch.project is not None:
            return None
        known = hosts.overview(now)
        happened = moments_of("hosts", stretch, _MOST)
        bad = [one for one in known if one.tone in {"crit", "warn"}]
        if not bad and not happened:
            return None
        lines = [
            Line(text=f"{one.host.name}: {one.sentence}", link=f"/hosts/{one.host.id}/", tone=one.tone)
            for one in bad
        ]
        lines += [Line(text=one.text, link=one.link) for one in happened[:_SHOWN]]
        tone = "crit" if any(one.tone == "crit" for one in bad) else "warn" if bad else ""
        return composing.section(
            self.key, "Hosts", _sentence(bad, len(known), len(happened)), lines, tone, Verb.HOST_READ
        )


def _sentence(bad: list[Standing], known: int, happened: int) -> str:
    if bad:
        return f"{len(bad)} of {counted(known, 'host')} {'needs' if len(bad) == 1 else 'need'} somebody."
    return f"{counted(happened, 'change')} on {counted(known, 'host')}, none that needs somebody."


SECTION = _Hosts()
