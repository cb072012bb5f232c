"""Who and what is let in by Caddy: parts of the paths, hosts, HTTPS, and requests of foreign pages."""

from __future__ import annotations

from vedette_guard.policy import Policy
from vedette_guard.proxies.caddy_text import block, word
from vedette_guard.proxies.places import ANY_HOST, ODD, Place, cascade, host, origin, re2, under

HOST = "{http.request.hostport}"
UNSAFE = "not method GET HEAD OPTIONS"
MOVED = "vars {http.vars.guard_moved} yes"
END, DOTS = r"\z", r"`\.\.`"
SOCKET = 'header_regexp Upgrade "(?i)^websocket$"'


def odd(name: str) -> list[str]:
    """Return the matcher of paths that could be read in two ways."""
    return [f"{name} vars_regexp {{http.request.orig_uri}} {word(ODD)}"]


def path(name: str, prefix: str) -> str:
    """Return the matcher of the paths under a prefix."""
    return f"{name} path_regexp {word(under(prefix, re2))}"


def hosts(patterns: tuple[str, ...]) -> list[str]:
    """Return what refuses hosts that are not served, in any spelling."""
    shapes = "|".join(dict.fromkeys(host(pattern, re2) for pattern in patterns)) if patterns else ANY_HOST
    return [
        f"@host not vars_regexp {HOST} {word(f'(?i)^({shapes}){END}')}",
        "respond @host 400",
        f"@dots vars_regexp {HOST} {DOTS}",
        "respond @dots 400",
    ]


def moved(policy: Policy, where: tuple[Place, ...]) -> list[str]:
    """Return what sends plain HTTP to HTTPS: GET by 301, else by 308; a WebSocket is refused."""
    rows = cascade(
        where, lambda plan: plan.policy.https.plain, False, lambda plan: plan.policy.https.redirect
    )
    if not any(sent for _, sent in rows):
        return []
    port = "" if policy.https.port == 443 else f":{policy.https.port}"
    target = f"https://{{http.request.host}}{port}{{http.request.uri}}"
    return [
        *_decided(rows),
        *block("@socket", [MOVED, SOCKET]), "respond @socket 403",
        *block("@get", [MOVED, "method GET HEAD"]), f"redir @get {target} 301",
        *block("@moved", [MOVED]), f"redir @moved {target} 308",
    ]  # fmt: skip


def _decided(rows: list[tuple[str, bool]]) -> list[str]:
    """Return what notes whether a request is sent away: each line stands over those before, the first row over all."""
    usual = _noted("", dict(rows)[""])
    lines = [usual]
    for number, (prefix, sent) in reversed(list(enumerate(rows))):
        if prefix:
            lines += [path(f"@moved{number}", prefix), _noted(f"@moved{number}", sent)]
    return [*lines, *odd("@oddly"), _noted("@oddly", dict(rows)[""])] if len(rows) > 1 else lines


def _noted(matcher: str, sent: bool) -> str:
    return " ".join(("vars", *([matcher] if matcher else []), "guard_moved", "yes" if sent else "no"))


def foreign(place: Place, *, odd: bool) -> list[str]:
    """Return what refuses requests of foreign pages, as `decisions.csrf` does; nothing is exempt on an odd path."""
    policy, plan = place.plan.policy, place.plan
    if not policy.csrf.on:
        return []
    own = "same-origin|none" + ("|same-site" if policy.csrf.same_site else "")
    trusted = "|".join(origin(text, re2) for text in sorted(plan.trusted) if text)
    but = [f"not header_regexp Origin {word(f'(?i)^({trusted}){END}')}"] if trusted else []
    but += (
        []
        if odd
        else [f"not path_regexp {word(under(text, re2))}" for text in policy.csrf.exempt if "\0" not in text]
    )
    told = ["header_regexp Sec-Fetch-Site .", f'not header_regexp Sec-Fetch-Site "^({own})$"']
    silent = [
        "not header_regexp Sec-Fetch-Site .", "header_regexp Origin .",
        f"not header Origin http://{HOST}", f"not header Origin https://{HOST}",
    ]  # fmt: skip
    lines = []
    for number, (kind, why) in enumerate((k, w) for k in (UNSAFE, SOCKET) for w in (told, silent)):
        name = f"@foreign{place.name}{number}{'odd' if odd else ''}"
        lines += [*block(name, [kind, *why, *but]), f'respond {name} "a foreign page sent it" 403']
    return lines
