"""A notice as a mail."""

import html
from collections.abc import Mapping
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import urlsplit

from vedette.core.clock import to_datetime
from vedette.core.settings import Settings
from vedette.notify.types import Notice


def compose(notice: Notice, to: list[str], idempotency_key: str, settings: Settings) -> EmailMessage:
    """Return the mail: plain text and simple HTML, threaded by what the notice is about."""
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
    acts = "\n".join(f"{action.label}: {action.url}" for action in notice.actions)
    return "\n\n".join(part for part in (notice.title, notice.text, notice.link, acts, told) if part) + "\n"


def _html(notice: Notice, facts: Mapping[str, str]) -> str:
    rows = "".join(f"<dt>{html.escape(k)}</dt><dd>{html.escape(v)}</dd>" for k, v in facts.items() if v)
    text = html.escape(notice.text).replace("\n", "<br>")
    link = f'<a href="{html.escape(notice.link)}">{html.escape(notice.title)}</a>'
    acts = " · ".join(f'<a href="{html.escape(a.url)}">{html.escape(a.label)}</a>' for a in notice.actions)
    acts = f"<p>{acts}</p>" if acts else ""
    return f"<!doctype html><html><body><h2>{link}</h2><p>{text}</p>{acts}<dl>{rows}</dl></body></html>"
