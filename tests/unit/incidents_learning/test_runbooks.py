"""Runbooks: written, attached, ticked, and done by a signed webhook."""

import hashlib
import hmac

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from tests.support.rooms import NOW
from tests.unit.incidents_learning.conftest import incident, person

from vedette.accounts import service as accounts
from vedette.accounts.permissions import SYSTEM, Role
from vedette.alerts import service as alerts
from vedette.core.clock import ManualClock
from vedette.core.errors import Conflict, Forbidden, Invalid, NotFound
from vedette.incidents import service as incidents
from vedette.incidents.models import AttachedRow, EntryRow, RuleRow, RunbookRow, StepRunRow
from vedette.incidents.runbooks import acting, deciding, keeping, signing, store
from vedette.incidents.runbooks.types import RunbookDraft, StepAct
from vedette.incidents.types import (
    IncidentRuleDraft,
    Runbook,
    RunbookStep,
    RunbookStepKind,
    StepRun,
    StepState,
)
from vedette.plumbing.net.memory import Request
from vedette.plumbing.net.port import NetError, Response
from vedette.plumbing.testing import MemoryPorts
from vedette.projects import service as projects

TEXT = """- [ ] Look
  ```
  ssh {host}
  ```
- [ ] Drain
  webhook: https://hooks.example/drain/s3cr3t-path (destructive)
- [ ] Tell
  webhook: https://hooks.example/tell
"""


def kept(**more: object) -> Runbook:
    how = {"slug": "checkout", "name": "Checkout fails", "text": TEXT, "secret": "s3cr3t", **more}
    return keeping.create(SYSTEM, RunbookDraft(**how), NOW)  # type: ignore[arg-type]


def test_it_is_kept_with_its_secret_sealed(house: MemoryPorts) -> None:
    made = kept()
    assert len(made.steps) == 3
    assert keeping.opened(store.secret("checkout")) == "s3cr3t"
    assert "s3cr3t" not in RunbookRow.objects.get().secrets
    keeping.update(SYSTEM, "checkout", RunbookDraft(slug="shop", name="Shop", text="- [ ] x"), NOW)
    assert keeping.opened(store.secret("shop")) == "s3cr3t"
    keeping.update(SYSTEM, "shop", RunbookDraft(slug="shop", name="Shop", text="- [ ] x", secret=""), NOW)
    assert not keeping.has_secret("shop")
    actions = [entry.action for entry in accounts.audit_page(action="runbook.").entries]
    assert actions == ["runbook.change", "runbook.change", "runbook.create"]
    keeping.remove(SYSTEM, "shop", NOW)
    with pytest.raises(NotFound):
        keeping.find("shop")


def test_who_may_not_and_what_cannot_be_kept(house: MemoryPorts) -> None:
    with pytest.raises(Forbidden):
        keeping.create(person("Mira"), RunbookDraft(slug="x", name="x", text=""), NOW)
    with pytest.raises(Invalid) as refused:
        kept(slug="New Book", name=" ", text="- [ ] x\n  agent: y", owner=99)
    assert set(refused.value.fields) == {"slug", "name", "text", "owner"}
    kept()
    with pytest.raises(Conflict, match="short name"):
        kept()
    RunbookRow.objects.update(source="runbooks/checkout.md")
    with pytest.raises(Conflict, match="vedette apply"):
        keeping.remove(SYSTEM, "checkout", NOW)


