"""The verbs of status pages: keep them, announce on them, let people hear of them, and show them."""

from collections.abc import Mapping, Sequence

from vedette.accounts.permissions import Actor
from vedette.core.errors import Invalid
from vedette.monitors.types import Watched
from vedette.plumbing.ports import ports
from vedette.status import delivering, gathering, keeping, signing, subscribing, telling
from vedette.status.gathering import History
from vedette.status.store import notices as notice_store
from vedette.status.store import pages as store
from vedette.status.store import subscribers as subscriber_store
from vedette.status.types import (
    REVISION,
    IncidentDraft,
    PageIncident,
    PageSubscriber,
    ShownComponent,
    ShownPage,
    StatusPage,
    StatusPageDraft,
    SubscriberKind,
)
from vedette.ui import pager


def pages() -> tuple[StatusPage, ...]:
    """Return every page, by title."""
    return store.every()


def page(slug: str) -> StatusPage:
    """Return the page of a slug; raises `NotFound`."""
    return keeping.find(slug)


def create(actor: Actor, draft: StatusPageDraft, now: float) -> StatusPage:
    """Make a page; raises `Invalid` by field, `Conflict` for a slug or domain that is taken, `Forbidden`."""
    return keeping.create(actor, draft, now)


def update(actor: Actor, found: StatusPage, draft: StatusPageDraft, now: float) -> StatusPage:
    """Change a page; components that stay keep their incidents. Raises `Invalid` by field, `Conflict`, `Forbidden`."""
    return keeping.update(actor, found, draft, now)


def remove(actor: Actor, found: StatusPage, now: float) -> None:
    """Remove a page with its incidents and subscribers; raises `Forbidden`."""
    keeping.remove(actor, found, now)


def url(found: StatusPage) -> str:
    """Return where a page stands for its visitors."""
    return keeping.url(found)


def domain(found: StatusPage) -> str:
    """Return the host at which a page alone is answered, empty for none; never that of Vedette itself."""
    return keeping.domain(found)


def revision() -> int:
    """Return what grows with every change of a page's words."""
    entry = ports().kv.get(REVISION)
    return entry.revision if entry is not None else 0


def shown(found: StatusPage, history: History, now: float) -> ShownPage:
    """Return all that a page shows at an instant."""
    return gathering.shown(found, history, now)


def silent(found: StatusPage, now: float) -> ShownPage:
    """Return a page that shows nothing, as one that is switched off."""
    return gathering.silent(found, now)


def standings(found: Sequence[StatusPage], now: float) -> Mapping[int, tuple[ShownComponent, ...]]:
    """Return for each page (its id) its components as they stand now, without their days: what a list asks for."""
    return gathering.standings(found, now)


def watched(found: Sequence[StatusPage]) -> Mapping[int, Watched]:
    """Return the monitors of pages by their ids; costs two queries for all."""
    return gathering.watched(found)


def pulse(found: StatusPage, there: Mapping[int, Watched], now: float) -> object:
    """Return what changes whenever one of the monitors of a page (`there`, by id) stands otherwise."""
    return gathering.pulse(found, there, now)


def next_edge(found: StatusPage, now: float) -> float | None:
    """Return when the next announced maintenance of a page begins or ends."""
    return gathering.next_edge(found, now)


def announce(actor: Actor, found: StatusPage, draft: IncidentDraft, now: float) -> PageIncident:
    """Announce an incident or a maintenance; subscribers hear of it if the draft says so. Raises `Invalid`, `Forbidden`."""
    return telling.announce(actor, found, draft, now)


def say(
    actor: Actor, found: StatusPage, incident: PageIncident, draft: IncidentDraft, now: float
) -> PageIncident:
    """Say what is new of an incident; `resolved` ends it. Raises `Invalid`, `Forbidden`."""
    return telling.say(actor, found, incident, draft, now)


def remove_incident(actor: Actor, found: StatusPage, incident: PageIncident, now: float) -> None:
    """Remove an incident as if nothing had been said of it; raises `Forbidden`."""
    telling.remove(actor, found, incident, now)


def incident(found: StatusPage, number: int) -> PageIncident:
    """Return an incident of a page; raises `NotFound`."""
    return telling.find(found, number)


def current(found: StatusPage, now: float) -> tuple[PageIncident, ...]:
    """Return what goes on or is planned on a page, newest first."""
    return notice_store.current(found.id, now)


def incidents(found: StatusPage, cursor: str | None, n: int) -> tuple[tuple[PageIncident, ...], str | None]:
    """Return incidents of a page, newest first, and the cursor of the next; raises `Invalid` for a cursor nobody gave out."""
    place = pager.decode(cursor, tuple[float, int]) if cursor else None
    listed = notice_store.listed(found.id, place, n + 1)
    last = listed[n - 1] if len(listed) > n else None
    return listed[:n], pager.encode(last.starts, last.id) if last else None


def subscribe(found: int, kind: SubscriberKind, target: str, now: float) -> None:
    """Ask somebody to confirm that they want to hear of a page (its id); raises `Invalid`, `Conflict` when it takes no more, `Throttled`."""
    subscribing.subscribe(found, kind, target, now)


def confirm(found: int, token: str, now: float) -> bool:
    """Take a subscriber's word; False when the link is not one of ours, or too old. Raises `Unavailable`."""
    return subscribing.confirm(found, token, now)


def leave(found: int, token: str) -> bool:
    """Forget a subscriber; False when the link is not one of ours. Raises `Unavailable`."""
    return subscribing.leave(found, token)


def subscribers(
    found: StatusPage, cursor: str | None, n: int
) -> tuple[tuple[PageSubscriber, ...], str | None]:
    """Return subscribers of a page and the cursor of the next; raises `Invalid` for a cursor nobody gave out."""
    if cursor and not (cursor.isascii() and cursor.isdecimal() and len(cursor) < 19):
        raise Invalid("The cursor is not one this list gave out; start without one.", {"cursor": "unknown"})
    listed = subscribing.listed(found, int(cursor or 0), n + 1)
    return listed[:n], str(listed[n - 1].id) if len(listed) > n else None


def subscriber_counts(found: Sequence[StatusPage]) -> Mapping[int, int]:
    """Return how many confirmed subscribers pages have, by their ids; one that is not there has none."""
    return subscriber_store.counts([one.id for one in found])


def remove_subscriber(actor: Actor, found: StatusPage, subscriber: int, now: float) -> None:
    """Forget a subscriber of a page; raises `NotFound`, `Forbidden`."""
    subscribing.remove(actor, found, subscriber, now)


def clean(now: float) -> int:
    """Forget who never confirmed, and whose address an erasure blotted out; return how many went."""
    return subscribing.clean(now)


def opens(found: int, password: str) -> bool:
    """Tell whether a password opens a page (its id); takes some 20 ms of a core. Raises `Unavailable`."""
    return keeping.opens(found, password)


def pass_for(found: StatusPage, now: float) -> str:
    """Return the value of the cookie that opens a page with a password."""
    return signing.pass_for(found, now)


def admits(found: StatusPage, cookie: str, now: float) -> bool:
    """Tell whether a cookie opens a page with a password; asks no database."""
    return signing.admits(found, cookie, now)


def deliver_due(now: float) -> int:
    """Send what subscribers are to get; return how many messages were dealt with."""
    return delivering.deliver_due(now)


def next_due() -> float | None:
    """Return when the next message to a subscriber is due, None when none waits."""
    return delivering.next_due()
