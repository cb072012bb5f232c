"""Cookies (RFC 6265bis) on their way out and in: what is missing is added, what is said is never weakened."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass

from vedette_guard.policy import Cookies

PREFIX = "__Host-"
# What names of cookies that open a session have in common; a page's scripts have no business with them.
SESSIONS = re.compile(r"sess|auth(?!or)|token|jwt|remember|(?:^|[._-])sid$", re.IGNORECASE)
FOR_SCRIPTS = re.compile(r"csrf|xsrf", re.IGNORECASE)


@dataclass(frozen=True)
class Worn:
    """What becomes of a cookie: its name from now on, and the attributes that are added to it."""

    name: str
    added: tuple[str, ...]


def wear(cookies: Cookies, name: str, said: dict[str, str], *, https: bool) -> Worn:
    """Return what becomes of a cookie; `said` are its attributes, by lower-case names."""
    if name in cookies.untouched:
        return Worn(name, ())
    prefixed = https and _can_be_prefixed(cookies, name, said)
    wanted = {
        "Secure": https and (cookies.secure or prefixed or said.get("samesite", "").lower() == "none"),
        "HttpOnly": _is_hidden(cookies, name),
        f"SameSite={cookies.same_site}": bool(cookies.same_site),
        "Path=/": prefixed,
    }
    added = tuple(
        text for text, asked in wanted.items() if asked and text.partition("=")[0].lower() not in said
    )
    return Worn(PREFIX + name if prefixed else name, added)


def _can_be_prefixed(cookies: Cookies, name: str, said: dict[str, str]) -> bool:
    """Tell whether browsers would take it as `__Host-`: for the whole host, and no other."""
    return name in cookies.host_prefix and not said.get("domain") and said.get("path", "/") == "/"


def _is_hidden(cookies: Cookies, name: str) -> bool:
    if cookies.http_only == "off" or name in cookies.readable:
        return False
    if cookies.http_only == "all":
        return True
    return bool(SESSIONS.search(name)) and not FOR_SCRIPTS.search(name)


def outgoing(cookies: Cookies, *, https: bool) -> Callable[[str], str]:
    """Return a function that makes of a Set-Cookie header what leaves; it remembers all but the values."""

    @functools.lru_cache(256)
    def dressed(name: str, attributes: str) -> tuple[str, str]:
        parts = [text.strip() for text in attributes.split(";") if text.strip()]
        pairs = (text.partition("=") for text in parts)
        worn = wear(
            cookies, name, {key.strip().lower(): value.strip() for key, _, value in pairs}, https=https
        )
        return worn.name, "".join(f"; {text}" for text in (*parts, *worn.added))

    def leaves(header: str) -> str:
        pair, _, attributes = header.partition(";")
        name, equals, value = pair.partition("=")
        name, rest = dressed(name.strip(), attributes)
        return f"{name}{equals}{value}{rest}"

    return leaves


def incoming(cookies: Cookies, header: str, *, https: bool) -> str:
    """Return a Cookie header as the application sees it: prefixed names become its own.

    Over HTTPS a plain name that should be prefixed is left out: a sibling domain may have planted it.
    """
    if not cookies.host_prefix:
        return header
    kept = [_seen(cookies, pair.strip(), https=https) for pair in header.split(";")]
    return "; ".join(pair for pair in kept if pair)


def _seen(cookies: Cookies, pair: str, *, https: bool) -> str:
    name = pair.partition("=")[0].strip()
    if name.startswith(PREFIX) and name[len(PREFIX) :] in cookies.host_prefix:
        return pair[len(PREFIX) :]
    return "" if https and name in cookies.host_prefix else pair