def test_rules_and_labels_attach_it_once(house: MemoryPorts) -> None:
    kept()
    kept(slug="db", name="Database", matchers=alerts.matchers_of('service="db"'))
    kept(slug="other", name="Other", matchers=alerts.matchers_of('service="mail"'))
    rule = RuleRow.objects.create(name="r", body={"name": "r", "runbook": "checkout"}, created_at=NOW)
    number = incident(rule=rule.pk)
    incident(state="resolved", resolved_at=NOW, rule=rule.pk)
    AttachedRow.objects.create(
        incident_id=number, fingerprint="a", title="x", link="/", severity="high", starts=NOW, labels={"service": "db", "host": "db-7"}
    )  # fmt: skip
    assert acting.attach_due(NOW) == 2
    assert acting.attach_due(NOW) == 0
    assert {each.slug for each in acting.attached(number)} == {"checkout", "db"}
    keeping.update(SYSTEM, "checkout", RunbookDraft(slug="checkout", name="Checkout", text="- [ ] new"), NOW)
    assert [each.total for each in acting.attached(number) if each.slug == "checkout"] == [3]


def test_what_was_taken_away_does_not_come_back(house: MemoryPorts) -> None:
    kept()
    rule = RuleRow.objects.create(name="r", body={"name": "r", "runbook": "checkout"}, created_at=NOW)
    number = incident(rule=rule.pk)
    assert acting.attach_due(NOW) == 1
    acting.detach(person("Mira"), number, "checkout", NOW)
    assert acting.attach_due(NOW) == 0


def test_a_rule_that_attaches_it_goes_along_or_keeps_it(house: MemoryPorts) -> None:
    kept()
    with pytest.raises(Invalid, match="not complete"):
        incidents.create_rule(SYSTEM, IncidentRuleDraft(name="Broken", runbook="checkuot"), NOW)
    rule = incidents.create_rule(SYSTEM, IncidentRuleDraft(name="Shop", runbook="checkout"), NOW)
    keeping.update(SYSTEM, "checkout", RunbookDraft(slug="shop", name="Shop", text=TEXT), NOW)
    assert incidents.rule(rule.id).runbook == "shop"
    with pytest.raises(Conflict, match="The incident rule Shop attaches it"):
        keeping.remove(SYSTEM, "shop", NOW)
    RuleRow.objects.update(source="rules.toml")
    with pytest.raises(Conflict, match=r"rules\.toml"):
        keeping.update(SYSTEM, "shop", RunbookDraft(slug="other", name="Shop", text=TEXT), NOW)
    RuleRow.objects.update(source="")
    incidents.delete_rule(SYSTEM, rule.id, NOW)
    keeping.remove(SYSTEM, "shop", NOW)


def test_the_rules_of_a_project_go_with_it(house: MemoryPorts) -> None:
    shop = projects.create_project(SYSTEM, "Shop", "python", NOW)
    incidents.create_rule(SYSTEM, IncidentRuleDraft(name="Shop", project=shop.id), NOW)
    incidents.create_rule(SYSTEM, IncidentRuleDraft(name="All"), NOW)
    projects.delete_project(SYSTEM, shop.id, "Shop", NOW)
    assert [rule.name for rule in incidents.rules()] == ["All"]


def test_it_is_attached_and_taken_away_by_hand(house: MemoryPorts) -> None:
    kept()
    kept(slug="empty", name="Empty", text="nothing")
    mira, number = person("Mira"), incident()
    acting.attach(mira, number, "checkout", NOW)
    for slug in ("checkout", "empty"):
        with pytest.raises(Conflict):
            acting.attach(mira, number, slug, NOW)
    with pytest.raises(NotFound):
        acting.attach(mira, 99, "checkout", NOW)
    with pytest.raises(Forbidden):
        acting.attach(person("Ann", Role.VIEWER), number, "checkout", NOW)
    acting.detach(mira, number, "checkout", NOW + 1)
    assert acting.attached(number) == ()
    told = list(EntryRow.objects.order_by("id").values_list("text", "by"))
    assert told == [
        ("attached the runbook Checkout fails", "Mira"),
        ("took away the runbook checkout", "Mira"),
    ]


