"""Where an address is, by files of the user's: countries, places and networks; nothing without them, nor by what is none."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support import mmdb
from tests.support.rooms import BASE_URL

from vedette.core.clock import ManualClock
from vedette.core.settings import Settings
from vedette.intrusions import service
from vedette.intrusions.types import Shown
from vedette.plumbing import ports as installed
from vedette.plumbing.ports import install
from vedette.plumbing.testing import memory_ports


@pytest.fixture
def files(tmp_path: Path) -> Iterator[Path]:
    before = installed._Installed.ports
    places, networks = tmp_path / "city.mmdb", tmp_path / "asn.mmdb"
    mmdb.write(
        places, {"198.51.100.0/24": {"country": {"iso_code": "NO"}, "city": {"names": {"en": "Bergen\x1b"}}}}
    )
    told = {"autonomous_system_number": 64500, "autonomous_system_organization": "Fjord Hosting"}
    mmdb.write(networks, {"198.51.100.0/25": told})
    yield tmp_path
    installed._Installed.ports = before


def use(*paths: Path) -> None:
    install(memory_ports(ManualClock(), Settings(base_url=BASE_URL, geoip=", ".join(map(str, paths)))))


def test_all_files_together_say_where(files: Path) -> None:
    use(files / "city.mmdb", files / "asn.mmdb")
    assert service.whereabouts_of("198.51.100.7") == Shown("NO", "Bergen", "AS64500 Fjord Hosting")
    assert service.whereabouts_of("198.51.100.200") == Shown("NO", "Bergen", "")
    assert service.whereabouts_of("198.51.100.0/24").country == "NO"
    assert service.whereabouts_of("192.0.2.1") == Shown()


def test_without_a_file_nothing_is_shown(files: Path) -> None:
    broken = files / "broken.mmdb"
    broken.write_bytes(b"no database" * 100)
    use()
    assert service.whereabouts_of("198.51.100.7") == Shown()
    use(files / "gone.mmdb", broken)
    assert service.whereabouts_of("198.51.100.7") == Shown()
    use(files / "city.mmdb")
    assert service.whereabouts_of("2001:db8::1") == Shown(), "a file of IPv4"
    assert service.whereabouts_of("somebody") == Shown()
