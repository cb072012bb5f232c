"""The Observatory's test of cookies. Decisions only; the source is that of `table.json`."""

from collections.abc import Iterator

from vedette.instruments.scan.site.cookies import cookies_of
from vedette.instruments.scan.site.passive import headers
from vedette.instruments.scan.site.types import Cookie, Site

_IGNORED = "heroku-session-affinity"  # set by the platform, not by the site
_SAME = frozenset({"lax", "strict", "none"})
_RANKS = (  # from the best to the worst
    "cookies-without-secure-flag-but-protected-by-hsts",
    "cookies-without-secure-flag",
    "cookies-session-without-secure-flag-but-protected-by-hsts",
    "cookies-samesite-flag-invalid",
    "cookies-anticsrf-without-samesite-flag",
    "cookies-session-without-httponly-flag",
    "cookies-session-without-secure-flag",
)


def outcome(site: Site) -> str:
    """Return the outcome, that of the worst cookie; on this machine without TLS a cookie may be sent in clear."""
    found = [each for each in cookies_of((*site.chain, site.start)) if each.name != _IGNORED]
    if not found:
        return "cookies-not-found"
    protected = site.secure and (headers.max_age(site.start) or 0) >= headers.HALF_A_YEAR
    faults = [
        fault
        for each in found
        for fault in _faults(each, hsts="-but-protected-by-hsts" if protected else "", trusted=site.trusted)
    ]
    if faults:
        return max(faults, key=_RANKS.index)
    same = all("samesite" in each.attributes for each in found)
    return f"cookies-secure-with-httponly-sessions{'-and-samesite' if same else ''}"


def _faults(cookie: Cookie, *, hsts: str, trusted: bool) -> Iterator[str]:
    """Return what is wrong; a session is what has `sess` or `login` in its name, as published."""
    has, low = cookie.attributes, cookie.name.lower()
    session = "sess" in low or "login" in low
    clear = "secure" not in has
    same = has.get("samesite", "lax").lower()
    if same not in _SAME or (same == "none" and clear):
        yield "cookies-samesite-flag-invalid"
    if clear and not trusted:
        yield f"cookies-{'session-' if session else ''}without-secure-flag{hsts}"
    if "csrf" in low and "samesite" not in has:
        yield "cookies-anticsrf-without-samesite-flag"
    if session and "httponly" not in has:
        yield "cookies-session-without-httponly-flag"
