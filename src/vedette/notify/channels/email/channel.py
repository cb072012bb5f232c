"""E-mail: one message to all recipients through the configured mail server."""

import html
import re
from collections.abc import Mapping
from email.message import EmailMessage
from email.utils import format_datetime
from typing import ClassVar
from urllib.parse import urlsplit

from vedette.core.clock import to_datetime
from vedette.core.errors import Invalid
from vedette.notify.types import ChannelError, Field, Notice, Receipt
from vedette.plumbing.mail.port import MailError
from vedette.plumbing.ports import ports

_ADDRESS = re.compile(
    r"[!-?A-~]{1,64}@[0-9A-Za-z.\[\]:-]{1,190}"
)  # ASCII; a name before it is not an address


class Email:
    """Implements `notify.types.Channel`; a repeat carries the same Message-ID."""

    kind: ClassVar[str] = "email"
    label: ClassVar[str] = "E-mail"
    fields: ClassVar[tuple[Field, ...]] = (
        Field("recipients", "Recipients", "Addresses, separated by commas or spaces.", kind="textarea"),
    )

    def check(self, config: Mapping[str, str]) -> None:
        """Raise `Invalid` unless there is at least one address and each looks like one."""
        found = recipients(config)
        wrong = [address for address in found if not _ADDRESS.fullmatch(address)]
        if wrong or not found:
            what = f"{wrong[0]} is not an e-mail address." if wrong else "Give at least one address."
            raise Invalid(what, {"recipients": what})

    def send(self, notice: Notice, config: Mapping[str, str], idempotency_key: str) -> Receipt:
        """Send the mail and return the server's words."""
        try:
            return Receipt(ports().mail.send(compose(notice, recipients(config), idempotency_key)))
        except MailError as error:
            raise ChannelError(str(error), permanent=error.permanent) from error


def recipients(config: Mapping[str, str]) -> list[str]:
    """Return the addresses of a configuration."""
    return [address for address in re.split(r"[\s,;]+", config.get("recipients", "")) if address]


def compose(notice: Notice, to: list[str], idempotency_key: str) -> EmailMessage:
    """Return the mail: plain text and simple HTML, threaded by what the notice is about."""
    settings = ports().settings
    host = urlsplit(settings.public_url).hostname or "localhost"
    message = EmailMessage()
    message["From"] = settings.mail_from or f"Vedette <vedette@{host}>"
    message["To"] = ", ".join(to)
    message["Subject"] = " ".join(f"[{notice.project or 'Vedette'}] {notice.title}".split())[:200]
    message["Date"] = format_datetime(to_datetime(notice.at))
    message["Message-ID"] = f"<{idempotency_key}@{host}>"
    message["References"] = f"<group.{notice.group or idempotency_key}@{host}>"
    message["Auto-Submitted"] = "auto-generated"
    facts = {"Severity": notice.severity, "State": notice.state, "Why": notice.reason, **notice.labels}
    message.set_content(_text(notice, facts))
    message.add_alternative(_html(notice, facts), subtype="html")
    return message


def _text(notice: Notice, facts: Mapping[str, str]) -> str:
    told = "\n".join(f"{name}: {value}" for name, value in facts.items() if value)
    return "\n\n".join(part for part in (notice.title, notice.text, notice.link, told) if part) + "\n"


def _html(notice: Notice, facts: Mapping[str, str]) -> str:
    rows = "".join(f"<dt>{html.escape(k)}</dt><dd>{html.escape(v)}</dd>" for k, v in facts.items() if v)
    text = html.escape(notice.text).replace("\n", "<br>")
    link = f'<a href="{html.escape(notice.link)}">{html.escape(notice.title)}</a>'
    return f"<!doctype html><html><body><h2>{link}</h2><p>{text}</p><dl>{rows}</dl></body></html>"


CHANNEL = Email()
