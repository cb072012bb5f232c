"""The words of a site's scan: what was collected."""

from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

import msgspec

from vedette.instruments.scan.fetching import Page
from vedette.instruments.scan.site.html import Document


class Cookie(NamedTuple):
    """One Set-Cookie, its attributes by lower-case name."""

    name: str
    value: str
    attributes: dict[str, str]
    place: str


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """What was collected of a site.

    `chain` are the hops from the URL that was asked to `pages[0]`, `plain` those from the address without TLS (empty where
    there is none). `local` says that it runs on this machine, where browsers trust plain HTTP (Secure Contexts, section 3.1).
    `unseen` are links that did not answer, each with why.
    """

    pages: tuple[Page, ...]
    documents: tuple[Document, ...]
    now: float
    local: bool
    chain: tuple[Page, ...] = ()
    plain: tuple[Page, ...] = ()
    unseen: tuple[str, ...] = ()

    @property
    def start(self) -> Page:
        """Return the page that the URL leads to."""
        return self.pages[0]

    @property
    def secure(self) -> bool:
        """Tell whether it is spoken to by HTTPS."""
        return self.start.url.startswith("https:")

    @property
    def trusted(self) -> bool:
        """Tell whether browsers trust it without TLS: it is on this machine, and nobody asked for it by HTTPS."""
        return self.local and not any(page.url.startswith("https:") for page in (*self.chain, self.start))

    def at(self, path: str) -> str:
        """Return an URL of the site."""
        return urljoin(self.start.url, path)


def origin(url: str) -> tuple[str, str, int]:
    """Return scheme, host and port of an URL."""
    found = urlsplit(url)
    return found.scheme, found.hostname or "", found.port or {"http": 80, "https": 443}.get(found.scheme, 0)


def joined(url: str, link: str) -> str:
    """Return where a link of a page leads."""
    return urljoin(url, link)


def bare(url: str) -> str:
    """Return host and path of an URL, 200 characters at most."""
    found = urlsplit(url)
    return f"{found.netloc}{found.path}"[:200]
