"""The score, the order, how a command ends, and what a person waives."""

import datetime as dt
import tomllib

import pytest
from tests.support.hardening.hosts import NOW, host
from tests.support.hardening.tls import certificate

from vedette.core.errors import ConfigError, Invalid
from vedette.instruments.audit import looking, registry, scoring, waiving
from vedette.wire.finding import Finding, FindingState

PASSED, FAILED, UNKNOWN = FindingState.PASSED, FindingState.FAILED, FindingState.UNKNOWN


def one(check: str, state: FindingState, risk: float = 5, subject: str = "") -> Finding:
    return Finding(check=check, title=check, state=state, risk=risk, subject=subject)


@pytest.mark.parametrize(
    ("findings", "points"),
    [
        ([], 0.0),
        ([one("a", PASSED)], 100.0),
        ([one("a", FAILED)], 0.0),
        ([one("a", UNKNOWN)], 50.0),
        ([one("a", PASSED, 9), one("b", FAILED, 1)], 90.0),
        ([one("a", PASSED, 9), one("b", UNKNOWN, 1)], 95.0),
        ([one("a", FAILED, 1), one("b", FindingState.WAIVED, 9), one("c", PASSED, 1)], 50.0),
        ([one("a", FindingState.NOT_APPLICABLE, 9), one("b", PASSED, 1)], 100.0),
        (
            [one("a", FAILED, 5, str(n)) for n in range(20)] + [one("b", PASSED, 5)],
            50.0,
        ),  # a check counts once
    ],
)
def test_the_score(findings: list[Finding], points: float) -> None:
    assert scoring.score(findings) == points


def test_worst_first() -> None:
    shuffled = [one("p", PASSED, 10), one("u", UNKNOWN, 10), one("f", FAILED, 2), one("g", FAILED, 9)]
    assert [f.check for f in scoring.ordered(shuffled)] == ["g", "f", "u", "p"]


@pytest.mark.parametrize(
    ("findings", "least", "status"),
    [
        ([one("a", PASSED, 9)], "low", 0),
        ([one("a", FAILED, 5)], "medium", 1),
        ([one("a", FAILED, 5)], "high", 0),
        ([one("a", UNKNOWN, 8)], "high", 2),
        ([one("a", UNKNOWN, 8), one("b", FAILED, 8)], "high", 1),
        ([one("a", FindingState.WAIVED, 10)], "low", 0),
    ],
)
def test_how_a_command_ends(findings: list[Finding], least: str, status: int) -> None:
    assert scoring.status(findings, least) == status


def test_a_sentence_says_how_it_is() -> None:
    found = [one("a", FAILED, 9), one("b", FAILED, 5), one("b", FAILED, 5, "2"), one("c", UNKNOWN)]
    assert (
        scoring.sentence(found, 12.5)
        == "12.5 of 100: 2 checks failed (1 critical, 1 medium). 1 check could not be told."
    )
    assert scoring.sentence([one("a", PASSED)], 100.0) == "100 of 100: nothing failed."


def waive(text: str) -> object:
    return waiving.waivers(tomllib.loads(text), registry.checks())


def test_a_waiver_counts_until_its_day_is_over() -> None:
    given = waiving.waivers(
        tomllib.loads('ssh-x11 = { reason = "a lab", until = 2025-12-01 }'), registry.checks()
    )
    live = host(says={"sshd -T": "x11forwarding yes"})
    (found,) = [f for f in looking.audit(live, given, only="ssh").findings if f.check == "ssh-x11"]
    assert (found.state, found.reason) == (FindingState.WAIVED, "a lab (until 2025-12-01)")
    late = waiving.waived([one("ssh-x11", FAILED)], given, NOW + 30 * 86_400)
    assert late[0].state is FAILED
    assert late[0].reason == "The waiver expired on 2025-12-01: a lab"


def test_a_waiver_of_one_subject_leaves_the_others() -> None:
    given = waiving.waivers({"kernel-processor-flaws": {"reason": "r", "until": dt.date(2030, 1, 1), "subjects": ["mds"]}}, registry.checks())  # fmt: skip
    found = waiving.waived(
        [one("kernel-processor-flaws", FAILED, 5, name) for name in ("mds", "l1tf")], given, NOW
    )
    assert [f.state for f in found] == [FindingState.WAIVED, FAILED]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('ssh-root-logn = { reason = "x", until = 2030-01-01 }', "did you mean ssh-root-login?"),
        ("ssh-x11 = { until = 2030-01-01 }", "the reason is missing"),
        ('ssh-x11 = { reason = "  ", until = 2030-01-01 }', "the reason is missing"),
        ('ssh-x11 = { reason = "x" }', "until is missing"),
        ('ssh-x11 = { reason = "x", until = "soon" }', "until is missing"),
        ('ssh-x11 = { reason = "x", until = 2030-01-01, subject = ["a"] }', "did you mean subjects?"),
        ('ssh-x11 = { reason = "x", until = 2030-01-01, subjects = "a" }', "subjects is a list of texts"),
        ("ssh-x11 = true", "write { reason"),
    ],
)
def test_a_waiver_that_says_too_little_is_refused(text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said.replace("{", r"\{").replace("?", r"\?")):
        waive(text)


def test_a_family_that_is_none_is_refused_with_what_was_meant() -> None:
    with pytest.raises(Invalid, match="did you mean firewall"):
        looking.audit(host(), {}, only="firewal")


def test_names_from_the_host_do_not_reach_a_terminal_raw() -> None:
    live = host({"/etc/passwd": "\x1b[2Jx:y:0:0::/:/bin/sh\n", "/etc/group": ""})
    (found,) = [f for f in looking.audit(live, {}, only="accounts").findings if f.check == "user-roots"]
    assert "\x1b" not in found.subject


def test_a_certificate_that_is_missing_hides_none_that_expired() -> None:
    both = {"/etc/nginx/nginx.conf": "ssl_certificate /a.pem;\nssl_certificate /b.pem;\n"}
    check = registry.checks()["tls-expired"]
    (bad,) = looking.looked([check], host({**both, "/a.pem": certificate(days=-1)}))
    (doubtful,) = looking.looked([check], host({**both, "/a.pem": certificate()}))
    assert (bad.state, bad.subject) == (FAILED, "/a.pem")
    assert doubtful.state is UNKNOWN
    assert "/b.pem" in doubtful.reason
