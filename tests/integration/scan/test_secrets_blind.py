"""Where the search for secrets is blind, it says so: it never comes out clean."""

import os
from pathlib import Path

import pytest
from tests.support.repositories import commit, git

from vedette.instruments.scan.running import run
from vedette.instruments.scan.secrets.scanner import SCANNER
from vedette.instruments.scan.types import Asked
from vedette.wire.scan import ScanReport

pytestmark = pytest.mark.xdist_group("secrets")  # rules are compiled once


def scanned(root: Path, deadline: float = 600.0, **options: str) -> ScanReport:
    return run(
        SCANNER, Asked(target=str(root), now=1.0, feeds=root / "none", options=options, deadline=deadline)
    )


def is_blind(report: ScanReport, said: str) -> None:
    assert not report.complete
    assert any(said in each.why for each in report.unknown)
    assert all(each.fix for each in report.unknown)


def test_blind_no_such_path(tmp_path: Path) -> None:
    is_blind(scanned(tmp_path / "gone"), "no file and no folder")


def test_blind_damaged_repository(tmp_path: Path) -> None:
    commit(tmp_path, a__py="x = 1\n")
    objects = [path for path in (tmp_path / ".git/objects").rglob("*") if path.is_file()]
    for path in objects:
        path.chmod(0o644)
        path.write_bytes(path.read_bytes()[:5])
    is_blind(scanned(tmp_path), "git")


def test_blind_shallow_clone(tmp_path: Path) -> None:
    whole, clone = tmp_path / "whole", tmp_path / "clone"
    whole.mkdir()
    commit(whole, a__py="x = 1\n")
    commit(whole, a__py="x = 2\n")
    git(tmp_path, "clone", "-q", "--depth", "1", whole.as_uri(), str(clone))
    is_blind(scanned(clone), "shallow")
    assert scanned(clone, history="no").complete


def test_blind_rules_that_cannot_be_read(tmp_path: Path) -> None:
    rules = tmp_path / "gitleaks.toml"
    rules.write_text("[[rules]]\nid = 'a'\nregex = '(('\n")
    is_blind(scanned(tmp_path, rules=str(rules)), "rule 'a'")


def test_blind_baseline_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "known.json").write_text("{")
    is_blind(scanned(tmp_path, baseline=str(tmp_path / "known.json")), "no baseline")


def test_blind_time_is_up(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1\n")
    is_blind(scanned(tmp_path, deadline=0.0), "Time was up")


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads all files")
def test_blind_unreadable_file(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1\n")
    (tmp_path / "a.py").chmod(0)
    is_blind(scanned(tmp_path), "cannot be read")


def test_blind_large_text_in_the_tree_and_in_the_past(tmp_path: Path) -> None:
    commit(tmp_path, dump__sql="x" * (5 * 1024 * 1024 + 1))
    is_blind(scanned(tmp_path, history="no"), "larger than")
    commit(tmp_path, dump__sql="x")
    is_blind(scanned(tmp_path), "In the past")


def test_blind_limit_that_is_no_number(tmp_path: Path) -> None:
    is_blind(scanned(tmp_path, largest="all"), "largest is a number")


def test_blind_nothing_to_look_at(tmp_path: Path) -> None:
    is_blind(scanned(tmp_path), "no file")
