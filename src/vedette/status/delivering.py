"""Messages to subscribers, from the outbox: asked, told, tried again for some hours, then given up.

An update is spread over its subscribers in pieces, each one transaction; every message bears its own key, so what was
added is not added again. They leave one after the other beside the notices of alerts, which never wait for them.
"""

from email.message import EmailMessage
from urllib.parse import urlsplit

import msgspec

from vedette.core import ids
from vedette.core.clock import to_datetime
from vedette.core.errors import Invalid
from vedette.plumbing.db.sql import transaction
from vedette.plumbing.mail.port import MailError
from vedette.plumbing.net.port import NetError
from vedette.plumbing.outbox.port import OutboxItem
from vedette.plumbing.ports import ports
from vedette.status import composing, keeping, signing, subscribing, telling
from vedette.status.composing import Letter
from vedette.status.store import notices, pages, subscribers
from vedette.status.store.subscribers import Stored
from vedette.status.telling import Message
from vedette.status.types import OUTBOX, StatusPage, SubscriberKind

HOLD = 60.0
PAUSES = (60.0, 300.0, 1_800.0, 7_200.0)  # seconds before the second try and those after it
MOST_FAILURES = 10  # updates in a row that could not be delivered
WEBHOOK_SECONDS = 5.0
MOST_A_CALL = 200
_AT_ONCE = 200
_DECODE = msgspec.json.Decoder(Message).decode


class Failed(Exception):
    """A message could not be delivered; `permanent` when trying again will not help."""

    def __init__(self, message: str, *, permanent: bool) -> None:
        super().__init__(message)
        self.permanent = permanent


def deliver_due(now: float) -> int:
    """Deal with what is due, up to `MOST_A_CALL` messages; return how many that were."""
    for handled in range(MOST_A_CALL):
        claimed = ports().outbox.claim(1, now, HOLD, OUTBOX)
        if not claimed:
            return handled
        _handle(claimed[0], now)
    return MOST_A_CALL


def next_due() -> float | None:
    """Return when the next message is due, None when none waits."""
    return ports().outbox.next_due(OUTBOX)


def _handle(item: OutboxItem, now: float) -> None:
    message = _DECODE(item.payload)
    if message.act == "spread":
        _spread(item, message, now)
        return
    to = subscribers.find(message.subscriber)
    page = pages.by_id(to.page) if to is not None else None
    letter = None if to is None or page is None or not page.enabled else _letter(message, page, to, now)
    if to is None or page is None or letter is None:
        ports().outbox.done(
            item.id
        )  # they left, the page is switched off, or there is nothing to tell any more
        return
    try:
        _send(item, message, page, to, letter)
    except Failed as error:
        _failed(item, to, error, now)
    else:
        with transaction():
            subscribers.went(to.id)
            ports().outbox.done(item.id)


def _spread(item: OutboxItem, message: Message, now: float) -> None:
    said = notices.of_update(message.update)
    page = pages.by_id(said[0].page) if said is not None else None
    with transaction():
        there = (
            subscribers.confirmed_after(page.id, message.subscriber, _AT_ONCE)
            if page and page.enabled
            else ()
        )
        for one in there:
            told = Message(act="tell", update=message.update, subscriber=one)
            telling.queue(told, f"status.tell.{message.update}.{one}", now)
        if len(there) == _AT_ONCE:
            rest = Message(act="spread", update=message.update, subscriber=there[-1])
            telling.queue(rest, f"status.spread.{message.update}.{there[-1]}", now)
        ports().outbox.done(item.id)


def _letter(message: Message, page: StatusPage, to: Stored, now: float) -> Letter | None:
    """Return what a message says; None when there is nothing to say any more."""
    url = keeping.url(page)
    if message.act == "confirm":
        token = signing.link(signing.CONFIRM, to.id)
        return composing.asking(page, url, f"{url}confirm/{token}/") if to.confirmed_at is None else None
    said = notices.of_update(message.update)
    if said is None or to.confirmed_at is None:
        return None
    return composing.update(page, url, said, _leave(url, to), now)


def _send(item: OutboxItem, message: Message, page: StatusPage, to: Stored, letter: Letter) -> None:
    try:
        target = subscribing.address(to)
    except Invalid as error:
        raise Failed(str(error), permanent=True) from error
    if to.kind is SubscriberKind.WEBHOOK:
        _post(target, letter, item.idempotency_key)
        return
    if "@" not in target:
        raise Failed("The address was erased.", permanent=True)
    mail = _mail(target, letter, item)
    if message.act != "confirm":
        mail["List-Unsubscribe"] = f"<{_leave(keeping.url(page), to)}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"  # RFC 8058
    try:
        ports().mail.send(mail)
    except MailError as error:
        lasting = error.permanent and ports().mail.configured()  # a missing server may yet be set
        raise Failed(str(error), permanent=lasting) from error


def _post(url: str, letter: Letter, key: str) -> None:
    headers = {"Content-Type": "application/json", "Idempotency-Key": key}
    try:
        answer = ports().net.request(
            "POST", url, headers=headers, body=letter.body, deadline=WEBHOOK_SECONDS, max_bytes=4_096
        )
    except NetError as error:
        raise Failed(str(error), permanent=error.permanent) from error
    if not 200 <= answer.status < 300:
        raise Failed(f"HTTP {answer.status}", permanent=answer.status in {404, 410})


def _mail(to: str, letter: Letter, item: OutboxItem) -> EmailMessage:
    settings = ports().settings
    host = urlsplit(settings.public_url).hostname or "localhost"
    mail = EmailMessage()
    mail["From"] = settings.mail_from or f"vedette@{host}"
    mail["To"] = to
    mail["Subject"] = " ".join(letter.subject.split())[:200]
    mail["Date"] = to_datetime(ports().clock.now())
    mail["Message-ID"] = f"<{item.idempotency_key}@{host}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["Precedence"] = "list"
    mail.set_content(letter.text + "\n")
    return mail


def _failed(item: OutboxItem, to: Stored, error: Failed, now: float) -> None:
    """Try again later; what is given up counts against the subscriber, who is dropped after some such updates."""
    with transaction():
        if error.permanent or item.attempt > len(PAUSES):
            ports().outbox.fail(item.id, str(error))
            subscribers.failed(to.id, MOST_FAILURES)
        else:
            ports().outbox.retry(item.id, now + ids.jitter(PAUSES[item.attempt - 1]), str(error))


def _leave(url: str, to: Stored) -> str:
    return f"{url}leave/{signing.link(signing.LEAVE, to.id)}/"
