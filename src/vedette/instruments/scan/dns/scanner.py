"""The scanner of domains: mail that can be forged, signatures, name servers, and names that lead to what is gone."""

import asyncio
import functools

from vedette.core.clock import monotonic
from vedette.core.errors import VedetteError
from vedette.instruments.probe import resolving
from vedette.instruments.probe.targeting import name_server
from vedette.instruments.probe.types import Failed
from vedette.instruments.scan import owning
from vedette.instruments.scan.checking import Hit, told
from vedette.instruments.scan.types import Asked, CannotKnow, Progress, Scanner, Takes
from vedette.wire.scan import ScanReport, Unknown


def scan(asked: Asked, progress: Progress) -> ScanReport:
    """Look at a domain; raises `CannotKnow` when it does not exist or nobody answers for it."""
    try:
        return asyncio.run(_scanned(asked, owning.host_of(asked.target), progress))
    except Failed as error:
        raise CannotKnow(
            str(error), "See that the resolver answers, or name one: --option server=192.0.2.1."
        ) from error


async def _scanned(asked: Asked, domain: str, progress: Progress) -> ScanReport:
    from vedette.instruments.scan.dns import registry
    from vedette.instruments.scan.dns.zone import Zone

    standpoint = owning.standpoint_of(asked, asked.policy)
    for text in _listed(asked, "nameservers"):
        resolving.check_server(text, standpoint)
    zone = Zone(
        domain, standpoint, monotonic() + asked.deadline, now=asked.now,
        own=[name_server(text) for text in _listed(asked, "nameservers")],
        selectors=_listed(asked, "selectors"), names=_listed(asked, "names"), anchors=_listed(asked, "anchors"),
        port=_port(asked.options.get("port", "80")), ours=functools.partial(owning.is_ours, asked),
    )  # fmt: skip
    if not await zone.exists(domain, "SOA"):
        raise CannotKnow(f"{domain} does not exist.", "Write the domain as it is registered.")
    hits: list[Hit] = []
    unknown: list[Unknown] = []
    probes = registry.probes()
    for number, (name, probe) in enumerate(probes):
        progress(name, number / len(probes))
        try:
            async for hit in probe(zone):
                hits.append(hit)  # noqa: PERF401 - what was found before it failed is kept
        except VedetteError as error:
            unknown.append(
                Unknown(
                    subject=f"{domain}: {name}", why=str(error), fix="Scan again, or ask another resolver."
                )
            )
    return ScanReport(
        scanner="dns", target=asked.target, at=asked.now, findings=tuple(told("dns", registry.checks(), hits)),
        unknown=tuple(unknown), facts=zone.facts, complete=not unknown,
    )  # fmt: skip


def _listed(asked: Asked, name: str) -> list[str]:
    return [text.strip() for text in asked.options.get(name, "").split(",") if text.strip()]


def _port(text: str) -> int:
    if text.isascii() and text.isdigit() and 0 < int(text[:6]) < 65_536:
        return int(text)
    raise CannotKnow(f"{text[:20]!r} is no port.", "Write --option port=8080, or leave it out.")


SCANNER = Scanner(
    kind="dns",
    label="Domain",
    about="SPF, DKIM, DMARC, MTA-STS, CAA, DNSSEC, name servers, and names that lead to what is gone.",
    takes=Takes.DOMAIN,
    scan=scan,
    outward=True,
    options={
        "server": "The resolver to ask (192.0.2.1:53).",
        "nameservers": "The domain's own name servers, when they are not those it names.",
        "selectors": "Selectors of DKIM, by commas.",
        "names": "Names that may lead to what is gone, by commas.",
        "port": "The port where names at other services are asked by HTTP, 80 without it.",
        "anchors": "Trusted DS records, by commas, instead of the root's.",
    },
)
