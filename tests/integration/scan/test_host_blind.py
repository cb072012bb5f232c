"""A scan of a host's packages that cannot know says so, and is never clean."""

import shutil
from pathlib import Path

from tests.support import lockfiles
from tests.support.osv import osv_record
from tests.support.scanned import feeds, is_blind, look, why

OPENSSL = osv_record(
    "DSA-1", "Debian:12/openssl", ["introduced 0, fixed 3.0.13-1~deb12u1"], aliases=["CVE-2023-5678"]
)


def root(tmp_path: Path) -> Path:
    shutil.copytree(lockfiles.FOLDER / "dpkg", tmp_path / "root")
    return tmp_path / "root"


def test_a_source_package_is_found_by_its_source_version(tmp_path: Path) -> None:
    gcc = osv_record("DSA-2", "Debian:12/gcc-12", ["introduced 0, fixed 12.2.0-14"])
    report = look("host", "", feeds(tmp_path, OPENSSL, gcc), root=str(root(tmp_path)))
    assert not report.unknown
    (found,) = report.findings
    assert (found.check, found.subject) == ("CVE-2023-5678", "openssl")
    assert found.fix == "Upgrade to 3.0.13-1~deb12u1."
    assert found.evidence == "libssl3 3.0.11-1~deb12u2 in var/lib/dpkg/status:1"


def test_blind_no_list_of_packages(tmp_path: Path) -> None:
    (tmp_path / "bare").mkdir()
    report = look("host", "", feeds(tmp_path, OPENSSL), root=str(tmp_path / "bare"))
    assert is_blind(report)
    assert "No list of installed packages" in why(report)


def test_blind_no_os_release(tmp_path: Path) -> None:
    (root(tmp_path) / "etc/os-release").unlink()
    report = look("host", "", feeds(tmp_path, OPENSSL), root=str(tmp_path / "root"))
    assert is_blind(report)
    assert "No os-release" in why(report)


def test_blind_release_without_a_feed(tmp_path: Path) -> None:
    (root(tmp_path) / "etc/os-release").write_text("ID=debian\nVERSION_ID=13\n")
    assert is_blind(look("host", "", feeds(tmp_path, OPENSSL), root=str(tmp_path / "root")))


def test_blind_damaged_list(tmp_path: Path) -> None:
    (root(tmp_path) / "var/lib/dpkg/status").write_bytes(b"\xff\xfe broken")
    assert is_blind(look("host", "", feeds(tmp_path, OPENSSL), root=str(tmp_path / "root")))


def test_blind_older_database(tmp_path: Path) -> None:
    report = look("host", "", feeds(tmp_path, OPENSSL), root=str(lockfiles.FOLDER / "rpm-old"))
    assert is_blind(report)
    assert "rpm -qa" in why(report)
