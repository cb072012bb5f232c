"""Targets, bills, reports of hosts and of pipelines: decisions first, then what the database keeps of them."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.findings import NOW, finding

from vedette.core.errors import Invalid
from vedette.instruments.live.types import Listener
from vedette.instruments.scan.registry import scanner_of, scanners
from vedette.scans import bills, drifting, outside, targets
from vedette.scans.types import Outcome, Scan, Target
from vedette.wire.agent.types import HostChange
from vedette.wire.scan import Component, ScanReport, Unknown

SITE = Target(scanner="site", target="https://shop.example")
UNKNOWN = Unknown(subject="PyPI", why="The feed is nine days old.")


def scan(outcome: Outcome, **more: object) -> Scan:
    return Scan(target=1, at=NOW, seconds=1.0, outcome=outcome, **more)  # type: ignore[arg-type]


@given(
    every=st.floats(targets.LEAST, targets.MOST),
    name=st.text(max_size=30),
    outcome=st.sampled_from([*Outcome, None]),
)
def test_a_target_is_scanned_again_about_every_interval(
    every: float, name: str, outcome: Outcome | None
) -> None:
    at = targets.next_at(Target(scanner="site", target=name, every=every), outcome, NOW)
    wait = min(every, targets.AGAIN) if outcome is Outcome.BLIND else every
    assert at is not None
    assert 0.94 * wait <= at - NOW <= 1.06 * wait


@pytest.mark.parametrize("change", [{"enabled": False}, {"host": 3}, {"every": 0.0}])
def test_what_is_switched_off_or_looked_at_elsewhere_is_never_due(change: dict[str, object]) -> None:
    one = msgspec.structs.replace(SITE, **change)
    assert targets.next_at(one, Outcome.CLEAN, NOW) is None
    assert targets.first_at(one, NOW) is None


def test_targets_made_together_are_not_scanned_together() -> None:
    made = [Target(scanner="site", target=f"https://{n}.example") for n in range(50)]
    assert len({targets.first_at(one, NOW) for one in made}) == 50


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        (scan(Outcome.CLEAN), "Nothing is open."),
        (scan(Outcome.FOUND, found=1), "1 is open, as before."),
        (scan(Outcome.FOUND, found=3, new=1, fixed=2), "3 are open: 1 new, 2 fixed."),
        (scan(Outcome.BLIND, unknown=(UNKNOWN,)), "Could not know: The feed is nine days old."),
        (scan(Outcome.BLIND, unknown=(UNKNOWN,) * 3), "Could not know: The feed is nine days old. And 2 more."),
        (scan(Outcome.BLIND), "Could not know: Only a part of it was looked at."),
    ],
)  # fmt: skip
def test_a_scan_is_told_in_a_sentence(told: Scan, sentence: str) -> None:
    assert targets.sentence(told) == sentence


def test_blind_scans_come_before_everything() -> None:
    made = [
        Target(scanner="site", target=str(outcome), outcome=outcome)
        for outcome in (Outcome.CLEAN, None, Outcome.FOUND, Outcome.BLIND)
    ]
    assert [one.outcome for one in targets.worst_first(made)] == [
        Outcome.BLIND,
        Outcome.FOUND,
        None,
        Outcome.CLEAN,
    ]
    assert targets.faring([*made, made[-1]]).title == "2 scans could not know"
    assert targets.faring(made[:1]).tone == "ok"
    assert targets.faring([]).tone == "off"


def test_no_form_has_this_server_read_its_own_files() -> None:
    refused = {kind for kind, one in scanners().items() if not targets.may_be_scheduled(one)}
    assert {"deps", "secrets", "code", "host", "image"} <= refused
    for kind in refused:
        with pytest.raises(Invalid, match="--send"):
            targets.check(Target(scanner=kind, target="/etc"), scanner_of(kind))


@pytest.mark.parametrize(
    "change",
    [{"target": ""}, {"target": "--help"}, {"target": "a b"}, {"target": "a\x1bb"}, {"every": 60.0}, {"options": {"no-such": "1"}}],
)  # fmt: skip
def test_a_target_that_makes_no_sense_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        targets.check(msgspec.structs.replace(SITE, **change), scanner_of("site"))


@pytest.mark.parametrize(
    ("matched", "revision", "host", "wanted"),
    [(None, "a", 0, True), ("a", "a", 0, False), ("a", "b", 0, True), (None, "", 1, True), ("a", "", 0, False), ("a", "", 1, True)],
)  # fmt: skip
def test_a_bill_is_compared_when_advisories_changed(
    matched: str | None, revision: str, host: int, wanted: bool
) -> None:
    assert targets.is_to_match(msgspec.structs.replace(SITE, matched=matched, host=host), revision) is wanted


def part(name: str, version: str, place: str = "uv.lock:1") -> Component:
    return Component(ecosystem="PyPI", name=name, version=version, place=place)


def test_two_bills_tell_what_came_went_and_moved() -> None:
    before = [
        part("joblib", "1.2.0"),
        part("django", "5.2"),
        part("old", "1"),
        part("same", "1"),
        part("odd", "1.0"),
    ]
    after = [
        part("joblib", "1.4.2"),
        part("django", "5.1.9"),
        part("new", "1"),
        part("same", "1", "b:2"),
        part("odd", "1.1"),
        part("odd", "1.2"),
    ]
    found = bills.difference(before, after)
    assert [(one.name, one.way) for one in found.moved] == [
        ("django", bills.DOWN),
        ("joblib", bills.UP),
        ("odd", bills.OTHER),
    ]
    assert [one.name for one in found.added] == ["new"]
    assert [one.name for one in found.removed] == ["old"]
    assert [one.name for one in bills.changed(after, before)] == ["joblib", "django", "new", "odd", "odd"]


@given(st.lists(st.builds(part, st.sampled_from("abc"), st.sampled_from(["1.0", "2.0", "x y"])), max_size=8))
def test_a_bill_is_the_same_in_any_order_and_has_no_difference_to_itself(parts: list[Component]) -> None:
    assert bills.digest(parts) == bills.digest(parts[::-1])
    assert bills.difference(parts, parts[::-1]) == bills.Difference()


def change(
    after: str, before: str = "644", explanation: str = "", subject: str = "/etc/passwd"
) -> HostChange:
    return HostChange(
        at=NOW, kind="file", subject=subject, before=before, after=after, explanation=explanation
    )


def test_drift_stays_until_it_is_undone() -> None:
    first = drifting.after([], [change("666"), change("1", explanation="apt upgraded it", subject="/bin/ls")])
    assert [one.identity for one in first] == ["file//etc/passwd"]
    second = drifting.after(first, [change("777", before="666")])
    assert "before: 644" in second[0].evidence
    assert drifting.after(second, [change("700", before="777", explanation="root by sudo")]) == second
    assert drifting.after(second, [change("644", before="777", explanation="root by sudo")]) == ()


def test_what_answers_outside_is_named_by_who_listens_inside() -> None:
    seen = finding("port-open", labels={"port": "5432", "service": "postgresql"}, evidence="")
    report = ScanReport(
        scanner="ports",
        target="db-1",
        at=NOW,
        findings=(seen,),
        facts={"open": "80, 5432", "addresses": "198.51.100.7"},
    )
    inside = [Listener(protocol="tcp", address="0.0.0.0", port=5432, program="postgres", user="postgres")]
    told = outside.with_inside(report, inside, {"public": "80"}).findings
    assert [one.check for one in told] == ["port-open"]
    assert "postgres of postgres" in told[0].evidence
    assert outside.with_inside(report, [], {}).findings[0].check == "port-forwarded"
