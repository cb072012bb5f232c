"""What answers tell of the machinery behind, and of folders and caches."""

import re
from collections.abc import Iterator

from vedette.instruments.scan.checking import Check, Hit
from vedette.instruments.scan.fetching import Page
from vedette.instruments.scan.site.cookies import cookies_of, is_session
from vedette.instruments.scan.site.types import Site

# As few digits as tell: of many, each would be tried as the first.
_VERSION = re.compile(r"\d\.\d")
_TELLING = ("server", "x-powered-by", "x-aspnet-version", "x-aspnetmvc-version", "x-generator")
_LISTING = re.compile(r"(?i)^(?:index of /|directory listing for /|listing directory /)")
_DEBUG = re.compile(
    r"(?i)You're seeing this error because you have <code>DEBUG = True|Werkzeug Debugger|<title>Action Controller: Exception caught"
    r"|Whoops! There was an error|class=\"sf-dump|Symfony Exception|at \w+\.\w+\(\w+\.java:\d+\)|Traceback \(most recent call last\)"
)
CHECKS = (
    Check("version-told", "The server tells its version", 1.0, "Attackers look up what is wrong with it.", "Switch it off: server_tokens off, ServerTokens Prod, expose_php = Off."),
    Check("generator-told", "Pages tell the version of what made them", 1.0, "Attackers look up what is wrong with it.", "Remove <meta name=generator>."),
    Check("folder-listed", "A folder lists its files", 4.0, "What nobody was meant to find is found.", "Switch it off: autoindex off, Options -Indexes."),
    Check("error-details", "Errors show the inside of the application", 5.0, "Paths, settings and sometimes secrets are in them.", "Switch debugging off."),
    Check("private-page-cached", "A page with a session may be kept by shared caches", 4.0, "Others may get it, and its cookie.", "Send Cache-Control: private or no-store with it."),
)  # fmt: skip


def look(site: Site) -> Iterator[Hit]:
    """Return what the pages tell."""
    start = site.start
    for name in _TELLING:
        if _VERSION.search(start.first(name)):
            yield Hit("version-told", start.url, f"{name}: {start.first(name)}"[:200], name)
    for text in site.documents[0].meta("name", "generator"):
        if _VERSION.search(text):
            yield Hit("generator-told", start.url, text[:200])
    for page, document in zip(site.pages, site.documents, strict=True):
        if _LISTING.match(document.title):
            yield Hit("folder-listed", page.url, document.title[:200])
        if _DEBUG.search(page.text):
            yield Hit("error-details", page.url)
        if _is_shared(page):
            yield Hit("private-page-cached", page.url, page.first("cache-control")[:200])


def _is_shared(page: Page) -> bool:
    says = page.first("cache-control").lower()
    return any(map(is_session, cookies_of((page,)))) and ("public" in says or "s-maxage" in says)
