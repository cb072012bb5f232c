"""Every answer of every status page, in memory: drawn anew when something a visitor sees is different, else once a minute.

Whoever asks is answered from what is there, so that a crowd costs no query and no page waits for the database. When it
cannot be read, what was drawn last stays and says when it is from; but it goes where the page asks for another password
now or is switched off, for nobody may see it so.
"""

from collections.abc import Callable, Mapping

import msgspec

from vedette.monitors.types import Watched
from vedette.status import answers, service
from vedette.status.answers import Answer, Body
from vedette.status.gathering import History
from vedette.status.types import ShownPage, StatusPage

MINUTE = 60.0
PATIENCE = 5.0  # seconds until a page that could not be drawn is tried again
Render = Callable[[ShownPage], Mapping[str, Body]]
Report = Callable[[str, Exception], object]


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """A page as it was drawn: its answers by the path below it, from what, and when it is drawn anew at the latest."""

    page: StatusPage
    answers: Mapping[str, Answer]
    revision: int
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
        self._failed: dict[
            str, float
        ] = {}  # the pages that could not be drawn, and when they are tried again
        self.ready = False

    @property
    def hosts(self) -> Mapping[str, Standing]:
        """Return the pages with a domain of their own, by it; those that are switched off too, for it leads nowhere else."""
        return self._hosts

    def find(self, slug: str) -> Standing | None:
        """Return a page by its slug; one that is switched off has nothing but the answers to who leaves."""
        return self._drawn.get(slug)

    def due(self, now: float) -> bool:
        """Tell whether a page is to be drawn although nobody changed anything."""
        ends = (one.due for slug, one in self._drawn.items() if slug not in self._failed)
        return not self.ready or any(at <= now for at in (*ends, *self._failed.values()))

    def refresh(self, now: float) -> int:
        """Draw what is different; return how many pages that were. Raises `Unavailable` when nothing can be read."""
        revision = service.revision()
        if revision != self._revision:
            self._pages = service.pages()
            self._revision, self._failed = revision, {}
        before = self._drawn
        drawn = {one.slug: _still(one, before.get(one.slug)) for one in self._pages}
        try:
            there = service.watched(self._pages)
            drawn = {one.slug: self._standing(one, there, now) for one in self._pages}
        finally:
            self._drawn = {slug: one for slug, one in drawn.items() if one is not None}
            self._hosts = {host: one for one in self._drawn.values() if (host := service.domain(one.page))}
        self.ready = True
        return sum(one is not before.get(slug) for slug, one in self._drawn.items())

    def _standing(self, page: StatusPage, there: Mapping[int, Watched], now: float) -> Standing | None:
        """Return a page as it is drawn now; whatever is wrong with it, the others are drawn."""
        before = _still(page, self._drawn.get(page.slug))
        if self._failed.get(page.slug, now) > now:
            return before
        try:
            found = self._drawn_anew(page, there, now, before)
        except Exception as error:  # noqa: BLE001 - one page that cannot be drawn never stops the others
            self._failed[page.slug] = now + PATIENCE
            self._report(page.slug, error)
            return before
        self._failed.pop(page.slug, None)
        return found

    def _drawn_anew(
        self, page: StatusPage, there: Mapping[int, Watched], now: float, before: Standing | None
    ) -> Standing:
        pulse = service.pulse(page, there, now)
        if (
            before is not None
            and (before.revision, before.pulse) == (self._revision, pulse)
            and now < before.due
        ):
            return before
        shown = service.shown(page, self._history, now) if page.enabled else service.silent(page, now)
        bodies = self._render(shown)
        old = before.answers if before is not None else {}
        edge = service.next_edge(page, now)
        return Standing(
            page=page, revision=self._revision, pulse=pulse,
            due=min(now - now % MINUTE + MINUTE, edge or now + MINUTE),
            answers={path: answers.packed(body, page, old.get(path)) for path, body in bodies.items()},
        )  # fmt: skip


def _still(page: StatusPage, before: Standing | None) -> Standing | None:
    """Return what was drawn of a page, if whoever may see that may see the page as it is now."""
    return before if before is not None and _open_to(before.page) == _open_to(page) else None


def _open_to(page: StatusPage) -> tuple[int, str, bool]:
    return page.id, page.stamp, page.enabled
