"""Incidents by month, pages by week, and what rules were worth."""

import json

from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from tests.support.rooms import NOW
from tests.unit.incidents_learning.conftest import incident
from tests.unit.incidents_learning.test_drafting import incident as made

from vedette.alerts import service as alerts
from vedette.alerts.models import AlertRow, TraceRow
from vedette.alerts.types import ToldAlert
from vedette.core.clock import parse_iso
from vedette.incidents.metrics import computing, gathering, shaping, verdict
from vedette.incidents.metrics.types import IncidentMetrics, PagedPerson, RuleWorth
from vedette.incidents.models import AttachedRow
from vedette.incidents.types import IncidentState, Sev
from vedette.plumbing.testing import MemoryPorts
from vedette.ui import charts


def test_months_are_whole_and_merged_ones_count_elsewhere() -> None:
    now = parse_iso("2026-02-10")
    names = computing.month_names(now, 3)
    assert names == ("2025-12", "2026-01", "2026-02")
    started = parse_iso("2026-01-31T23:59:59")
    found = computing.months(
        [
            made(started_at=started, detected_at=started + 60, acked_at=None, resolved_at=None, mitigated_at=started + 120, severity=Sev.ONE),
            made(started_at=started, detected_at=started, state=IncidentState.MERGED),
            made(started_at=parse_iso("2025-11-01"), detected_at=0),
        ],
        names,
    )  # fmt: skip
    assert [month.severities for month in found] == [(0, 0, 0, 0), (1, 0, 0, 0), (0, 0, 0, 0)]
    assert (found[1].means.detect, found[1].means.acknowledge, found[1].means.resolve) == (60, None, 120)
    assert computing.by_severity(found)[Sev.ONE] == (0, 1, 0)


def test_pages_by_person_and_week() -> None:
    now = parse_iso("2026-02-11")  # a Wednesday
    names = computing.week_names(now, 2)
    assert names == ("2026-02-02", "2026-02-09")
    pages = [(7, parse_iso(at)) for at in ("2026-02-08T23:59:59", "2026-02-09", "2026-02-10T12:00")]
    found = computing.people(
        [*pages, (8, parse_iso("2026-02-10T12:00")), (8, parse_iso("2025-01-01"))], names
    )
    assert found == (PagedPerson(user=7, weeks=(1, 2), nights=2), PagedPerson(user=8, weeks=(0, 1), nights=0))


@given(st.floats(0, 4e9), st.integers(1, 30))
def test_months_and_weeks_follow_one_another(now: float, n: int) -> None:
    months, weeks = computing.month_names(now, n), computing.week_names(now, n)
    assert (len(set(months)), len(set(weeks))) == (n, n)
    assert list(months) == sorted(months)
    assert list(weeks) == sorted(weeks)


def told(rule: str, fingerprint: str, *, acknowledged: bool = False) -> ToldAlert:
    return ToldAlert(rule=rule, fingerprint=fingerprint, acknowledged=acknowledged, link="/")


def test_what_rules_were_worth() -> None:
    seen = [
        told("disk", "a"),
        told("disk", "b"),
        told("disk", "c", acknowledged=True),
        told("cpu", "d"),
        told("", "e"),
    ]
    assert computing.rules(seen, {"d"}) == (
        RuleWorth(rule="disk", told=3, acted=1), RuleWorth(rule=computing.PUSHED, told=1, acted=0), RuleWorth(rule="cpu", told=1, acted=1),
    )  # fmt: skip


def test_the_sentence() -> None:
    months = computing.months([], ("2026-01", "2026-02"))
    nothing = IncidentMetrics(months=months, weeks=(), people=(), rules=())
    assert verdict.of_metrics(nothing).title == "Nothing to count yet"
    noisy = IncidentMetrics(
        months=months, weeks=(), people=(), rules=(RuleWorth(rule="disk", told=40, acted=4),)
    )
    said = verdict.of_metrics(noisy)
    assert (said.tone, said.title) == ("warn", "No incident this month, none the month before")
    assert "10 % of 40 alerts" in said.text
    assert "“disk” told of 36 that nobody took" in said.text
    assert json.loads(shaping.encoded(noisy))["told"] == 40


def test_columns_are_as_high_as_what_they_stand_for() -> None:
    drawn = charts.columns([[1, 0], [1, 4]], "Incidents <by> month")
    assert drawn.count("<rect") == 3
    assert "&lt;by&gt;" in drawn
    assert 'y="0" height="100"' in drawn
    assert charts.columns([], "nothing").count("<rect") == 0


def alert(fingerprint: str, **more: object) -> AlertRow:
    how = {
        "rule_name": "disk", "fingerprint": fingerprint, "labels": {}, "annotations": {}, "state": "firing", "severity": "low", "change": 1,
        "starts": NOW - 60, "title": "x", "text": "", "link": "/", "subject": "x", "updated_at": NOW, **more,
    }  # fmt: skip
    return AlertRow.objects.create(**how)


def trace(**more: object) -> None:
    how = {
        "at": NOW,
        "sent": True,
        "code": "new",
        "reason": "",
        "rule": "",
        "channel": "c",
        "title": "",
        "link": "/",
        "idempotency_key": "",
    }
    TraceRow.objects.create(**{**how, **more})


def test_only_what_people_were_told_of_counts(house: MemoryPorts) -> None:
    trace(alert=alert("a", acked_at=NOW))
    trace(alert=alert("b"), sent=False)
    alert("c", groups=["{}:x"])
    alert("d", groups=["{}:y"])
    trace(group="{}:x")
    trace(alert=alert("old", updated_at=NOW - 9_000))
    found = {each.fingerprint: each.acknowledged for each in alerts.told_lately(NOW - 3_600)}
    assert found == {"a": True, "c": False}


def test_the_page(web: Client, house: MemoryPorts) -> None:
    assert "Nothing to count yet" in web.get("/incidents/metrics/").content.decode()
    number = incident(resolved_at=NOW, acked_at=NOW - 500)
    for fingerprint in "abc":
        trace(alert=alert(fingerprint))
    AttachedRow.objects.create(
        incident_id=number, fingerprint="a", title="x", link="/", severity="low", starts=NOW
    )
    page = web.get("/incidents/metrics/").content.decode()
    assert "1 incident this month" in page
    assert "somebody acted on 33 % of 3 alerts in 35 days" in page
    assert "2 for nothing" in page
    body = web.get("/incidents/metrics.json").json()
    assert (body["months"][-1]["total"], body["told"], body["acted"]) == (1, 3, 1)
    assert gathering.metrics(NOW).truncated is False
