"""The Overview: the sentence and its proof agree, in every state."""

import msgspec
import pytest
from tests.support import overviews

from vedette.backups.types import Health, Summary
from vedette.errors.types import State
from vedette.scans.types import Known, Life, Verdict, Week
from vedette.web import overview, verdict
from vedette.web.types import Facts
from vedette.web.verdict import Rate
from vedette.wire.finding import Finding, FindingState, Severity


def page(facts: Facts) -> tuple[str, str]:
    found = overview.build(facts).verdict
    return found.state, found.title


@pytest.mark.parametrize(
    ("state", "verdict_state", "title"),
    [
        ("fine", "fine", "Nothing new since yesterday."),
        ("failing", "failing", "Errors rose to 238 a minute, ×6.2 the usual."),
        ("attention", "attention", "2 new issues and 1 came back since yesterday."),
        ("blind", "blind", "No data."),
        ("first", "empty", "No project yet."),
    ],
)
def test_the_sentence(state: str, verdict_state: str, title: str) -> None:
    assert page(overviews.STATES[state]()) == (verdict_state, title)


def test_what_is_down_is_said_before_all_else_but_blindness() -> None:
    down = {
        "down": 1,
        "down_name": "Checkout",
        "down_why": "It answered 503.",
        "down_link": "/monitors/checkout/",
    }
    trouble = verdict.Trouble(projects=0, has_events=False, rate=Rate(0.0, 0.0), **down)
    fine, blind = (overview.build(overviews.STATES[name]()).health for name in ("fine", "blind"))
    one = verdict.decide(trouble, fine)
    assert (one.title, one.text, one.href) == ("Checkout is down.", "It answered 503.", "/monitors/checkout/")
    many = verdict.decide(msgspec.structs.replace(trouble, down=3, projects=1), fine)
    assert (many.title, many.text, many.href) == (
        "3 monitors are down.",
        "Checkout: It answered 503.",
        "/monitors/?state=down",
    )
    assert verdict.decide(msgspec.structs.replace(trouble, projects=1), blind).state == "blind"


@pytest.mark.parametrize(
    ("found", "title"),
    [
        ({"escalating": 1}, "1 escalated since yesterday."),
        (
            {"new": 1, "regressed": 2, "escalating": 1},
            "1 new issue, 2 came back and 1 escalated since yesterday.",
        ),
    ],
)
def test_what_escalates_is_told_like_what_came_back(found: dict[str, int], title: str) -> None:
    escalating = overviews.issue(5, "Declined", state=State.ESCALATING)
    facts = overviews.facts(errors=overviews.errors(worst=(escalating,), **found))
    assert page(facts) == ("attention", title)
    assert "escalated" in overview.build(facts).waiting[0].text


def test_waiting_for_the_first_event() -> None:
    facts = msgspec.structs.replace(overviews.first_day(), projects=(overviews.SHOP,))
    assert page(facts) == ("empty", "Waiting for the first error.")


def test_behind_is_attention_when_nothing_else_is_wrong() -> None:
    facts = overviews.facts()
    vitals = msgspec.structs.replace(facts.vitals, waiting=40, waiting_since=overviews.NOW - 30)
    assert page(msgspec.structs.replace(facts, vitals=vitals)) == ("attention", "Vedette is behind.")


def test_the_failing_page_leads_to_the_busiest_issue() -> None:
    found = overview.build(overviews.failing())
    assert found.verdict.href == "/issues/CHECKOUT-4/"
    assert "IntegrityError" in found.verdict.text
    assert found.hot == 46, "the rise began two half hours ago"
    assert found.threshold is not None
    assert found.tiles[0].tone == "crit"
    assert "×6.2" in found.tiles[0].small


def test_worst_projects_come_first() -> None:
    found = overview.build(overviews.failing()).projects
    assert [(line.project.slug, line.word) for line in found] == [("checkout", "Failing"), ("shop", "Usual")]


def test_only_fresh_issues_without_an_owner_wait_for_someone() -> None:
    waiting = overview.build(overviews.attention()).waiting
    assert [w.href for w in waiting] == ["/issues/CHECKOUT-4/", "/issues/CHECKOUT-7/"]
    taken = msgspec.structs.replace(overviews.WORST[0], assignee=3)
    facts = msgspec.structs.replace(overviews.attention(), errors=overviews.errors(new=1, worst=(taken,)))
    assert overview.build(facts).waiting == []


