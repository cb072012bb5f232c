"""Plans that another host proves: told to it, drilled there alone, and counted as their own host's."""

import msgspec
import pytest
from tests.support.backed import BOX, DAY, DISK, HOUR, drilled, failed, plan, saved
from tests.support.rooms import NOW

from vedette.accounts.permissions import SYSTEM
from vedette.backups import service
from vedette.backups.types import Health, Known, Wanted
from vedette.core.errors import Conflict, Invalid
from vedette.hosts.store import hosts
from vedette.plumbing.db.sql import transaction
from vedette.signals import service as signals
from vedette.wire.backup import BackupAct, Drills, Failure, Guest, Settled

pytestmark = pytest.mark.django_db(transaction=True)
SHOP = plan(copies=(BOX, DISK), drills=Drills(host="prover"))


@pytest.fixture
def prover(host: int) -> int:
    assert host
    with transaction():
        return hosts.add("prover", b"p" * 32, "prover", "anna", NOW).id


@pytest.fixture
def known(host: int, prover: int) -> Known:
    assert prover
    return service.put_plan(SYSTEM, host, SHOP, NOW - 30 * DAY)


def tell(host: int, name: str, *told: object, at: float = NOW) -> None:
    with transaction():
        service.take(host, name, told, at)


def guest_of(prover: int) -> Guest:
    (found,) = service.Keeper().orders(prover, NOW).guests
    return found


def test_a_plan_is_told_to_the_host_that_proves_it_with_what_it_can_reach(
    host: int, prover: int, known: Known
) -> None:
    keeper = service.Keeper()
    before = keeper.mark(prover, NOW)
    told = keeper.orders(prover, NOW)
    assert told.plans == ()
    assert [*told.secrets] == ["shop/box"]
    guest = guest_of(prover)
    assert (guest.host, guest.plan.name, guest.saved) == ("web1", "shop", {})
    assert [copy.name for copy in guest.plan.copies] == ["box"]
    run = saved(NOW - HOUR)
    tell(host, "web1", run)
    assert keeper.mark(prover, NOW) != before
    assert guest_of(prover).saved == {"box": run.ended_at}
    assert keeper.orders(host, NOW).guests == ()
    service.put_plan(SYSTEM, host, msgspec.structs.replace(SHOP, shrink=0.9), NOW, known.id)
    assert guest_of(prover).saved == {}  # nothing is proven that was not saved as the plan is now


def test_what_it_proves_counts_for_the_plan(host: int, prover: int, known: Known) -> None:
    tell(host, "web1", saved(NOW - HOUR))
    order = service.ask(SYSTEM, known.id, BackupAct.DRILL, NOW, copy="box")
    assert order.host == prover
    assert service.ask(SYSTEM, known.id, BackupAct.DRILL, NOW, copy="disk").host == host
    tell(prover, "prover", saved(NOW), drilled(NOW, id=order.id))
    assert service.standing(known.id, NOW).health is not Health.RED
    assert service.standing(known.id, NOW).proven_at is not None
    assert len(service.newest(Wanted(), 10)) == 2  # a run it tells of counts for nothing
    bad = failed(NOW)
    tell(prover, "prover", drilled(NOW + 60, checks=(), failure=bad.failure, stage=bad.stage))
    (signal,) = [one.signal for one in signals.after(0, 10) if one.signal.kind == "backup.drill"]
    assert signal.labels["host"] == "web1"


def test_why_it_is_not_proven_is_told(host: int, prover: int, known: Known) -> None:
    tell(host, "web1", saved(NOW - HOUR), Settled(id="", plan="shop", copy="", at=NOW))
    no = Settled(id="", plan="shop", copy="", at=NOW, failure=Failure.REFUSED, sentence="No plans.")
    tell(prover, "prover", no)
    tell(host, "web1", Settled(id="", plan="shop", copy="", at=NOW))
    assert service.standing(known.id, NOW).sentence == "prover does not prove this plan: No plans."


def test_one_host_knows_a_plan_by_its_name(host: int, prover: int, known: Known) -> None:
    for drills, fields in ((Drills(host="web1"), "the same host"), (Drills(host="prove"), "no such host")):
        with pytest.raises(Invalid) as caught:
            service.put_plan(SYSTEM, host, plan("other", drills=drills), NOW)
        assert caught.value.fields == {"drills.host": fields}
    with pytest.raises(Invalid, match="cannot read a copy at a path"):
        service.put_plan(SYSTEM, host, plan("other", copies=(DISK,), drills=Drills(host="prover")), NOW)
    with pytest.raises(Conflict, match="proves a plan shop of another host"):
        service.put_plan(SYSTEM, prover, plan("shop"), NOW)
    service.put_plan(SYSTEM, prover, plan("mail"), NOW)
    with pytest.raises(Conflict, match="knows a plan mail already"):
        service.put_plan(SYSTEM, host, plan("mail", drills=Drills(host="prover")), NOW)
    service.put_plan(SYSTEM, host, SHOP, NOW, known.id)
