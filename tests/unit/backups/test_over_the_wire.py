"""A backup from the click to the signed proof: over the real door and link, done by a process of its own."""

import sys
import threading
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from tests.support.agents import DoorNet, enrolled
from tests.support.backups import filled, plan_of
from tests.support.rooms import NOW

from vedette.accounts.permissions import SYSTEM
from vedette.agent.backing.backups import Backups
from vedette.agent.backing.starting import Child
from vedette.agent.config import BackupText, Config
from vedette.agent.link.service import Link, Settings
from vedette.backups import service
from vedette.backups.store import runs
from vedette.backups.types import Wanted
from vedette.core.clock import ManualClock, monotonic
from vedette.hosts import service as hosts
from vedette.hosts.store import shelf
from vedette.plumbing.testing import MemoryPorts
from vedette.wire.backup import BackupAct, BackupRun, Copy, RestoreRun, Stage

pytestmark = pytest.mark.django_db(transaction=True)
# The child of an agent, that knows the tests' own engine and source, too.
_CHILD = """
import os, sys
from tests.support import backup_kinds
from vedette.agent.backing import child
with backup_kinds.known():
    child.main(os.fdopen(0, "rb", buffering=0), os.fdopen(os.dup(1), "wb"))
"""


def test_a_backup_is_asked_for_made_told_and_signed(
    house: MemoryPorts, clock: ManualClock, tmp_path: Path
) -> None:
    net = DoorNet(clock, backups=service.Keeper())
    house.bus.subscribe(("hosts",), lambda _: net.door.refresh())
    enrolled(net, tmp_path)
    folder = tmp_path / "web1"
    link = Link(Settings(state=folder, version="1.0"), clock, on_orders=lambda _: None, say=print, net=net)
    backups = Backups(clock, lambda: Child((sys.executable, "-c", _CHILD)), lanes=1)
    backups.attach(Config(state=folder, name="web1", backup=BackupText(plans=True)), link)
    link.on_orders = lambda orders: backups.order(orders.backups)
    link.start()
    kept = (Copy(name="here", engine="memory", at="mem://here"),)
    plan = plan_of(filled(tmp_path / "shop"), copies=kept)
    try:
        web1 = net.between(lambda: hosts.find("web1").id)
        known = net.between(lambda: service.put_plan(SYSTEM, web1, plan, NOW))
        order = net.between(lambda: service.ask(SYSTEM, known.id, BackupAct.RUN, NOW))
        _wait(lambda: net.between(lambda: _ended(order.id)))
        run = net.between(lambda: service.run(order.id)[1])
        assert isinstance(run, BackupRun)
        assert run.stage is Stage.DONE, run.sentence
        assert net.between(lambda: service.signed(run.id)) is True
        _wait(lambda: net.between(lambda: service.offered(web1)) is not None)
        offered = net.between(lambda: service.offered(web1))
        assert offered is not None
        assert "memory" in offered.engines
        assert "folder" in {one.what.kind for one in offered.found}
        _forge(net, run)
    finally:
        backups.close()
        link.stop()
        net.loop.call_soon_threadsafe(net.door.end_polls)
        net.close()
        shelf.close()


def _forge(net: DoorNet, run: BackupRun) -> None:
    """See that a report that was changed after it was signed is known."""
    kept = net.between(lambda: runs.find(run.id))
    assert kept is not None
    assert isinstance(kept.told, BackupRun)
    other = msgspec.structs.replace(kept.told, id="f" * 32, files=7)
    net.between(lambda: runs.put(kept.plan, kept.host, other, NOW))
    assert net.between(lambda: service.signed(other.id)) is False
    bare = msgspec.structs.replace(other, signature=None)
    net.between(lambda: runs.put(kept.plan, kept.host, bare, NOW))
    assert net.between(lambda: service.signed(bare.id)) is None


def _ended(number: str) -> bool:
    found = [one for one in service.newest(Wanted(), 10) if one.id == number]
    return bool(found) and not isinstance(found[0], RestoreRun) and found[0].stage is not Stage.RUNNING


def _wait(met: Callable[[], bool]) -> None:
    ends, quiet = monotonic() + 60, threading.Event()
    while not met():
        assert monotonic() < ends, "it did not end"
        quiet.wait(0.05)
