"""Cookies: who may read them, where they are sent, and how long they live."""

from collections.abc import Iterator

from vedette.instruments.scan.checking import Check, Hit
from vedette.instruments.scan.site.cookies import cookies_of, is_csrf, is_session
from vedette.instruments.scan.site.types import Cookie, Site, origin

_MOST_AGE = 400 * 86_400  # browsers cut there (RFC 6265bis, section 5.5)
CHECKS = (
    Check("cookie-not-secure", "A cookie is sent in clear, too", 5.0, "Whoever sits on the way takes it.", "Set it with Secure."),
    Check("cookie-readable", "Scripts can read a session's cookie", 5.0, "A script that is injected once takes the session with it.", "Set it with HttpOnly."),
    Check("cookie-cross-site", "A session's cookie does not say SameSite", 3.0, "Other sites can send requests in a user's name, by browsers that do not default to Lax.", "Set it with SameSite=Lax or Strict."),
    Check("cookie-none-insecure", "A cookie with SameSite=None is not Secure", 3.5, "Browsers drop it, or others read it on the way.", "Set it with Secure, or with SameSite=Lax."),
    Check("cookie-prefix", "A cookie breaks what its prefix promises", 3.0, "Browsers refuse it: __Secure- needs Secure, __Host- also Path=/ and no Domain.", "Set what the prefix asks for."),
    Check("cookie-wide", "A session's cookie goes to every subdomain", 3.0, "The weakest of them can take it.", "Leave Domain out; __Host- makes sure of it."),
    Check("cookie-long-lived", "A session's cookie lives longer than 400 days", 2.0, "What is taken once works for long.", "Give it days, not years."),
)  # fmt: skip


def look(site: Site) -> Iterator[Hit]:
    """Return what is wrong with the cookies that were set."""
    for cookie in cookies_of((*site.chain, *site.pages)):
        for check in _faults(cookie, secure=site.secure):
            yield Hit(check, cookie.place, _shown(cookie), cookie.name[:100])


def _faults(cookie: Cookie, *, secure: bool) -> Iterator[str]:
    has, session = cookie.attributes, is_session(cookie)
    same = has.get("samesite", "").lower()
    if same == "none" and "secure" not in has:
        yield "cookie-none-insecure"
    elif secure and "secure" not in has:
        yield "cookie-not-secure"
    if session and "httponly" not in has:
        yield "cookie-readable"
    if (session or is_csrf(cookie)) and same not in {"lax", "strict", "none"}:
        yield "cookie-cross-site"
    if _breaks_prefix(cookie):
        yield "cookie-prefix"
    domain = has.get("domain", "").lstrip(".").lower()
    if session and domain and domain != origin(cookie.place)[1]:
        yield "cookie-wide"
    if session and has.get("max-age", "").isdigit() and int(has["max-age"][:15]) > _MOST_AGE:
        yield "cookie-long-lived"


def _breaks_prefix(cookie: Cookie) -> bool:
    has, low = cookie.attributes, cookie.name.lower()
    if low.startswith("__host-"):
        return "secure" not in has or has.get("path") != "/" or "domain" in has
    return low.startswith("__secure-") and "secure" not in has


def _shown(cookie: Cookie) -> str:
    """Return a cookie without its value, which may be a secret."""
    rest = "; ".join(f"{key}={text}" if text else key for key, text in cookie.attributes.items())
    return f"{cookie.name}=…; {rest}"[:300]
