"""Collects a site: the start page, the hops to it, and at most ten pages it links to; never another host."""

from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

from vedette.core.errors import VedetteError
from vedette.instruments.probe.http.redirecting import STATUSES
from vedette.instruments.probe.types import Failed
from vedette.instruments.scan.fetching import Fetcher, Page
from vedette.instruments.scan.site import html
from vedette.instruments.scan.site.types import Site, origin
from vedette.instruments.scan.types import CannotKnow

_MOST_LINKS = 10
_MOST_HOPS = 5
_SEEN = {401, 404}  # a sign-in, or nothing at this path: the site itself answers
_LEAVES = ("logout", "signout", "sign-out", "log-out", "delete", "remove", "unsubscribe")


async def collect(url: str, plain: str, fetcher: Fetcher, now: float, *, local: bool) -> Site:
    """Return a site; raises `CannotKnow` when its start page does not come, and `Failed` when nothing answers."""
    chain = await _chain(url, fetcher)
    start = chain[-1]
    if start.status >= 500 or (start.status >= 400 and start.status not in _SEEN):
        raise CannotKnow(
            f"{url} answers {start.status}: the site itself was not seen.",
            "Scan it when it works, and let this scan pass where a firewall or a limit holds it back.",
        )
    if start.status in STATUSES:
        raise CannotKnow(
            f"{url} redirects without end or to another host ({start.first('location')[:200]}).",
            "Scan that one.",
        )
    documents = [html.read(start.text) if start.is_html else html.read("")]
    pages = [start]
    unseen: list[str] = []
    for link in list(_links(start, documents[0]))[:_MOST_LINKS]:
        try:
            page = await fetcher.get(link, cut=True)
        except Failed as error:
            unseen.append(f"{link}: {error}")
            continue
        if page.status >= 500:
            unseen.append(f"{link}: it answers {page.status}")
        elif page.status not in STATUSES:
            pages.append(page)
            documents.append(html.read(page.text) if page.is_html else html.read(""))
    hops = await _plain(plain, fetcher) if start.url.startswith("https:") and plain else ()
    return Site(
        pages=tuple(pages),
        documents=tuple(documents),
        now=now,
        local=local,
        chain=chain,
        plain=hops,
        unseen=tuple(unseen),
    )


async def _chain(url: str, fetcher: Fetcher) -> tuple[Page, ...]:
    """Return the hops from an URL as far as they stay on the host."""
    found = [await fetcher.get(url)]
    while found[-1].status in STATUSES and len(found) <= _MOST_HOPS:
        after = urljoin(found[-1].url, found[-1].first("location"))
        if urlsplit(after).hostname != urlsplit(url).hostname:
            break
        found.append(await fetcher.get(after))
    return tuple(found)


async def _plain(url: str, fetcher: Fetcher) -> tuple[Page, ...]:
    """Return the hops from the address without TLS; none when nothing answers there, which is well."""
    try:
        return await _chain(url, fetcher)
    except VedetteError:
        return ()


def _links(page: Page, document: html.Document) -> Iterator[str]:
    """Return links of the same origin, each path once; none whose name says that it does something."""
    seen = {urlsplit(page.url).path}
    for tag in document.named("a"):
        link = urljoin(page.url, tag.attributes.get("href", "#")).partition("#")[0]
        path = urlsplit(link).path
        if (
            origin(link) == origin(page.url)
            and path not in seen
            and not any(w in link.lower() for w in _LEAVES)
        ):
            seen.add(path)
            yield link
