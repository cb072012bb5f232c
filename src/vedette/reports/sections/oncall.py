"""On call: what it cost whom, and how many pages nobody answered."""

from vedette.accounts import service as accounts
from vedette.accounts.permissions import Verb
from vedette.oncall import service as oncall
from vedette.oncall.types import Load, PageKind
from vedette.reports import composing
from vedette.reports.phrasing import counted
from vedette.reports.types import Line, Section, Stretch


class _OnCall:
    key, order = "oncall", 45

    def tell(self, stretch: Stretch, now: float) -> Section | None:  # noqa: ARG002 - as every section is asked
        """Return who was on and paged, the most pages first; people belong to no project, so only the digest of all tells it."""
        if stretch.project is not None:
            return None
        borne = oncall.load(stretch.start, stretch.end)
        if not borne:
            return None
        pages = oncall.pages(stretch.start, stretch.end)
        unheard = sum(one.kind is PageKind.OPEN for one in pages)
        names = {one.id: one.name for one in accounts.user_refs(borne).values()}
        ordered = sorted(borne.values(), key=lambda one: (-one.pages, -one.hours))
        lines = [_line(names.get(one.user, "Somebody who left"), one) for one in ordered]
        sentence = _sentence(len(pages), unheard, len(borne))
        return composing.section(
            self.key, "On call", sentence, lines, "warn" if unheard else "", Verb.ONCALL_READ
        )


def _line(name: str, one: Load) -> Line:
    nights = f", {counted(one.nights, 'night')}" if one.nights else ""
    return Line(
        text=name,
        value=counted(one.pages, "page"),
        before=f"{round(one.hours)} h on call{nights}",
        link="/on-call/",
    )


def _sentence(pages: int, unheard: int, people: int) -> str:
    if unheard:
        return f"{counted(unheard, 'page')} of {pages} {'was' if unheard == 1 else 'were'} never answered."
    who = "person was" if people == 1 else "people were"
    return (
        f"{people} {who} on call and paged {counted(pages, 'time')}."
        if pages
        else f"{people} {who} on call, and nobody was paged."
    )


SECTION = _OnCall()
