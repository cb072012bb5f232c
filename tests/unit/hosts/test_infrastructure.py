"""What hosts tell of infrastructure goes to the room that takes it, by our clock and within bounds; what they are to do comes back."""

from collections.abc import Sequence

import msgspec
import pytest
from tests.support.rooms import NOW

from vedette.core.clock import ManualClock
from vedette.core.errors import Invalid
from vedette.hosts import correcting, service
from vedette.hosts.store import hosts
from vedette.hosts.types import Infrastructure, NobodyJudges
from vedette.plumbing.db.sql import transaction
from vedette.plumbing.testing import MemoryPorts
from vedette.wire.agent import batches
from vedette.wire.agent.batches import Batch
from vedette.wire.agent.types import Happening, Orders
from vedette.wire.hardened import DriftKind, HardeningTold, HostDrift, InfraOrders, Witnessed
from vedette.wire.witness import Witness


class Builds:
    """Implements `hosts.types.Infra`: remembers, and orders what it is set to."""

    def __init__(self) -> None:
        self.heard: list[Infrastructure] = []
        self.every = 900.0

    def accept(self, host: int, name: str, reports: Sequence[Infrastructure], now: float) -> None:
        self.heard += reports

    def mark(self, host: int, now: float) -> str:
        return f"m{self.every:g}"

    def orders(self, host: int, now: float) -> InfraOrders:
        return InfraOrders(every=self.every)


def told(at: float, **more: float) -> HardeningTold:
    drift = HostDrift(
        key="file:/a", kind=DriftKind.FILE, name="/a", measure="ssh", since=at - 5, seen_at=at - 4
    )
    return msgspec.structs.replace(HardeningTold(at=at, set_at=at - 900, drift=(drift,)), **more)


def batch(*reports: Infrastructure | Happening, sent_at: float = NOW) -> Batch:
    return Batch(origin="0" * 32, first=1, sent_at=sent_at, reports=reports)


@pytest.mark.django_db(transaction=True)
def test_what_is_told_goes_to_its_room_and_of_whole_states_the_last(
    house: MemoryPorts, clock: ManualClock
) -> None:
    assert house
    with transaction():
        web = hosts.add("web1", b"k" * 32, "web1", "anna", NOW).id
    builds, seen = Builds(), Witnessed(at=NOW, witness=Witness(spot="web1", at=NOW))
    taker = service.taker(NobodyJudges(), infra=builds)
    taker.take(
        [(web, batch(told(NOW - 3), seen, told(NOW - 1), Happening(at=NOW, kind="note", text="x")))],
        clock.now(),
    )
    assert builds.heard == [seen, told(NOW - 1)]
    service.taker(NobodyJudges()).take(
        [(web, msgspec.structs.replace(batch(seen), origin="1" * 32))], clock.now()
    )
    first = service.orders(web, "", NobodyJudges(), NOW, infra=builds)
    assert first is not None
    assert first.infra == InfraOrders(every=900.0)
    assert service.orders(web, first.revision, NobodyJudges(), NOW, infra=builds) is None
    builds.every = 60.0
    second = service.orders(web, first.revision, NobodyJudges(), NOW, infra=builds)
    assert second is not None
    assert second.infra == InfraOrders(every=60.0)
    nobody = service.orders(web, "", NobodyJudges(), NOW)
    assert nobody is not None
    assert nobody.infra is None


def test_a_clock_that_is_wrong_is_set_right_in_all_that_is_told() -> None:
    (found,) = correcting.corrected(
        batch(told(NOW + 3_600, reverted_at=NOW + 3_000), sent_at=NOW + 3_600), 7, NOW
    ).reports
    assert isinstance(found, HardeningTold)
    assert (found.at, found.set_at, found.reverted_at) == (NOW, NOW - 900, NOW - 600)
    assert (found.drift[0].since, found.drift[0].seen_at) == (NOW - 5, NOW - 4)


def test_what_is_no_number_is_refused() -> None:
    delivery = correcting.corrected(batch(told(NOW, after=float("nan"))), 7, NOW)
    assert delivery.reports == ()
    assert "are numbers" in delivery.reason


def test_an_older_agent_passes_over_orders_and_an_older_server_would_refuse_reports() -> None:
    class OldOrders(msgspec.Struct, frozen=True, kw_only=True):
        revision: str

    new = msgspec.json.encode(Orders(revision="r", infra=InfraOrders()))
    assert msgspec.json.decode(new, type=OldOrders) == OldOrders(revision="r")
    body = msgspec.json.encode(batch(told(NOW)))
    with pytest.raises(Invalid):  # therefore nothing is told before the server's first orders of this kind
        batches.read(body.replace(b'"hardened"', b'"of-tomorrow"'), batches.JSON, "")
