"""Names that lead to what is gone, which somebody else may claim; and names that lead somewhere whatever they are."""

from collections.abc import AsyncIterator

from vedette.instruments.probe import resolving
from vedette.instruments.probe.types import Failed, Request
from vedette.instruments.scan.checking import Check, Hit
from vedette.instruments.scan.dns.services import says_unclaimed, service_of
from vedette.instruments.scan.dns.zone import HTTP, Zone
from vedette.instruments.scan.fetching import Fetcher
from vedette.instruments.scan.types import CannotKnow

USUAL = (
    "www",
    "mail",
    "blog",
    "shop",
    "docs",
    "status",
    "dev",
    "staging",
    "test",
    "api",
    "app",
    "cdn",
    "old",
    "m",
    "help",
    "support",
)
CHECKS = (
    Check("cname-takeover", "A name leads to a service where anybody can claim it", 8.5, "Whoever does has a page under your name, with your cookies and a certificate.", "Remove the record, or claim the name there again."),
    Check("cname-dangling", "A name leads to one that does not exist", 5.0, "Whoever registers it has a page under your name.", "Remove the record."),
    Check("wildcard", "Every name of the domain leads somewhere", 0.0, "Names that nobody made look like yours; mistakes are not seen.", "Fine if it is meant to be."),
)  # fmt: skip
_SECONDS = 10.0
_NOBODY = "vedette-no-such-name-7f3a"


async def probe(zone: Zone) -> AsyncIterator[Hit]:
    """Follow the CNAMEs of usual names and of those that are told; raises `CannotKnow` in the end for pages not seen."""
    if await zone.records(f"{_NOBODY}.{zone.domain}", "A"):
        yield Hit("wildcard", f"*.{zone.domain}")
    unseen: list[str] = []
    for label in (*zone.names, *USUAL):
        name = label if label.endswith(f".{zone.domain}") else f"{label}.{zone.domain}"
        for target in await zone.records(name, "CNAME"):
            try:
                check, why = await _judged(zone, name, target.rstrip(".").lower())
            except Failed as error:
                unseen.append(f"{name} ({error})")
                continue
            if check:
                yield Hit(check, name, f"{name} → {target.rstrip('.').lower()}{why}"[:300])
    if unseen:
        raise CannotKnow(f"What is served at {', '.join(unseen)[:600]} was not seen.", "Scan again.")


async def _judged(zone: Zone, name: str, target: str) -> tuple[str, str]:
    """Return the check that a target fails and what shows it; raises `Failed` when its page does not come."""
    service = service_of(target)
    if not await zone.exists(target):
        return ("cname-takeover" if service else "cname-dangling"), ""
    if service is None or not service.says:
        return "", ""
    said = says_unclaimed(service, await _page(zone, name))
    return ("cname-takeover", f", where {service.name} says “{said}”") if said else ("", "")


async def _page(zone: Zone, name: str) -> str:
    """Return what is served at a name, by HTTP where that is answered, for who has no name has no certificate."""
    addresses = await resolving.addresses_of(name, Request(url=name), zone.standpoint, _SECONDS)
    fetcher = Fetcher(name, addresses, zone.standpoint, zone.end, paced=False)
    try:
        return (await fetcher.get(f"http://{name}:{zone.port}/")).text
    except Failed:
        if zone.port != HTTP:
            raise
    return (await fetcher.get(f"https://{name}/")).text
