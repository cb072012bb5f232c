"""The switch against floods that the server orders: the host draws its lines, the kernel keeps its end, and a start forgets nothing."""

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.support import netns
from tests.support.netns import until as comes

from vedette.agent.actions.actions import Actions
from vedette.agent.attacking import NAME, Attack
from vedette.agent.config import AttackText, Config, read
from vedette.core.clock import ManualClock
from vedette.core.errors import ConfigError
from vedette.instruments.attack import looking, offering, reading, tightening
from vedette.instruments.live.host import HostLive
from vedette.instruments.live.memory import Made, MemoryLive
from vedette.instruments.packets.libnft import opened
from vedette.instruments.packets.port import EnforceError
from vedette.wire.agent.types import ActionOrder, ActionReport, Offer

NOW = 1_795_000_000.0
NOTHING = json.dumps({"nftables": []})
ALLOWED = AttackText(switch=True, front=("10.0.0.3",))


class Kernel:
    """An nftables that remembers what it ran."""

    def __init__(self) -> None:
        self.ran: list[str] = []
        self.broken = ""

    def run(self, text: str) -> None:
        if self.broken:
            raise EnforceError(self.broken)
        self.ran.append(text)

    def listed(self, text: str) -> bytes:
        raise AssertionError(f"nobody asks for a list: {text}")

    def close(self) -> None:
        pass


class Host:
    """A host whose files and rules a test makes up."""

    def __init__(self, folder: Path) -> None:
        self.kernel, self.clock, self.folder = Kernel(), ManualClock(NOW), folder
        self.files: dict[str, Made] = {"/proc/sys/net/ipv4/tcp_syncookies": Made(text="1\n")}

    def live(self) -> MemoryLive:
        rules = [
            {"rule": {"table": "filter", "expr": [{"limit": {"rate": 3}}]}},
            {"rule": {"table": "filter", "expr": []}},
        ]
        if self.kernel.ran and self.kernel.ran[-1].count("{") > 1:
            rules += [
                {"table": {"name": tightening.TABLE}},
                {"rule": {"table": tightening.TABLE, "expr": [{"limit": {}}]}},
            ]
        return MemoryLive(
            self.files, {"nft -j -t list ruleset": json.dumps({"nftables": rules})}, now=self.clock.now()
        )

    def attack(self, config: AttackText = ALLOWED) -> Attack:
        return Attack(config, self.folder, self.clock, self.live, lambda: self.kernel)


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(tmp_path)


@pytest.fixture
def running() -> Iterator[Callable[[Attack], None]]:
    begun: list[tuple[Attack, threading.Thread]] = []

    def run(one: Attack) -> None:
        thread = threading.Thread(target=one.run)
        thread.start()
        begun.append((one, thread))

    yield run
    for one, thread in begun:
        one.stop()
        thread.join(5)


def test_nothing_is_offered_unless_the_host_says_so(host: Host) -> None:
    assert host.attack(AttackText()).offered() == ()
    assert host.attack(AttackText(switch=True, longest=60)).offered() == (
        "attack-off",
        "attack-status",
        "attack-on-15",
        "attack-on-60",
    )
    assert offering.lengths(host.attack().offered()) == (15, 60, 240)
    assert [offering.minutes(each) for each in ("attack-on-60", "attack-off", "attack-on-x", "on-5")] == [
        60,
        0,
        0,
        0,
    ]


def test_a_table_that_would_lock_out_is_refused() -> None:
    assert read("[attack]\nswitch = true\nlongest = 60\n").attack.longest == 60
    with pytest.raises(ConfigError, match="lock you out"):
        read("[attack]\nswitch = true\nports = [22]\n")
    with pytest.raises(ConfigError, match="seven days"):
        read("[attack]\nswitch = true\nlongest = 100000\n")


