"""Scans are taken: only what is new, worse or fixed is told, and a blind scan fixes nothing."""

from collections import Counter

import msgspec
import pytest
from tests.support.findings import finding, report
from tests.support.rooms import NOW

from vedette.accounts import service as accounts
from vedette.accounts.permissions import SYSTEM, Actor, ActorKind, Role
from vedette.core.errors import Forbidden, Invalid, NotFound
from vedette.plumbing.testing import MemoryPorts
from vedette.scans import service
from vedette.scans.models import FindingRow, TallyRow
from vedette.scans.store.findings import BANDS
from vedette.scans.types import Asked, Life, Outcome
from vedette.signals import service as signals
from vedette.signals.types import SignalState
from vedette.wire.finding import FindingState, Severity
from vedette.wire.scan import Unknown

pytestmark = pytest.mark.django_db(transaction=True)
DAY = 86_400.0
BLIND = Unknown(subject="feed of PyPI", why="It is nine days old.", fix="vedette feeds update")


def told() -> list[tuple[str, str]]:
    return [(one.signal.kind, one.signal.title) for one in signals.after(0, 1_000)]


def counted() -> Counter[tuple[str, int]]:
    return Counter({(row.state, row.severity): row.n for row in TallyRow.objects.filter(n__gt=0)})


def actual() -> Counter[tuple[str, int]]:
    return Counter(FindingRow.objects.values_list("state", "severity"))


def only() -> int:
    return int(FindingRow.objects.get().id)


def test_what_is_found_again_is_not_told_again(target: int) -> None:
    first = service.take(target, report(finding()), NOW)
    again = service.take(target, report(finding(place="uv.lock:99")), NOW + DAY)
    assert (first.outcome, first.new, first.found) == (Outcome.FOUND, 1, 1)
    assert (again.new, again.found) == (0, 1)
    assert told() == [("finding.new", "New: CVE-2024-3094 in xz (shop)")]
    held = service.finding(only())
    assert (held.first_at, held.last_at, held.finding.place) == (NOW, NOW + DAY, "uv.lock:99")
    assert held.due_at == NOW + 3 * DAY


def test_fixed_back_and_worse_are_told_and_counted(target: int) -> None:
    service.take(target, report(finding(risk=5.0), finding("DEBUG", risk=3.0)), NOW)
    service.take(target, report(finding(risk=9.0)), NOW + 1)
    service.take(target, report(finding(risk=9.0), finding("DEBUG", risk=3.0)), NOW + 2)
    assert Counter(kind for kind, _ in told()) == {"finding.new": 3, "finding.worse": 1, "finding.fixed": 1}
    assert counted() == actual() == {("open", BANDS[Severity.CRITICAL]): 1, ("open", BANDS[Severity.LOW]): 1}
    worst = service.findings(Asked())[0][0]
    assert [line.kind for line in service.history(worst.id)] == ["worse", "new"]


@pytest.mark.parametrize("blind", [{"unknown": [BLIND]}, {"complete": False}])
def test_blind_fixes_nothing_and_says_so_until_it_sees_again(target: int, blind: dict[str, object]) -> None:
    service.take(target, report(finding()), NOW)
    assert service.take(target, report(**blind), NOW + 1).outcome is Outcome.BLIND  # type: ignore[arg-type]
    assert service.finding(only()).life is Life.OPEN
    assert service.take(target, report(), NOW + 2).outcome is Outcome.CLEAN
    states = [one.signal.state for one in signals.after(0, 99) if one.signal.kind == "scan.blind"]
    assert states == [SignalState.FIRING, SignalState.RESOLVED]
    assert service.finding(only()).life is Life.FIXED


def test_a_check_that_could_not_tell_makes_the_scan_blind(target: int) -> None:
    unsure = msgspec.structs.replace(finding("ssh"), state=FindingState.UNKNOWN, reason="sshd -T failed")
    service.take(target, report(finding()), NOW - 1)
    made = service.take(target, report(unsure), NOW)
    assert (made.outcome, made.unknown[0].why) == (Outcome.BLIND, "sshd -T failed")
    assert service.finding(only()).life is Life.OPEN


