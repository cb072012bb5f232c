"""What Lynis and OpenSCAP write is read as findings: whole or not at all, bounded, with the reasons that ship."""

import contextlib
import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.xccdf import PASSED, results

from vedette.core.errors import Invalid
from vedette.instruments.audit import looking, waiving
from vedette.instruments.harden import judging, telling
from vedette.instruments.harden.shell import Said
from vedette.instruments.harden.types import Ended, Hardened, Judged, Unreached
from vedette.instruments.judges import lynis, openscap, reading, reasons
from vedette.instruments.judges.types import Judgement
from vedette.instruments.live.memory import Made, MemoryLive
from vedette.wire.agent.types import Audit
from vedette.wire.finding import FindingState

LYNIS = """\
# Lynis Report
lynis_version=3.0.8
report_datetime_end=2026-11-27 11:52:37
hardening_index=60
suggestion[]=LYNIS|This release is more than 4 months old.|-|-|
suggestion[]=NAME-4408|Split resolving\x1b[31m|/etc/hosts|text:Check your localhost line|
suggestion[]=NAME-4408|Split resolving\x1b[31m|/etc/hosts|text:Check your localhost line|
warning[]=PKGS-7388|Can't find any security repository|-|-|
warning[]=
"""
NOW = 1_795_780_000.0


def test_lynis_is_read() -> None:
    told = lynis.read(LYNIS)
    assert (told.judge, told.version, told.score, told.at) == ("lynis", "3.0.8", 60.0, 1795780357.0)
    suggestion, warning = told.findings
    assert (suggestion.check, suggestion.title, suggestion.subject, suggestion.risk) == ("lynis-NAME-4408", "Split resolving [31m", "/etc/hosts", 2.0)  # fmt: skip
    assert (suggestion.fix, suggestion.labels) == ("Check your localhost line", {"source": "lynis"})
    assert (warning.state, warning.risk, warning.fix) == (FindingState.FAILED, 5.0, warning.title)


@pytest.mark.parametrize(
    "text", ["", "lynis_version=3\n", "hardening_index=60\n", LYNIS.replace("=60", "=six"), "\0" * 100]
)
def test_what_is_no_whole_report_of_lynis_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="no whole report of Lynis"):
        lynis.read(text)


@given(st.text(), st.text())
def test_lynis_with_anything_in_it_is_read_or_refused(before: str, after: str) -> None:
    told = lynis.read(f"{before}\nlynis_version=3\nhardening_index=60\nwarning[]={after}\n")
    assert all(one.title.isprintable() and len(one.title) <= 400 for one in told.findings)


def test_lynis_is_bounded() -> None:
    many = "".join(f"warning[]=T-{n}|x|-|-|\n" for n in range(lynis.MOST_FINDINGS + 9))
    assert len(lynis.read(LYNIS + many).findings) == lynis.MOST_FINDINGS


@pytest.mark.parametrize("collected", [False, True])
def test_openscap_is_read(collected: bool) -> None:
    told = openscap.read(results({"sshd_disable_root_login": "fail", "x": "notselected", "y": "error", "z": "notapplicable"}, collected=collected))  # fmt: skip
    assert (told.version, told.profile, told.score) == ("1.3.7", "cis_level1_server", 82.5)
    assert told.at == 1795780357.0
    root, error, other = told.findings
    assert root.check == "openscap-sshd_disable_root_login"
    assert (root.title, root.risk, root.references) == ("Rule sshd_disable_root_login", 8.0, ("CIS: 5.1.20",))
    assert (root.why, root.fix) == ("Because of it.", "Set PermitRootLogin no in sshd_config.")
    assert (error.state, error.reason) == (FindingState.UNKNOWN, "OpenSCAP could not carry this check out.")
    assert other.state is FindingState.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "no whole XML"),
        (b"<a/>", "holds no results"),
        (results(PASSED)[:-20], "no whole XML: line"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "document type"),
        (b'<?xml version="1.0" encoding="none"?><a/>', "no whole XML: "),
        (b"<a>" * 200, "nested too deeply"),
        (results(dict.fromkeys(map(str, range(openscap.MOST_RULES + 1)), "pass")), "more than 20000 rules"),
    ],
)
def test_results_that_cannot_be_read_are_refused_whole(data: bytes, why: str) -> None:
    with pytest.raises(Invalid, match=why):
        openscap.read(data)


def test_results_that_are_too_large_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openscap, "MOST_BYTES", 10)
    with pytest.raises(Invalid, match="larger than 0 MB"):
        openscap.read(results(PASSED))


@given(st.binary(max_size=200), st.integers(0, 400))
def test_broken_results_are_refused_and_nothing_else(noise: bytes, at: int) -> None:
    whole = results(PASSED)
    with contextlib.suppress(Invalid):
        openscap.read(whole[:at] + noise + whole[at:])


def test_what_fails_for_a_reason_that_ships_is_waived_by_it() -> None:
    told = reasons.explained(openscap.read(results({"package_ufw_installed": "fail", "sshd_x": "fail", "partition_for_tmp": "pass"})))  # fmt: skip
    states = [one.state for one in told.findings]
    assert states == [FindingState.WAIVED, FindingState.FAILED, FindingState.PASSED]
    assert "nftables" in told.findings[0].reason
    assert told.failed == 2
    assert reasons.explained(lynis.read(LYNIS)) == lynis.read(LYNIS)


