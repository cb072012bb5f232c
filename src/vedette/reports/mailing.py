"""Mails digests: what is due is put into the outbox, and leaves from there once.

When a subscription's time has come its mail is queued and the next time set in one transaction; a mail bears the key of
its reader and its period, so that whoever asks twice is told once.
"""

from collections.abc import Sequence

import msgspec

from vedette.accounts import service as accounts
from vedette.accounts.permissions import may
from vedette.core import ids
from vedette.core.errors import NotFound
from vedette.plumbing.db.sql import transaction
from vedette.plumbing.mail.port import MailError
from vedette.plumbing.outbox.port import OutboxItem
from vedette.plumbing.ports import ports
from vedette.projects import service as projects
from vedette.reports import composing, letters, making, periods, signing, store
from vedette.reports.types import OUTBOX, Digest, Period, Subscription

HOLD = 60.0
PAUSES = (60.0, 300.0, 1_800.0, 7_200.0)
MOST_PROJECTS = 30  # in one mail
_AT_ONCE = 50


class Message(msgspec.Struct, frozen=True):
    """A mail in the outbox: whose, of which period, from when on."""

    user: int
    period: Period
    start: float


_ENCODE = msgspec.json.Encoder().encode
_DECODE = msgspec.json.Decoder(Message).decode


def queue_due(now: float) -> int:
    """Queue the mails whose time has come, once their digests are made; return how many subscriptions that were."""
    due = [one for one in store.due(now, _AT_ONCE) if making.is_settled(one.period, one.zone, now)]
    for asked in due:
        start, _ = periods.last_whole(asked.period, now, asked.zone)
        message = Message(asked.user, asked.period, start)
        with transaction():
            if store.postpone(asked, periods.next_due(asked, now)):
                ports().outbox.add(
                    OUTBOX, _ENCODE(message), f"digest.{asked.period}.{int(start)}.{asked.user}", now
                )
    return len(due)


def deliver_due(now: float, n: int = 10) -> int:
    """Send up to `n` mails that are due; return how many were dealt with."""
    claimed = ports().outbox.claim(n, now, HOLD, OUTBOX)
    for item in claimed:
        _deliver(item, now)
    return len(claimed)


def _deliver(item: OutboxItem, now: float) -> None:
    message = _DECODE(item.payload)
    asked = next((one for one in store.subscriptions(message.user) if one.period is message.period), None)
    if asked is None or not asked.enabled:
        ports().outbox.done(item.id)
        return
    digests = _digests(asked, message, now)
    if not digests or (asked.quiet and not any(one.sections for one in digests)):
        ports().outbox.done(item.id)
        return
    _send(item, asked, digests, now)


def _digests(asked: Subscription, message: Message, now: float) -> tuple[Digest, ...]:
    """Return what a person is mailed, as far as they may read it; nothing once they are gone."""
    try:
        reader = accounts.user(asked.user)
    except NotFound:
        return ()
    if not reader.active:
        return ()
    actor = accounts.actor_for(asked.user)
    there = {one.id for one in projects.projects()}
    wanted = (
        [one for one in asked.projects if one in there][:MOST_PROJECTS] if asked.projects else [making.ALL]
    )
    found = [_digest(asked, message, project, now) for project in wanted]
    return tuple(composing.for_reader(one, lambda verb: may(actor, verb).allowed) for one in found)


def _digest(asked: Subscription, message: Message, project: int, now: float) -> Digest:
    made = store.of(message.period, asked.zone, message.start, project)
    if made is not None:
        return made
    end = periods.end_of(message.period, message.start, asked.zone)
    return making.make(message.period, asked.zone, message.start, end, project, now)


def _send(item: OutboxItem, asked: Subscription, digests: Sequence[Digest], now: float) -> None:
    settings = ports().settings
    leave = f"{settings.public_url}/digests/leave/{signing.token(asked.user, asked.period)}/"
    names = {one.id: one.name for one in projects.projects()}
    to = accounts.user(asked.user).ref.email
    mail = letters.compose(digests, names, to, item.idempotency_key, leave, settings, now)
    try:
        ports().mail.send(mail)
    except MailError as error:
        _failed(item, error, now)
    else:
        ports().outbox.done(item.id)


def _failed(item: OutboxItem, error: MailError, now: float) -> None:
    lasting = error.permanent and ports().mail.configured()  # a missing server may yet be set
    if lasting or item.attempt > len(PAUSES):
        ports().outbox.fail(item.id, str(error))
    else:
        ports().outbox.retry(item.id, now + ids.jitter(PAUSES[item.attempt - 1]), str(error))
