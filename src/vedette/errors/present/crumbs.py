"""Draw breadcrumbs: what happened before the error, each with an icon, a text and how long before."""

import datetime
from collections.abc import Mapping

import msgspec

from vedette.core.clock import parse_iso
from vedette.errors.present import values

FIRST = 8
_ICONS = (
    ("query", "database"), ("sql", "database"), ("db", "database"), ("redis", "database"),
    ("http", "network"), ("xhr", "network"), ("fetch", "network"), ("request", "network"),
    ("navigation", "corner-down-right"), ("route", "corner-down-right"),
    ("click", "mouse-pointer-click"), ("ui", "mouse-pointer-click"), ("touch", "mouse-pointer-click"),
    ("exception", "circle-x"), ("error", "circle-x"), ("console", "terminal"), ("user", "user"),
)  # fmt: skip
_KNOWN = frozenset({"timestamp", "category", "message", "data", "level"})
_BAD = frozenset({"error", "fatal", "critical"})


class Crumb(msgspec.Struct, frozen=True):
    """One step: `ago` is its distance from the event, `rows` what it carries beyond its text."""

    icon: str
    category: str
    text: str
    level: str
    ago: str
    at: float | None
    bad: bool
    rows: tuple[values.Row, ...]


def crumbs(value: object, event_at: float) -> tuple[Crumb, ...]:
    """Return the breadcrumbs, newest (nearest to the error) first; `event_at` is the event's own instant."""
    return tuple(_crumb(member, event_at) for member in reversed(values.members(value)))


def _crumb(member: Mapping[str, object], event_at: float) -> Crumb:
    category = values.text_of(member.get("category") or member.get("type")) or "note"
    level = values.text_of(member.get("level"))
    at = instant(member.get("timestamp"))
    data = member.get("data")
    text = values.text_of(member.get("message")) or _from_data(values.mapping(data))
    return Crumb(
        icon=_icon(f"{category} {values.text_of(member.get('type'))}".lower(), level),
        category=category,
        text=text,
        level=level,
        ago=_distance(event_at - at) if at is not None else values.text_of(member.get("timestamp")),
        at=at,
        bad=level in _BAD
        or not {category, values.text_of(member.get("type"))}.isdisjoint({"exception", "error"}),
        rows=(*(values.rows(data) if data else ()), *values.rest(member, _known(member, category))),
    )


def _known(member: Mapping[str, object], category: str) -> frozenset[str]:
    return _KNOWN | {"type"} if member.get("type") in {category, "default", None} else _KNOWN


def _from_data(data: Mapping[str, object]) -> str:
    """Say in a line what a step without a text did: a request, or a way from one page to another."""
    if data.get("url"):
        status = values.text_of(data.get("status_code"))
        head = f"{values.text_of(data.get('method'))} {values.text_of(data['url'])}".strip()
        return f"{head} → {status}" if status else head
    if data.get("to"):
        return f"{values.text_of(data.get('from'))} → {values.text_of(data['to'])}".strip()
    return ""


def _icon(kind: str, level: str) -> str:
    if level in _BAD:
        return "circle-x"
    if level == "warning":
        return "triangle-alert"
    return next((icon for word, icon in _ICONS if word in kind), "circle")


def instant(value: object) -> float | None:
    """Return the instant of a timestamp as the protocol allows it (seconds, or ISO 8601), or None."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value)
    if not isinstance(value, str):
        return None
    try:
        return parse_iso(value)
    except (ValueError, OverflowError):
        return None


def _distance(seconds: float) -> str:
    """Return how long before (−) or after (+) the event a step was: `−816 ms`, `−3.1 s`, `−2 min`."""
    sign, size = ("+" if seconds < 0 else "−"), abs(seconds)
    if size < 0.0005:
        return "0 s"
    if size < 1:
        return f"{sign}{size * 1000:.0f} ms"
    if size < 60:
        return f"{sign}{size:.1f}".removesuffix(".0") + " s"
    if size < 5400:
        return f"{sign}{size / 60:.0f} min"
    return (
        f"{sign}{size / 3600:.0f} h" if size < 172800 else f"{sign}{datetime.timedelta(seconds=size).days} d"
    )
