"""The token of a session: 256 random bits in a cookie; the store knows its SHA-256 only."""

from __future__ import annotations

import hashlib
import re
import secrets

from vedette_guard.decisions.sessions import SessionRules

_SHAPE = re.compile(r"[A-Za-z0-9_-]{43}")
_KEY = "session:"
SHOWN = 16  # digits of a key that name a session in lists: enough to tell apart, of no use as a token


def new_token() -> str:
    """Return a fresh token."""
    return secrets.token_urlsafe(32)


def key_of(token: str) -> str | None:
    """Return the key a token's session is kept under; None for what is no token."""
    return _KEY + hashlib.sha256(token.encode()).hexdigest() if _SHAPE.fullmatch(token) else None


def ref_of(key: str) -> str:
    """Return how a session is named to people."""
    return key[len(_KEY) :][:SHOWN]


def owner_of(user: str) -> str:
    """Return whose rows a user's sessions are."""
    return f"session:{user}" if user else ""


def cookie_name(rules: SessionRules) -> str:
    """Return the cookie's name as browsers know it."""
    return f"__Host-{rules.cookie}" if rules.secure else rules.cookie


def token_in(header: str, rules: SessionRules) -> str:
    """Return the token of a Cookie header; empty when there is none.

    Plain names over HTTPS are not looked at: a sibling domain may have planted them.
    """
    wanted = cookie_name(rules)
    pairs = (pair.strip().partition("=") for pair in header.split(";"))
    return next((value.strip('"') for name, _, value in pairs if name == wanted), "")


def set_cookie(token: str, rules: SessionRules) -> str:
    """Return the value of Set-Cookie that gives a token to a browser; of an empty token, that takes it away."""
    words = [f"{cookie_name(rules)}={token}", "Path=/", "HttpOnly", f"SameSite={rules.same_site}"]
    if rules.secure:
        words.append("Secure")
    if not token:
        words.append("Max-Age=0")
    elif rules.persistent:
        lasts = min(rules.longest_seconds, rules.idle_seconds)
        words.append(f"Max-Age={int(min(lasts, 34_560_000))}")  # browsers keep none for more than 400 days
    return "; ".join(words)
