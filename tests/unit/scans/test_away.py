"""A location scans what is due from it, and what it does not ask for or bring is blind."""

import msgspec
import pytest
from tests.support.rooms import NOW

from vedette.accounts.permissions import SYSTEM
from vedette.core.errors import Conflict, Invalid
from vedette.plumbing.testing import MemoryPorts
from vedette.scans import service
from vedette.scans.types import Brought, Errand, Outcome, Target
from vedette.wire.scan import ScanReport

pytestmark = pytest.mark.django_db(transaction=True)
PORTS = Target(scanner="ports", target="db-1", location="frankfurt")
LATER = NOW + 60.0
OURS = frozenset({"db-1"})


def claimed() -> Errand:
    errand = service.claim_from("frankfurt", OURS, LATER)
    assert errand is not None
    return errand


def brought(errand: Errand, scanner: str = "ports") -> Brought:
    facts = {"addresses": "198.51.100.7", "open": "22"}
    return Brought(errand.target, errand.now, ScanReport(scanner=scanner, target="x", at=LATER, facts=facts))


def test_a_target_of_a_location_is_claimed_there_and_nowhere_else(house: MemoryPorts) -> None:
    made = service.add(SYSTEM, PORTS, NOW)
    assert (service.claim(LATER), service.next_due()) == (None, None)
    assert service.claim_from("helsinki", OURS, LATER) is None
    errand = claimed()
    assert (errand.kind, errand.what, errand.owned, errand.private) == ("ports", "db-1", ("db-1",), False)
    assert service.claim_from("frankfurt", OURS, LATER) is None
    assert service.recover(LATER) == 0, "what a location does goes on when the server starts again"
    scan = service.bring("frankfurt", service.read_brought(msgspec.json.encode(brought(errand))), LATER)
    assert (scan.outcome, scan.facts["from"]) == (Outcome.CLEAN, "frankfurt")
    after = service.target(made.id)
    assert (after.running_since, after.location) == (None, "frankfurt")
    assert (after.next_at or 0.0) > LATER


def test_nobody_brings_what_was_not_asked_of_them(house: MemoryPorts) -> None:
    service.add(SYSTEM, PORTS, NOW)
    errand = claimed()
    for location, one in (
        ("helsinki", brought(errand)), ("frankfurt", brought(errand, "site")), ("frankfurt", msgspec.structs.replace(brought(errand), at=1.0)),
    ):  # fmt: skip
        with pytest.raises(Conflict):
            service.bring(location, one, LATER)
    with pytest.raises(Invalid):
        service.read_brought(b'{"target": 1}')


def test_only_hosts_with_an_agent_are_scanned_from_a_location(house: MemoryPorts) -> None:
    made = service.add(SYSTEM, PORTS, NOW)
    assert service.claim_from("frankfurt", frozenset({"web-1"}), LATER) is None
    assert service.target(made.id).sentence.startswith("Could not know: No agent runs on db-1")


def test_what_is_not_asked_for_or_not_brought_is_blind(house: MemoryPorts) -> None:
    made = service.add(SYSTEM, PORTS, NOW)
    assert service.miss(LATER) == 0
    assert service.miss(NOW + 2 * 3_600.0) == 1
    assert "did not ask for it" in service.target(made.id).sentence
    service.run_now(SYSTEM, made.id, LATER)
    claimed()
    assert (service.miss(LATER + 600.0), service.miss(LATER + 1_300.0)) == (0, 1)
    assert "did not bring" in service.target(made.id).sentence


@pytest.mark.parametrize("draft", [msgspec.structs.replace(PORTS, scanner="site", target="https://x.example"), msgspec.structs.replace(PORTS, location="No Slug")])  # fmt: skip
def test_only_ports_are_scanned_from_a_location_that_has_a_slug(house: MemoryPorts, draft: Target) -> None:
    with pytest.raises(Invalid):
        service.add(SYSTEM, draft, NOW)
