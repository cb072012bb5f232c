"""The link over a network that loses and delays, with the real door: nothing twice, nothing lost but the oldest measures."""

import threading
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.support.agents import DoorNet, enrolled, speaker
from tests.support.rooms import NOW

from vedette.accounts.permissions import SYSTEM
from vedette.agent.link import service as service_of_links
from vedette.agent.link.courier import Courier
from vedette.agent.link.fetching import Fetcher
from vedette.agent.link.identity import Identity
from vedette.agent.link.service import FACTS, MEASURES, ROOM, Link, Settings
from vedette.agent.link.speaking import Speaker
from vedette.core.clock import ManualClock, monotonic
from vedette.core.errors import ConfigError, Unavailable
from vedette.hosts import service
from vedette.hosts.store import shelf
from vedette.plumbing.net.asking import Away, asked
from vedette.plumbing.net.port import Response
from vedette.plumbing.seal.ed25519 import SigningKey
from vedette.plumbing.spool.memory import MemorySpool
from vedette.plumbing.testing import MemoryPorts
from vedette.wire.agent import batches
from vedette.wire.agent.types import Decision, Happening, Measure, Orders, Sample, Scope

pytestmark = pytest.mark.django_db(transaction=True)


class Agent:
    """A link with what it heard and said."""

    def __init__(self, net: DoorNet, folder: Path, room: Mapping[str, int] = ROOM) -> None:
        self.heard: list[Orders] = []
        self.said: list[str] = []
        self.more = threading.Event()
        told = Settings(state=folder / "web1", spool=folder / "spool", version="1.0", room=room)
        self.link = Link(told, ManualClock(NOW), on_orders=self.hear, say=self.said.append, net=net)

    def hear(self, orders: Orders) -> None:
        self.heard.append(orders)
        self.more.set()


def until(net: DoorNet, found: Callable[[], bool]) -> None:
    end, pause = monotonic() + 30, threading.Event()
    while not net.between(found) and monotonic() < end:
        pause.wait(0.01)
    assert net.between(found)


def sample(n: int) -> Sample:
    return Sample(at=NOW - 1_000 + n, values={"cpu.used.percent": float(n)})


def happened(n: int) -> Happening:
    return Happening(at=NOW - 1_000 + n, kind="note", text=str(n))


def notes() -> list[str]:
    return [one.text for one in reversed(service.noted(service.find("web1"), 0, NOW + 1, 1_000))]


def measured() -> list[float]:
    return [values[0] for _, _, values in shelf.rows(service.find("web1").id, NOW - 2_000, NOW + 60)]


def test_reports_go_and_orders_come(net: DoorNet, tmp_path: Path) -> None:
    enrolled(net, tmp_path)
    agent = Agent(net, tmp_path)
    agent.link.report([happened(1), sample(1)])
    agent.link.start()
    until(net, lambda: notes() == ["1"] and measured() == [1.0] and bool(agent.heard))
    agent.link.report([happened(2), sample(2)])
    until(net, lambda: notes() == ["1", "2"] and measured() == [1.0, 2.0])
    agent.more.clear()
    net.between(lambda: service.settle(SYSTEM, service.find("web1"), {"ssh": "enforce"}, NOW))
    assert agent.more.wait(30)
    assert agent.heard[-1].sets["ssh"].mode == "enforce"
    agent.link.report([happened(3)])
    net.loop.call_soon_threadsafe(net.door.end_polls)
    agent.link.stop()
    assert net.between(notes) == ["1", "2", "3"]
    assert agent.link.lost == {FACTS: 0, MEASURES: 0}
    said = list(agent.said)
    agent.link.report([happened(4)])
    assert agent.link.waiting() == {FACTS: 0, MEASURES: 0}
    assert agent.said == said, "after the end nothing is said"


