"""An agent tells what drifted once its server wants to hear of it, does what it is ordered, and tries connections politely."""

import threading
import time
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

import pytest
from tests.support.agent_parts import Remembering
from tests.support.hardened import SSHD, TEXT, HardenedFolder

from vedette.agent.config import Config, InfraText, read
from vedette.agent.infra.hardening import Hardening
from vedette.agent.infra.witnessing import Witnessing
from vedette.agent.rounds import Voices
from vedette.core.clock import SystemClock, monotonic
from vedette.core.errors import ConfigError
from vedette.instruments.files.witnesses import Witnesses
from vedette.instruments.hardened.types import FileStandard, HardeningManifest
from vedette.wire.hardened import (
    MOST_LOOKS,
    HardeningAct,
    HardeningOrder,
    HardeningRun,
    HardeningTold,
    InfraOrders,
    Witnessed,
)
from vedette.wire.infra import Told
from vedette.wire.witness import Came, Look, Looks, Sight

KEY = f"file:{SSHD}"
USUAL = InfraText()


class Running:
    """Hardening on a folder that stands for a host; `said` is what people are told."""

    def __init__(self, folder: Path, infra: InfraText = USUAL) -> None:
        self.host = HardenedFolder(folder)
        self.reports, self.said = Remembering(), list[str]()
        voices = Voices(self.reports, SystemClock(), self.said.append)
        self.agent = Hardening(
            Config(state=folder, infra=infra),
            voices,
            Witnesses(folder),
            make=self.host.watch,
            put_back=self.put_back,
        )
        self.thread = threading.Thread(target=self.agent.run)
        self.thread.start()

    def put_back(
        self, manifest: HardeningManifest, keys: Collection[str]
    ) -> tuple[bool, str, tuple[str, ...]]:
        for one in manifest.standards:
            if isinstance(one, FileStandard) and f"file:{one.path}" in keys:
                self.host.write(one.path, one.text, one.mode)
        return True, "It is as hardening set it.", tuple(keys)

    def told(self) -> list[HardeningTold]:
        return [one for one in self.reports.said if isinstance(one, HardeningTold)]

    def ran(self) -> list[HardeningRun]:
        return [one for one in self.reports.said if isinstance(one, HardeningRun)]

    def close(self) -> None:
        self.agent.stop()
        self.thread.join(5)
        assert not self.thread.is_alive()


def until(holds: Callable[[], object], seconds: float = 20) -> None:
    end = monotonic() + seconds
    waiting = threading.Event()
    while not holds():
        assert monotonic() < end, "it did not come"
        waiting.wait(0.02)


def order(
    act: HardeningAct, keys: tuple[str, ...] = (), number: str = "a", until: float = 9e9
) -> InfraOrders:
    return InfraOrders(asked=(HardeningOrder(id=number * 32, act=act, until=until, keys=keys),))


def test_nothing_is_told_before_the_server_wants_to_hear_and_then_drift_within_seconds(
    tmp_path: Path,
) -> None:
    running = Running(tmp_path)
    try:
        running.agent.order(None)
        assert not running.told()
        running.agent.order(InfraOrders())
        until(running.told)
        assert running.told()[0].drift == ()
        began = time.time()
        running.host.write(SSHD, "PermitRootLogin yes\n")
        until(lambda: running.told()[-1].drift)
        assert time.time() - began < 5
        assert running.told()[-1].drift[0].key == KEY
        running.agent.order(order(HardeningAct.REVERT, (KEY,)))
        running.agent.order(order(HardeningAct.REVERT, (KEY,)))
        until(lambda: len(running.ran()) > 1 and not running.told()[-1].drift)
        assert [one.state for one in running.ran()] == ["running", "done"]
        assert running.ran()[-1].lines == (KEY,)
        assert running.host.path(SSHD).read_text() == TEXT
        running.agent.order(order(HardeningAct.REVERT, number="b"))
        until(lambda: len(running.ran()) == 4)
        assert running.ran()[-1].sentence == "Nothing of that drifts any more."
    finally:
        running.close()


def test_what_is_adopted_counts_from_now_on(tmp_path: Path) -> None:
    running = Running(tmp_path)
    try:
        running.host.write(SSHD, "PermitRootLogin yes\n")
        running.agent.order(InfraOrders())
        until(lambda: running.told() and running.told()[-1].drift)
        running.agent.order(order(HardeningAct.ADOPT))
        until(lambda: len(running.ran()) == 2 and not running.told()[-1].drift)
        assert running.host.path(SSHD).read_text() == "PermitRootLogin yes\n"
        assert running.ran()[-1].sentence == "What is there counts from now on: 1 taken over."
    finally:
        running.close()


