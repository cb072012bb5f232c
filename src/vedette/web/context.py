"""What the shell of every page shows: navigation, the member, theme, time zone, and whether Vedette is well."""

import re
from collections.abc import Mapping

from django.http import HttpRequest

from vedette.accounts.permissions import ANONYMOUS, Actor, ActorKind
from vedette.plumbing.ports import ports
from vedette.web import glance, nav

_ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2}")
_ACCOUNT = "/settings/account/"


def shell(request: HttpRequest) -> dict[str, object]:
    """Return the context of the shell; a request that nobody signed gets an empty navigation.

    What needs the database or every URL is a function: only templates that show it pay, and error pages do not.
    """
    actor: Actor = getattr(request, "actor", ANONYMOUS)
    now = ports().clock.now()
    return {
        "now": now,
        "theme": theme(request.COOKIES),
        "tz": zone(request.COOKIES),
        "signed_in": actor.role is not None,
        "me": actor if actor.kind is ActorKind.USER else None,
        "me_href": _me_href,
        "nav": lambda: nav.groups(nav.MAIN, actor, request.path, glance.counts(actor, now), nav.routed),
        "tabs": lambda: nav.tabs(nav.MAIN, actor, request.path, glance.counts(actor, now), nav.routed),
        "settings_nav": lambda: nav.groups(nav.SETTINGS, actor, request.path, {}, nav.routed),
        "in_settings": nav.here("/settings/", request.path),
        "on_call": lambda: glance.on_call(actor, now, zone(request.COOKIES)),
        "vedette_health": lambda: glance.health(actor, now),
        "palette": lambda: _palette(actor, request.path),
    }


def theme(cookies: Mapping[str, str]) -> str:
    """Return the chosen theme, empty for the system's."""
    chosen = cookies.get("theme", "")
    return chosen if chosen in {"light", "dark"} else ""


def zone(cookies: Mapping[str, str]) -> str:
    """Return the time zone the browser told, or UTC."""
    told = cookies.get("tz", "")
    return told if len(told) <= 64 and _ZONE.fullmatch(told) else "UTC"


def _me_href() -> str:
    return _ACCOUNT if nav.routed(_ACCOUNT) else "/settings/"


def _palette(actor: Actor, path: str) -> tuple[nav.Item, ...]:
    found = nav.groups((*nav.MAIN, *nav.SETTINGS), actor, path, {}, nav.routed)
    return tuple(item for group in found for item in group.items)