def test_nobody_hears_is_said() -> None:
    waiting = overview.build(overviews.facts(channels=0)).waiting
    assert waiting[0].title == "Nobody hears of trouble"


@pytest.mark.parametrize(
    ("now", "usual", "risen"),
    [(238, 38, True), (4.9, 0.1, False), (5, 1.6, True), (100, 40, False), (0, 0, False), (6, 0, True)],
)
def test_a_rise_needs_enough_and_a_multiple(now: float, usual: float, risen: bool) -> None:
    assert Rate(now, usual).risen is risen


@pytest.mark.parametrize(
    ("now", "usual", "said"),
    [(238, 38, "×6.3"), (36, 0.3, "×120"), (36, 0.0, ""), (40, 4, "×10"), (39, 4, "×9.8")],
)
def test_a_multiple_is_said_only_of_something(now: float, usual: float, said: str) -> None:
    assert Rate(now, usual).said == said


def test_a_rise_from_nothing_reads_well() -> None:
    facts = msgspec.structs.replace(
        overviews.failing(), errors=overviews.errors(usual_hour=0.0, new=1, worst=overviews.WORST)
    )
    assert page(facts) == ("failing", "Errors rose to 238 a minute from next to none.")


def test_the_half_hour_that_runs_counts_for_the_time_that_went_by() -> None:
    facts = overviews.facts(halves=(0,) * 47 + (100,))
    ran = facts.now - facts.start - 47 * 1800
    assert 60 < ran < 1800
    assert overview.build(facts).per_minute[-1] == pytest.approx(100 / ran * 60)


def test_rate_of_buckets() -> None:
    assert verdict.rate([60, 60, 600], 60.0) == Rate(600.0, 60.0)
    assert verdict.rate([], 60.0) == Rate(0.0, 0.0)


SAID = Verdict("2 must be fixed this week", "1 is late.", "crit", "octagon-alert")


def known(number: int, **changes: object) -> Known:
    made = Known(
        id=number, fingerprint="", target=1, project=0, host=0, scanner="deps", severity=Severity.CRITICAL, rank=1.0, life=Life.OPEN,
        finding=Finding(check="CVE-1", title="joblib is affected", state=FindingState.FAILED), first_at=0.0, last_at=0.0,
    )  # fmt: skip
    return msgspec.structs.replace(made, **changes)


def test_what_must_be_fixed_this_week_stands_there_with_what_is_late() -> None:
    first, second = (
        known(7, due_at=overviews.NOW - 1),
        known(8, due_at=overviews.NOW + 1, severity=Severity.LOW),
    )
    card = overview.build(overviews.facts(findings=(SAID, Week(2, 1, (first, second))))).findings
    assert card is not None
    assert (card.sentence, card.text) == ("2 must be fixed this week", "1 is late.")
    assert [(line.href, line.tone, line.late) for line in card.lines] == [
        ("/findings/7/", "crit", True), ("/findings/8/", "warn", False),
    ]  # fmt: skip


def test_without_a_scan_there_is_no_card() -> None:
    assert overview.build(overviews.facts()).findings is None


@pytest.mark.parametrize(
    ("summed", "told"),
    [
        (
            Summary(
                health=Health.GREEN, sentence="", plans=2, proven_at=overviews.NOW - 2 * 86_400, rto=252.0
            ),
            ("2\xa0d ago", "4\xa0min\xa012\xa0s", ""),
        ),
        (Summary(health=Health.RED, sentence="", plans=2), ("never", "of every plan", "crit")),
        (Summary(health=Health.OFF, sentence="", plans=2), ("–", "plans are off", "")),
    ],
)
def test_the_tile_tells_how_old_the_oldest_proof_of_a_restore_is(
    summed: Summary, told: tuple[str, str, str]
) -> None:
    tile = next(
        one for one in overview.build(overviews.facts(backups=summed)).tiles if one.label == "Restore proven"
    )
    assert (tile.value, tile.small, tile.tone, tile.href) == (*told, "/backups/")


def test_without_a_plan_there_is_no_such_tile_and_what_is_at_risk_waits_for_someone() -> None:
    assert all(one.label != "Restore proven" for one in overview.build(overviews.facts()).tiles)
    red = Summary(health=Health.RED, sentence="shop: never restored.", plans=1)
    waiting = overview.build(overviews.facts(backups=red)).waiting
    assert [one.text for one in waiting if one.href == "/backups/"] == ["shop: never restored."]
