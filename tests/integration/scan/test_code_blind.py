"""Where the look at code is blind, it says so: it never comes out clean."""

from pathlib import Path

import pytest
from tests.support.repositories import commit, git

from vedette.instruments.scan.code.scanner import SCANNER
from vedette.instruments.scan.running import run
from vedette.instruments.scan.types import Asked
from vedette.wire.scan import ScanReport


def scanned(root: Path, deadline: float = 600.0, **options: str) -> ScanReport:
    return run(
        SCANNER,
        Asked(
            target=str(root),
            now=1.0,
            feeds=root / "none",
            options={"bandit": "no", **options},
            deadline=deadline,
        ),
    )


def is_blind(report: ScanReport, said: str) -> None:
    assert not report.complete
    assert any(said in each.why for each in report.unknown)
    assert all(each.fix for each in report.unknown)


def test_blind_no_such_path(tmp_path: Path) -> None:
    is_blind(scanned(tmp_path / "gone"), "no file and no folder")


@pytest.mark.parametrize("source", [b"x = (", b"x = '\0'", b"(" * 500, b"\xff\xfe\x00"])
def test_blind_no_python(source: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes(source)
    is_blind(scanned(tmp_path), "no Python that can be read")


def test_blind_no_such_base(tmp_path: Path) -> None:
    commit(tmp_path, a__py="x = 1\n")
    is_blind(scanned(tmp_path, diff="nowhere"), "no commit")
    is_blind(scanned(tmp_path, diff="--output=/tmp/x"), "no commit")


def test_blind_no_common_past(tmp_path: Path) -> None:
    commit(tmp_path, a__py="x = 1\n")
    git(tmp_path, "checkout", "-q", "--orphan", "other")
    commit(tmp_path, a__py="x = 2\n")
    is_blind(scanned(tmp_path, diff="main"), "not in this clone")


def test_blind_no_repository_to_compare_in(tmp_path: Path) -> None:
    is_blind(scanned(tmp_path, diff="HEAD"), "no commit")


def test_blind_semgrep_missing(tmp_path: Path) -> None:
    (tmp_path / "rules.yml").write_text("rules: []\n")
    is_blind(
        scanned(
            tmp_path, semgrep=str(tmp_path / "rules.yml"), **{"semgrep-program": "semgrep-that-is-not-here"}
        ),
        "not installed",
    )
    is_blind(scanned(tmp_path, require="semgrep"), "required")


def test_blind_semgrep_fails(tmp_path: Path) -> None:
    program = tmp_path / "semgrep"
    program.write_text("#!/bin/sh\necho broken >&2\nexit 7\n")
    program.chmod(0o755)
    (tmp_path / "rules.yml").write_text("rules: []\n")
    is_blind(
        scanned(tmp_path, semgrep=str(tmp_path / "rules.yml"), **{"semgrep-program": str(program)}), "broken"
    )


def test_blind_time_is_up(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1\n")
    is_blind(scanned(tmp_path, deadline=0.0), "Time was up")


def test_blind_large_source(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1\n" * 400_000)
    is_blind(scanned(tmp_path), "larger than")


def test_blind_nothing_to_look_at(tmp_path: Path) -> None:
    is_blind(scanned(tmp_path), "no file")