def _audit(live: MemoryLive, waived: dict[str, object] | None = None) -> Audit:
    waivers = waiving.waivers(waived or {}, {})
    return reading.joined(looking.audit(live, {}, only="ssh"), live, waivers)


def _others(found: Audit) -> dict[str, FindingState]:
    return {one.check: one.state for one in found.findings if "source" in one.labels}


def test_reports_that_lie_on_a_host_stand_beside_its_audit() -> None:
    scap = results({"package_ufw_installed": "fail", "fine": "pass"}).decode()
    files = {reading.PLACES["lynis"]: Made(text=LYNIS, changed=NOW - 60), reading.PLACES["openscap"]: Made(text=scap, changed=NOW - 60)}  # fmt: skip
    live = MemoryLive(files, now=NOW)
    assert _others(_audit(live)) == {
        "lynis-PKGS-7388": FindingState.FAILED,
        "lynis-NAME-4408": FindingState.FAILED,
        "openscap-package_ufw_installed": FindingState.FAILED,
    }
    assert _audit(live).score == looking.audit(live, {}, only="ssh").score
    hardened = MemoryLive({**files, "/etc/ssh/sshd_config.d/00-vedette.conf": Made(text="")}, now=NOW)
    assert _others(_audit(hardened))["openscap-package_ufw_installed"] is FindingState.WAIVED
    waived: dict[str, object] = {
        "lynis-PKGS-7388": {"reason": "a mirror", "until": waiving.dt.date(2027, 1, 1)}
    }
    assert _others(_audit(live, waived))["lynis-PKGS-7388"] is FindingState.WAIVED


def test_old_reports_are_not_told_and_broken_ones_are_unknown() -> None:
    place = reading.PLACES["lynis"]
    old = MemoryLive({place: Made(text=LYNIS, changed=NOW - reading.OLDEST - 1)}, now=NOW)
    assert _others(_audit(old)) == {}
    broken = MemoryLive({place: Made(text="half", changed=NOW)}, now=NOW)
    assert _others(_audit(broken)) == {"lynis-report": FindingState.UNKNOWN}


class Host:
    """A host whose judges answer with what they are given; `scripts` is what was asked."""

    def __init__(self, *answers: bytes) -> None:
        self.answers, self.scripts = list(answers), list[str]()

    def run(self, script: str, deadline: float) -> Said:
        self.scripts.append(script)
        return Said(status=0, out=self.answers.pop(0))


def test_judges_look_before_and_after() -> None:
    bad, good = (
        results({"a": "fail", "package_ufw_installed": "fail"}),
        results({"a": "pass", "package_ufw_installed": "fail"}),
    )
    host = Host(LYNIS.encode(), gzip.compress(bad), LYNIS.replace("=60", "=72").encode(), gzip.compress(good))
    done = judging.beside(
        lambda: Hardened(ended=Ended.KEPT, reason="."),
        lambda name: judging.judged(host, name, 1),
        judging.JUDGES,
    )
    first, second = done.judged
    assert (first.judge, first.before, first.after) == ("lynis", 60.0, 72.0)
    assert (second.failed_before, second.failed_after) == (2, 1)
    told = telling.outcome("web-1", done)
    assert "lynis 3.0.8: 60 of 100 before, 72 now; 2 of its checks failed before, 2 now." in told
    assert "  waived: openscap-package_ufw_installed: The benchmark wants one firewall" in told
    unknown = Judged(judge="openscap", left={"openscap-a": ""})
    assert "  fails: openscap-a" in telling.outcome(
        "x", Hardened(ended=Ended.KEPT, reason="", judged=(unknown,))
    )


def test_a_judge_that_is_not_there_is_told_and_looks_no_more() -> None:
    host = Host(b"missing it is not installed on the host (apt install lynis).\n")
    with pytest.raises(Unreached, match="lynis: it is not installed"):
        judging.judged(host, "lynis", 1)
    with pytest.raises(Invalid, match="there are lynis, openscap"):
        judging.judged(host, "nessus", 1)
    with pytest.raises(Unreached, match="broke off"):
        judging.judged(Host(b"\x1f\x8bhalf"), "openscap", 1)
    looked: list[str] = []

    def look(name: str) -> Judgement | None:
        looked.append(name)
        return None

    assert judging.beside(lambda: Hardened(ended=Ended.KEPT, reason=""), look, ["lynis"]).judged == ()
    assert looked == ["lynis"]


def test_a_data_stream_goes_to_the_host_packed() -> None:
    assert judging.script("openscap", 2, b"<a/>" * 10_000).endswith("openscap 2\n")
    assert len(judging.script("openscap", 1, b"<a/>" * 10_000)) < 5_000
    assert judging.script("lynis", 1).startswith("STREAM=\n")


def test_the_reasons_that_ship_are_in_the_paper() -> None:
    paper = (Path(__file__).parents[4] / "docs/deploy/hardening.md").read_text("utf-8")
    assert [rule for rule in reasons.REASONS if f"`{rule}`" not in paper] == []
    assert [why for why in reasons.REASONS.values() if f"| {why} |" not in paper] == []
