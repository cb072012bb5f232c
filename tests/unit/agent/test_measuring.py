"""What the agent measures and tells, how often, and what its file of measures may say."""

import threading
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest
from tests.support import hosts

from vedette.agent.measured import Measured, load, read
from vedette.agent.measuring import KEPT, Measuring, Surveying
from vedette.core.clock import ManualClock
from vedette.core.errors import ConfigError
from vedette.instruments.databases.types import Look
from vedette.instruments.host.happenings import Conditions, happening
from vedette.instruments.host.inventory import Stock
from vedette.wire.agent.types import Happening, Inventory, Report, Sample

WHOLE = """\
certificates = ["/etc/ssl/mine/*.pem"]
time_servers = ["192.0.2.1"]

[backups]
shop = "/var/backups/shop-*.dump"

[[database]]
name = "shop"
url = "postgres://127.0.0.1:5432/shop"
user = "vedette"
password = "planted"

[[database]]
name = "old"
url = "mariadb://localhost"
user = "vedette"
socket = "/run/mysqld/mysqld.sock"
"""


class Heard:
    """Keeps what is told; sets `enough` after so many reports."""

    def __init__(self, most: int = 1) -> None:
        self.told: list[Report] = []
        self.enough, self._most = threading.Event(), most

    def report(self, reports: Sequence[Report]) -> None:
        self.told += reports
        if len(self.told) >= self._most:
            self.enough.set()

    def of(self, kind: type) -> list[Report]:
        return [one for one in self.told if isinstance(one, kind)]


class Fake:
    """A database that was measured."""

    def remember(self, conditions: Conditions) -> None:
        self.conditions = conditions

    def sample(self, now: float) -> Look:
        return Look(Sample(now, {"postgres.up{x}": 1.0}), [happening("slow-statement", "x", "x: slow.", now)])


def mute(*_: str, seconds: float = 0.0) -> str | None:
    return None


def test_a_sample_and_what_happened_are_told(tmp_path: Path) -> None:
    root, heard, clock = hosts.ordinary(tmp_path / "root"), Heard(), ManualClock()
    state = tmp_path / "state"
    state.mkdir()
    measuring = Measuring(heard, clock, state, Measured(), root=root)
    measuring.beat()
    hosts.put(root, {"/proc/vmstat": "oom_kill 1\n"})
    clock.forward(10)
    measuring.beat()
    assert [type(one).__name__ for one in heard.told] == ["Sample", "Sample", "Happening"]
    assert (state / KEPT).exists()


def test_it_beats_until_it_is_stopped(tmp_path: Path) -> None:
    heard = Heard()
    measuring = Measuring(heard, ManualClock(), tmp_path, Measured(), root=hosts.ordinary(tmp_path / "root"))
    thread = threading.Thread(target=measuring.run)
    thread.start()
    assert heard.enough.wait(10)
    measuring.stop()
    thread.join(5)
    assert not thread.is_alive()
    assert measuring.standings() == ()


def test_what_a_host_is_is_told_when_it_changed_and_once_a_day(tmp_path: Path) -> None:
    root, heard, clock = hosts.ordinary(tmp_path), Heard(), ManualClock()
    surveying = Surveying(
        heard, clock, tmp_path, Measured(databases=[Fake()]), version="1.0", stock=Stock(root, mute)
    )
    assert surveying.values() == {}
    for _ in range(3):
        surveying.beat()
        clock.forward(60)
    assert (len(heard.of(Inventory)), len(heard.of(Happening)), len(heard.told)) == (1, 3, 4)
    hosts.put(root, {"/run/reboot-required": ""})
    surveying.beat()
    assert [one.reboot_required for one in heard.of(Inventory) if isinstance(one, Inventory)] == [False, True]
    clock.forward(86_400)
    surveying.beat()
    assert len(heard.of(Inventory)) == 3
    assert msgspec.json.decode(msgspec.json.encode(heard.told), type=list[Report]) == heard.told


def test_databases_are_part_of_the_one_sample_of_an_instant(tmp_path: Path) -> None:
    root, heard, clock = hosts.ordinary(tmp_path / "root"), Heard(), ManualClock()
    surveying = Surveying(
        heard, clock, tmp_path, Measured(databases=[Fake()]), version="1.0", stock=Stock(root, mute)
    )
    measuring = Measuring(heard, clock, tmp_path, Measured(), root=root, also=surveying.values)
    surveying.beat()
    measuring.beat()
    (sample,) = heard.of(Sample)
    assert isinstance(sample, Sample)
    assert (sample.values["postgres.up{x}"], sample.values["load.1"]) == (1.0, 0.5)


def test_a_file_says_what_is_measured(tmp_path: Path) -> None:
    path = tmp_path / "measure.toml"
    assert load(path) == Measured()
    path.write_text(WHOLE)
    path.chmod(0o644)
    with pytest.raises(ConfigError, match="chmod 600"):
        load(path)
    path.chmod(0o600)
    found = load(path)
    assert (found.certificates, found.time_servers) == (("/etc/ssl/mine/*.pem",), ("192.0.2.1",))
    assert (dict(found.backups), len(found.databases)) == ({"shop": "/var/backups/shop-*.dump"}, 2)
    assert "planted" not in repr(found)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("[[database]]\nname = \"old\"", "[[database]]\nname = \"shop\"", "/m.toml:14: `name` is what it is called in charts, each another, not 'shop'."),
        ("mariadb://localhost", "oracle://localhost", "/m.toml:15: `url` is postgres://"),
        ("mariadb://localhost", "mariadb://", "/m.toml:15: "),
        ('user = "vedette"\nsocket', 'user = ""\nsocket', "name the user"),
        ("/run/mysqld", "run/mysqld", "/m.toml:17: `socket` is a whole path"),
        ("/var/backups", "backups", "/m.toml:4: `backups` holds whole paths"),
        ("/etc/ssl/mine", "etc", "/m.toml:1: `certificates` holds whole paths"),
        ("time_servers", "timeservers", "/m.toml:2: "),
        ("socket = ", "authority = \"/nonexistent\"\nsocket = ", "`authority` /nonexistent cannot be read"),
        ("[backups]", "[backups", "/m.toml:4: "),
        ('password = "planted"', "password = 7", "/m.toml:11: "),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_line(before: str, after: str, told: str) -> None:
    assert before in WHOLE
    with pytest.raises(ConfigError) as raised:
        read(WHOLE.replace(before, after), Path("/m.toml"))
    assert told in str(raised.value)
    assert "planted" not in str(raised.value)
