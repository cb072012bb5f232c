"""Who and what is let in by nginx: parts of the paths, hosts, HTTPS, and requests of foreign pages."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from vedette_guard.plan import Plan, Plans
from vedette_guard.policy import Policy
from vedette_guard.proxies.nginx_text import Text, quote
from vedette_guard.proxies.places import ANY_HOST, ODD, Place, cascade, host, origin, pcre, under

OWN_HOST = r"~*^https?://([^ ]+?)\.?(?::80|:443)? \1\.?(?::80|:443)?\z"
ZERO, ONE = quote("0"), quote("1")


def maps(text: Text, plans: Plans, where: tuple[Place, ...]) -> None:
    """Add the maps that decide."""
    text.map("$request_uri", "guard_path", [(quote("~" + ODD), quote(""))], "$uri")
    named = [(quote("~" + under(place.prefix, pcre)), place.name) for place in where if place.prefix]
    text.map("$guard_path", "guard_place", named, quote(""))
    # WebSockets alone: h2c would be a tunnel past everything that is decided here.
    socket = quote("~*^websocket\\z")
    text.map("$http_upgrade", "guard_upgrade", [(socket, "websocket")], quote(""))
    text.map("$http_upgrade", "guard_connection", [(socket, "upgrade")], quote(""))
    _hosts(text, plans.root.policy.hosts)
    _moved(text, where)
    _foreign(text, where)


def refusals(policy: Policy, *, secure: bool) -> list[str]:
    """Return what a server refuses or sends elsewhere, in the guard's own order."""
    port = "" if policy.https.port == 443 else f":{policy.https.port}"
    moved = [
        "if ($guard_moved = 403) { return 403; }",
        *(f"if ($guard_moved = {s}) {{ return {s} https://$host{port}$request_uri; }}" for s in (301, 308)),
    ]
    return [
        "if ($guard_host = 0) { return 400; }",
        *([] if secure else moved),
        "if ($guard_foreign = 1) { return 403; }",
    ]


def _hosts(text: Text, patterns: tuple[str, ...]) -> None:
    shapes = [host(pattern, pcre) for pattern in patterns] or [ANY_HOST]
    rows = [(quote(rf"~*^(?!.*\.\.){shape}\z"), ONE) for shape in dict.fromkeys(shapes)]
    nameless = [] if patterns else [(quote(""), ONE)]
    text.map("$http_host", "guard_host", [*nameless, *rows], ZERO)


def _moved(text: Text, where: tuple[Place, ...]) -> None:
    """Add the map that says by which status plain HTTP is sent to HTTPS."""
    rows = cascade(where, lambda plan: plan.policy.https.plain, ZERO, _flag(lambda p: p.https.redirect))
    _cascade(text, "guard_redirect", rows)
    text.map('"$guard_redirect:$guard_socket:$request_method"', "guard_moved", [
        (quote("~^0"), quote("")), (quote("~^1:1"), "403"), (quote("~^1:0:(GET|HEAD)\\z"), "301"),
    ], "308")  # fmt: skip
    text.map("$http_upgrade", "guard_socket", [(quote("~*^websocket\\z"), ONE)], ZERO)


def _flag(wanted: Callable[[Policy], bool]) -> Callable[[Plan], str]:
    return lambda plan: ONE if wanted(plan.policy) else ZERO


def _cascade(text: Text, name: str, rows: Iterable[tuple[str, str]]) -> None:
    """Add a map over the paths; the row of an empty prefix is the default."""
    table = dict(rows)
    otherwise = table.pop("")
    inner = [(quote("~" + under(prefix, pcre)), value) for prefix, value in table.items()]
    text.map("$guard_path", name, inner, otherwise)


def _foreign(text: Text, where: tuple[Place, ...]) -> None:
    """Add the map that decides as `decisions.csrf` does."""
    rows = cascade(where, lambda plan: plan.policy.csrf.exempt, ZERO, _flag(lambda p: p.csrf.on))
    _cascade(text, "guard_csrf", rows)
    text.map(
        "$request_method",
        "guard_changes",
        [(quote(f"~^{m}\\z"), ZERO) for m in ("GET", "HEAD", "OPTIONS")],
        ONE,
    )
    siblings = [(quote(f"{p.name}:same-site"), "own") for p in where if p.plan.policy.csrf.same_site]
    own = [(quote(rf"~:{word}\z"), "own") for word in ("same-origin", "none")]
    absent = (quote(r"~:\z"), quote(""))
    text.map('"$guard_place:$http_sec_fetch_site"', "guard_site", [*siblings, *own, absent], "foreign")
    trusted = [
        (quote(f"~*^{p.name}:{origin(text_, pcre)}\\z"), ONE)
        for p in where
        for text_ in sorted(p.plan.trusted)
        if text_
    ]
    text.map('"$guard_place:$http_origin"', "guard_trusted", trusted, ZERO)
    same = [(quote("~^ "), ONE), (quote(OWN_HOST), ONE)]
    text.map('"$http_origin $http_host"', "guard_own_host", same, ZERO)
    judged = '"$guard_csrf$guard_changes$guard_socket:$guard_trusted:$guard_site:$guard_own_host"'
    text.map(judged, "guard_foreign", [
        (quote("~^0"), ZERO), (quote("~^100"), ZERO), (quote("~:own:"), ZERO), (quote("~^...:1:"), ZERO),
        (quote("~::1\\z"), ZERO),
    ], ONE)  # fmt: skip
