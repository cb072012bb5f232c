"""`{% load oncall %}`: wall times of a calendar's zone, and the line of now."""

from collections.abc import Mapping

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from vedette.core import clock, zones
from vedette.oncall import saying, walls
from vedette.oncall.drawing import Range

register = template.Library()


@register.simple_tag
def walltime(at: float, of: Range) -> SafeString:
    """Return an instant by the clock of a calendar: `{% walltime shift.starts of %}`."""
    return format_html('<time datetime="{}">{}</time>', clock.iso(at), walls.told(at, of.now, of.zone))


@register.simple_tag
def typed(at: float, of: Range) -> str:
    """Return an instant as a field of a form takes it."""
    return f"{zones.local(at, of.zone):%Y-%m-%dT%H:%M}"


@register.simple_tag
def nowline(of: Range) -> SafeString | str:
    """Return the line of now in a row; nothing where the row does not hold it."""
    if not of.start <= of.now < of.end:
        return ""
    x = f"{of.share(of.now):.2f}%"
    return format_html('<line class="now" x1="{}" x2="{}" y1="0" y2="28"/>', x, x)


@register.filter
def of_key(known: Mapping[int, str], key: int) -> str:
    """Return what is known of an id, or that it is gone."""
    return known.get(key, saying.GONE)
