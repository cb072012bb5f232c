"""A digest as a mail: text and simple HTML."""

import html
from collections.abc import Mapping, Sequence
from email.message import EmailMessage
from urllib.parse import urlsplit

from vedette.core.clock import to_datetime
from vedette.core.settings import Settings
from vedette.reports import composing
from vedette.reports.types import Digest, Line, Section

_MARKS = {"crit": "◆ ", "warn": "▲ ", "ok": "● "}


def compose(  # noqa: PLR0917 - what a mail is made of
    digests: Sequence[Digest], names: Mapping[int, str], to: str, key: str, leave: str, settings: Settings, now: float
) -> EmailMessage:  # fmt: skip
    """Return the mail of one or more digests; `key` makes its Message-ID, `leave` is the address that ends it (RFC 8058)."""
    host = urlsplit(settings.public_url).hostname or "localhost"
    first = digests[0]
    name = names.get(first.project or 0, "") if len(digests) == 1 else ""
    mail = EmailMessage()
    mail["From"] = settings.mail_from or f"Vedette <vedette@{host}>"
    mail["To"] = to
    mail["Subject"] = " ".join(composing.subject(first, name).split())[:200]
    mail["Date"] = to_datetime(now)
    mail["Message-ID"] = f"<{key}@{host}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["List-Unsubscribe"] = f"<{leave}>"
    mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    base = settings.public_url
    mail.set_content(
        "\n\n".join(_text(one, names, base) for one in digests) + f"\n\n--\nNo more of these: {leave}\n"
    )
    body = "".join(_html(one, names, base) for one in digests)
    last = f'<p><a href="{html.escape(leave)}">No more of these</a></p>'
    mail.add_alternative(f"<!doctype html><html><body>{body}{last}</body></html>", subtype="html")
    return mail


def _title(digest: Digest, names: Mapping[int, str]) -> str:
    return names.get(digest.project or 0, "") or "All projects"


def _text(digest: Digest, names: Mapping[int, str], base: str) -> str:
    parts = [_title(digest, names).upper(), composing.verdict(digest)]
    parts += [_section_text(one, base) for one in digest.sections]
    return "\n\n".join([*parts, f"{base}/digests/{digest.id}/"])


def _section_text(section: Section, base: str) -> str:
    lines = [
        f"- {_MARKS.get(one.tone, '')}{_figures(one)}{f' {base}{one.link}' if one.link else ''}"
        for one in section.lines
    ]
    more = [f"and {section.more} more"] if section.more else []
    return "\n".join([f"{section.title}: {section.sentence}", *lines, *more])


def _figures(line: Line) -> str:
    return ", ".join(part for part in (line.text, line.value, line.before) if part)


def _html(digest: Digest, names: Mapping[int, str], base: str) -> str:
    link = f'<a href="{html.escape(base)}/digests/{digest.id}/">{html.escape(_title(digest, names))}</a>'
    sections = "".join(_section_html(one, base) for one in digest.sections)
    return f"<h2>{link}</h2><p>{html.escape(composing.verdict(digest))}</p>{sections}"


def _section_html(section: Section, base: str) -> str:
    rows = "".join(f"<li>{_MARKS.get(one.tone, '')}{_linked(one, base)}</li>" for one in section.lines)
    more = f"<li>and {section.more} more</li>" if section.more else ""
    rows = f"<ul>{rows}{more}</ul>" if rows else ""
    return f"<h3>{html.escape(section.title)}</h3><p>{html.escape(section.sentence)}</p>{rows}"


def _linked(line: Line, base: str) -> str:
    told = html.escape(_figures(line))
    return f'<a href="{html.escape(base + line.link)}">{told}</a>' if line.link else told
