"""Who hears of a page: asking, confirming by a link that only the asked one gets, leaving. Nothing tells who is there."""

from urllib.parse import urlsplit

from vedette.accounts.permissions import Actor, Verb, require
from vedette.accounts.service import audit
from vedette.core.errors import Conflict, Invalid, NotFound, Throttled
from vedette.plumbing.db.sql import transaction
from vedette.plumbing.net.port import NetError
from vedette.plumbing.net.target import target as place_of
from vedette.plumbing.ports import ports
from vedette.status import drafting, signing
from vedette.status.store import subscribers as store
from vedette.status.store.subscribers import Marks, Stored
from vedette.status.telling import Message, queue
from vedette.status.types import PageSubscriber, StatusPage, SubscriberKind

ASK_AGAIN = 3_600.0  # seconds: nobody is asked to confirm more often, whoever asks for it
PENDING_SECONDS = 2 * 86_400.0
MOST_PENDING = 1_000
MOST_OF_HOST = 5  # webhooks of a page at one host, which did not ask for any
_PURPOSE = "status.webhook"


def subscribe(page: int, kind: SubscriberKind, target: str, now: float) -> None:
    """Ask somebody to confirm that they want to hear of a page.

    Who is there already, was asked within the hour, or twice, hears nothing; whoever asks cannot tell. Raises `Invalid`
    for what is no target, `Conflict` when the page takes no more, `Throttled`: before anything is looked up.
    """
    target = target.strip()
    _refuse(kind, target)
    marks = Marks(
        signing.mark(kind, target), "" if kind is SubscriberKind.EMAIL else signing.host_mark(target)
    )
    with transaction():
        _refuse_full(page, marks)
        known = store.known(page, marks.address)
        if known is None:
            kept = target if kind is SubscriberKind.EMAIL else ports().seal.seal(target, _PURPOSE)
            _ask(store.add(page, kind, kept, marks, now), now)
        elif _again(known, now):
            store.asked(known.id, now)
            _ask(known.id, now)


def confirm(page: int, token: str, now: float) -> bool:
    """Take a subscriber's word; False when the link is not one of ours, or too old. Raises `Unavailable`."""
    subscriber = signing.subscriber(signing.CONFIRM, token)
    if subscriber is None:
        return False
    with transaction():
        found = store.find(subscriber)
        return found is not None and found.page == page and store.confirm(subscriber, now)


def leave(page: int, token: str) -> bool:
    """Forget a subscriber; False when the link is not one of ours. Leaving twice is leaving. Raises `Unavailable`."""
    subscriber = signing.subscriber(signing.LEAVE, token)
    if subscriber is None:
        return False
    with transaction():
        found = store.find(subscriber)
        if found is not None and found.page != page:
            return False
        store.remove(subscriber)
    return True


def remove(actor: Actor, page: StatusPage, subscriber: int, now: float) -> None:
    """Forget a subscriber of a page; raises `NotFound`, `Forbidden`. The audit entry does not name them."""
    require(actor, Verb.STATUS_WRITE)
    with transaction():
        found = store.find(subscriber)
        if found is None or found.page != page.id:
            raise NotFound("This subscriber is gone already.")
        store.remove(subscriber)
        audit(actor, "status.unsubscribe", f"status page {page.slug}", {"subscriber": str(subscriber)}, now)


def listed(page: StatusPage, after: int, n: int) -> tuple[PageSubscriber, ...]:
    """Return up to `n` subscribers with ids above one; of a webhook only the host is shown."""
    return tuple(store.shown(one, _shown(one)) for one in store.listed(page.id, after, n))


def address(one: Stored) -> str:
    """Return where a subscriber is told: the e-mail address, or the URL; raises `Invalid` when it cannot be opened."""
    return one.target if one.kind is SubscriberKind.EMAIL else ports().seal.open(one.target, _PURPOSE)


def clean(now: float) -> int:
    """Forget who did not confirm within the time after they were first asked, and whose address an erasure blotted out."""
    return store.clean(now - PENDING_SECONDS)


def _refuse(kind: SubscriberKind, target: str) -> None:
    problem = drafting.target_problem(kind, target)
    if not problem and kind is SubscriberKind.WEBHOOK:
        try:
            place_of(target)
        except NetError as error:
            problem = str(error)
    if problem:
        raise Invalid(problem, {"target": problem})


def _refuse_full(page: int, marks: Marks) -> None:
    if store.count(page, confirmed=True) >= drafting.MOST_SUBSCRIBERS:
        raise Conflict("This page takes no more subscribers; its feed tells the same.")
    if marks.host and store.of_host(page, marks.host) >= MOST_OF_HOST:
        raise Conflict("This page takes no more webhooks of this host; its feed tells the same.")
    if store.count(page, confirmed=False) >= MOST_PENDING:
        raise Throttled("Too many subscriptions wait to be confirmed; try again tomorrow.", 3_600.0)


def _ask(subscriber: int, now: float) -> None:
    queue(Message(act="confirm", subscriber=subscriber), f"status.confirm.{subscriber}.{int(now)}", now)


def _again(known: Stored, now: float) -> bool:
    """Tell whether somebody may be asked a second time, which is the last: their mailbox is not ours to fill."""
    once = known.asked_at == known.created_at
    return known.confirmed_at is None and once and now - known.asked_at >= ASK_AGAIN


def _shown(one: Stored) -> str:
    if one.kind is SubscriberKind.EMAIL:
        return one.target
    try:
        return urlsplit(address(one)).hostname or "a webhook"
    except Invalid:
        return "a webhook whose address cannot be opened"
