"""Who proposes a change accepts nothing of it, and what does not count is told in the verdict."""

import pytest
from tests.support.repositories import commit
from tests.support.scans import report, weak

from vedette.cli.scan_accepting import acceptances
from vedette.cli.scan_asking import Order
from vedette.cli.scan_options import Wanted
from vedette.core.errors import ConfigError
from vedette.instruments.scan import accepting, verdict
from vedette.instruments.scan.code.scanner import SCANNER
from vedette.instruments.scan.types import CannotKnow
from vedette.wire.finding import Severity

NOW = 1_796_000_000.0
ACCEPT = '[[scan.accept]]\ncheck = "{}"\nreason = "so"\nuntil = 2027-03-31\n'


def checks(root, wanted=None, **own):
    return [each.check for each in acceptances([Order(SCANNER, str(root))], wanted or Wanted(), own, NOW)]


def test_a_review_takes_what_its_base_accepts(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    base = commit(tmp_path, __vedette_scan__toml="", a__py="x = 1\n")
    (tmp_path / ".vedette-scan.toml").write_text(ACCEPT.format("of-the-base"))
    base = commit(tmp_path, a__py="x = 2\n")
    (tmp_path / ".vedette-scan.toml").write_text(ACCEPT.format("*"))
    commit(tmp_path, a__py="x = 3\n")
    assert checks(tmp_path) == ["*"]
    assert checks(tmp_path, diff=base) == ["of-the-base"]
    assert checks(tmp_path, Wanted(option=(f"diff={base}",))) == ["of-the-base"]
    with pytest.raises(CannotKnow):
        checks(tmp_path, diff="no-such-branch")


def test_a_file_that_the_change_adds_accepts_nothing_in_its_review(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    base = commit(tmp_path, a__py="x = 1\n")
    (tmp_path / ".vedette-scan.toml").write_text(ACCEPT.format("*"))
    commit(tmp_path, a__py="x = 2\n")
    assert checks(tmp_path, diff=base) == []


def test_no_file_is_looked_for_when_nothing_is_to_be_accepted(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / ".vedette-scan.toml"
    path.write_text(ACCEPT.format("*"))
    assert checks(tmp_path, Wanted(no_config=True)) == []
    with pytest.raises(ConfigError):
        checks(tmp_path, Wanted(no_config=True, config=path))


def test_the_verdict_says_what_does_not_count():
    found = report(accepting.waived(weak(), "accepted", "so"), accepting.waived(weak(), "baseline", "so"))
    assert verdict.verdict((found,), Severity.HIGH).reason == (
        "Nothing was found. Findings that do not count: 1 by acceptances, 1 by baseline."
    )
