"""`{% load errors_draw %}`: the two things an event page draws by the hundred, written straight for speed."""

from collections.abc import Sequence
from html import escape

from django import template
from django.utils.safestring import SafeString, mark_safe

from vedette.errors.present import frames, source, values
from vedette.ui import highlight

register = template.Library()
LONG = 2_000
LEAD = 200


@register.simple_tag
def rows(found: Sequence[values.Row], classes: str = "vars") -> SafeString:
    """Return rows as a list of terms; what a rule took out reads as a chip, what is very long folds."""
    body = "".join(f"<dt>{escape(row.name) or 'value'}</dt><dd>{_text(row)}</dd>" for row in found)
    return mark_safe(f'<dl class="{escape(classes)}">{body}</dl>')  # noqa: S308 - every part is escaped above


def _text(row: values.Row) -> str:
    if len(row.text) <= LONG:
        return _chips(row.text) or '<span class="dim">(empty)</span>'
    lead = f"{escape(row.text[:LEAD])}… ({len(row.text):,} characters)".replace(",", "\u202f")
    return f'<details class="long"><summary>{lead}</summary>{_chips(row.text)}</details>'


@register.filter
def chips(text: str) -> SafeString:
    """Return a text in which what a scrubbing rule took out reads as a chip."""
    return mark_safe(_chips(text))  # noqa: S308 - every part is escaped below


def _chips(text: str) -> str:
    return "".join(
        escape(kept) + (f'<span class="redact">{escape(hidden)}</span>' if hidden else "")
        for kept, hidden in values.pieces(text)
    )


@register.simple_tag
def source_of(frame: frames.Frame) -> SafeString:
    """Return the source around a frame as a numbered list, coloured when the frame is worth it."""
    language = highlight.language(frame.platform, frame.place) if frame.marked else ""
    return _listing(frame.source, language)


@register.simple_tag
def template_source(lines: Sequence[source.Line]) -> SafeString:
    """Return the source of a template that failed to render."""
    return _listing(lines, "html+django")


def _listing(lines: Sequence[source.Line], language: str) -> SafeString:
    drawn = highlight.block(tuple(line.text for line in lines), language)
    items = "".join(
        f'<li data-n="{escape(line.number)}"{" class=hit" if line.hit else ""}><code>{code}</code></li>'
        for line, code in zip(lines, drawn, strict=True)
    )
    return mark_safe(f"<ol>{items}</ol>")  # noqa: S308 - highlight escapes what it writes
