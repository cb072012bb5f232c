"""The engine: who is an attacker and who is not."""

import itertools
from collections.abc import Iterator

from vedette.agent.detect.engine import Detector
from vedette.agent.detect.types import Mode, Rule
from vedette.instruments.logs.types import EntryKind, LogEntry
from vedette.wire.agent.types import Detection

NOW = 1_000_000.0


def detector(rules: tuple[Rule, ...], only: str = "", mode: Mode = Mode.SIMULATE) -> Detector:
    ids: Iterator[int] = itertools.count(1)
    chosen = [rule for rule in rules if not only or rule.id in only.split()]
    return Detector(chosen, {rule.set: mode for rule in rules}, ids=lambda: f"d{next(ids)}")


def ssh(
    event: str, user: str = "alice", address: str = "198.51.100.7", at: float = NOW, **fields: str
) -> LogEntry:
    kind = {"accepted": EntryKind.LOGIN_OK, "invalid-user": EntryKind.USER_UNKNOWN}.get(
        event, EntryKind.LOGIN_FAILED
    )
    return LogEntry(
        parser="sshd", event=event, kind=kind, service="ssh", at=at, address=address, user=user,
        fields={"stage": "attempt", "method": "password", **fields}, line=f"{event} {user} from {address}",
    )  # fmt: skip


def request(
    path: str, status: str = "404", address: str = "198.51.100.7", at: float = NOW, **fields: str
) -> LogEntry:
    told = {"method": "GET", "path": path, "status": status, "agent": "Mozilla/5.0", **fields}
    return LogEntry(
        parser="access", event="request", kind=EntryKind.REQUEST, service="http", at=at, address=address, fields=told,
        line=f"{path} {status}",
    )  # fmt: skip


def poured(made: Detector, entries: list[LogEntry], now: float = NOW + 10_000) -> list[Detection]:
    return [each for entry in entries for each in made.pour(entry, now)]


def test_a_detection_says_who_did_what_how_often_and_on_what_it_rests(shipped: tuple[Rule, ...]) -> None:
    found = poured(detector(shipped, "ssh-bruteforce"), [ssh("failed", at=NOW + n) for n in range(6)])
    assert found == [
        Detection(
            id="d1", at=NOW + 5, rule="ssh-bruteforce", reason="6 failed sign-ins of ssh in 5s from 198.51.100.7.",
            severity="high", service="ssh", address="198.51.100.7", user="alice", count=6, first_at=NOW, simulated=True,
            lines=("failed alice from 198.51.100.7",) * 3,
            labels={"set": "ssh", "measure": "ban", "seconds": "3600"},
        )
    ]  # fmt: skip


def test_a_set_that_is_enforced_says_so(shipped: tuple[Rule, ...]) -> None:
    found = poured(detector(shipped, "ssh-bruteforce", Mode.ENFORCE), [ssh("failed") for _ in range(6)])
    assert [each.simulated for each in found] == [False]


def test_who_mistypes_and_then_signs_in_did_nothing(shipped: tuple[Rule, ...]) -> None:
    day = [ssh(event, at=NOW + n) for n in range(0, 200, 10) for event in ("failed", "failed", "accepted")]
    assert poured(detector(shipped, "ssh-bruteforce ssh-bruteforce-slow"), day) == []


def test_who_owns_one_account_takes_back_nothing_of_the_others(shipped: tuple[Rule, ...]) -> None:
    lines = [
        each
        for n in range(6)
        for each in (ssh("failed", "root", at=NOW + n), ssh("accepted", "mallory", at=NOW + n))
    ]
    assert [each.rule for each in poured(detector(shipped, "ssh-bruteforce"), lines)] == ["ssh-bruteforce"]


def test_an_office_behind_one_address_is_no_attacker(shipped: tuple[Rule, ...]) -> None:
    made = detector(shipped, "ssh-bruteforce")
    poured(made, [ssh("accepted", user) for user in ("alice", "bob", "carol")])
    assert poured(made, [ssh("failed", f"user{n}", at=NOW + 60) for n in range(12)]) == []
    assert poured(made, [ssh("failed", f"user{n}", at=NOW + 60) for n in range(12)]) != []


def test_ipv6_is_one_client_for_each_64(shipped: tuple[Rule, ...]) -> None:
    lines = [ssh("failed", address=f"2001:db8:1:2::{n:x}") for n in range(1, 7)]
    assert len(poured(detector(shipped, "ssh-bruteforce"), lines)) == 1
    lines = [ssh("failed", address=f"2001:db8:1:{n:x}::1") for n in range(1, 7)]
    assert poured(detector(shipped, "ssh-bruteforce"), lines) == []


def test_ipv4_in_ipv6_is_the_ipv4_address(shipped: tuple[Rule, ...]) -> None:
    lines = [ssh("failed", address=address) for address in ("198.51.100.7", "::ffff:198.51.100.7") * 3]
    assert len(poured(detector(shipped, "ssh-bruteforce"), lines)) == 1


