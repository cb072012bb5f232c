"""What comes of parameters: redirects to anywhere, and text that is given back unescaped. Nothing is followed or changed."""

from collections.abc import AsyncIterator, Iterator
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from vedette.instruments.scan.checking import Check, Hit
from vedette.instruments.scan.fetching import Fetcher, Page
from vedette.instruments.scan.site import reflecting
from vedette.instruments.scan.site.types import Site

CHECKS = (
    Check("open-redirect", "A parameter redirects to any site", 4.5, "A link that begins with your name leads to a forgery.", "Redirect to paths of your own, or to a list."),
    Check("input-reflected", "A parameter is given back as HTML", 7.0, "A link makes the page run an attacker's script in a user's name.", "Escape it where it is put into the page; a content policy limits the harm."),
    Check("input-in-script", "A parameter is given back as part of a script", 7.5, "A link makes the page run an attacker's script in a user's name; escaping for HTML does not help there.", "Put it into a data attribute or JSON with < as \\u003c, and read it from the script."),
    Check("input-in-link", "A parameter is given back as the beginning of a link", 6.0, "A link that begins with javascript: runs when it is followed.", "Let links begin with https:// or /, and nothing else."),
)  # fmt: skip
_KNOWN = ("next", "url", "redirect", "return")
_AWAY = "https://vedette-scan.invalid/"
_MOST_URLS, _MOST_NAMES = 5, 3


async def probe(site: Site, fetcher: Fetcher) -> AsyncIterator[Hit]:
    """Try the parameters that links and forms of the site name, and usual ones of redirects on its start page."""
    seen: set[tuple[str, str]] = set()
    for url, name in _parameters(site):
        page = await fetcher.get(_with(url, name, _AWAY))
        if _leads_away(page) and ("open-redirect", name) not in seen:
            seen.add(("open-redirect", name))
            yield Hit("open-redirect", url, f"{name} → {page.first('location')}"[:200], name)
        async for hit in _reflected(url, name, fetcher):
            if (hit.check, name) not in seen:
                seen.add((hit.check, name))
                yield hit


async def _reflected(url: str, name: str, fetcher: Fetcher) -> AsyncIterator[Hit]:
    back = await fetcher.get(_with(url, name, reflecting.PROBE))
    if not back.is_html:
        return
    for check, words in reflecting.escapes(back.text):
        yield Hit(check, url, f"{name} comes back in {words}"[:300], name)
    if reflecting.leads(back.text):
        again = await fetcher.get(_with(url, name, reflecting.SCHEME))
        if again.is_html and reflecting.leads(again.text, reflecting.SCHEME):
            yield Hit("input-in-link", url, f"{name} comes back as a link, with javascript: as it is", name)


def _parameters(site: Site) -> Iterator[tuple[str, str]]:
    """Return URLs without their query and names of parameters, those that the site uses first."""
    found: dict[tuple[str, str], None] = {}
    for page, document in zip(site.pages, site.documents, strict=True):
        links = [urljoin(page.url, tag.attributes.get("href", "")) for tag in document.named("a")]
        for link in links:
            parts = urlsplit(link)
            if parts.netloc == urlsplit(page.url).netloc:
                bare = parts._replace(query="", fragment="").geturl()
                found.update({(bare, name): None for name, _ in parse_qsl(parts.query)[:_MOST_NAMES]})
        is_get = any(tag.attributes.get("method", "get").lower() == "get" for tag in document.named("form"))
        if is_get:
            names = [tag.attributes.get("name", "") for tag in document.named("input", "textarea")]
            found.update({(page.url, name): None for name in names[:_MOST_NAMES] if name})
    yield from list(found)[:_MOST_URLS]
    for name in _KNOWN:
        yield site.start.url, name


def _with(url: str, name: str, value: str) -> str:
    parts = urlsplit(url)
    return parts._replace(
        query=urlencode({**dict(parse_qsl(parts.query)), name: value}), fragment=""
    ).geturl()


def _leads_away(page: Page) -> bool:
    where = urljoin(page.url, page.first("location")) if 300 <= page.status < 400 else ""
    return urlsplit(where).hostname == urlsplit(_AWAY).hostname
