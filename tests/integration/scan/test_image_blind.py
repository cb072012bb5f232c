"""A scan of an image that cannot know says so, and is never clean."""

from pathlib import Path

from tests.support import images
from tests.support.osv import osv_record
from tests.support.scanned import feeds, is_blind, look, why

STATUS = b"Package: openssl\nStatus: install ok installed\nVersion: 3.0.11-1\n"
BASE = images.layer({"var/lib/dpkg/status": STATUS, "etc/os-release": b"ID=debian\nVERSION_ID=12\n"})
OPENSSL = osv_record("DSA-1", "Debian:12/openssl", ["introduced 0, fixed 3.0.13-1"])


def test_what_is_weak_is_found(tmp_path: Path) -> None:
    report = look("image", images.saved(tmp_path / "i.tar", BASE), feeds(tmp_path, OPENSSL))
    assert [each.identity for each in report.findings] == ["Debian/openssl/DSA-1"]
    assert not report.unknown


def test_blind_no_feed(tmp_path: Path) -> None:
    assert is_blind(look("image", images.saved(tmp_path / "i.tar", BASE), tmp_path / "none"))


def test_blind_truncated_archive(tmp_path: Path) -> None:
    path = images.laid_out(tmp_path / "i.tar", [BASE])
    path.write_bytes(path.read_bytes()[:3_000])
    report = look("image", path, feeds(tmp_path, OPENSSL))
    assert is_blind(report)
    assert "cut off" in why(report)


def test_blind_not_there(tmp_path: Path) -> None:
    assert is_blind(look("image", tmp_path / "gone.tar", feeds(tmp_path, OPENSSL)))


def test_blind_a_folder(tmp_path: Path) -> None:
    assert is_blind(look("image", tmp_path, feeds(tmp_path, OPENSSL)))


def test_blind_nothing_names_packages(tmp_path: Path) -> None:
    empty = images.saved(tmp_path / "i.tar", images.layer({"bin/app": b"x"}))
    assert is_blind(look("image", empty, feeds(tmp_path, OPENSSL)))


def test_blind_unreadable_lock_file(tmp_path: Path) -> None:
    broken = images.saved(tmp_path / "i.tar", BASE, images.layer({"app/uv.lock": b"[["}))
    report = look("image", broken, feeds(tmp_path, OPENSSL))
    assert is_blind(report)
    assert "app/uv.lock:1" in why(report)