def test_of_measures_the_oldest_go_and_what_happened_stays(net: DoorNet, tmp_path: Path) -> None:
    enrolled(net, tmp_path)
    agent = Agent(net, tmp_path, {FACTS: 100_000, MEASURES: 400})
    for n in range(40):
        agent.link.report([happened(n), sample(n)])
    assert agent.link.waiting()[FACTS] == 40
    assert agent.link.waiting()[MEASURES] < 40
    assert agent.said == ["The spool of measures is full: the oldest are lost from now on."]
    agent.link.start()
    until(net, lambda: not sum(agent.link.waiting().values()))
    agent.link.stop(0.0)
    assert net.between(notes) == [str(n) for n in range(40)]
    found = net.between(measured)
    assert found == [float(n) for n in range(40 - len(found), 40)]
    assert service.find("web1").lost == 40 - len(found)


FATES = st.lists(st.sampled_from(["fine", "lost", "unanswered"]), max_size=12)


@pytest.mark.deep
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(fates=FATES, parts=st.lists(st.integers(1, 5), min_size=1, max_size=6))
def test_whatever_the_network_does_each_report_is_recorded_once(
    net: DoorNet, tmp_path_factory: pytest.TempPathFactory, fates: list[str], parts: list[int]
) -> None:
    """The carrier of a lane over a network of fates, its process started again after each part."""
    from vedette.agent.link.courier import Courier
    from vedette.agent.link.identity import Identity
    from vedette.agent.link.speaking import Speaker, only
    from vedette.plumbing.spool.file import FileSpool
    from vedette.wire.agent import batches, enrolling

    folder = tmp_path_factory.mktemp("agent")
    net.fates = []
    name = enrolled(net, folder).name
    identity = Identity(folder / "web1")
    net.fates, n = list(fates), 0
    for part in parts:
        spool = FileSpool(folder / "spool", f"{n:032x}", 1_000_000)
        public = only(enrolling.key_of(identity.server.key))
        said = Speaker(net, "https://vedette.example", identity.key, public, lambda: NOW)
        courier = Courier(said, spool, ManualClock(NOW), lane=FACTS, version="1", say=lambda _: None)
        courier.put([batches.pack(happened(n + k)) for k in range(part)])
        courier.send()
        n += part
        spool.close()
    spool = FileSpool(folder / "spool", "f" * 32, 1_000_000)
    courier = Courier(said, spool, ManualClock(NOW), lane=FACTS, version="1", say=lambda _: None)
    while courier.send() is not None:
        pass
    spool.close()
    host = service.find(name)
    assert [one.text for one in reversed(service.noted(host, 0, NOW + 1, 1_000))] == [
        str(k) for k in range(n)
    ]


def test_a_host_that_is_revoked_says_so_once_and_keeps_what_it_found(
    net: DoorNet, house: MemoryPorts, tmp_path: Path
) -> None:
    enrolled(net, tmp_path)
    agent = Agent(net, tmp_path)
    service.revoke(SYSTEM, service.find("web1"), NOW)
    agent.link.report([happened(1)])
    agent.link.start()
    until(net, lambda: bool(agent.link.refused))
    assert "revoked" in agent.link.refused
    agent.link.stop(5)
    assert len(agent.said) == 1


def test_a_server_that_is_another_is_not_believed(net: DoorNet, tmp_path: Path) -> None:
    enrolled(net, tmp_path)
    net.door._key = SigningKey(b"9" * 32)
    agent = Agent(net, tmp_path)
    agent.link.report([happened(1)])
    agent.link.start()
    until(net, lambda: len(agent.said) == 2)
    assert all("is not signed by the server" in said for said in agent.said)
    assert (agent.heard, agent.link.refused, agent.link.waiting()[FACTS]) == ([], "", 1)
    agent.link.stop(0.0)


def test_a_host_that_is_not_enrolled_says_what_to_do(net: DoorNet, tmp_path: Path) -> None:
    agent = Agent(net, tmp_path)
    agent.link.start()
    until(net, lambda: bool(agent.said))
    assert "run `vedette agent enroll URL TOKEN`" in agent.said[0]
    agent.link.stop(0.0)


