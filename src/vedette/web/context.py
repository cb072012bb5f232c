"""What the shell of every page shows: navigation, the member, theme, time zone, and whether Vedette is well."""

import re
from collections.abc import Mapping

from django.http import HttpRequest

from vedette.accounts.permissions import ANONYMOUS, Actor, ActorKind
from vedette.plumbing.ports import ports
from vedette.web import nav

_ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2}")
_ACCOUNT = "/settings/account/"


def shell(request: HttpRequest) -> dict[str, object]:
    """Return the context of the shell; a request that nobody signed gets an empty navigation."""
    actor: Actor = getattr(request, "actor", ANONYMOUS)
    signed_in = actor.role is not None
    settings = nav.groups(nav.SETTINGS, actor, request.path, {}, nav.routed)
    return {
        "now": ports().clock.now(),
        "theme": theme(request.COOKIES),
        "tz": zone(request.COOKIES),
        "signed_in": signed_in,
        "me": actor if actor.kind is ActorKind.USER else None,
        "me_href": _ACCOUNT if signed_in and nav.routed(_ACCOUNT) else "/settings/",
        "nav": nav.groups(nav.MAIN, actor, request.path, {}, nav.routed),
        "tabs": nav.tabs(nav.MAIN, actor, request.path, {}, nav.routed),
        "settings_nav": settings,
        "in_settings": nav.here("/settings/", request.path),
        "palette": _palette(actor, request.path) if signed_in else (),
    }


def theme(cookies: Mapping[str, str]) -> str:
    """Return the chosen theme, empty for the system's."""
    chosen = cookies.get("theme", "")
    return chosen if chosen in {"light", "dark"} else ""


def zone(cookies: Mapping[str, str]) -> str:
    """Return the time zone the browser told, or UTC."""
    told = cookies.get("tz", "")
    return told if len(told) <= 64 and _ZONE.fullmatch(told) else "UTC"


def _palette(actor: Actor, path: str) -> tuple[nav.Item, ...]:
    found = nav.groups((*nav.MAIN, *nav.SETTINGS), actor, path, {}, nav.routed)
    return tuple(item for group in found for item in group.items)
