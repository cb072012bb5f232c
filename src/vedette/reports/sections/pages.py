"""Pages: how fast visitors found them (web vitals), and which became poor."""

from collections.abc import Mapping

from vedette.accounts.permissions import Verb
from vedette.reports import composing
from vedette.reports.asking import totals
from vedette.reports.phrasing import counted
from vedette.reports.types import Line, Section, Stretch
from vedette.vitals import service as vitals
from vedette.vitals.types import Rating, Vital

SERIES = "web.vitals"
_BY = ("project", "page", "vital")


class _Pages:
    key, order = "pages", 40

    def tell(self, stretch: Stretch, now: float) -> Section | None:  # noqa: ARG002 - as every section is asked
        """Return the pages that felt poor."""
        found = totals(SERIES, _BY, stretch)
        if not found:
            return None
        before = {_key(named): value for named, value in totals(SERIES, _BY, stretch.before)}
        poor = [
            (named, value)
            for named, value in found
            if vitals.rating(Vital(named["vital"]), value) is Rating.POOR
        ]
        lines = [_line(named, value, before.get(_key(named))) for named, value in poor]
        pages = len({named["page"] for named, _ in poor})
        sentence = f"{counted(pages, 'page')} felt slow." if pages else "Every page felt fast enough."
        return composing.section(
            self.key, "Web vitals", sentence, lines, "warn" if poor else "", Verb.ISSUE_READ
        )


def _key(named: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(named[name] for name in _BY)


def _line(named: Mapping[str, str], value: float, before: float | None) -> Line:
    vital = Vital(named["vital"])
    return Line(
        text=f"{named['page']} {vital.label}", value=vitals.shown(vital, value),
        before=f"{vitals.shown(vital, before)} before" if before is not None else "", link="/vitals/", tone="warn",
    )  # fmt: skip


SECTION = _Pages()
