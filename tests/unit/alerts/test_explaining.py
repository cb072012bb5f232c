"""Why: the explanation says what the path then does, by REST, on the page and in plain text."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.support.alerting import hush, lead, push

from vedette.accounts.permissions import SYSTEM
from vedette.alerts import governing, service
from vedette.alerts.inhibition import Inhibition
from vedette.alerts.matching import parse
from vedette.alerts.standing_out import Place
from vedette.alerts.store import alerts as store
from vedette.alerts.types import RuleDraft, RuleKind
from vedette.core.clock import ManualClock
from vedette.core.errors import NotFound
from vedette.notify import service as notify
from vedette.plumbing.db import sql
from vedette.plumbing.testing import MemoryPorts
from vedette.signals.types import Signal

pytestmark = pytest.mark.django_db
API = "/api/v1"


@pytest.fixture
def hook(ports: MemoryPorts, db: None) -> None:
    notify.create_channel(SYSTEM, "webhook", "Hook", {"url": "https://hooks.example/a"}, 1.0)


def pass_by(clock: ManualClock, seconds: float) -> None:
    clock.forward(seconds)
    service.process(clock.now())
    notify.deliver_due(clock.now())


def test_the_way_is_told_before_and_after_somebody_was(hook: None, clock: ManualClock) -> None:
    lead()
    number = push(clock, "disk", team="db", cluster="a")
    before = service.why(number, clock.now())
    assert before.sentence == "It fires; Hook will be told at 2025-11-24T16:00:10.000Z."
    assert [(step.key, step.taken) for step in before.routes] == [("{}", False), ('{}/{team="db"}', True)]
    (group,) = before.groups
    assert (group.receiver, group.labels, group.last, group.due) == (
        "databases", {"cluster": "a"}, None, clock.now() + 10
    )  # fmt: skip
    assert [(r.name, r.send, r.code, r.told) for r in group.receivers] == [("Hook", True, "first", False)]
    pass_by(clock, 10)
    after = service.why(number, clock.now())
    assert after.sentence == "It fires; told to Hook."
    (receiver,) = after.groups[0].receivers
    assert (receiver.send, receiver.code, receiver.told, receiver.last) == (
        False,
        "unchanged",
        True,
        clock.now(),
    )
    ((line, became),) = after.lines
    assert line.sent
    assert became is not None
    assert became.state == "sent"


@pytest.mark.parametrize("what", ["told", "silenced", "inhibited", "acknowledged"])
def test_the_explanation_foretells_what_the_look_does(hook: None, clock: ManualClock, what: str) -> None:
    rule = Inhibition(source=parse("alertname=core"), target=parse("alertname=disk"))
    lead(inhibitions=[rule] if what == "inhibited" else [])
    number = push(clock, "disk", team="db")
    if what == "silenced":
        hush(clock, "alertname=disk")
    if what == "inhibited":
        push(clock, "core", team="web")
    if what == "acknowledged":
        governing.acknowledge(SYSTEM, [number], clock.now())
    clock.forward(10)
    foretold = [r.send for g in service.why(number, clock.now()).groups for r in g.receivers]
    service.process(clock.now())
    told = [line.sent for line, _ in service.why(number, clock.now()).lines if line.alert_id == number]
    assert foretold == told


def test_what_keeps_it_quiet_is_in_the_sentence(hook: None, clock: ManualClock) -> None:
    rule = Inhibition(
        source=parse("alertname=core"), target=parse("alertname=~'disk|page'".replace("'", '"'))
    )
    lead(inhibitions=[rule])
    disk, lonely = push(clock, "disk"), push(clock, "lonely")
    assert service.why(lonely, clock.now()).inhibition == "None is for this alert."
    assert service.why(disk, clock.now()).inhibition == "No source fires that mutes it."
    push(clock, "core")
    why = service.why(disk, clock.now())
    assert why.sentence == 'It fires and is kept quiet. An alert of alertname="core" fires.'
    hush(clock, "alertname=lonely")
    why = service.why(lonely, clock.now())
    assert why.sentence.startswith("It fires and is kept quiet. vedette silenced it until")
    assert [step.holds for step in why.silences] == [True]
    assert "It is for other alerts" in service.why(disk, clock.now()).silences[0].reason
    listing = service.listing(clock.now())
    assert {place: listing.count(place) for place in Place} == {
        Place.OPEN: 1, Place.ACKNOWLEDGED: 0, Place.SILENCED: 1, Place.INHIBITED: 1
    }  # fmt: skip


def test_who_takes_care_and_what_is_over(hook: None, clock: ManualClock) -> None:
    lead()
    number = push(clock, "disk")
    pass_by(clock, 30)
    governing.acknowledge(SYSTEM, [number], clock.now())
    assert (
        service.why(number, clock.now()).sentence == "It fires, and vedette takes care of it; told to Hook."
    )
    push(clock, "disk", over=True)
    pass_by(clock, 300)
    why = service.why(number, clock.now())
    assert why.sentence == "It is over; told to Hook."
    assert why.groups == ()


def test_nobody_can_be_told(ports: MemoryPorts, clock: ManualClock) -> None:
    number = push(clock, "disk")
    why = service.why(number, clock.now())
    assert why.sentence == "It fires; nobody was told."
    assert why.groups[0].receivers[0].code == "no_channel"


def test_rules_say_where_they_lead(hook: None, clock: ManualClock, publish: Callable[..., Signal]) -> None:
    (channel,) = notify.channels()
    service.create_rule(
        SYSTEM, RuleDraft(name="Ours", kind=RuleKind.NEW_ISSUE, channels=(channel.id,)), clock.now()
    )
    publish("issue.new", "SHOP-1")
    service.process(clock.now())
    (alert,) = service.past().alerts
    why = service.why(alert.id, clock.now())
    assert [(step.name, step.reason) for step in why.rules] == [
        ("Ours", "A new issue. It tells each alert alone and at once.")
    ]
    assert why.routes == ()
    service.delete_rule(SYSTEM, service.rules()[0].id, clock.now())
    assert service.why(alert.id, clock.now()).rules[0].reason == "It was deleted."


def test_one_text_for_all_of_it(hook: None, clock: ManualClock) -> None:
    lead()
    number = push(clock, "disk", team="web")
    hush(clock, "alertname=other")
    pass_by(clock, 30)
    text = "\n".join(service.written(service.why(number, clock.now())))
    for part in (
        "It fires; told to Hook.", 'route   {}/{team="db"} does not take it: team="db" does not hold', "inhibition: There is none.",
        "silence", "Hook is not told: It was told already", "told to Hook: Nobody was told yet. (sent:",
    ):  # fmt: skip
        assert part in text


def test_an_unknown_alert_is_told_of(ports: MemoryPorts, db: None) -> None:
    with pytest.raises(NotFound):
        service.why(99, 0.0)


def test_why_and_acknowledgement_by_rest(web: Client, reader: Client, hook: None, clock: ManualClock) -> None:
    lead()
    number = push(clock, "disk", team="db")
    pass_by(clock, 10)
    told = web.get(f"{API}/alerts/{number}/why").json()
    assert told["sentence"] == "It fires; told to Hook."
    assert told["groups"][0]["receivers"][0]["told"] is True
    assert told["lines"][0]["delivery"] == "sent"
    acknowledgement = f"{API}/alerts/{number}/acknowledgement"
    assert reader.put(acknowledgement).status_code == 403
    assert web.put(acknowledgement).status_code == 204
    assert reader.get(f"{API}/alerts/{number}/why").json()["acknowledged_by"] == "test"
    assert web.delete(acknowledgement).status_code == 204
    assert web.get(f"{API}/alerts/{number}/why").json()["acknowledged_at"] is None
    assert web.get(f"{API}/alerts/999/why").status_code == 404


def test_silences_by_rest(web: Client, reader: Client, clock: ManualClock) -> None:
    body = {"matchers": "team=db", "ends": "2026-01-01T00:00:00Z", "comment": "work"}
    made = web.post(f"{API}/silences", body, content_type="application/json")
    assert made.status_code == 201
    silence = made.json()
    assert (silence["state"], silence["matchers"], silence["author"]) == ("active", 'team="db"', "test")
    assert reader.get(f"{API}/silences").json() == {"items": [silence], "cursor": None}
    assert reader.delete(f"{API}/silences/{silence['id']}").status_code == 403
    longer = web.put(
        f"{API}/silences/{silence['id']}",
        {**body, "ends": "2026-02-01T00:00:00Z"},
        content_type="application/json",
    ).json()
    assert (longer["id"], longer["ends"]) == (silence["id"], "2026-02-01T00:00:00.000Z")
    assert web.delete(f"{API}/silences/{silence['id']}").status_code == 204
    assert web.delete(f"{API}/silences/{silence['id']}").status_code == 409
    assert web.get(f"{API}/silences/{silence['id']}").json()["state"] == "expired"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"ends": "soon"}, "ends"),
        ({"ends": "1999-01-01T00:00:00Z"}, "ends"),
        ({"matchers": "team=~.*"}, "matchers"),
        ({"recurrence": {"days": [], "start": "25:00", "minutes": 0, "zone": "Nowhere"}}, "recurrence.days"),
    ],
)
def test_a_wrong_silence_is_refused_by_field(
    web: Client, clock: ManualClock, changes: dict[str, object], field: str
) -> None:
    body = {"matchers": "team=db", "ends": "2026-01-01T00:00:00Z", **changes}
    answer = web.post(f"{API}/silences", body, content_type="application/json")
    assert answer.status_code == 422
    assert field in answer.content.decode()
    assert governing.silences(clock.now()) == ()


def test_what_was_sent_is_counted_by_an_index_of_its_own(db: None) -> None:
    asked = CaptureQueriesContext(connection)
    with asked:
        store.counts(1.0)
    (statement,) = (one["sql"] for one in asked.captured_queries if "alerts_trace" in one["sql"])
    plan = sql.query(f"EXPLAIN QUERY PLAN {statement}")
    assert "INDEX alerts_trace_sent" in str(plan)
