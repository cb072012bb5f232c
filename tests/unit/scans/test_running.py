"""What is due is claimed once, what is cut short is blind and due again, and reports of others become targets, bills and findings."""

from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest
from tests.support.findings import NOW, finding
from tests.support.osv import osv_record, osv_zip

from vedette.accounts.permissions import SYSTEM, Actor, ActorKind, Role
from vedette.app.scan_child import done
from vedette.core.errors import Conflict, Forbidden, Invalid, NotFound
from vedette.instruments.scan.advisories import add
from vedette.plumbing.testing import MemoryPorts
from vedette.projects import service as projects
from vedette.scans import feeding, service
from vedette.scans.store import listening
from vedette.scans.types import BILL, FEEDS, Asked, Errand, Outcome, Target
from vedette.wire.agent.types import Audit, HostChange
from vedette.wire.finding import Finding, FindingState
from vedette.wire.scan import Component, ScanReport, Unknown

pytestmark = pytest.mark.django_db(transaction=True)
MEMBER = Actor(kind=ActorKind.USER, id=7, name="Mia", role=Role.MEMBER)
SITE = Target(scanner="site", target="https://shop.example")
JOBLIB = Component(ecosystem="PyPI", name="joblib", version="1.2.0", place="uv.lock:4")
FIXED = msgspec.structs.replace(JOBLIB, version="1.4.2")


