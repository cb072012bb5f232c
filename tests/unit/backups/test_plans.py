"""Plans from a person to the host, and what the host tells back."""

import base64

import msgspec
import pytest
from tests.support.backed import BOX, DAY, DISK, HOUR, drilled, failed, plan, saved
from tests.support.rooms import NOW

from vedette.accounts import service as accounts
from vedette.accounts.permissions import SYSTEM, Actor, ActorKind, Role
from vedette.backups import service
from vedette.backups.store import runs, secrets
from vedette.backups.types import Health, Known, Wanted
from vedette.core.errors import Conflict, Forbidden, Invalid, NotFound
from vedette.hosts.store import hosts
from vedette.instruments.backup import evidence
from vedette.plumbing.db import sql
from vedette.plumbing.db.sql import transaction
from vedette.plumbing.seal.ed25519 import fingerprint
from vedette.plumbing.testing import MemoryPorts
from vedette.reports.sections.backups import SECTION
from vedette.reports.types import Stretch
from vedette.signals import service as signals
from vedette.signals.types import SignalState
from vedette.ui import pager
from vedette.wire.backup import (
    BackupAct,
    BackupRun,
    Copy,
    DrillRun,
    Failure,
    Proposals,
    Settled,
    Shelf,
    Snapshot,
)

pytestmark = pytest.mark.django_db(transaction=True)
MEMBER = Actor(kind=ActorKind.USER, id=2, name="Ben", role=Role.MEMBER)


def tell(host: int, *told: object, at: float = NOW) -> None:
    with transaction():
        service.take(host, "web1", told, at)


@pytest.fixture
def known(host: int) -> Known:
    return service.put_plan(SYSTEM, host, plan(), NOW - 30 * DAY)


def kinds(state: SignalState | None = None) -> list[str]:
    return [one.signal.kind for one in signals.after(0, 100) if state in {None, one.signal.state}]


def test_a_plan_is_saved_drilled_and_green(host: int, known: Known) -> None:
    assert service.standing(known.id, NOW).health is Health.RED
    tell(host, saved(NOW - 3 * HOUR), drilled(NOW - 2 * HOUR))
    (found,) = service.standings(NOW)
    assert found.health is Health.GREEN, found.sentence
    assert "saved 3 h ago" in found.sentence
    assert "4 min 12 s" in found.sentence
    assert (found.copies, found.offsite, found.media) == (2, 1, 2)
    assert found.next_at is not None
    assert found.next_at > NOW
    summed = service.summary(NOW)
    assert summed is not None
    assert summed.sentence == "Restore proven 1 h 56 min ago, 4 min 12 s."
    story = signals.moments(NOW - DAY, NOW + 1, room="backups")
    assert {one.subject for one in story} == {"web1"}  # so that incidents of the host show them
    section = SECTION.tell(Stretch(start=NOW - DAY, end=NOW + 1), NOW)
    assert section is not None
    assert section.sentence == "All of 1 plan could be restored; 1 backup and 1 drill ended."


def test_a_host_is_told_its_plans_and_what_opens_them(host: int, known: Known) -> None:
    keeper = service.Keeper()
    before = keeper.mark(host, NOW)
    told = keeper.orders(host, NOW)
    assert told.plans == (plan(),)
    assert len(told.secrets["shop/box"]["password"]) > 20
    order = service.ask(MEMBER, known.id, BackupAct.RUN, NOW)
    assert keeper.mark(host, NOW) != before
    assert keeper.orders(host, NOW).asked == (order.order,)
    with pytest.raises(Conflict, match="waits"):
        service.ask(MEMBER, known.id, BackupAct.RUN, NOW)
    tell(host, saved(NOW, id=order.id))
    assert service.orders(known.id) == ()
    assert service.run(order.id)[0] == known
    assert keeper.mark(host, NOW) == before
    assert keeper.mark(host + 1, NOW) == ""


