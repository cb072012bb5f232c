"""What the shell of every page shows: navigation, the member, theme, time zone, and whether Vedette is well."""

from collections.abc import Mapping

from django.http import HttpRequest

from vedette.accounts.permissions import ANONYMOUS, Actor, ActorKind
from vedette.plumbing.ports import ports
from vedette.ui import requests
from vedette.web import glance, nav

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
        "tz": requests.zone(request),
        "signed_in": actor.role is not None,
        "me": actor if actor.kind is ActorKind.USER else None,
        "me_href": _me_href,
        "nav": lambda: nav.groups(nav.MAIN, actor, request.path, glance.counts(actor, now), nav.routed),
        "tabs": lambda: nav.tabs(nav.MAIN, actor, request.path, glance.counts(actor, now), nav.routed),
        "settings_nav": lambda: nav.groups(nav.SETTINGS, actor, request.path, {}, nav.routed),
        "in_settings": nav.here("/settings/", request.path),
        "on_call": lambda: glance.on_call(actor, now, requests.zone(request)),
        "vedette_health": lambda: glance.health(actor, now),
        "palette": lambda: _palette(actor, request.path),
    }


def theme(cookies: Mapping[str, str]) -> str:
    """Return the chosen theme, empty for the system's."""
    chosen = cookies.get("theme", "")
    return chosen if chosen in {"light", "dark"} else ""


def _me_href() -> str:
    return _ACCOUNT if nav.routed(_ACCOUNT) else "/settings/"


def _palette(actor: Actor, path: str) -> tuple[nav.Item, ...]:
    found = nav.groups((*nav.MAIN, *nav.SETTINGS), actor, path, {}, nav.routed)
    return tuple(item for group in found for item in group.items)
