"""What an agent tells of what its host is made of: when it changed, bounded, and what it cannot read told."""

import os
from pathlib import Path

import msgspec

from vedette.agent.config import Config, ScanText
from vedette.agent.scanning import MOST, MOST_BYTES, Scanning, bounded
from vedette.wire.agent.batches import pack, unpack
from vedette.wire.scan import Component, ScanReport

NOW = 1_764_000_000.0
STATUS = """Package: libc6
Status: install ok installed
Architecture: amd64
Version: 2.36-9

"""


def host(tmp_path: Path) -> Path:
    """Return the root of a host of Debian 12 with one package."""
    status = tmp_path / "var/lib/dpkg/status"
    status.parent.mkdir(parents=True)
    status.write_text(STATUS)
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/os-release").write_text('ID=debian\nVERSION_ID="12"\n')
    return tmp_path


def looking(root: Path, **scan: object) -> Scanning:
    config = Config(name="db-1", scan=ScanText(**{"listening": False, **scan}))  # type: ignore[arg-type]
    return Scanning(config, NOW, root)


def test_packages_are_told_a_while_after_the_start_once_a_day_and_when_they_change(tmp_path: Path) -> None:
    root = host(tmp_path)
    look = looking(root)
    assert look(NOW) == []
    (told,) = look(NOW + 301)
    assert isinstance(told, ScanReport)
    assert [(one.ecosystem, one.name, one.version) for one in told.components] == [
        ("Debian:12", "libc6", "2.36-9")
    ]
    assert (told.scanner, told.target, told.complete, told.findings) == ("host", "db-1", True, ())
    assert look(NOW + 400) == []
    os.utime(root / "var/lib/dpkg/status", (NOW + 500, NOW + 500))
    assert len(look(NOW + 500)) == 1
    assert look(NOW + 600) == []
    assert len(look(NOW + 500 + 86_400)) == 1


def test_a_host_that_tells_nothing_and_a_folder_that_is_gone_are_unknown(tmp_path: Path) -> None:
    packages, locks = looking(tmp_path, paths=(str(tmp_path / "srv"),))(NOW + 301)
    for told in (packages, locks):
        assert isinstance(told, ScanReport)
        assert not told.complete
        assert told.unknown[0].fix
    assert isinstance(locks, ScanReport)
    assert "is not there" in locks.unknown[0].why


def test_lock_files_of_a_folder_are_told(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("joblib==1.2.0\n")
    (told,) = looking(tmp_path, packages=False, paths=(str(tmp_path),))(NOW + 301)
    assert isinstance(told, ScanReport)
    assert [(one.name, one.version) for one in told.components] == [("joblib", "1.2.0")]


def test_what_listens_is_told_when_it_changed(tmp_path: Path) -> None:
    look = looking(tmp_path, packages=False, listening=True)
    first = look(NOW + 301)
    assert [one.scanner for one in first if isinstance(one, ScanReport)] in (["listening"], [])
    assert look(NOW + 302) == []


def test_a_report_fits_a_batch_and_says_what_is_left_out() -> None:
    parts = tuple(
        Component(ecosystem="npm", name="p" * 400 + str(n), version="1", requires=("x",) * 50)
        for n in range(MOST + 10)
    )
    told = bounded(ScanReport(scanner="deps", target="/srv", at=NOW, components=parts))
    assert MOST_BYTES - 1_000 < len(msgspec.msgpack.encode(told)) < MOST_BYTES + 10_000, "it is filled"
    assert not told.complete
    assert "are left out" in told.unknown[0].why
    assert unpack(pack(told)) == told


def test_what_listens_fits_a_batch_too() -> None:
    labels = {"program": "p" * 100, "user": "u" * 60, "package": "q" * 200}
    parts = tuple(
        Component(ecosystem="socket", name=f"tcp/{n}", version="::", labels=labels) for n in range(MOST)
    )
    told = bounded(ScanReport(scanner="listening", target="web1", at=NOW, components=parts), lean=False)
    assert told.components[0].labels == labels
    assert len(msgspec.msgpack.encode(told)) < MOST_BYTES + 10_000
    assert "are left out" in told.unknown[0].why