def test_a_step_is_ticked_and_taken_back(house: MemoryPorts) -> None:
    kept()
    mira, number = person("Mira"), incident()
    acting.attach(mira, number, "checkout", NOW)
    first = acting.attached(number)[0].steps[0]
    done = acting.tick(mira, number, first.id, NOW + 5)
    assert (done.state, done.at, done.by) == (StepState.DONE, NOW + 5, "Mira")
    assert acting.attached(number)[0].done == 1
    with pytest.raises(Conflict, match="done already, by Mira"):
        acting.tick(mira, number, first.id, NOW)
    assert acting.untick(mira, number, first.id, NOW + 6).state is StepState.TODO
    with pytest.raises(NotFound):
        acting.tick(mira, incident(), first.id, NOW)
    assert accounts.audit_page(action="incident.step.").entries[0].action == "incident.step.untick"


def test_a_webhook_is_signed_asked_for_and_told(house: MemoryPorts, clock: ManualClock) -> None:
    kept()
    mira, number = person("Mira"), incident()
    acting.attach(mira, number, "checkout", NOW)
    _, drain, _ = acting.attached(number)[0].steps
    house.net.answer = lambda _: Response(200, {}, b"<script>drained</script>" + b"x" * 9_000)
    with pytest.raises(Conflict, match="sure"):
        acting.run(mira, number, drain.id, NOW, sure=False)
    assert not house.net.requests
    done = acting.run(mira, number, drain.id, NOW, sure=True)
    assert done.state is StepState.DONE
    assert done.result.startswith("HTTP 200\n<script>")
    assert len(done.result) < 2_100
    (sent,) = house.net.requests
    stamp = sent.headers["X-Vedette-Timestamp"]
    proof = hmac.new(b"s3cr3t", stamp.encode() + b"." + sent.body, hashlib.sha256).hexdigest()
    assert sent.headers["X-Vedette-Signature"] == f"sha256={proof}"
    assert sent.headers["Idempotency-Key"] == f"runbook-{number}-{drain.id}"
    with pytest.raises(Conflict, match="done already"):
        acting.run(mira, number, drain.id, NOW, sure=True)
    with pytest.raises(Conflict, match="cannot be taken back"):
        acting.untick(mira, number, drain.id, NOW)
    audited = accounts.audit_page(action="incident.step.run").entries[0]
    assert audited.detail["url"] == "https://hooks.example"


def test_a_step_is_signed_as_when_it_was_attached(house: MemoryPorts) -> None:
    kept()
    mira, number = person("Mira"), incident()
    acting.attach(mira, number, "checkout", NOW)
    keeping.update(SYSTEM, "checkout", RunbookDraft(slug="shop", name="Shop", text=TEXT), NOW)
    kept(slug="checkout", secret="another's")
    house.net.answer = lambda _: Response(200, {}, b"")
    tell = acting.attached(number)[0].steps[2]
    acting.run(mira, number, tell.id, NOW, sure=True)
    (sent,) = house.net.requests
    stamp = sent.headers["X-Vedette-Timestamp"]
    proof = hmac.new(b"s3cr3t", stamp.encode() + b"." + sent.body, hashlib.sha256).hexdigest()
    assert sent.headers["X-Vedette-Signature"] == f"sha256={proof}"


def test_what_cannot_be_signed_is_not_sent(house: MemoryPorts) -> None:
    kept()
    mira, number = person("Mira"), incident()
    acting.attach(mira, number, "checkout", NOW)
    StepRunRow.objects.update(secrets="sealed elsewhere")
    tell = acting.attached(number)[0].steps[2]
    failed = acting.run(mira, number, tell.id, NOW, sure=True)
    assert (failed.state, failed.result[:18]) == (StepState.FAILED, "It was not called:")
    assert not house.net.requests