@pytest.fixture
def feeds(house: MemoryPorts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of a feed that knows joblib 1.2.0 is weak."""
    folder = tmp_path / "feeds"
    monkeypatch.setenv("VEDETTE_FEEDS", str(folder))
    fill(folder, osv_record("GHSA-6hrg-qmvc-2xh8", "PyPI/joblib", ["introduced 0, fixed 1.3"]))
    return folder


def fill(folder: Path, *records: object) -> None:
    add(folder, str(osv_zip(folder.parent / "all.zip", records)), NOW)  # type: ignore[arg-type]


def sent(*findings: Finding, release: str = "", parts: Sequence[Component] = ()) -> bytes:
    report = ScanReport(scanner="deps", target=".", at=NOW, findings=findings, components=tuple(parts))
    return msgspec.json.encode({"target": "shop", "release": release, "report": report})


def clean(errand: Errand) -> ScanReport:
    return ScanReport(scanner=errand.scanner, target=errand.what, at=errand.now)


def test_only_admins_say_what_is_scanned(house: MemoryPorts) -> None:
    with pytest.raises(Forbidden):
        service.add(MEMBER, SITE, NOW)
    made = service.add(SYSTEM, SITE, NOW)
    for act in (service.run_now, service.remove):
        with pytest.raises(Forbidden):
            act(MEMBER, made.id, NOW)
    with pytest.raises(Invalid, match="already"):
        service.add(SYSTEM, SITE, NOW)
    service.remove(SYSTEM, made.id, NOW)
    with pytest.raises(NotFound):
        service.target(made.id)


def test_a_due_target_is_claimed_once_and_scanned_again_later(house: MemoryPorts) -> None:
    made = service.add(SYSTEM, SITE, NOW)
    assert service.claim(NOW - 1) is None
    errand = service.claim(NOW + 60, ["shop.example"])
    assert errand is not None
    assert (errand.kind, errand.what, errand.owned) == ("site", "https://shop.example", ("shop.example",))
    assert service.claim(NOW + 60) is None
    taken = service.finish(errand, clean(errand), NOW + 70)
    assert taken is not None
    assert taken.outcome is Outcome.CLEAN
    after = service.target(made.id)
    assert (after.outcome, after.running_since) == (Outcome.CLEAN, None)
    assert service.claim(NOW + 80_000) is None
    assert service.claim(NOW + 100_000) is not None


def test_a_scan_that_was_cut_short_is_blind_and_due_at_once(house: MemoryPorts) -> None:
    made = service.add(SYSTEM, SITE, NOW)
    service.claim(NOW + 60)
    assert service.recover(NOW + 100) == 1
    assert service.target(made.id).outcome is Outcome.BLIND
    assert "ended while it ran" in service.target(made.id).sentence
    again = service.claim(NOW + 100)
    assert again is not None
    service.give_back(again, NOW + 101)
    assert service.claim(NOW + 101) is not None


def test_what_a_process_could_not_do_is_blind_and_nothing_is_lost(house: MemoryPorts) -> None:
    made = service.add(SYSTEM, SITE, NOW)
    errand = service.claim(NOW + 60)
    assert errand is not None
    taken = service.blind(errand, "It took longer than 600 s and was ended.", NOW + 660)
    assert taken is not None
    assert taken.outcome is Outcome.BLIND
    assert service.scans(made.id)[0].unknown[0].why.startswith("It took longer")
    service.remove(SYSTEM, made.id, NOW)
    assert service.finish(errand, clean(errand), NOW) is None


def test_a_report_of_a_pipeline_makes_its_target_and_bills_by_release(
    house: MemoryPorts, feeds: Path
) -> None:
    first = service.take_sent(MEMBER, service.read(sent(finding(), release="1.0", parts=[JOBLIB])), NOW)
    again = service.take_sent(MEMBER, service.read(sent(release="1.1", parts=[FIXED])), NOW + 1)
    assert (first.scan.new, again.scan.fixed, first.target.id) == (1, 1, again.target.id)
    now, before = service.bills(first.target.id)
    assert (before.release, now.release, now.n) == ("1.0", "1.1", 1)
    told = service.compared(before.id, now.id, NOW)
    assert [one.way for one in told.difference.moved] == ["upgraded"]
    assert (len(told.lost), len(told.gained)) == (1, 0)
    with pytest.raises(Conflict, match="not scanned from here"):
        service.run_now(SYSTEM, first.target.id, NOW)
    assert service.claim_bill(NOW + 2) is None


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'{"report": {}}', b'{"report": ' + b"[" * 100_000, b"x" * (9 << 20)]
)
def test_what_is_no_report_is_refused(house: MemoryPorts, body: bytes) -> None:
    with pytest.raises(Invalid):
        service.take_sent(MEMBER, service.read(body), NOW)


def test_an_advisory_that_comes_later_becomes_a_finding_without_a_scan(
    house: MemoryPorts, feeds: Path
) -> None:
    parts = [JOBLIB, msgspec.structs.replace(JOBLIB, name="click", version="8.0")]
    taken = service.take_sent(MEMBER, service.read(sent(parts=parts)), NOW)
    fill(feeds, osv_record("GHSA-2", "PyPI/click", ["introduced 0, fixed 9"]))
    errand = service.claim_bill(NOW + 10)
    assert errand is not None
    assert errand.kind == BILL
    service.finish(
        errand, done(msgspec.msgpack.decode(msgspec.msgpack.encode(errand), type=Errand)), NOW + 11
    )
    assert [one.finding.subject for one in service.findings(Asked(target=taken.target.id))[0]] == ["click"]
    assert service.claim_bill(NOW + 12) is None


def test_what_a_host_is_made_of_is_compared_here_and_blind_without_a_feed(
    house: MemoryPorts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VEDETTE_FEEDS", str(tmp_path / "none"))
    report = ScanReport(scanner="host", target="db-1", at=NOW, components=(JOBLIB,))
    service.Taking().accept(3, "db-1", [report], NOW)
    assert service.every()[0].outcome is None
    errand = service.claim_bill(NOW)
    assert errand is not None
    service.finish(errand, done(errand), NOW)
    assert service.every()[0].outcome is Outcome.BLIND


def test_what_an_agent_could_not_read_is_never_clean(house: MemoryPorts, feeds: Path) -> None:
    unknown = Unknown(subject="db-1", why="5 of 9 packages are left out.")
    report = ScanReport(scanner="host", target="db-1", at=NOW, components=(FIXED,), unknown=(unknown,))
    service.Taking().accept(3, "db-1", [report], NOW)
    errand = service.claim_bill(NOW)
    assert errand is not None
    service.finish(errand, done(errand), NOW)
    assert service.every()[0].sentence == "Could not know: 5 of 9 packages are left out."


def test_audits_and_drift_of_a_host_are_findings(house: MemoryPorts) -> None:
    bad = finding("ssh-root-login", risk=7.0)
    waived = Finding(check="waived", title="w", state=FindingState.WAIVED)
    change = HostChange(at=NOW, kind="file", subject="/etc/passwd", before="1", after="2")
    taking = service.Taking()
    taking.accept(3, "db-1", [Audit(NOW, 80.0, (bad, waived)), change], NOW)
    found = service.findings(Asked(host=3))[0]
    assert {one.scanner for one in found} == {"audit", "drift"}
    taking.accept(
        3,
        "db-1",
        [
            Audit(NOW, 100.0, ()),
            HostChange(at=NOW, kind="file", subject="/etc/passwd", before="2", after="1"),
        ],
        NOW + 1,
    )
    assert service.findings(Asked(host=3))[0] == ()


def test_what_listens_is_remembered_by_name_and_address(house: MemoryPorts) -> None:
    part = Component(ecosystem="socket", name="tcp/5432", version="0.0.0.0", labels={"program": "postgres"})
    report = ScanReport(
        scanner="listening", target="db-1", at=NOW, components=(part,), facts={"addresses": "198.51.100.7"}
    )
    service.Taking().accept(3, "DB-1", [report], NOW)
    for name in ("db-1", "198.51.100.7"):
        assert [(one.port, one.program) for one in listening.of(name) or ()] == [(5432, "postgres")]
    assert listening.of("web-1") is None
    assert service.every() == []


def test_feeds_with_an_url_are_brought_up_to_date_twice_a_day(house: MemoryPorts, feeds: Path) -> None:
    assert service.claim_feeds(NOW) is None  # they came from a file
    service.update_now(SYSTEM, NOW)
    assert feeding.shelf(NOW).due_at is None
    with pytest.raises(Forbidden):
        service.update_now(MEMBER, NOW)
    report = done(Errand(kind=FEEDS, now=NOW, feeds=str(feeds)))
    assert report.unknown == ()


def test_the_targets_of_a_host_that_is_removed_go_with_it(house: MemoryPorts) -> None:
    bad = finding("ssh-root-login", risk=7.0)
    listening.put(3, ["db-1"], [])
    for host, name in ((3, "db-1"), (4, "web-1")):
        service.Taking().accept(host, name, [Audit(NOW, 80.0, (bad,))], NOW)
    assert service.forget_hosts(lambda: {3, 4, 5}) == 0
    assert service.forget_hosts(lambda: {4}) == 1
    assert [one.name for one in service.every()] == ["web-1"]
    assert [one.host for one in service.findings(Asked())[0]] == [4]
    assert service.counts("scanner", Asked()) == {"audit": 1}
    assert (listening.of("db-1"), listening.names_of(3)) == (None, ())


def test_what_was_of_a_project_that_is_deleted_is_of_none(house: MemoryPorts) -> None:
    shop = projects.create_project(SYSTEM, "shop", "python", NOW)
    body = msgspec.json.decode(sent(finding())) | {"project": "shop"}
    taken = service.take_sent(MEMBER, service.read(msgspec.json.encode(body)), NOW)
    service.take_sent(MEMBER, service.read(sent(finding())), NOW)
    assert service.counts("project", Asked()) == {str(shop.id): 1, "0": 1}
    projects.delete_project(SYSTEM, shop.id, "shop", NOW)
    assert service.target(taken.target.id).project == 0
    assert {one.project for one in service.findings(Asked())[0]} == {0}
    assert service.counts("project", Asked()) == {"0": 2}
