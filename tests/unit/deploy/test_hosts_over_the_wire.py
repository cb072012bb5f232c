"""From a changed file on a host to the server's word and back to the file as it was: over the real door and link."""

import threading
from collections.abc import Callable, Collection
from pathlib import Path

import pytest
from tests.support.agents import DoorNet, enrolled
from tests.support.hardened import SSHD, TEXT, HardenedFolder
from tests.support.rooms import NOW, house_with_kv

from vedette.accounts.permissions import SYSTEM
from vedette.agent.config import Config
from vedette.agent.infra.hardening import Hardening
from vedette.agent.infra.witnessing import Witnessing
from vedette.agent.link.service import Link, Settings
from vedette.agent.rounds import Voices
from vedette.core.clock import ManualClock, monotonic
from vedette.deploy import service
from vedette.deploy.types import Deed, RunState
from vedette.hosts import service as hosts
from vedette.hosts.store import shelf
from vedette.instruments.files.witnesses import Witnesses
from vedette.instruments.hardened.types import HardeningManifest
from vedette.plumbing import ports as installed
from vedette.wire.infra import Told

pytestmark = pytest.mark.django_db(transaction=True)
KEY = f"file:{SSHD}"


def until(holds: Callable[[], object]) -> None:
    end, waiting = monotonic() + 30, threading.Event()
    while not holds():
        assert monotonic() < end, "it did not come"
        waiting.wait(0.05)


def test_drift_comes_to_the_server_and_is_put_back_from_there(tmp_path: Path) -> None:
    before, clock = installed._Installed.ports, ManualClock(NOW)
    house = house_with_kv(clock)
    net = DoorNet(clock, infra=service.Keeper())
    house.bus.subscribe(("hosts",), lambda _: net.door.refresh())
    enrolled(net, tmp_path)
    state = tmp_path / "web1"
    link = Link(Settings(state=state, version="1.0"), clock, on_orders=lambda _: None, say=print, net=net)
    host = HardenedFolder(tmp_path / "root")

    def put_back(_: HardeningManifest, keys: Collection[str]) -> tuple[bool, str, tuple[str, ...]]:
        host.write(SSHD, TEXT, 0o600)
        return True, "It is as hardening set it.", tuple(keys)

    voices = Voices(link, clock, print)
    agent = Hardening(Config(state=state), voices, Witnesses(host.root), make=host.watch, put_back=put_back)
    witness = Witnessing(
        Config(state=state), voices, tells=lambda _: Told(encrypted=True), tries=lambda _: ()
    )
    link.on_orders = lambda orders: (agent.order(orders.infra), witness.order(orders.infra))
    threads = [threading.Thread(target=one.run) for one in (agent, witness)]
    for one in threads:
        one.start()
    link.start()
    try:
        web1 = net.between(lambda: hosts.find("web1").id)

        def now() -> object:
            return net.between(lambda: service.host(web1))

        until(lambda: now().score_after == 93.0 and now().told == Told(encrypted=True))  # type: ignore[attr-defined]
        host.write(SSHD, "PermitRootLogin yes\n")
        until(lambda: [one.key for one in now().drift] == [KEY])  # type: ignore[attr-defined]
        run = net.between(lambda: service.ask_host(SYSTEM, web1, Deed.REVERT, (KEY,), NOW))
        until(lambda: net.between(lambda: service.run(run.id).state) is RunState.DONE)
        until(lambda: not now().drift)  # type: ignore[attr-defined]
        assert host.path(SSHD).read_text() == TEXT
    finally:
        agent.stop()
        witness.stop()
        link.stop()
        net.loop.call_soon_threadsafe(net.door.end_polls)
        net.close()
        shelf.close()
        for one in threads:
            one.join(5)
        installed._Installed.ports = before
