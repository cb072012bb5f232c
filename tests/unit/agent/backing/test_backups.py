"""Backups of a host: what the server ordered is run by its schedule, proven after every change, told, and remembered."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec
import pytest
from tests.support.backup_kinds import VAULT
from tests.support.backups import NOW, filled, plan_of

from vedette.agent.backing import acts
from vedette.agent.backing.backups import Backups
from vedette.agent.backing.jobs import Job
from vedette.agent.config import BackupText, Config
from vedette.agent.desk import Asked, Desk
from vedette.cli import agent as cli
from vedette.core.clock import ManualClock
from vedette.core.errors import Invalid, Unavailable
from vedette.instruments.backup import evidence
from vedette.wire.agent.types import BackupTold, Report
from vedette.wire.backup import (
    Aim,
    BackupAct,
    BackupOrder,
    BackupOrders,
    BackupReport,
    BackupRun,
    DrillRun,
    Drills,
    Guest,
    Hook,
    Plan,
    RestoreRun,
    Schedule,
    Settled,
    Shelf,
    Stage,
    What,
)

DAY = 86_400.0
SEED = b"s" * 32


class Told:
    """Implements `ports.Reports`: keeps what is told."""

    def __init__(self) -> None:
        self.all: list[BackupReport] = []

    def start(self) -> None: ...

    def report(self, reports: Sequence[Report]) -> None:
        self.all += [one.told for one in reports if isinstance(one, BackupTold)]

    def waiting(self) -> Mapping[str, int]:
        return {}

    def stop(self) -> None: ...

    def ended(self) -> list[BackupReport]:
        found = [one for one in self.all if not (hasattr(one, "stage") and one.stage is Stage.RUNNING)]
        self.all.clear()
        return found


class Here:
    """Implements `Does` in this process; with `dies` it ends after its first word; `meanwhile` happens while it looks around."""

    def __init__(
        self, clock: ManualClock, *, dies: bool = False, meanwhile: Callable[[], None] = lambda: None
    ) -> None:
        self._clock, self._dies, self._meanwhile = clock, dies, meanwhile

    def run(self, job: Job, heard: Callable[[BackupReport], None]) -> str:
        said: list[BackupReport] = []
        if job.propose:
            self._meanwhile()
            return ""
        acts.perform(job, self._clock, said.append)
        for one in said[:1] if self._dies else said:
            heard(one)
        return "Its process ended with -9." if self._dies else ""

    def end(self) -> None: ...


class World:
    """A host with a plan."""

    def __init__(self, folder: Path) -> None:
        VAULT.shelves.clear()
        self.clock, self.told, self.folder, self.dies = ManualClock(NOW), Told(), folder, False
        self.meanwhile: Callable[[], None] = lambda: None
        self.state = folder / "state"
        self.state.mkdir()
        (self.state / "agent.key").write_bytes(SEED)
        self.config = Config(state=self.state, name="web1", backup=BackupText(plans=True))
        self.plan = plan_of(filled(folder / "shop"), schedule=Schedule(cron="0 3 * * *", jitter=0.0))
        self.backups = self.started()

    def started(self) -> Backups:
        made = Backups(
            self.clock, lambda: Here(self.clock, dies=self.dies, meanwhile=self.meanwhile), lanes=0
        )
        made.attach(self.config, self.told)
        return made

    def order(
        self, *asked: BackupOrder, plans: Sequence[Plan] | None = None, words: str = "correct horse"
    ) -> None:
        plans = (self.plan,) if plans is None else plans
        secrets = {"shop/here": {"password": words}}
        self.backups.order(BackupOrders(plans=tuple(plans), secrets=secrets, asked=asked))

    @property
    def secrets(self) -> dict[str, dict[str, str]]:
        return {"shop/here": {"password": "correct horse"}}

    def elsewhere(self, name: str) -> Backups:
        """Return the backups of another host, which reaches the same repositories."""
        state = self.folder / name
        state.mkdir()
        made = Backups(self.clock, lambda: Here(self.clock), lanes=0)
        made.attach(Config(state=state, name=name, backup=BackupText(plans=True)), self.told)
        return made

    def done(self, backups: Backups | None = None) -> list[BackupReport]:
        """Do all that is to be done now and return what was told at the ends."""
        while (backups or self.backups).step():
            pass
        return self.told.ended()

    def asked(self, act: BackupAct, number: str = "a", **more: object) -> BackupOrder:
        made = BackupOrder(
            id=number * 32, act=act, plan="shop", copy="here", until=self.clock.now() + 60, by="anna"
        )
        return msgspec.structs.replace(made, **more)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_a_plan_is_run_by_its_schedule_and_proven_after_it(world: World) -> None:
    world.order()
    assert world.done() == []
    world.clock.forward(DAY)
    run, drill = world.done()
    assert isinstance(run, BackupRun)
    assert isinstance(drill, DrillRun)
    assert (run.stage, drill.stage) == (Stage.DONE, Stage.DONE), (run.sentence, drill.sentence)
    assert run.manifest is not None
    public = evidence.public_of(SEED)
    assert evidence.holds(run, public)
    assert evidence.holds(drill, public)
    assert world.done() == []
    world.clock.forward(DAY)
    (again,) = world.done()
    assert isinstance(again, BackupRun)


def test_what_is_due_does_not_wait_until_the_host_was_looked_around(world: World) -> None:
    began: list[bool] = []

    def meanwhile() -> None:
        world.clock.forward(DAY)
        began.append(world.backups.step())

    world.meanwhile = meanwhile
    world.order()
    assert world.backups.step()
    (run,) = world.told.ended()
    assert (began, isinstance(run, BackupRun)) == ([True], True)


def test_a_change_of_what_is_saved_is_proven_anew_and_one_of_its_goals_is_not(
    world: World, tmp_path: Path
) -> None:
    world.order()
    world.clock.forward(DAY)
    world.done()
    world.order(plans=[msgspec.structs.replace(world.plan, shrink=0.1)])
    assert world.done() == []
    more = What(kind="folder", name="more", settings={"path": str(filled(tmp_path / "more"))})
    world.order(plans=[msgspec.structs.replace(world.plan, what=(*world.plan.what, more))])
    assert world.done() == []  # what was not saved yet cannot be proven
    world.clock.forward(DAY)
    run, drill = world.done()
    assert isinstance(run, BackupRun)
    assert isinstance(drill, DrillRun)
    assert drill.stage is Stage.DONE, drill.sentence


def test_what_was_missed_is_caught_up_by_an_agent_without_a_server(world: World) -> None:
    world.order()
    world.clock.forward(3 * DAY)
    world.backups = world.started()
    run, _ = world.done()
    assert isinstance(run, BackupRun)
    assert run.stage is Stage.DONE
    sealed = (world.state / "backups" / "orders.sealed").read_bytes()
    assert b"correct" not in sealed
    assert b"shop" not in sealed


def test_what_was_cut_off_is_told_with_the_next_start(world: World) -> None:
    world.order(world.asked(BackupAct.RUN))
    world.backups.detach()
    world.dies = True
    agenda = world.backups._agenda
    assert agenda is not None
    job = agenda.next(())
    assert job is not None
    Here(world.clock, dies=True).run(job, agenda.heard)
    world.backups = world.started()
    (cut,) = world.told.ended()
    assert isinstance(cut, BackupRun)
    assert (cut.id, cut.stage, cut.failure) == ("a" * 32, Stage.FAILED, "interrupted")
    assert evidence.holds(cut, evidence.public_of(SEED))
    world.order(world.asked(BackupAct.RUN))
    assert world.done() == []


def test_a_process_that_dies_is_told_as_interrupted(world: World) -> None:
    world.dies = True
    world.order(world.asked(BackupAct.RUN))
    (run,) = world.done()
    assert isinstance(run, BackupRun)
    assert (run.stage, run.failure, run.sentence) == (
        Stage.FAILED,
        "interrupted",
        "Its process ended with -9.",
    )


def test_a_plan_of_another_host_is_drilled_here_and_nothing_else(world: World) -> None:
    world.order(world.asked(BackupAct.RUN))
    run, *_ = world.done()
    assert isinstance(run, BackupRun)
    there = msgspec.structs.replace(world.plan, drills=Drills(host="web1"))
    assert there.is_proven_elsewhere(there.copies[0])
    other = world.elsewhere("prover")
    other.order(BackupOrders(guests=(Guest(host="db1", plan=there),), secrets=world.secrets))
    assert world.done(other) == []
    saved = Guest(host="db1", plan=there, saved={"here": NOW})
    order = world.asked(BackupAct.RUN, "b")
    other.order(BackupOrders(guests=(saved,), secrets=world.secrets, asked=(order,)))
    refused, drill = world.done(other)
    assert isinstance(refused, Settled)
    assert refused.sentence == "shop is a plan of db1: this host only proves it."
    assert isinstance(drill, DrillRun)
    assert (drill.stage, drill.snapshot) == (Stage.DONE, run.snapshot), drill.sentence
    world.clock.forward(DAY)
    assert world.done(other) == []
    with pytest.raises(Invalid, match="no plan 'shop'"):
        other.answer(Asked(verb="backup run", value="shop"))


def test_what_another_host_proves_is_not_drilled_at_home(world: World) -> None:
    world.order(plans=[msgspec.structs.replace(world.plan, drills=Drills(host="prover"))])
    world.clock.forward(DAY)
    (run,) = world.done()
    assert isinstance(run, BackupRun)


def test_an_order_of_all_copies_is_one_of_each(world: World) -> None:
    here = world.plan.copies[0]
    there = msgspec.structs.replace(here, name="there", at="elsewhere")
    plan = msgspec.structs.replace(world.plan, copies=(here, there))
    secrets = {f"shop/{name}": {"password": name} for name in ("here", "there")}
    order = world.asked(BackupAct.RUN, copy="")
    world.backups.order(BackupOrders(plans=(plan,), secrets=secrets, asked=(order,)))
    first, second = [one for one in world.done() if isinstance(one, BackupRun)]
    assert first.id == order.id != second.id
    assert (first.copy, second.copy) == ("here", "there")


def test_a_host_that_says_nothing_takes_no_plan_and_says_which_line_it_lacks(world: World) -> None:
    world.config = msgspec.structs.replace(world.config, backup=BackupText())
    world.backups.attach(world.config, world.told)
    world.order(world.asked(BackupAct.RUN))
    plan, order = world.done()
    assert isinstance(plan, Settled)
    assert isinstance(order, Settled)
    assert (plan.id, plan.failure, order.id) == ("", "refused", "a" * 32)
    assert "`plans = true` below [backup] in /etc/vedette/agent.toml" in plan.fix
    world.clock.forward(2 * DAY)
    assert world.done() == []
    world.backups.attach(msgspec.structs.replace(world.config, backup=BackupText(plans=True)), world.told)
    taken, run, *_ = world.done()
    assert isinstance(taken, Settled)
    assert taken.failure is None
    assert isinstance(run, BackupRun)


def test_a_program_that_is_not_named_is_not_run(world: World) -> None:
    hooked = msgspec.structs.replace(world.plan, before=(Hook(run=("/usr/bin/env", "sh")),))
    world.order(plans=[hooked])
    (refused,) = world.done()
    assert isinstance(refused, Settled)
    assert "/usr/bin/env" in refused.sentence
    assert 'programs = ["/usr/bin/env"]' in refused.fix


def test_a_restore_goes_where_the_host_allows_it(world: World, tmp_path: Path) -> None:
    world.order(world.asked(BackupAct.RUN))
    world.done()
    into = tmp_path / "back" / "here"
    restore = world.asked(BackupAct.RESTORE, "b", into=str(into))
    world.order(restore)
    (refused,) = world.done()
    assert isinstance(refused, Settled)
    assert f'"{into.parent}"' in refused.fix
    live = world.asked(BackupAct.RESTORE, "c", confirmed="shop")
    world.order(live)
    (refused,) = world.done()
    assert isinstance(refused, Settled)
    assert "restore_live = true" in refused.fix
    allowed = BackupText(plans=True, restore_to=(str(tmp_path / "back"),))
    world.backups.attach(msgspec.structs.replace(world.config, backup=allowed), world.told)
    world.order(world.asked(BackupAct.RESTORE, "d", into=str(into)))
    (done,) = world.done()
    assert isinstance(done, RestoreRun)
    assert done.stage is Stage.DONE, done.sentence
    assert [*into.rglob("*.txt")]
    world.order(world.asked(BackupAct.RESTORE, "e", into=str(tmp_path / "back/../x")))
    (refused,) = world.done()
    assert isinstance(refused, Settled)


def test_a_link_that_was_brought_back_leads_no_restore_out(world: World, tmp_path: Path) -> None:
    back = tmp_path / "back"
    back.mkdir()
    (back / "link").symlink_to(tmp_path / "etc")
    (tmp_path / "etc").mkdir()
    allowed = BackupText(plans=True, restore_to=(str(back),))
    world.backups.attach(msgspec.structs.replace(world.config, backup=allowed), world.told)
    world.order(world.asked(BackupAct.RUN))
    world.done()
    world.order(world.asked(BackupAct.RESTORE, "b", into=str(back / "link" / "cron.d")))
    (led,) = world.done()
    assert isinstance(led, RestoreRun)
    assert (led.stage, led.failure) == (Stage.FAILED, "refused")
    assert not [*(tmp_path / "etc").iterdir()]


def test_a_link_leads_no_copy_out(world: World, tmp_path: Path) -> None:
    kept, etc = tmp_path / "kept", tmp_path / "etc"
    kept.mkdir()
    etc.mkdir()
    (kept / "link").symlink_to(etc)
    allowed = BackupText(plans=True, repositories=(str(kept),))
    world.backups.attach(msgspec.structs.replace(world.config, backup=allowed), world.told)
    for at, stage in ((kept / "shop", Stage.DONE), (kept / "link" / "shop", Stage.FAILED)):
        copy = msgspec.structs.replace(world.plan.copies[0], at=str(at))
        plan = msgspec.structs.replace(world.plan, copies=(copy,))
        world.order(world.asked(BackupAct.RUN, "ab"[stage is Stage.DONE]), plans=[plan])
        run = next(one for one in world.done() if isinstance(one, BackupRun))
        assert run.stage is stage, run.sentence
    assert run.failure == "refused"


def test_a_disk_that_takes_no_notes_keeps_no_plan_busy(world: World) -> None:
    world.order(world.asked(BackupAct.RUN))
    notes = world.state / "backups" / "agent.msgpack"
    notes.unlink()
    notes.mkdir()  # nothing can be written in its place
    with pytest.raises(OSError, match="agent"):
        world.backups.step()
    notes.rmdir()
    world.order(world.asked(BackupAct.RUN, "b"))
    assert any(isinstance(one, BackupRun) and one.stage is Stage.DONE for one in world.done())


def test_snapshots_are_listed_and_looked_into(world: World) -> None:
    world.order(world.asked(BackupAct.RUN))
    world.done()
    world.order(world.asked(BackupAct.LIST, "b"))
    (shelf,) = world.done()
    assert isinstance(shelf, Shelf)
    assert shelf.id == "b" * 32
    assert len(shelf.snapshots) == 1
    world.order(world.asked(BackupAct.LIST, "c", aim=Aim(snapshot=shelf.snapshots[0].name)))
    (inside,) = world.done()
    assert isinstance(inside, Shelf)
    assert inside.entries
    world.order(world.asked(BackupAct.LIST, "d"), words="another")
    (shut,) = world.done()
    assert isinstance(shut, Shelf)
    assert "another password" in shut.why


def test_a_password_is_changed_once_and_work_goes_on_meanwhile(world: World) -> None:
    world.order(world.asked(BackupAct.RUN))
    world.done()
    secrets = {"shop/here": {"password": "new words", "previous": "correct horse"}}
    world.backups.order(
        BackupOrders(plans=(world.plan,), secrets=secrets, asked=(world.asked(BackupAct.RUN, "b"),))
    )
    (run,) = [one for one in world.done() if isinstance(one, BackupRun)]
    assert run.stage is Stage.DONE, run.sentence
    for number in "cd":  # again, as after a crash between the change and its word
        order = world.asked(BackupAct.REKEY, number)
        world.backups.order(BackupOrders(plans=(world.plan,), secrets=secrets, asked=(order,)))
        (done,) = world.done()
        assert isinstance(done, Settled)
        assert done.failure is None, done.sentence
    assert VAULT.shelf().password == "new words"


def test_a_lock_is_looked_at_before_it_is_broken(world: World) -> None:
    world.order(world.asked(BackupAct.RUN))
    world.done()
    world.order(world.asked(BackupAct.UNLOCK, "b"))
    (done,) = world.done()
    assert isinstance(done, Settled)
    assert "Nobody holds" in done.sentence


def test_what_is_asked_too_late_or_of_what_is_not_there_is_not_done(world: World) -> None:
    world.order(world.asked(BackupAct.RUN, until=NOW - 1), world.asked(BackupAct.DRILL, "b", copy="gone"))
    (gone,) = world.done()
    assert isinstance(gone, Settled)
    assert (gone.id, gone.failure) == ("b" * 32, "refused")


def test_what_is_over_waits_for_the_next_link(world: World) -> None:
    world.order(world.asked(BackupAct.RUN))
    world.backups.detach()
    assert world.done() == []
    world.backups.attach(world.config, world.told)
    assert [type(one) for one in world.told.ended()][:1] == [BackupRun]


def test_people_on_the_host_ask_at_the_desk(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(Invalid, match="no plans"):
        Backups(world.clock, lanes=0).answer(Asked(verb="backup run", value="shop"))
    world.order()
    with pytest.raises(Invalid, match="it has shop"):
        world.backups.answer(Asked(verb="backup run", value="shopp"))
    world.backups.answer(Asked(verb="backup run", value="shop", by="anna"))
    run, *_ = world.done()
    assert isinstance(run, BackupRun)
    desk = Desk(world.state, world.backups.answer)
    desk.start()
    try:
        cli.back_up("shop", state=world.state)
        cli.show_backups(state=world.state)
        assert "mem" in capsys.readouterr().out
    finally:
        desk.close()
    with pytest.raises(Unavailable, match="No agent runs"):
        cli.back_up("shop", state=world.state)
    (row,) = world.backups.answer(Asked(verb="backup status")).rows
    assert row["plan"] == "shop"
    assert row["saved"]