def test_it_is_turned_on_told_and_off_again(host: Host) -> None:
    attack = host.attack()
    told = reading.read(attack.run_action("attack-on-15").output)
    assert (told.until, told.now, told.armed, told.limits, told.sysctls) == (
        NOW + 900, NOW, True, 1, {"net.ipv4.tcp_syncookies": 1},
    )  # fmt: skip
    assert "443 timeout 900s" in host.kernel.ran[-1]
    assert "10.0.0.3" in host.kernel.ran[-1]
    off = reading.read(attack.run_action("attack-off").output)
    assert (off.until, off.armed) == (0, False)
    assert not (host.folder / NAME).exists()


def test_a_kernel_that_refuses_leaves_it_off(host: Host) -> None:
    host.kernel.broken = "Operation not permitted"
    ended = host.attack().run_action("attack-on-15")
    assert (ended.code, ended.why) == (None, "Operation not permitted")
    assert not (host.folder / NAME).exists()


def test_one_that_was_turned_on_over_ssh_is_left_alone_and_told(host: Host) -> None:
    host.files[looking.ELSEWHERE] = Made(text=f"{NOW + 60:.0f}\n")
    attack = host.attack()
    assert "turned on over SSH" in attack.run_action("attack-off").why
    assert reading.read(attack.run_action("attack-status").output).until == NOW + 60
    assert host.kernel.ran == []


def test_it_ends_at_its_deadline(host: Host, running: Callable[[Attack], None]) -> None:
    attack = host.attack()
    running(attack)
    attack.run_action("attack-on-15")
    host.clock.forward(901)
    attack.run_action("attack-status")
    assert comes(lambda: not (host.folder / NAME).exists(), 5)
    assert host.kernel.ran[-1].startswith(f"table inet {tightening.TABLE} {{}}\ndelete")


def test_a_start_puts_back_what_a_reboot_took_and_removes_what_is_over(
    host: Host, running: Callable[[Attack], None]
) -> None:
    host.attack().run_action("attack-on-15")
    host.kernel.ran.clear()
    host.clock.forward(300)
    running(host.attack())
    assert comes(lambda: bool(host.kernel.ran), 5)
    assert "443 timeout 600s" in host.kernel.ran[0]
    host.clock.forward(900)
    host.kernel.ran.clear()
    running(host.attack())
    assert comes(lambda: not (host.folder / NAME).exists(), 5)
    assert "timeout" not in "".join(host.kernel.ran)


class Reports:
    """Keeps what is reported."""

    def __init__(self) -> None:
        self.told: list[object] = []

    def report(self, reports: object) -> None:
        self.told += reports  # type: ignore[operator]


def test_the_server_orders_it_as_any_other_action(host: Host) -> None:
    reports = Reports()
    actions = Actions(Config(state=host.folder), reports, host.clock, host.attack())  # type: ignore[arg-type]
    thread = threading.Thread(target=actions.run)
    actions.order([ActionOrder(id="a" * 32, action="attack-on-60", until=NOW + 60)])
    thread.start()
    assert comes(lambda: len(reports.told) == 3, 5)
    actions.stop()
    thread.join(5)
    offer, _, ended = reports.told
    assert isinstance(offer, Offer)
    assert "attack-on-60" in offer.actions
    assert isinstance(ended, ActionReport)
    assert (ended.state, ended.code) == ("done", 0)
    assert reading.read(ended.output).until == NOW + 3600


@pytest.mark.skipif(not netns.possible(), reason="makes network namespaces: root, ip and nft")
def test_a_real_kernel_takes_it_and_tells_of_it(tmp_path: Path) -> None:
    clock = ManualClock(NOW)
    attack = Attack(ALLOWED, tmp_path, clock, lambda: HostLive(NOW), opened)
    with netns.pair() as pair, netns.inside(pair.server):
        on = reading.read(attack.run_action("attack-on-15").output)
        assert (on.armed, on.until, on.limits) == (True, NOW + 900, 0)
        again = reading.read(attack.run_action("attack-on-60").output)
        assert (again.armed, again.until) == (True, NOW + 3600)
        assert reading.read(attack.run_action("attack-off").output).armed is False