def test_a_webhook_that_fails_can_be_tried_again(house: MemoryPorts) -> None:
    kept(secret="")
    mira, number = person("Mira"), incident()
    acting.attach(mira, number, "checkout", NOW)
    look, _, tell = acting.attached(number)[0].steps
    house.net.answer = lambda _: NetError("private address", permanent=True)
    failed = acting.run(mira, number, tell.id, NOW, sure=False)
    assert (failed.state, failed.result) == (StepState.FAILED, "It did not answer: private address")
    house.net.answer = lambda _: Response(500, {}, b"no")
    assert acting.run(mira, number, tell.id, NOW, sure=False).state is StepState.FAILED
    house.net.answer = lambda _: Response(204, {}, b"")
    assert acting.run(mira, number, tell.id, NOW, sure=False).state is StepState.DONE
    assert len({sent.headers["Idempotency-Key"] for sent in house.net.requests}) == 1
    assert "X-Vedette-Signature" not in house.net.requests[0].headers
    with pytest.raises(Conflict, match="but a person"):
        acting.run(mira, number, look.id, NOW, sure=True)


def test_while_it_runs_nobody_else_runs_it(house: MemoryPorts) -> None:
    kept()
    mira, number = person("Mira"), incident()
    acting.attach(mira, number, "checkout", NOW)
    tell = acting.attached(number)[0].steps[2]
    seen: list[str] = []

    def answer(_: Request) -> Response:
        for act in (acting.tick, acting.untick):
            with pytest.raises(Conflict):
                act(mira, number, tell.id, NOW + 1)
        with pytest.raises(Conflict, match="runs just now"):
            acting.run(mira, number, tell.id, NOW + 1, sure=True)
        seen.append("asked")
        return Response(200, {}, b"")

    house.net.answer = answer
    assert acting.run(mira, number, tell.id, NOW, sure=True).state is StepState.DONE
    assert seen == ["asked"]
    StepRunRow.objects.filter(pk=tell.id).update(state="running", at=NOW - deciding.STALE)
    house.net.answer = lambda _: Response(200, {}, b"")
    assert acting.run(mira, number, tell.id, NOW, sure=True).state is StepState.DONE


@given(
    st.sampled_from(list(StepState)), st.sampled_from(list(StepAct)), st.sampled_from(list(RunbookStepKind)), st.booleans(),
    st.booleans(), st.floats(0, 120),
)  # fmt: skip
def test_nothing_destructive_runs_unasked(  # noqa: PLR0917
    state: StepState, act: StepAct, kind: RunbookStepKind, destructive: bool, sure: bool, age: float
) -> None:
    step = RunbookStep(text="x", kind=kind, target="https://a.example", destructive=destructive)
    run = StepRun(id=1, incident=1, runbook="x", number=1, step=step, state=state, at=NOW)
    verdict = deciding.may(run, act, NOW + age, sure=sure)
    assert verdict.allowed or verdict.reason
    if act is StepAct.RUN and verdict.allowed:
        assert kind is not RunbookStepKind.MANUAL
        assert sure or not destructive
        assert state is not StepState.DONE
        assert state is not StepState.RUNNING or age >= deciding.STALE


def test_an_answer_is_bounded_text() -> None:
    assert signing.answer(200, b"\xff\0 ok ") == "HTTP 200\n\ufffd ok"


