"""How the rows of alerting's pages are written, where a page has a hundred of them."""

from collections.abc import Sequence

from django import template
from django.template import Context
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from vedette.alerts.routes.drawing import Told
from vedette.alerts.types import Alert
from vedette.signals.types import SignalState
from vedette.ui.templatetags import ui

register = template.Library()
_LONGEST = 160  # of what an alert says, in a list


@register.simple_tag
def settings(told: Sequence[Told]) -> SafeString:
    """Return the settings of a route in a line; what is inherited is faint."""
    return mark_safe(", ".join(map(_setting, told)))  # noqa: S308 - each is escaped below


@register.simple_tag(takes_context=True)
def about(context: Context, alert: Alert) -> SafeString:
    """Return what made an alert, since when it fires or when it changed, and what it says."""
    if alert.standing.state is SignalState.FIRING:
        when = format_html("for {}", ui.since(context, alert.standing.starts))
    else:
        when = format_html("{}", ui.ago(context, alert.updated_at))
    said = alert.text if len(alert.text) <= _LONGEST else f"{alert.text[: _LONGEST - 1]}…"
    return format_html("{}, {}{}", alert.rule or "Pushed", when, f": {said}" if said else "")


def _setting(told: Told) -> str:
    name, text = escape(told.name), escape(told.text)
    return f"<span>{name} <b>{text}</b></span>" if told.own else f'<span class="faint">{name} {text}</span>'