@pytest.mark.parametrize("status", [400, 401, 404, 413, 422, 429, 502])
def test_what_stands_before_the_server_costs_no_report(net: DoorNet, tmp_path: Path, status: int) -> None:
    enrolled(net, tmp_path)
    spoilt: list[int] = []

    def spoil(answer: Response) -> Response:
        spoilt.append(answer.status)
        return Response(status, {"retry-after": "\u00b2"}, b"<html>") if len(spoilt) < 3 else answer

    net.spoil = spoil
    courier, _ = lane(net, tmp_path)
    courier.put([batches.pack(happened(n)) for n in range(40)])
    assert [courier.send() != 0.0 for _ in range(2)] == [True, True]
    assert (courier.lost, courier._spool.waiting()) == (0, 40)
    while courier.send() is not None:
        pass
    assert net.between(notes) == [str(n) for n in range(40)]


def lane(net: DoorNet, tmp_path: Path) -> tuple[Courier, Speaker]:
    speaks = speaker(net, tmp_path)
    spool = MemorySpool("c" * 32, 1_000_000)
    return Courier(speaks, spool, ManualClock(NOW), lane=FACTS, version="1", say=lambda _: None), speaks


def test_a_fault_of_who_hears_orders_does_not_end_the_link(
    net: DoorNet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    enrolled(net, tmp_path)
    agent = Agent(net, tmp_path)
    monkeypatch.setattr(service_of_links.Pauses, "next", lambda _, least=0.0: 0.01)
    faults: list[Exception] = [
        OSError(28, "No space left"),
        OSError(28, "No space left"),
        ConfigError("rules"),
    ]

    def hear(orders: Orders) -> None:
        if faults:
            raise faults.pop(0)
        agent.hear(orders)

    agent.link.on_orders = hear
    agent.link.start()
    assert agent.more.wait(30)
    assert (agent.link.refused, faults) == ("", [])
    assert [said.partition(": ")[2] for said in agent.said] == ["OSError: [Errno 28] No space left", "rules"]
    assert agent.heard[0].whole, "what could not be applied is told again"
    agent.link.stop(0.0)
    agent.link._ordered(agent.heard[0])
    assert len(agent.heard) == 1, "a poll that ends late orders nothing"


def test_a_clock_that_is_set_while_the_server_is_asked_is_no_refusal(net: DoorNet, tmp_path: Path) -> None:
    enrolled(net, tmp_path)
    speaks = speaker(net, tmp_path)
    shown = [NOW - 86_400]
    speaks._now = lambda: shown.pop(0) if len(shown) > 1 else shown[0]
    shown[:] = [NOW - 86_400, NOW]  # it was a day late, and was set before the answer came
    assert asked(speaks, ("GET", "/api/v1/agent/orders?since=x", b"", 10), Orders).whole
    shown[:] = [NOW - 86_400, NOW, NOW - 86_400, NOW]
    with pytest.raises(Away, match="too far apart"):
        asked(speaks, ("GET", "/api/v1/agent/orders?since=x", b"", 10), Orders)


def test_a_wait_that_is_no_number_is_none() -> None:
    def ask(*_: object) -> Response:
        return Response(503, {"retry-after": "\u00b2"}, b"{}")

    with pytest.raises(Unavailable) as found:
        asked(ask, ("GET", "/", b"", 1.0), Orders)
    assert found.value.retry_after == 0.0


def test_orders_end_by_the_clock_of_the_host(net: DoorNet, tmp_path: Path) -> None:
    enrolled(net, tmp_path)
    speaks, heard = speaker(net, tmp_path), list[Orders]()
    fetcher = Fetcher(
        speaks, Identity(tmp_path / "web1"), version="1", order=heard.append, say=lambda _: None
    )
    ban = Decision(id="b", scope=Scope.ADDRESS, value="192.0.2.1", measure=Measure.BAN, at=NOW, until=NOW + 60, reason="")  # fmt: skip
    speaks.ahead = 3_600.0
    fetcher._take(Orders(revision="1", put=(ban,)))
    assert [(one.at, one.until) for one in heard[0].put] == [(NOW - 3_600, NOW - 3_540)]