def test_a_host_may_refuse_and_what_comes_too_late_is_not_done(tmp_path: Path) -> None:
    running = Running(tmp_path, InfraText(revert=False))
    try:
        running.host.write(SSHD, "PermitRootLogin yes\n")
        running.agent.order(order(HardeningAct.REVERT, number="c", until=1.0))
        running.agent.order(order(HardeningAct.REVERT))
        until(lambda: len(running.ran()) == 2)
        assert running.ran()[-1].state == "failed"
        assert "[infra] revert = false" in running.ran()[-1].sentence
        assert running.host.path(SSHD).read_text() == "PermitRootLogin yes\n"
    finally:
        running.close()


def test_a_manifest_that_is_none_is_said_once(tmp_path: Path) -> None:
    running = Running(tmp_path)
    try:
        running.host.write("/var/lib/vedette-harden/manifest.json", "{")
        running.agent.order(InfraOrders())
        until(lambda: running.said)
        assert "Harden the host again" in running.said[0]
    finally:
        running.close()


class Seeing:
    """Witnessing whose connections are made by `tries`."""

    def __init__(
        self, tries: Callable[[Sequence[Look]], tuple[Sight, ...]] | None, infra: InfraText = USUAL
    ) -> None:
        self.reports = Remembering()
        voices = Voices(self.reports, SystemClock(), print)
        self.agent = Witnessing(Config(infra=infra), voices, tells=lambda _: Told(drops=True), tries=tries)
        self.thread = threading.Thread(target=self.agent.run)
        self.thread.start()

    def seen(self) -> list[Witnessed]:
        return [one for one in self.reports.said if isinstance(one, Witnessed)]

    def close(self) -> None:
        self.agent.stop()
        self.thread.join(5)
        assert not self.thread.is_alive()


LOOK = Look("db", "127.0.0.1", 1)


def answered(looks: Sequence[Look]) -> tuple[Sight, ...]:
    return tuple(Sight(look=one, came=Came.ANSWERED) for one in looks)


def test_a_host_tells_of_itself_and_of_what_it_tried_once_it_is_wanted() -> None:
    seeing = Seeing(answered)
    try:
        seeing.agent.order(None)
        assert not seeing.seen()
        seeing.agent.order(
            InfraOrders(looks=Looks(spot="web", looks=(LOOK,) * (MOST_LOOKS + 5)), every=0.001)
        )
        until(seeing.seen)
        seeing.agent.order(
            InfraOrders(looks=Looks(spot="web", looks=(LOOK,) * (MOST_LOOKS + 5)), every=0.001)
        )
        found = seeing.seen()
        assert len(found) == 1, "at most once a minute, whatever the server says"
        assert found[0].witness.spot == "web"
        assert found[0].witness.told == Told(drops=True)
        assert len(found[0].witness.sights) == MOST_LOOKS
    finally:
        seeing.close()


def test_a_host_may_refuse_to_try() -> None:
    seeing = Seeing(answered, InfraText(connections=False))
    try:
        seeing.agent.order(InfraOrders(looks=Looks(spot="web", looks=(LOOK,))))
        until(seeing.seen)
        assert seeing.seen()[0].witness.sights == ()
        assert seeing.seen()[0].witness.told is not None
    finally:
        seeing.close()


def test_real_connections_are_tried_and_end_with_the_agent() -> None:
    seeing = Seeing(None)
    try:
        seeing.agent.order(InfraOrders(looks=Looks(spot="web", looks=(LOOK,))))
        until(seeing.seen)
        assert [one.came for one in seeing.seen()[0].witness.sights] == [Came.REFUSED]
    finally:
        seeing.close()


def test_a_round_that_goes_on_ends_with_the_agent() -> None:
    seeing = Seeing(None)
    silent = tuple(Look("far", "192.0.2.1", port) for port in range(1, 200))
    seeing.agent.order(InfraOrders(looks=Looks(spot="web", looks=silent)))
    until(lambda: seeing.agent._trying is not None or seeing.seen())
    seeing.close()


def test_what_the_configuration_says() -> None:
    assert read("[infra]\nrevert = false\n").infra == InfraText(revert=False)
    with pytest.raises(ConfigError, match="revert"):
        read("[infra]\nrevrt = false\n")