def test_thousands_are_told_by_twenty_and_a_count(target: int) -> None:
    made = service.take(target, report(*(finding(f"CVE-{n}") for n in range(2_000))), NOW)
    assert made.new == 2_000
    assert len(told()) == 21
    assert told()[-1][1] == "1,980 more findings of shop are new"
    assert counted() == actual()


def test_decisions_stay_quiet_and_are_audited(target: int) -> None:
    service.take(target, report(finding(), finding("DEBUG", risk=5.0)), NOW)
    one, other = (known.id for known in service.findings(Asked())[0])
    assert service.accept(SYSTEM, [one], "behind the VPN", NOW + 10 * DAY, NOW) == 1
    assert service.mark_false(SYSTEM, [other], "a test file", NOW) == 1
    service.take(target, report(finding(), finding("DEBUG", risk=5.0)), NOW + DAY)
    assert {service.finding(n).life for n in (one, other)} == {Life.ACCEPTED, Life.FALSE}
    assert service.end_acceptances(NOW + 10 * DAY) == 1
    assert service.finding(one).life is Life.OPEN
    assert told()[-1][1].startswith("Accepted no longer")
    assert service.reopen(SYSTEM, [one, other], NOW) == 1
    assert counted() == actual()
    service.note(SYSTEM, one, "looked at it", NOW)
    actions = [entry.action for entry in accounts.audit_page().entries]
    assert {"finding.accept", "finding.false", "finding.reopen", "finding.note"} <= set(actions)


def test_what_is_refused(target: int, house: MemoryPorts) -> None:
    assert house
    service.take(target, report(finding()), NOW)
    one = only()
    viewer = Actor(kind=ActorKind.USER, id=1, name="vera", role=Role.VIEWER)
    with pytest.raises(Forbidden):
        service.accept(viewer, [one], "why", NOW + DAY, NOW)
    for reason, until in (("", NOW + DAY), ("why", NOW), ("why", NOW + 400 * DAY)):
        with pytest.raises(Invalid):
            service.accept(SYSTEM, [one], reason, until, NOW)
    with pytest.raises(Invalid):
        service.mark_false(SYSTEM, range(1, 600), "all", NOW)
    with pytest.raises(NotFound):
        service.reopen(SYSTEM, [one, 10**9], NOW)
    with pytest.raises(Invalid):
        service.assign(SYSTEM, [one], 10**9, NOW)
    with pytest.raises(NotFound):
        service.take(10**9, report(), NOW)


def test_lists_are_narrowed_and_paged_without_a_gap(target: int) -> None:
    service.take(target, report(*(finding(f"CVE-{n}", risk=float(n % 10)) for n in range(60))), NOW)
    seen, cursor = [], None
    while True:
        found, cursor = service.findings(Asked(), cursor, 7)
        seen += [one.id for one in found]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 60
    assert [one.severity for one in service.findings(Asked(severity=Severity.CRITICAL))[0]] == [
        Severity.CRITICAL
    ] * 6
    assert len(service.findings(Asked(text="VE-5_"))[0]) == 0, "a wildcard of SQL is a letter"
    assert len(service.findings(Asked(text="CVE-59"))[0]) == 1
    assert len(service.findings(Asked(owner=0, target=target, scanner="deps"), n=100)[0]) == 60
    week = service.week(NOW, 3)
    assert (week.count, week.late, len(week.findings)) == (6, 0, 3)