def test_passwords_are_sealed_and_shown_on_the_sheet_alone(host: int, known: Known) -> None:
    (held,) = secrets.of_plan(known.id)
    words = service.sheet(SYSTEM, known.id, "box", NOW).words
    assert words
    assert words not in held.sealed
    assert secrets.of_plan(known.id)[0].printed_at == NOW
    assert "backup.sheet" in accounts.audit_actions()
    tell(host, saved(NOW - DAY, snapshot="shop-1"))
    commands = service.sheet(SYSTEM, known.id, "box", NOW).commands
    assert commands == ("memory restore ",), (
        "the newest: one that is named is pruned before the paper is needed"
    )
    with pytest.raises(Forbidden):
        service.sheet(MEMBER, known.id, "box", NOW)


def test_a_copy_that_is_called_otherwise_keeps_its_password(host: int, known: Known) -> None:
    words = service.sheet(SYSTEM, known.id, "box", NOW).words
    renamed = plan(copies=(msgspec.structs.replace(BOX, name="storage"), DISK))
    service.put_plan(SYSTEM, host, renamed, NOW, known.id)
    assert service.sheet(SYSTEM, known.id, "storage", NOW).words == words
    assert service.sheet(SYSTEM, known.id, "disk", NOW).words not in {"", words}


def test_what_fails_is_told_and_what_works_again_ends_it(host: int, known: Known) -> None:
    tell(host, saved(NOW - DAY), drilled(NOW - DAY))
    tell(host, failed(NOW - HOUR))
    assert kinds(SignalState.FIRING) == ["backup.failed"]
    found = service.standing(known.id, NOW)
    assert found.health is Health.RED
    assert "no room on box" in found.sentence
    tell(host, saved(NOW - 60))
    assert kinds(SignalState.RESOLVED) == ["backup.failed"]
    assert service.standing(known.id, NOW).health is Health.GREEN


def test_a_run_that_shows_nothing_is_red_whatever_it_says(host: int, known: Known) -> None:
    for lie in (
        saved(NOW, snapshot=""), saved(NOW, verified=False), saved(NOW, manifest=None), saved(NOW, ended_at=None),
    ):  # fmt: skip
        tell(host, lie)
        assert service.run(lie.id)[1].stage == "failed"
    tell(host, drilled(NOW, checks=()))
    assert service.standing(known.id, NOW).health is Health.RED
    assert service.standing(known.id, NOW).proven_at is None


def test_what_is_not_as_its_host_signed_it_proves_nothing(house: MemoryPorts) -> None:
    assert house
    seed = b"s" * 32
    public = base64.b64decode(evidence.public_of(seed))
    with transaction():
        host = hosts.add("web2", public, fingerprint(public), "anna", NOW).id
    known = service.put_plan(SYSTEM, host, plan(), NOW - 30 * DAY)
    run, older, proof = saved(NOW - 3 * HOUR), drilled(NOW - 2 * DAY), drilled(NOW - 2 * HOUR, rto=9_999.0)
    signed = evidence.sign(proof, seed)
    tell(host, evidence.sign(run, seed), evidence.sign(older, seed), signed)
    assert service.standing(known.id, NOW).proven_at == proof.ended_at
    runs.put(known.id, host, msgspec.structs.replace(signed, rto=60.0), NOW)  # by hand, in the database
    found, summed = service.standing(known.id, NOW), service.summary(NOW)
    assert found.health is Health.RED
    assert "The last drill failed: It is not as the key of its host signed it" in found.sentence
    assert found.proven_at == older.ended_at, "the proof before it counts"
    assert summed is not None
    assert (summed.health, summed.proven_at) == (Health.RED, older.ended_at)
    assert service.run(proof.id)[1].failure is Failure.NOT_PROVEN
    runs.put(known.id, host, msgspec.structs.replace(evidence.sign(run, seed), files=7), NOW)
    assert service.standing(known.id, NOW).saved_at is None
    assert kinds() == []
    tell(host, evidence.sign(drilled(NOW), b"x" * 32))
    assert kinds(SignalState.FIRING) == ["backup.drill"]


def test_no_column_makes_a_proof_younger_than_it_was_signed(host: int, known: Known) -> None:
    proof = drilled(NOW - 2 * DAY)
    tell(host, saved(NOW - HOUR), proof)
    with transaction():
        sql.execute("UPDATE backups_run SET began_at = %s, ended_at = %s WHERE id = %s", [NOW, NOW, proof.id])
    assert service.standing(known.id, NOW).proven_at == proof.ended_at


