"""Name servers of a domain: how many, whether each knows it, whom they tell all, and whom they serve."""

import asyncio
from collections.abc import AsyncIterator

from vedette.core.clock import monotonic
from vedette.instruments.probe import resolving
from vedette.instruments.probe.dns import asking
from vedette.instruments.probe.dns.asking import Flags, Server
from vedette.instruments.probe.types import Failed, Request
from vedette.instruments.scan.checking import Check, Hit
from vedette.instruments.scan.dns.zone import Zone
from vedette.instruments.scan.types import CannotKnow

CHECKS = (
    Check("ns-single", "One name server answers for the domain alone", 3.0, "When it is away, so is all of the domain.", "Add a second one in another network."),
    Check("ns-lame", "A name server does not know the domain", 4.0, "Some look-ups fail; a server nobody owns may be taken over.", "Remove it from the delegation, or set the zone up on it."),
    Check("zone-transfer", "Anybody can copy the whole zone", 5.0, "Every name you have is listed, the hidden ones too.", "Allow AXFR to your secondaries alone."),
    Check("open-resolver", "A name server answers for other domains, too", 5.0, "It is used to flood others, and its cache can be poisoned.", "Switch recursion off, or keep it to your own network."),
)  # fmt: skip
_ELSEWHERE = "example.com"
_SECONDS = 4.0
_MOST_SERVERS = 8


async def probe(zone: Zone) -> AsyncIterator[Hit]:
    """Ask every name server itself."""
    names = [text.rstrip(".").lower() for text in await zone.records(zone.domain, "NS")]
    if len(names) == 1:
        yield Hit("ns-single", zone.domain, names[0])
    others: list[str] = []
    for name, server in await _servers(zone, names):
        async for hit in _asked(zone, name, server, others):
            yield hit
    if others:
        zone.facts["transfers and recursion"] = (
            f"not asked of {', '.join(others)}: not proven to be yours (vedette scan prove NAME says how)"
        )


async def _servers(zone: Zone, names: list[str]) -> list[tuple[str, Server]]:
    if zone.own:
        return [(server[0], server) for server in zone.own]
    found = []
    for name in sorted(names)[:_MOST_SERVERS]:
        addresses = await resolving.addresses_of(name, Request(url=name), zone.standpoint, _SECONDS)
        found.append((name, (addresses[-1], 53)))
    return found


async def _asked(zone: Zone, name: str, server: Server, others: list[str]) -> AsyncIterator[Hit]:
    """Ask one name server; what only its owner may ask is asked of our own alone, `others` gets the rest."""
    from dns.flags import AA, RA

    end = min(zone.end, monotonic() + _SECONDS)
    try:
        answer, _ = await asking.ask([server], zone.domain, "SOA", end, Flags(recursive=False))
    except (Failed, TimeoutError) as error:
        raise CannotKnow(
            f"The name server {name} did not answer for {zone.domain}.", "Scan again."
        ) from error
    if int(answer.rcode()) != 0 or not answer.flags & AA:
        yield Hit("ns-lame", zone.domain, f"{name} does not answer with authority", name)
        return
    if not await zone.ours(name, server[0]):
        others.append(name)
        return
    if await _transfers(zone.domain, server):
        yield Hit("zone-transfer", zone.domain, f"{name} gives all of it", name)
    other, _ = await asking.ask([server], _ELSEWHERE, "A", monotonic() + _SECONDS, Flags())
    if other.flags & RA and other.answer:
        yield Hit("open-resolver", zone.domain, f"{name} answers for {_ELSEWHERE}", name)


async def _transfers(domain: str, server: Server) -> bool:
    """Tell whether the first message of a transfer comes; the rest is not read. No answer at all is a refusal."""
    import dns.asyncquery
    import dns.message
    from dns.exception import DNSException
    from dns.rdatatype import SOA

    query = dns.message.make_query(domain, "AXFR")
    try:
        async with asyncio.timeout(_SECONDS):
            answer = await dns.asyncquery.tcp(query, server[0], port=server[1], timeout=_SECONDS)
    except (DNSException, OSError, EOFError, TimeoutError):
        return False
    return int(answer.rcode()) == 0 and any(rrset.rdtype == SOA for rrset in answer.answer)