def test_what_a_host_waives_is_accepted_quietly_and_opens_when_the_waiver_ends(target: int) -> None:
    waived = finding(state=FindingState.WAIVED, reason="Behind the VPN (until 2027-03-31)")
    service.take(target, report(finding()), NOW)
    scan = service.take(target, report(waived), NOW + 1)
    service.take(target, report(waived), NOW + 2)
    held = service.finding(only())
    assert (scan.outcome, scan.fixed, held.life, held.due_at) == (Outcome.CLEAN, 0, Life.ACCEPTED, None)
    assert held.reason == "Behind the VPN (until 2027-03-31)"
    assert [kind for kind, _ in told()] == ["finding.new"]
    service.take(target, report(finding()), NOW + 3)
    assert service.finding(only()).life is Life.OPEN
    assert told()[-1] == ("finding.new", "Accepted no longer: CVE-2024-3094 in xz (shop)")
    assert counted() == actual()


def test_what_is_waived_from_the_beginning_is_no_news(target: int) -> None:
    service.take(
        target, report(finding(state=FindingState.WAIVED, reason="Meant so (until 2027-03-31)")), NOW
    )
    assert (service.finding(only()).life, told()) == (Life.ACCEPTED, [])


def test_findings_are_found_by_package_check_advisory_and_place(target: int) -> None:
    python = finding(
        "CVE-2025-1", subject="joblib", risk=4.0, references=("CVE-2025-1", "GHSA-6hrg-qmvc-2xh8")
    )
    service.take(
        target, report(python, finding("CVE-2025-10"), finding("DEBUG", place="shop/settings.py:3")), NOW
    )

    def named(text: str) -> list[str]:
        return [one.finding.check for one in service.named(text)]

    assert named("cve-2025-1") == ["CVE-2025-10", "CVE-2025-1"]
    assert (named("JOBLIB"), named("ghsa-6hrg"), named("settings.py")) == (
        ["CVE-2025-1"],
        ["CVE-2025-1"],
        ["DEBUG"],
    )
    assert named("job 2025") == ["CVE-2025-1"]
    assert (named("-- ** \"'"), named("x"), named("GHSA-0"), named("AND OR NOT"), named('"*')) == (
        [],
        [],
        [],
        [],
        [],
    )


def test_words_follow_what_a_finding_is_called_and_go_with_it(target: int) -> None:
    service.take(target, report(finding(place="uv.lock:12")), NOW)
    service.take(target, report(finding(place="poetry.lock:9")), NOW + 1)
    assert (service.named("uv.lock"), len(service.named("poetry.lock"))) == ((), 1)
    service.remove(SYSTEM, target, NOW)
    assert service.named("poetry.lock") == ()


def test_words_of_very_many_findings_are_told_by_rank(target: int) -> None:
    many = [finding(f"CVE-{n}", subject=f"package-{n}", risk=n % 101 / 10) for n in range(1_200)]
    service.take(target, report(*many), NOW)
    found, more = service.findings(Asked(text="package"), None, 3)
    assert ([one.finding.risk for one in found], more is not None) == ([10.0, 10.0, 10.0], True)
    assert [one.finding.check for one in service.findings(Asked(text="package-1199"))[0]] == ["CVE-1199"]


def test_every_page_of_a_search_follows_the_one_before_whatever_share_of_findings_it_finds(
    target: int,
) -> None:
    many = [finding(f"CVE-{n}", title=f"{'seldom' if n % 9 == 0 else 'mostly'} often", subject=f"p{n}", risk=n % 7) for n in range(1_300)]  # fmt: skip
    service.take(target, report(*many), NOW)
    all_of_them = pages(Asked(), 400)
    for text, wanted in (("often", 1_300), ("mostly often", 1_155), ("seldom", 145)):
        found = pages(Asked(text=text), 60)
        assert len(found) == wanted
        assert found == [one for one in all_of_them if text.split()[0] in one[1]]


def pages(asked: Asked, n: int) -> list[tuple[int, str]]:
    """Return what stands on all pages of a list."""
    found: list[tuple[int, str]] = []
    cursor: str | None = None
    while True:
        page, cursor = service.findings(asked, cursor, n)
        found += [(one.id, one.finding.title) for one in page]
        if cursor is None:
            return found