def test_what_we_answer_to_who_is_banned_does_not_count(shipped: tuple[Rule, ...]) -> None:
    made = detector(shipped, "web-forbidden-flood web-secret-files")
    lines = [request(f"/{n}", "403") for n in range(30)]
    made.shut_out("198.51.100.7", NOW + 20_000)
    assert poured(made, lines) == []
    assert [each.rule for each in poured(made, [request("/.env", "404"), request("/.git/x", "404")])] == [
        "web-secret-files"
    ]
    assert poured(made, lines, now=NOW + 30_000) != []  # the ban is over: these are its own deeds


def test_an_unban_forgets_what_was_counted(shipped: tuple[Rule, ...]) -> None:
    made = detector(shipped, "ssh-bruteforce ssh-success-after-failures")
    poured(made, [ssh("failed") for _ in range(5)])
    made.shut_out("198.51.100.7", NOW + 20_000)
    made.forget("198.51.100.7")
    assert poured(made, [ssh("failed") for _ in range(5)]) == []
    assert made.room.used == 2  # the bucket of the address, and that of the address and the user


def test_a_line_from_the_future_is_of_now(shipped: tuple[Rule, ...]) -> None:
    made = detector(shipped, "ssh-bruteforce")
    assert poured(made, [ssh("failed", at=NOW + 86_400)], now=NOW) == []
    found = poured(made, [ssh("failed", at=NOW + n) for n in range(1, 6)], now=NOW + 6)
    assert [(each.first_at, each.at) for each in found] == [(NOW, NOW + 5)]


def test_a_sign_in_after_many_failures_is_told_and_one_after_few_is_not(shipped: tuple[Rule, ...]) -> None:
    made = detector(shipped, "ssh-success-after-failures")
    many = [*(ssh("failed", at=NOW + n) for n in range(10)), ssh("accepted", at=NOW + 11)]
    found = poured(made, many)
    assert [(each.severity, each.reason) for each in found] == [
        ("critical", "A sign-in of ssh that succeeded after many failures: 10 failures in 11s before, by alice from 198.51.100.7.")
    ]  # fmt: skip
    few = [ssh(event, "bob", at=NOW + n) for n in range(20) for event in ("failed", "accepted")]
    assert poured(made, few) == []


def test_nothing_of_a_line_is_told_raw(shipped: tuple[Rule, ...]) -> None:
    entry = request("/.git/\x1b[2J", query="password=hunter22", agent="nikto")
    entry = LogEntry(
        **{name: getattr(entry, name) for name in entry.__struct_fields__}
        | {"line": "\x1b[2J token=abcdef \u202e"}
    )
    found = poured(detector(shipped, "web-scanner-agents"), [entry])
    assert [each.reason for each in found] == ["A scanner that says so from 198.51.100.7: /.git/\\x1b[2J."]
    assert found[0].lines == ("\\x1b[2J token=… \\u202e",)


def test_encodings_hide_nothing(shipped: tuple[Rule, ...]) -> None:
    for path in (
        "/%2e%2e/%2e%2e/etc/passwd",
        "/%252e%252e%252f%252e%252e%252fx",
        "/..%5c..%5cx",
        "/%c0%ae%c0%ae/x",
        "/\\x2e\\x2e/../x",
    ):
        assert poured(detector(shipped, "web-path-traversal"), [request(path)]), path


def test_prose_is_no_attack(shipped: tuple[Rule, ...]) -> None:
    queries = (
        "having+friends+over",
        "select+specialty+hospital",
        "union+of+workers+select+committee",
        "1+and+2+or+3",
        "drop+by",
    )
    assert poured(detector(shipped), [request("/search", "200", query=f"q={each}") for each in queries]) == []


def test_explain_tells_levels_and_counts_nothing(shipped: tuple[Rule, ...]) -> None:
    made = detector(shipped, "ssh-bruteforce")
    poured(made, [ssh("failed") for _ in range(3)])
    for _ in range(2):
        (met,) = made.explain(ssh("failed"), NOW)
        assert (met.rule, met.does, met.key, met.level, met.capacity) == (
            "ssh-bruteforce",
            "fill",
            "198.51.100.7",
            3.0,
            5,
        )
    assert [met.does for met in made.explain(ssh("accepted"), NOW)] == ["take_back"]


def test_a_set_is_switched_while_it_counts(shipped: tuple[Rule, ...]) -> None:
    made = detector(shipped, "ssh-bruteforce")
    poured(made, [ssh("failed") for _ in range(5)])
    assert made.switch({"ssh": Mode.OFF})
    assert poured(made, [ssh("failed") for _ in range(9)]) == []
    assert made.switch({"ssh": Mode.ENFORCE})
    assert [each.simulated for each in poured(made, [ssh("failed")])] == [False]
    assert not made.switch({"ssh": Mode.ENFORCE, "mail": Mode.SIMULATE})


def test_a_detection_names_who_signed_in_from_there_within_a_day(shipped: tuple[Rule, ...]) -> None:
    made = detector(shipped, "ssh-bruteforce")
    late = NOW + 90_000
    entries = [ssh("accepted", "an\x1bna"), *(ssh("failed", "root", at=NOW + 60 + n) for n in range(6))]
    entries += [ssh("failed", "root", at=late + n) for n in range(6)]
    found = poured(made, entries, late + 100)
    assert [one.labels.get("signed_in") for one in found] == ["an\\x1bna", None]