def test_the_pages(web: Client, house: MemoryPorts) -> None:
    page = web.get("/incidents/runbooks/")
    assert "No runbook yet" in page.content.decode()
    form = {
        "name": "Checkout",
        "slug": "checkout",
        "text": TEXT,
        "secret": "s3cr3t",
        "matchers": 'service="db"',
    }
    shown = web.post("/incidents/runbooks/new/", {**form, "act": "preview"}).content.decode()
    assert "asks first" in shown
    assert 's3cr3t"' not in shown
    wrong = web.post("/incidents/runbooks/new/", {**form, "matchers": "=", "slug": "new"})
    assert wrong.status_code == 422
    assert web.post("/incidents/runbooks/new/", form).status_code == 302
    assert "service=&quot;db&quot;" in web.get("/incidents/runbooks/checkout/").content.decode()
    assert (
        web.post("/incidents/runbooks/checkout/edit/", {**form, "name": "Shop", "secret": ""}).status_code
        == 302
    )
    assert keeping.opened(store.secret("checkout")) == "s3cr3t"
    number = incident()
    assert web.post(f"/incidents/{number}/runbooks/attach/", {"runbook": "checkout"}).status_code == 302
    look, drain, _ = acting.attached(number)[0].steps
    assert web.post(f"/incidents/{number}/steps/{look.id}/tick/").status_code == 302
    asked = web.get(f"/incidents/{number}/steps/{drain.id}/run/").content.decode()
    assert "https://hooks.example/drain" in asked
    assert "cannot be taken back" in web.post(f"/incidents/{number}/steps/{drain.id}/run/").content.decode()
    assert not house.net.requests
    assert web.post(f"/incidents/{number}/steps/{drain.id}/run/", {"sure": "yes"}).status_code == 302
    assert len(house.net.requests) == 1
    assert web.post(f"/incidents/{number}/runbooks/checkout/detach/").status_code == 302
    assert web.post("/incidents/runbooks/checkout/delete/").status_code == 302
    assert web.get("/incidents/runbooks/checkout/").status_code == 404


def test_the_card_of_an_incident(web: Client, house: MemoryPorts) -> None:
    kept()
    mira, number = person("Mira"), incident()
    AttachedRow.objects.create(
        incident_id=number, fingerprint="a", title="x", link="/", severity="high", starts=NOW, labels={"host": "db-7"}
    )  # fmt: skip
    empty = web.get(f"/incidents/{number}/").content.decode()
    assert "None is attached" in empty
    assert '<option value="checkout">' in empty
    acting.attach(mira, number, "checkout", NOW)
    look, _, tell = acting.attached(number)[0].steps
    acting.tick(mira, number, look.id, NOW)
    StepRunRow.objects.filter(pk=tell.id).update(state="running", at=NOW - deciding.STALE)
    shown = web.get(f"/incidents/{number}/").content.decode()
    assert "1 of 3" in shown
    assert "Run…" in shown
    assert "No answer" in shown
    assert f"/incidents/{number}/post-mortem/" in shown
    acting.untick(mira, number, look.id, NOW)
    assert "ssh db-7" in web.get(f"/incidents/{number}/").content.decode()


def test_a_merged_incident_gives_its_runbooks_on(house: MemoryPorts) -> None:
    kept()
    mira, one, two = person("Mira"), incident(), incident()
    acting.attach(mira, two, "checkout", NOW)
    first = acting.attached(two)[0].steps[0]
    acting.tick(mira, two, first.id, NOW)
    incidents.merge(mira, two, one, NOW)
    assert [(each.slug, each.done) for each in acting.attached(one)] == [("checkout", 1)]
    with pytest.raises(Conflict, match="act there"):
        acting.untick(mira, two, first.id, NOW)
    acting.untick(mira, one, first.id, NOW)


def test_what_runs_is_not_taken_away_or_merged(house: MemoryPorts) -> None:
    kept()
    mira, one, two = person("Mira"), incident(), incident()
    acting.attach(mira, two, "checkout", NOW)
    StepRunRow.objects.filter(incident=two, number=1).update(state="running", at=NOW - 5)
    with pytest.raises(Conflict, match="runs just now"):
        acting.detach(mira, two, "checkout", NOW)
    with pytest.raises(Conflict, match="runs just now"):
        incidents.merge(mira, two, one, NOW)
    acting.detach(mira, two, "checkout", NOW + deciding.STALE)


def test_newer_incidents_hide_no_older_one(house: MemoryPorts) -> None:
    kept()
    rule = RuleRow.objects.create(name="r", body={"name": "r", "runbook": "checkout"}, created_at=NOW)
    number = incident(rule=rule.pk)
    for _ in range(101):
        incident()
    assert acting.attach_due(NOW) == 1
    assert [each.slug for each in acting.attached(number)] == ["checkout"]
