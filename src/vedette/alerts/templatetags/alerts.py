"""How the rows of alerting's pages are written, where a page has a hundred of them."""

from collections.abc import Sequence

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from vedette.alerts.routes.drawing import Told

register = template.Library()


@register.simple_tag
def settings(told: Sequence[Told]) -> SafeString:
    """Return the settings of a route in a line; what is inherited is faint."""
    return mark_safe(", ".join(map(_setting, told)))  # noqa: S308 - each is escaped below


def _setting(told: Told) -> str:
    name, text = escape(told.name), escape(told.text)
    return f"<span>{name} <b>{text}</b></span>" if told.own else f'<span class="faint">{name} {text}</span>'
