"""Mails of accounts: invitations and password resets.

Resets leave in a thread of their own, so that asking for an account that does not exist takes as long as asking
for one that does.
"""

import logging
from concurrent.futures import Future, ThreadPoolExecutor
from email.message import EmailMessage
from email.utils import make_msgid
from urllib.parse import urlsplit

from vedette.core.clock import to_datetime
from vedette.plumbing.mail.port import MailError
from vedette.plumbing.ports import ports

LOG = logging.getLogger("vedette.accounts")
_POST = ThreadPoolExecutor(max_workers=1, thread_name_prefix="accounts-mail")


def can_mail() -> bool:
    """Tell whether a mail server is set."""
    return ports().mail.configured()


def letter(to: str, subject: str, text: str, now: float) -> EmailMessage:
    """Return a plain-text mail from Vedette."""
    settings = ports().settings
    host = urlsplit(settings.public_url).hostname or "localhost"
    message = EmailMessage()
    message["From"] = settings.mail_from or f"vedette@{host}"
    message["To"] = to
    message["Subject"] = " ".join(subject.split())
    message["Date"] = to_datetime(now)
    message["Message-ID"] = make_msgid(domain=host)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    return message


def send_now(message: EmailMessage) -> str:
    """Send a mail and return what went wrong, empty when nothing did."""
    try:
        ports().mail.send(message)
    except MailError as error:
        return str(error)
    return ""


def send_later(message: EmailMessage) -> "Future[str]":
    """Send a mail in the background; what goes wrong is logged without the mail's text."""
    return _POST.submit(_send_and_log, message)


def _send_and_log(message: EmailMessage) -> str:
    problem = send_now(message)
    if problem:
        LOG.warning("A mail of accounts was not sent: %s", problem)
    return problem
