"""Whatever breaks on the way, the code is that of what could not be known, never that of findings or of none."""

import contextlib

import pytest

from vedette.cli.scan_asking import Order
from vedette.cli.scan_options import Wanted
from vedette.cli.scan_running import scan
from vedette.core.errors import ConfigError
from vedette.instruments.scan import accepted_files, accepting
from vedette.instruments.scan.deps.scanner import SCANNER
from vedette.instruments.scan.verdict import BLIND
from vedette.wire.finding import Finding, FindingState
from vedette.wire.scan import ScanReport


def test_a_path_that_no_path_can_be_is_not_known(tmp_path, capsys):
    assert scan([Order(SCANNER, "a" * 300)], Wanted(feeds=tmp_path), {}) == BLIND
    assert "is no path" in capsys.readouterr().out


@pytest.mark.parametrize("seconds", [-5.0, 0.0, float("nan"), float("inf")])
def test_a_deadline_is_a_time(tmp_path, capsys, seconds):
    assert scan([Order(SCANNER, str(tmp_path))], Wanted(feeds=tmp_path, deadline=seconds), {}) == BLIND
    assert "--deadline" in capsys.readouterr().err


def test_what_cannot_be_told_is_not_known(tmp_path, monkeypatch):
    with open("/dev/full", "w", encoding="utf-8") as full:  # noqa: PTH123 - a device
        monkeypatch.setattr("sys.stdout", full)
        assert scan([Order(SCANNER, str(tmp_path))], Wanted(feeds=tmp_path), {}) == BLIND
        monkeypatch.undo()
        with contextlib.suppress(OSError):
            full.close()


def test_acceptances_are_no_link_and_of_no_boundless_size(tmp_path):
    link, large = tmp_path / "link.toml", tmp_path / "large.toml"
    link.symlink_to("/etc/passwd")
    large.touch()
    with large.open("r+b") as file:
        file.truncate(3 << 30)
    with pytest.raises(ConfigError, match="cannot be read"):
        accepted_files.load(link, 0.0)
    with pytest.raises(ConfigError, match="larger than"):
        accepted_files.load(large, 0.0)


def test_it_is_told_how_many_do_not_count():
    one = accepting.waived(Finding(check="a", title="a", state=FindingState.FAILED), "accepted", "so")
    told = accepting.waivers([ScanReport(scanner="deps", target=".", at=0.0, findings=(one,))])
    assert told.startswith("Findings that do not count: 1 by acceptances.")
    assert accepting.waivers([]) == ""
