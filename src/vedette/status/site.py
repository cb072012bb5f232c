"""Every answer of every status page, in memory: drawn anew when something a visitor sees is different, else once a minute.

Whoever asks is answered from what is there, so that a crowd costs no query and no page waits for the database. When it
cannot be read, what was drawn last stays and says when it is from.
"""

from collections.abc import Callable, Mapping

import msgspec

from vedette.core.errors import VedetteError
from vedette.status import answers, service
from vedette.status.answers import Answer, Body
from vedette.status.gathering import History
from vedette.status.types import ShownPage, StatusPage

MINUTE = 60.0
Render = Callable[[ShownPage], Mapping[str, Body]]
Report = Callable[[str, VedetteError], object]


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """A page as it was drawn: its answers by the path below it, from what, and when it is drawn anew at the latest."""

    page: StatusPage
    answers: Mapping[str, Answer]
    pulse: object
    due: float


class Site:
    """The pages of this process; one thread refreshes, any thread reads."""

    def __init__(self, render: Render, report: Report = lambda _slug, _error: None) -> None:
        self._render, self._report = render, report
        self._history = History()
        self._revision = -1
        self._pages: tuple[StatusPage, ...] = ()
        self._drawn: Mapping[str, Standing] = {}
        self._hosts: Mapping[str, Standing] = {}
        self.ready = False

    @property
    def hosts(self) -> Mapping[str, Standing]:
        """Return the pages with a domain of their own, by it."""
        return self._hosts

    def find(self, slug: str) -> Standing | None:
        """Return a page by its slug."""
        return self._drawn.get(slug)

    def due(self, now: float) -> bool:
        """Tell whether a page is to be drawn although nobody changed anything."""
        return not self.ready or any(one.due <= now for one in self._drawn.values())

    def refresh(self, now: float) -> int:
        """Draw what is different; return how many pages that were."""
        revision = service.revision()
        reworded = revision != self._revision
        if reworded:
            self._pages = tuple(one for one in service.pages() if one.enabled)
        if not self._pages and not self._drawn:
            self._revision, self.ready = revision, True
            return 0
        pulses = service.pulse(self._pages, now)
        drawn = {one.slug: self._standing(one, pulses[one.id], now, reworded=reworded) for one in self._pages}
        before = self._drawn
        self._drawn = {slug: one for slug, one in drawn.items() if one is not None}
        self._hosts = {one.page.domain: one for one in self._drawn.values() if one.page.domain}
        self._revision, self.ready = revision, True
        return sum(one is not before.get(slug) for slug, one in self._drawn.items())

    def _standing(self, page: StatusPage, pulse: object, now: float, *, reworded: bool) -> Standing | None:
        before = self._drawn.get(page.slug)
        if before is not None and not reworded and before.pulse == pulse and now < before.due:
            return before
        try:
            return self._draw(page, pulse, now, before)
        except VedetteError as error:
            self._report(page.slug, error)
            return before

    def _draw(self, page: StatusPage, pulse: object, now: float, before: Standing | None) -> Standing:
        bodies = self._render(service.shown(page, self._history, now))
        old = before.answers if before is not None else {}
        edge = service.next_edge(page, now)
        return Standing(
            page=page, pulse=pulse, due=min(now - now % MINUTE + MINUTE, edge or now + MINUTE),
            answers={path: answers.packed(body, page, old.get(path)) for path, body in bodies.items()},
        )  # fmt: skip
