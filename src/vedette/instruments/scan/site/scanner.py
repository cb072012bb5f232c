"""The scanner of sites: headers, policies, cookies, exposed files and parameters, by GET alone, as nobody signed in."""

import asyncio
from urllib.parse import urlsplit

from vedette.core.clock import monotonic
from vedette.core.errors import VedetteError
from vedette.instruments.probe.types import Failed
from vedette.instruments.scan import owning
from vedette.instruments.scan.checking import Hit, told
from vedette.instruments.scan.fetching import Fetcher
from vedette.instruments.scan.site.types import Site
from vedette.instruments.scan.types import Asked, CannotKnow, Progress, Scanner, Takes
from vedette.wire.scan import ScanReport, Unknown

_MOST_BUSY = 3


def scan(asked: Asked, progress: Progress) -> ScanReport:
    """Look at a site; raises `CannotKnow` when it is not ours, does not answer, or answers with errors alone."""
    url = asked.target if "://" in asked.target else f"https://{asked.target}"
    if urlsplit(url).scheme not in {"http", "https"}:
        raise CannotKnow(f"{url[:200]} is no site.", "Write https://shop.example.")
    proven = owning.proven(asked)
    try:
        return asyncio.run(_scanned(asked, url, proven, progress))
    except Failed as error:
        raise CannotKnow(str(error), "See that the site answers from here, and scan again.") from error


async def _scanned(asked: Asked, url: str, proven: owning.Proven, progress: Progress) -> ScanReport:
    from vedette.instruments.scan.site import registry
    from vedette.instruments.scan.site.collecting import collect
    from vedette.instruments.scan.site.observatory import scoring

    end = monotonic() + asked.deadline
    fetcher = Fetcher(proven.host, proven.addresses, proven.standpoint, end, paced=not proven.local)
    progress("pages", 0.0)
    site = await collect(url, _plain_of(url, asked), fetcher, asked.now, local=proven.local)
    hits: list[Hit] = [hit for look in registry.looks() for hit in look(site)]
    unknown: list[Unknown] = []
    for number, (name, probe) in enumerate(registry.probes(), 1):
        progress(name, number / (len(registry.probes()) + 1))
        try:
            async for hit in probe(site, fetcher):
                hits.append(hit)  # noqa: PERF401 - what was found before it failed is kept
        except VedetteError as error:
            unknown.append(Unknown(subject=f"{url}: {name}", why=str(error), fix="Scan again."))
    unknown += await _unseen(site, fetcher)
    score = scoring.score(site, {hit.check for hit in hits})
    facts = {
        "grade": score.grade,
        "score": str(score.points),
        "modifiers": ", ".join(score.outcomes),
        "pages": str(len(site.pages)),
        "requests": str(fetcher.made),
        "address": ", ".join(proven.addresses),
    }
    return ScanReport(
        scanner="site", target=asked.target, at=asked.now, findings=tuple(told("site", registry.checks(), hits)), unknown=tuple(unknown),
        facts=facts, complete=not unknown,
    )  # fmt: skip


async def _unseen(site: Site, fetcher: Fetcher) -> list[Unknown]:
    """Return what answers like a firewall or a limit hide: links that failed, and files that may be there all the same.

    A path that cannot be there is asked for last: who is refused by then was refused before.
    """
    told = [
        Unknown(subject=site.start.url, why=f"A link was not seen: {each}", fix="Scan again.")
        for each in site.unseen
    ]
    try:
        control = (await fetcher.get(site.at("/vedette-no-such-page-7f3a"), cut=True)).status
    except VedetteError as error:
        return [*told, Unknown(subject=site.start.url, why=str(error), fix="Scan again.")]
    held = fetcher.statuses[429] or fetcher.statuses[503] >= _MOST_BUSY or control == 403 or control >= 500
    if not held:
        return told
    why = f"The site held requests back ({fetcher.statuses[429]} times 429, {fetcher.statuses[503]} times 503; {control} for a page that is not there): what it serves was not seen."
    return [*told, Unknown(subject=f"{site.start.url}: exposed files", why=why, fix="Let this scan pass the firewall and the limit, and scan again.")]  # fmt: skip


def _plain_of(url: str, asked: Asked) -> str:
    """Return the address of the same site without TLS: what the option says, or port 80 beside 443."""
    if "plain" in asked.options:
        return asked.options["plain"]
    parts = urlsplit(url)
    return f"http://{parts.netloc}/" if parts.scheme == "https" and parts.port in {None, 443} else ""


SCANNER = Scanner(
    kind="site",
    label="Site",
    about="Headers, content policy, cookies, what is exposed, and what parameters do, by GET alone.",
    takes=Takes.URL,
    scan=scan,
    outward=True,
    options={
        "plain": "The address without TLS, when it is not port 80 of the same host.",
        "authority": "A file of PEM certificates to trust instead of the system's.",
    },
)