def test_runs_are_listed_by_plan_kind_and_failure(host: int, known: Known) -> None:
    tell(host, saved(NOW - 3), failed(NOW - 2), drilled(NOW - 1))
    newest = service.newest(Wanted(), 10)
    assert [one.began_at for one in newest] == [NOW - 1, NOW - 2, NOW - 3]
    assert len(service.newest(Wanted(act=BackupAct.DRILL, plan=known.id), 10)) == 1
    assert len(service.newest(Wanted(failed=True, host=host), 10)) == 1
    assert [one.began_at for one in service.newest(Wanted(act=BackupAct.RUN, plan=known.id), 10)] == [
        NOW - 2,
        NOW - 3,
    ]


def test_runs_that_began_at_one_instant_are_all_listed_by_page(host: int, known: Known) -> None:
    told: list[BackupRun | DrillRun] = [saved(NOW - HOUR), *(saved(NOW) for _ in range(5)), drilled(NOW)]
    tell(host, *told)
    page = service.runs(Wanted(plan=known.id), "", 2)
    found = [*page.items]
    while page.cursor:
        page = service.runs(Wanted(plan=known.id), page.cursor, 2)
        found += page.items
    assert sorted(one.id for one in found) == sorted(one.id for one in told)
    assert found[-1].id == told[0].id
    with pytest.raises(Invalid, match="not one of ours"):
        service.runs(Wanted(), pager.encode(NOW), 2)


def test_a_host_speaks_of_its_own_runs_alone(host: int, known: Known) -> None:
    mine = saved(NOW)
    tell(host, mine)
    service.put_plan(SYSTEM, host, plan("other"), NOW)
    tell(host, msgspec.structs.replace(failed(NOW), id=mine.id, plan="other"))
    assert service.run(mine.id)[1].stage == "done"
    tell(host + 7, failed(NOW))
    tell(host, saved(NOW, plan="unknown"), saved(NOW, id="../../x"))
    assert len(service.newest(Wanted(), 10)) == 1


def test_goals_that_are_missed_are_told_once_and_until_they_are_met(host: int, known: Known) -> None:
    tell(host, saved(NOW), drilled(NOW), at=NOW + 300)
    assert service.look(NOW + 600) == 0
    late = NOW + 3 * DAY
    assert service.look(late) == 2
    assert service.look(late) == 0
    assert sorted(kinds(SignalState.FIRING)) == ["backup.late", "backup.rpo"]
    tell(host, saved(late), at=late + 300)
    assert service.look(late + 600) == 2
    assert sorted(kinds(SignalState.RESOLVED)) == ["backup.late", "backup.rpo"]
    assert service.look(NOW + 9 * DAY) >= 1
    assert "backup.unproven" in kinds(SignalState.FIRING)


def test_what_its_host_forgot_was_interrupted_and_may_still_end(host: int, known: Known) -> None:
    run = saved(NOW, stage="running", ended_at=None, snapshot="", verified=False)
    tell(host, msgspec.convert(msgspec.to_builtins(run), type(run)))
    assert service.standing(known.id, NOW).running is not None
    service.look(NOW + 2_000)
    assert service.run(run.id)[1].failure == "interrupted"
    tell(host, saved(NOW, id=run.id), at=NOW + 3_000)
    assert service.run(run.id)[1].stage == "done"


def test_a_key_is_changed_and_the_one_before_kept_until_the_host_says_so(host: int, known: Known) -> None:
    old = service.sheet(SYSTEM, known.id, "box", NOW).words
    order = service.rekey(SYSTEM, known.id, "box", NOW)
    told = service.Keeper().orders(host, NOW).secrets["shop/box"]
    assert told["previous"] == old != told["password"]
    with pytest.raises(Conflict):
        service.rekey(SYSTEM, known.id, "box", NOW)
    tell(host, Settled(id=order.id, plan="shop", copy="box", at=NOW, sentence="The password is changed."))
    assert "previous" not in service.Keeper().orders(host, NOW).secrets["shop/box"]
    assert service.sheet(SYSTEM, known.id, "box", NOW).words == told["password"]


