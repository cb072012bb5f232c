"""Every fault of a domain is found, and none is invented; what is not answered is unknown."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support import signing
from tests.support.domains import ALWAYS, FAULTS, WITHOUT, OwnServer, own_server, scanned
from tests.support.names import NameServer
from tests.support.ports import free_port
from tests.support.sites import Answer, Fault, served
from tests.support.sites import Asked as Asks

from vedette.core.address import AddressPolicy
from vedette.core.clock import monotonic
from vedette.instruments.probe.types import Standpoint
from vedette.instruments.scan.dns import registry as checks
from vedette.instruments.scan.dns.checks import delegation
from vedette.instruments.scan.dns.zone import Zone
from vedette.wire.scan import ScanReport

ELSEWHERE = {"open-resolver", "dnssec-broken", "mta-sts-testing", "mta-sts-misses-mx"}


def found(report: ScanReport) -> set[str]:
    return {each.check.removeprefix("dns-") for each in report.findings}


@pytest.fixture(scope="module")
def server() -> Iterator[OwnServer]:
    made = own_server()
    yield made
    made.close()


@pytest.fixture(scope="module")
def pages() -> Iterator[str]:
    """Serve what GitHub does for names that nobody has and that somebody has, and give the port."""

    def page(asked: Asks) -> Answer:
        free = asked[3]["host"].startswith("docs.unclaimed.test")
        return (
            (404, {}, b"<p>There isn't a GitHub Pages site here.</p>") if free else (200, {}, b"<p>Ours</p>")
        )

    with served(Fault(does=page)) as url:
        yield url.rstrip("/").rpartition(":")[2]


@pytest.mark.parametrize("domain", FAULTS)
def test_a_domain_is_told_exactly_its_fault(
    domain: str, server: OwnServer, pages: str, tmp_path: Path
) -> None:
    report = scanned(domain, server, tmp_path, port=pages)
    assert not report.unknown
    without = WITHOUT.get(domain, set())
    assert found(report) == (ALWAYS - without) | set(FAULTS[domain][1])


def test_a_page_of_a_service_that_is_not_seen_is_unknown_and_keeps_what_was_found(
    server: OwnServer, tmp_path: Path
) -> None:
    report = scanned("unclaimed.test", server, tmp_path, port=str(free_port()))
    assert not report.complete
    assert ["docs.unclaimed.test" in each.why for each in report.unknown] == [True]
    assert found(report) == ALWAYS


def test_every_check_has_a_domain_that_fails_it() -> None:
    shown = {check for _, fails in FAULTS.values() for check in fails}
    assert set(checks.checks()) == shown | ALWAYS | ELSEWHERE


def test_a_server_that_answers_for_others_is_an_open_resolver(tmp_path: Path) -> None:
    open_one = own_server(recurses=True)
    try:
        assert "open-resolver" in found(scanned("clean.test", open_one, tmp_path))
    finally:
        open_one.close()


def test_what_only_an_owner_may_ask_is_not_asked_of_servers_of_others() -> None:
    provider = own_server(recurses=True)
    asked = Standpoint(policy=AddressPolicy(allow_private=True), name_servers=(provider.at,))
    zone = Zone("given.test", asked, monotonic() + 20.0, own=[("127.0.0.1", provider.port)])
    try:
        assert asyncio.run(_hits(zone)) == []
        questions = list(provider.asked)
        zone.ours = _everybodys
        assert asyncio.run(_hits(zone)) == ["zone-transfer", "open-resolver"]
    finally:
        provider.close()
    assert provider.asked != questions
    assert zone.facts["transfers and recursion"].startswith("not asked of 127.0.0.1: not proven")
    assert not [each for each in questions if "AXFR" in each or "example.com" in each]


async def _everybodys(_name: str, _address: str) -> bool:
    return True


async def _hits(zone: Zone) -> list[str]:
    return [each.check async for each in delegation.probe(zone)]


@pytest.mark.parametrize("broken", [False, True])
def test_signatures_are_proven_from_the_anchor_down(broken: bool, tmp_path: Path) -> None:
    zones, anchor = signing.zones()
    if broken:  # the child is signed by another key than its parent names
        zones[1] = signing.zones()[0][1]
    server = NameServer({}, zones)
    try:
        hits = found(scanned("child.signed.test", server, tmp_path, anchors=anchor))
    finally:
        server.close()
    assert ("dnssec-broken" in hits) is broken
    assert "dnssec-missing" not in hits
