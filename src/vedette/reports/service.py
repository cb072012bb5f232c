"""The verbs of reports: make digests, read them, subscribe to them, mail them."""

import msgspec

from vedette.accounts import service as accounts
from vedette.accounts.permissions import SYSTEM, Actor, Verb, may, require
from vedette.core import zones
from vedette.core.errors import Invalid, NotFound
from vedette.plumbing.db.sql import transaction
from vedette.projects import service as projects
from vedette.reports import composing, mailing, making, periods, signing, store
from vedette.reports.types import Digest, DigestPage, Period, Subscription
from vedette.ui import pager

KEEP_SECONDS = 400 * 86_400.0
_CHUNK = 500


def work(now: float) -> int:
    """Go on with what is due, a piece at a time: one digest, or some mails; return how much that was."""
    if making.make_next(now) is not None:
        return 1
    return mailing.queue_due(now) + mailing.deliver_due(now)


def digests(
    actor: Actor, project: int | None = None, period: Period | None = None, cursor: str | None = None, n: int = 30
) -> DigestPage:  # fmt: skip
    """Return a page of the digests of a project (None: those of all together), newest first, as far as the actor may read them."""
    require(actor, Verb.REPORT_READ)
    place = pager.decode(cursor, tuple[float, int]) if cursor else None
    found = store.page(project or making.ALL, period, place, n + 1)
    more = pager.encode(found[n - 1].start, found[n - 1].id) if len(found) > n else None
    return DigestPage(tuple(_readable(actor, one) for one in found[:n]), more)


def digest(actor: Actor, digest_id: int) -> Digest:
    """Return a digest as far as the actor may read it; raises `NotFound`, `Forbidden`."""
    require(actor, Verb.REPORT_READ)
    found = store.find(digest_id)
    if found is None:
        raise NotFound(f"There is no digest {digest_id}; digests are kept for 400 days.")
    return _readable(actor, found)


def verdict(digest: Digest) -> str:
    """Return a digest in one sentence."""
    return composing.verdict(digest)


def named(digest: Digest) -> str:
    """Return what people call the time of a digest."""
    return periods.named(digest.period, digest.start, digest.zone)


def subscription(actor: Actor, period: Period) -> Subscription:
    """Return which digest of a period somebody gets; one that is switched off when they get none."""
    require(actor, Verb.NOTIFY_OWN)
    found = [one for one in store.subscriptions(actor.id) if one.period is period]
    return found[0] if found else Subscription(user=actor.id, period=period, enabled=False)


def subscribe(actor: Actor, asked: Subscription, now: float) -> Subscription:
    """Keep which digest of a period somebody gets; raises `Invalid` naming the wrong field."""
    require(actor, Verb.NOTIFY_OWN)
    _check(asked)
    kept = msgspec.structs.replace(
        asked, user=actor.id, next_at=periods.next_due(asked, now) if asked.enabled else None
    )
    with transaction():
        store.subscribe(kept)
        _audit(actor, kept, now)
    return kept


def leaving(token: str) -> Period | None:
    """Return of which period a link ends digests; None when we did not write it."""
    found = signing.read(token)
    return None if found is None else found[1]


def leave(token: str, now: float) -> Period | None:
    """End the digests a link is of; None when we did not write it. Whoever holds the link can do nothing else with it."""
    found = signing.read(token)
    if found is None:
        return None
    user, period = found
    with transaction():
        for one in store.subscriptions(user):
            if one.period is period and one.enabled:
                ended = msgspec.structs.replace(one, enabled=False, next_at=None)
                store.subscribe(ended)
                _audit(SYSTEM, ended, now)
    return period


def drop_old(now: float) -> int:
    """Forget digests that are kept no longer; return how many went."""
    total = 0
    while dropped := store.drop_before(now - KEEP_SECONDS, _CHUNK):
        total += dropped
    return total


def _readable(actor: Actor, found: Digest) -> Digest:
    return composing.for_reader(found, lambda verb: may(actor, verb).allowed)


def _audit(actor: Actor, kept: Subscription, now: float) -> None:
    detail = {"mailed": "yes" if kept.enabled else "no", "hour": str(kept.hour), "zone": kept.zone}
    accounts.audit(actor, "digest.subscribe", f"{kept.period} digest of user {kept.user}", detail, now)


def _check(asked: Subscription) -> None:
    problems = {"zone": zones.problem(asked.zone)}
    if not 0 <= asked.hour <= 23:
        problems["hour"] = "An hour from 0 to 23."
    if not 0 <= asked.weekday <= 6:
        problems["weekday"] = "A day from 0 (Monday) to 6."
    unknown = set(asked.projects) - {one.id for one in projects.projects()}
    if unknown:
        problems["projects"] = f"There is no project {min(unknown)}."
    wrong = {name: text for name, text in problems.items() if text}
    if wrong:
        raise Invalid("; ".join(wrong.values()), wrong)


projects.on_delete(store.forget_project)