def test_a_key_that_nobody_changed_stays(host: int, known: Known) -> None:
    old = service.sheet(SYSTEM, known.id, "box", NOW).words
    service.rekey(SYSTEM, known.id, "box", NOW)
    service.look(NOW + 2 * HOUR)
    assert service.sheet(SYSTEM, known.id, "box", NOW).words == old


def test_live_data_is_overwritten_by_who_types_its_name(known: Known) -> None:
    with pytest.raises(Invalid, match="type its name, shop"):
        service.ask(SYSTEM, known.id, BackupAct.RESTORE, NOW, confirmed="yes")
    with pytest.raises(Invalid, match="whole path"):
        service.ask(SYSTEM, known.id, BackupAct.RESTORE, NOW, into="../tmp")
    with pytest.raises(Forbidden):
        service.ask(MEMBER, known.id, BackupAct.RESTORE, NOW, into="/srv/back")
    assert service.ask(SYSTEM, known.id, BackupAct.RESTORE, NOW, into="/srv/back").order.copy == "box"
    with pytest.raises(NotFound):
        service.ask(SYSTEM, known.id, BackupAct.DRILL, NOW, copy="nowhere")


def test_copies_are_listed_browsed_and_proposed(host: int, known: Known) -> None:
    order = service.ask(MEMBER, known.id, BackupAct.LIST, NOW, copy="box", below="srv")
    found = (Snapshot(name="shop-0001", at=NOW - HOUR),)
    tell(host, Shelf(at=NOW, plan="shop", copy="box", snapshots=found, id=order.id), Proposals(at=NOW))
    listed, browsed, offered = (
        service.listing(known.id, "box"),
        service.browsed(order.id),
        service.offered(host),
    )
    assert listed is not None
    assert listed.snapshots == found
    assert browsed is not None
    assert offered is not None
    assert service.browsed("0" * 32) is None


def test_a_plan_that_its_host_refuses_says_so(host: int, known: Known) -> None:
    tell(host, saved(NOW), drilled(NOW))
    tell(
        host,
        Settled(
            id="", plan="shop", copy="", at=NOW, failure="refused", sentence="No plans.", fix="Add plans."
        ),
    )
    assert "No plans. Add plans." in service.standing(known.id, NOW).sentence
    tell(host, Settled(id="", plan="shop", copy="", at=NOW))
    assert service.standing(known.id, NOW).health is Health.GREEN


def test_a_plan_of_a_file_is_changed_there(host: int) -> None:
    filed = service.put_plan(SYSTEM, host, plan(), NOW, source="vedette.toml")
    with pytest.raises(Conflict, match=r"vedette\.toml"):
        service.set_enabled(SYSTEM, filed.id, False, NOW)
    with pytest.raises(Conflict, match=r"vedette\.toml"):
        service.put_plan(SYSTEM, host, plan(), NOW, filed.id)
    with pytest.raises(Conflict, match="already"):
        service.put_plan(SYSTEM, host, plan(), NOW)


def test_a_plan_goes_with_all_that_belongs_to_it(host: int, known: Known) -> None:
    tell(host, saved(NOW))
    service.set_enabled(SYSTEM, known.id, False, NOW)
    assert service.standing(known.id, NOW).health is Health.OFF
    service.remove_plan(SYSTEM, known.id, NOW)
    assert service.standings(NOW) == ()
    assert service.newest(Wanted(), 10) == ()
    assert service.summary(NOW) is None


def test_what_opens_a_copy_stays_when_its_plan_goes_until_it_is_forgotten_by_name(
    host: int, known: Known
) -> None:
    words = service.sheet(SYSTEM, known.id, "box", NOW).words
    service.remove_plan(SYSTEM, known.id, NOW)
    (left,) = service.left()
    assert (left.name, left.host_name, left.by) == ("shop/box", "web1", "vedette")
    found = service.sheet(SYSTEM, known.id, "box", NOW)
    assert (found.words, found.host, found.at) == (words, "web1", BOX.at)
    assert found.commands
    with pytest.raises(Forbidden):
        service.sheet(MEMBER, known.id, "box", NOW)
    with pytest.raises(Forbidden):
        service.forget(MEMBER, known.id, "box", "shop/box", NOW)
    with pytest.raises(Invalid, match="type shop/box"):
        service.forget(SYSTEM, known.id, "box", "box", NOW)
    service.forget(SYSTEM, known.id, "box", "shop/box", NOW)
    assert service.left() == ()
    assert secrets.of_plan(known.id) == []
    assert "backup.forget" in accounts.audit_actions()
    with pytest.raises(NotFound):
        service.sheet(SYSTEM, known.id, "box", NOW)


