"""What the agent measures and tells, how often, and what its file of measures may say."""

from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest
from tests.support import hosts

from vedette.agent.measured import Measured, load, read
from vedette.agent.measuring import KEPT, Measuring, Surveying
from vedette.core.errors import ConfigError
from vedette.instruments.databases.types import Look
from vedette.instruments.host.happenings import Conditions, happening
from vedette.instruments.host.inventory import Stock
from vedette.wire.agent.types import Happening, Inventory, Report, Sample

NOW = 1_764_000_000.0
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


def of(kind: type, found: Sequence[Report]) -> list[Report]:
    return [one for one in found if isinstance(one, kind)]


class Fake:
    """A database that was measured."""

    def remember(self, conditions: Conditions) -> None:
        self.conditions = conditions

    def sample(self, now: float) -> Look:
        return Look(Sample(now, {"postgres.up{x}": 1.0}), [happening("slow-statement", "x", "x: slow.", now)])


def mute(*_: str, seconds: float = 0.0) -> str | None:
    return None


def test_a_sample_and_what_happened_are_told(tmp_path: Path) -> None:
    root, state = hosts.ordinary(tmp_path / "root"), tmp_path / "state"
    state.mkdir()
    measuring = Measuring(state, Measured(), root=root)
    told = [*measuring(NOW)]
    hosts.put(root, {"/proc/vmstat": "oom_kill 1\n"})
    told += measuring(NOW + 10)
    assert [type(one).__name__ for one in told] == ["Sample", "Sample", "Happening"]
    assert (state / KEPT).exists()


def test_what_a_host_is_is_told_when_it_changed_and_once_a_day(tmp_path: Path) -> None:
    root = hosts.ordinary(tmp_path)
    surveying = Surveying(tmp_path, Measured(databases=[Fake()]), version="1.0", stock=Stock(root, mute))
    assert surveying.values() == {}
    told = [one for n in range(3) for one in surveying(NOW + 60 * n)]
    assert (len(of(Inventory, told)), len(of(Happening, told)), len(told)) == (1, 3, 4)
    hosts.put(root, {"/run/reboot-required": ""})
    told += surveying(NOW + 180)
    assert [one.reboot_required for one in of(Inventory, told) if isinstance(one, Inventory)] == [False, True]
    told += surveying(NOW + 180 + 86_400)
    assert len(of(Inventory, told)) == 3
    assert msgspec.json.decode(msgspec.json.encode(told), type=list[Report]) == told


def test_databases_are_part_of_the_one_sample_of_an_instant(tmp_path: Path) -> None:
    root = hosts.ordinary(tmp_path / "root")
    surveying = Surveying(tmp_path, Measured(databases=[Fake()]), version="1.0", stock=Stock(root, mute))
    measuring = Measuring(tmp_path, Measured(), root=root, also=surveying.values)
    surveying(NOW)
    (sample,) = of(Sample, measuring(NOW))
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
