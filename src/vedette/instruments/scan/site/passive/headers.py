"""Headers that tell browsers to be strict: sniffing, framing, referrers, encryption."""

import re
from collections.abc import Iterator

from vedette.instruments.scan.checking import Check, Hit
from vedette.instruments.scan.fetching import Page
from vedette.instruments.scan.site import csp
from vedette.instruments.scan.site.types import Site

HALF_A_YEAR = 15_768_000
_YEAR = 31_536_000
_UNSAFE = frozenset({"unsafe-url", "no-referrer-when-downgrade", "origin", "origin-when-cross-origin"})
_KNOWN = _UNSAFE | {"no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"}
CHECKS = (
    Check("nosniff-missing", "Browsers may guess the type of content", 2.0, "A file that somebody uploaded may be run as a script.", "Send X-Content-Type-Options: nosniff."),
    Check("framing-allowed", "Any site may frame this one", 4.0, "A page in an invisible frame takes clicks that were meant for another.", "Send Content-Security-Policy: frame-ancestors 'none' (or 'self')."),
    Check("referrer-leaks", "Addresses of pages are told to other sites", 2.0, "Paths and queries may hold what is private.", "Send Referrer-Policy: strict-origin-when-cross-origin or same-origin."),
    Check("not-encrypted", "The site is not encrypted", 7.0, "Whoever sits on the way reads and changes everything, passwords too.", "Serve it by HTTPS and redirect HTTP there."),
    Check("hsts-missing", "HTTPS is not enforced by browsers (no HSTS)", 4.0, "The first request of each visit may go out in clear and be taken over.", "Send Strict-Transport-Security: max-age=31536000; includeSubDomains."),
    Check("hsts-short", "HTTPS is enforced for less than half a year", 2.5, "Whoever comes back later is unprotected on the first request.", "Send max-age=31536000."),
    Check("hsts-not-preloadable", "HSTS asks to be preloaded and does not qualify", 1.5, "Browsers will not take it into their list.", "Preload needs max-age of a year or more, includeSubDomains and preload (hstspreload.org)."),
    Check("plain-not-redirected", "HTTP does not lead to HTTPS", 5.0, "Whoever types the name stays in clear.", "Answer on port 80 with 301 to https:// and the same host."),
    Check("redirect-off-host", "HTTP leads to another host before HTTPS", 2.0, "HSTS of this host is then never seen.", "Redirect http:// to https:// of the same host first."),
    Check("redirect-downgrade", "HTTPS leads back to HTTP", 6.0, "The way to the site can be taken over.", "Redirect to https:// alone."),
)  # fmt: skip


def look(site: Site) -> Iterator[Hit]:
    """Return what the start page does not ask of browsers."""
    page = site.start
    if page.first("x-content-type-options").lower() != "nosniff":
        yield Hit("nosniff-missing", page.url, page.first("x-content-type-options"))
    if page.is_html and not is_unframed(page):
        yield Hit("framing-allowed", page.url, page.first("x-frame-options"))
    if is_leaky(page.first("referrer-policy")):
        yield Hit("referrer-leaks", page.url, page.first("referrer-policy"))
    yield from _secured(site)
    yield from _plain(site)


def is_unframed(page: Page) -> bool:
    """Tell whether a page says who may frame it."""
    if page.first("x-frame-options").strip().lower() in {"deny", "sameorigin"}:
        return True
    return any("frame-ancestors" in csp.read(text) for text in page.all("content-security-policy"))


def is_known(policy: str) -> bool:
    """Tell whether a referrer policy holds a word that browsers know."""
    return any(each.strip().lower() in _KNOWN for each in policy.split(","))


def is_leaky(policy: str) -> bool:
    """Tell whether a referrer policy tells more than browsers do by themselves; the last one that is known counts."""
    known = [each.strip().lower() for each in policy.split(",") if each.strip().lower() in _KNOWN]
    return bool(known) and known[-1] in _UNSAFE


def max_age(page: Page) -> int | None:
    """Return the seconds of Strict-Transport-Security (RFC 6797), None without one that can be read."""
    found = re.search(r'(?i)(?:^|;)\s*max-age\s*=\s*"?(\d{1,12})', page.first("strict-transport-security"))
    return int(found[1]) if found else None


def _secured(site: Site) -> Iterator[Hit]:
    page = site.start
    if any(hop.url.startswith("https:") for hop in site.chain[:-1]) and not site.secure:
        yield Hit("redirect-downgrade", page.url)
    if not site.secure:
        if not site.trusted:
            yield Hit("not-encrypted", page.url)
        return
    age = max_age(page)
    if not age:
        yield Hit("hsts-missing", page.url, page.first("strict-transport-security"))
        return
    if age < HALF_A_YEAR:
        yield Hit("hsts-short", page.url, page.first("strict-transport-security"))
    words = page.first("strict-transport-security").lower()
    if "preload" in words and (age < _YEAR or "includesubdomains" not in words):
        yield Hit("hsts-not-preloadable", page.url, words[:200])


def _plain(site: Site) -> Iterator[Hit]:
    """Return what is wrong with the way from HTTP to HTTPS."""
    if not site.secure or not site.plain:
        return
    first, last = site.plain[0], site.plain[-1]
    to = first.first("location")
    if not last.url.startswith("https:") and not to.startswith("https:"):
        yield Hit("plain-not-redirected", first.url, f"{first.status} {to}"[:300])
    elif _host(to) and _host(to) != _host(first.url):
        yield Hit("redirect-off-host", first.url, to[:300])


def _host(url: str) -> str:
    return re.sub(r"^\w+://|[:/?#].*$", "", url).lower()