def test_a_copy_that_leaves_its_plan_is_left_and_a_new_plan_takes_it_up(host: int, known: Known) -> None:
    words = service.sheet(SYSTEM, known.id, "box", NOW).words
    service.put_plan(SYSTEM, host, plan(copies=(DISK,)), NOW, known.id)
    assert [one.name for one in service.left()] == ["shop/box"]
    assert "shop/box" not in service.Keeper().orders(host, NOW).secrets
    moved = msgspec.structs.replace(BOX, name="storage")
    other = service.put_plan(SYSTEM, host, plan("other", copies=(moved,)), NOW)
    assert service.left() == ()
    assert service.sheet(SYSTEM, other.id, "storage", NOW).words == words
    with pytest.raises(NotFound):
        service.sheet(SYSTEM, known.id, "box", NOW)


def test_a_password_that_was_being_changed_is_on_the_sheet_with_the_one_before(known: Known) -> None:
    old = service.sheet(SYSTEM, known.id, "box", NOW).words
    service.rekey(SYSTEM, known.id, "box", NOW)
    service.remove_plan(SYSTEM, known.id, NOW)
    found = service.sheet(SYSTEM, known.id, "box", NOW)
    assert found.words != old
    assert found.secrets["password_before"] == old


def test_secrets_of_copies_are_taken_and_asked_for(host: int) -> None:
    copy = Copy(name="s3", engine="memory", at="mem://s3/x", secrets=("access_key",))
    known = service.put_plan(SYSTEM, host, plan(copies=(copy,)), NOW)
    assert service.missing(known.id) == (("s3", "access_key"),)
    service.set_secret(SYSTEM, known.id, "s3", "access_key", "AKIA", NOW)
    assert service.missing(known.id) == ()
    assert service.Keeper().orders(host, NOW).secrets["shop/s3"]["access_key"] == "AKIA"
    with pytest.raises(Invalid, match="no 'other'"):
        service.set_secret(SYSTEM, known.id, "s3", "other", "x", NOW)


def test_a_password_that_opens_a_copy_is_not_lost_to_another(host: int, known: Known) -> None:
    before = service.sheet(SYSTEM, known.id, "box", NOW).words
    service.set_secret(SYSTEM, known.id, "box", "password", "that of a repository there is", NOW)
    tell(host, saved(NOW - DAY))
    with pytest.raises(Invalid, match="opens box: its last backup is good"):
        service.set_secret(SYSTEM, known.id, "box", "password", "a slip", NOW)
    kept = service.sheet(SYSTEM, known.id, "box", NOW).words
    assert kept == "that of a repository there is" != before
    service.set_secret(SYSTEM, known.id, "box", "password", kept, NOW)
    tell(host, failed(NOW - HOUR, failure=Failure.WRONG_KEY))
    service.set_secret(SYSTEM, known.id, "box", "password", "what opens it now", NOW)
    service.rekey(SYSTEM, known.id, "box", NOW)
    with pytest.raises(Invalid, match="is being changed"):
        service.set_secret(SYSTEM, known.id, "box", "password", "a slip", NOW)


def test_an_estimate_comes_from_drills(host: int, known: Known) -> None:
    from vedette.wire.backup import Aim

    assert service.estimate(known.id, "box", Aim()) is None
    tell(host, saved(NOW), drilled(NOW))
    assert service.estimate(known.id, "box", Aim()) == (4_000_000_000, 252.0)


def test_what_is_old_goes_but_what_a_plan_rests_on(host: int, known: Known) -> None:
    tell(host, saved(NOW), drilled(NOW), failed(NOW - 5))
    assert service.drop_old(NOW + 500 * DAY) == 1
    assert len(service.newest(Wanted(), 10)) == 2
