"""Acceptances count until they end, and a slip in their file is told with its line."""

import pytest
from tests.support.scans import BLIND, NOW, report, weak

from vedette.core import settings
from vedette.core.errors import ConfigError
from vedette.instruments.scan import accepted_files, accepting
from vedette.instruments.scan.accepting import Acceptance
from vedette.wire.finding import FindingState

DAY = 86_400.0
GOOD = '[[scan.accept]]\ncheck = "GHSA-*"\ncomponent = "PyPI/joblib"\nreason = "never unpickled"\nuntil = 2027-03-31\nby = "Ada"\n'


def entry(**globs: str) -> Acceptance:
    return Acceptance(reason="never unpickled", until=NOW + DAY, by="Ada", where="a.toml:1", **globs)


@pytest.mark.parametrize(
    "globs",
    [
        {"check": "GHSA-*"}, {"identity": "PyPI/joblib/*"}, {"place": "uv.lock"}, {"place": "uv.lock:7"},
        {"component": "joblib"}, {"component": "PyPI/job*"}, {"check": "GHSA-*", "component": "joblib"},
    ],
)  # fmt: skip
def test_what_fits_is_waived(globs):
    (found,) = accepting.accepted((report(weak()),), (entry(**globs),), NOW)
    assert found.findings[0].state is FindingState.WAIVED
    assert "by Ada: never unpickled (a.toml:1)" in found.findings[0].reason


@pytest.mark.parametrize("globs", [{"check": "CVE-*"}, {"check": "GHSA-*", "component": "numpy"}])
def test_what_does_not_fit_stays(globs):
    assert accepting.accepted((report(weak()),), (entry(**globs),), NOW) == (report(weak()),)


def test_ended_acceptance_shows_the_finding_again():
    (found,) = accepting.accepted((report(weak()),), (entry(check="*"),), NOW + DAY)
    assert found.findings[0].state is FindingState.FAILED
    assert found.findings[0].reason.startswith("Was accepted until ")


def test_what_could_not_be_known_is_never_accepted():
    blind = report(weak(state=FindingState.UNKNOWN), unknown=(BLIND,))
    assert accepting.accepted((blind,), (entry(check="*"),), NOW) == (blind,)


def test_a_file_is_read_with_its_lines():
    (found,) = accepted_files.parse(".vedette-scan.toml", GOOD, NOW)
    assert (found.component, found.by, found.where) == ("PyPI/joblib", "Ada", ".vedette-scan.toml:1")


def test_other_tables_of_vedette_toml_are_the_servers():
    assert len(accepted_files.parse("vedette.toml", f"port = 80\n{GOOD}", NOW)) == 1


def test_the_server_leaves_them_to_scans(tmp_path):
    file = tmp_path / "vedette.toml"
    file.write_text(f"port = 8123\n{GOOD}")
    assert settings.load({}, file).port == 8123


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (GOOD.replace("reason", "resaon"), "f.toml:4: [[accept]] has no `resaon`; did you mean `reason`?"),
        (GOOD.replace("2027-03-31", "2029-03-31"), "f.toml:5: until = 2029-03-31 is more than a year ahead"),
        (GOOD.replace("until = 2027-03-31\n", ""), "f.toml:1: until is missing"),
        (GOOD.replace('"never unpickled"', '" "'), "f.toml:4: The reason is missing"),
        ('[[scan.accept]]\nreason = "x"\nuntil = 2027-01-01', "f.toml:1: What is accepted?"),
        (GOOD.replace("GHSA-*", "*" * 20), "f.toml:2: `check` is longer"),
        ("[scan", "f.toml:1: This is no TOML"),
        ("[scna]\n", "f.toml:1: A file has no `scna`; did you mean `scan`?"),
        (GOOD.replace("2027-03-31", '"soon"'), "f.toml:5"),
    ],
)
def test_slips_are_told_with_file_and_line(text, said):
    with pytest.raises(ConfigError) as told:
        accepted_files.parse("f.toml", text, NOW)
    assert said in str(told.value)


def test_the_file_of_scans_goes_before_the_servers(tmp_path):
    (tmp_path / "vedette.toml").write_text("")
    assert accepted_files.found(tmp_path) == tmp_path / "vedette.toml"
    (tmp_path / ".vedette-scan.toml").write_text("")
    assert accepted_files.found(tmp_path) == tmp_path / ".vedette-scan.toml"
