"""What people do to incidents: each act once, audited, told on the timeline, and refused to who may not."""

from collections.abc import Callable

import pytest

from vedette.accounts import service as accounts
from vedette.accounts.permissions import SYSTEM, Actor, ActorKind, Role
from vedette.alerts import service as alerts
from vedette.core.clock import ManualClock
from vedette.core.errors import Conflict, Forbidden, Invalid, NotFound
from vedette.incidents import service
from vedette.incidents.runbooks import keeping
from vedette.incidents.runbooks import store as runbook_store
from vedette.incidents.runbooks.types import RunbookDraft
from vedette.incidents.types import (
    EntryKind,
    Impact,
    Incident,
    IncidentDraft,
    IncidentRuleDraft,
    IncidentState,
    LinkKind,
    ResponderRole,
    Sev,
    Urgency,
)
from vedette.plumbing.testing import MemoryPorts
from vedette.projects import service as projects
from vedette.projects.types import Project
from vedette.signals import service as signals

Fire = Callable[..., None]


@pytest.fixture
def mira(house: MemoryPorts, clock: ManualClock) -> Actor:
    ref = accounts.create_user(
        SYSTEM, "Mira Lind", "mira@tidemark.example", "correct horse battery staple", Role.MEMBER, clock.now()
    )
    return accounts.actor_for(ref.id)


@pytest.fixture
def one(mira: Actor, shop: Project, clock: ManualClock) -> Incident:
    draft = IncidentDraft(
        title=" Checkout returns 500 ", impact=Impact.MANY, urgency=Urgency.NOW, project=shop.id
    )
    return service.declare(mira, draft, clock.now())


def lines(number: int) -> list[str]:
    return [f"{entry.by} {entry.text}".strip() for entry in service.entries(number)]


def test_declared_by_hand(one: Incident, mira: Actor, clock: ManualClock) -> None:
    assert (one.title, one.severity, one.key) == ("Checkout returns 500", Sev.ONE, f"INC-{one.id}")
    (entry,) = service.entries(one.id)
    assert (entry.by, entry.text) == ("Mira Lind", "declared the incident")
    assert entry.detail == "Many are hit, and nothing goes on without it: SEV 1."
    (moment,) = signals.moments(0, clock.now() + 1, room="incidents")
    assert moment.text == f"{one.key} Checkout returns 500: Mira Lind declared the incident"
    assert service.leads([one.id]) == {one.id: mira.id}
    with pytest.raises(Invalid):
        service.declare(mira, IncidentDraft(title=" "), clock.now())


def test_from_open_to_resolved_and_back(one: Incident, mira: Actor, clock: ManualClock) -> None:
    clock.forward(87)
    assert service.acknowledge(mira, one.id, clock.now()).acked_at == clock.now()
    clock.forward(60)
    assert service.mitigate(mira, one.id, clock.now()).state is IncidentState.MITIGATED
    service.mitigate(mira, one.id, clock.now())
    clock.forward(60)
    assert service.resolve(mira, one.id, clock.now()).resolved_at == clock.now()
    assert service.open_incidents(clock.now()) == ()
    assert service.reopen(mira, one.id, clock.now()).state is IncidentState.OPEN
    assert lines(one.id) == [
        "Mira Lind opened it again",
        "Mira Lind resolved it",
        "Mira Lind mitigated it; what is left is to watch",
        "Mira Lind acknowledged",
        "Mira Lind declared the incident",
    ]
    actions = [entry.action for entry in accounts.audit_page(action="incident.").entries]
    assert actions == [
        "incident.reopen",
        "incident.resolve",
        "incident.mitigate",
        "incident.acknowledge",
        "incident.declare",
    ]


def test_acknowledging_it_acknowledges_its_alerts(mira: Actor, fire: Fire, clock: ManualClock) -> None:
    fire("checkout", "api")
    prints = [alert.fingerprint for alert in alerts.firing().alerts]
    made = service.declare(mira, IncidentDraft(title="Both"), clock.now(), fingerprints=prints)
    service.acknowledge(mira, made.id, clock.now())
    assert {alert.acked_by for alert in alerts.firing().alerts} == {"Mira Lind"}
    assert service.silence(mira, made.id, clock.now()) == 2
    assert len(alerts.quiet_of(alerts.firing().alerts, clock.now() + 1)) == 2


def test_notes_pins_and_annotations(one: Incident, mira: Actor, clock: ManualClock) -> None:
    service.note(mira, one.id, "Only <b>card</b> payments fail", clock.now())
    note = next(entry for entry in service.entries(one.id) if entry.kind is EntryKind.NOTE)
    service.pin(mira, one.id, note.id, clock.now())
    service.annotate(mira, one.id, note.id, "seen by support, too", clock.now())
    service.hide(mira, one.id, note.id, clock.now())
    found = service.entry(one.id, note.id)
    assert found is not None
    assert (found.pinned, found.hidden, found.annotation) == (True, True, "seen by support, too")
    with pytest.raises(NotFound):
        service.pin(mira, one.id, 9_999, clock.now())
    with pytest.raises(Invalid):
        service.note(mira, one.id, "  ", clock.now())


def test_people_and_tasks(one: Incident, mira: Actor, clock: ManualClock) -> None:
    jonas = accounts.create_user(
        SYSTEM,
        "Jonas Berg",
        "jonas@tidemark.example",
        "correct horse battery staple",
        Role.MEMBER,
        clock.now(),
    )
    service.join(mira, one.id, jonas.id, clock.now(), ResponderRole.LEAD)
    assert service.leads([one.id]) == {one.id: jonas.id}
    task = service.add_task(mira, one.id, "Replay captures", clock.now(), assignee=jonas.id)
    service.finish_task(mira, one.id, task.id, clock.now())
    service.finish_task(mira, one.id, task.id, clock.now())
    assert [each.done_by for each in service.tasks(one.id)] == ["Mira Lind"]
    assert lines(one.id).count("Mira Lind did: Replay captures") == 1
    service.leave(mira, one.id, jonas.id, clock.now())
    assert service.leads([one.id]) == {}
    with pytest.raises(Invalid):
        service.join(mira, one.id, 999, clock.now())


def test_merged_split_and_linked(one: Incident, mira: Actor, fire: Fire, clock: ManualClock) -> None:
    fire("checkout", "api")
    prints = {alert.subject: alert.fingerprint for alert in alerts.firing().alerts}
    other = service.declare(mira, IncidentDraft(title="Api"), clock.now(), fingerprints=list(prints.values()))
    service.note(mira, other.id, "kept", clock.now())
    service.merge(mira, other.id, one.id, clock.now())
    assert service.incident(other.id).merged_into == one.id
    assert service.standing(one.id) == (2, 2)
    assert "Mira Lind kept" in lines(one.id)
    with pytest.raises(Conflict):
        service.acknowledge(mira, other.id, clock.now())
    part = service.split(mira, one.id, [prints["api"]], "", clock.now())
    assert (part.title, service.standing(part.id), service.standing(one.id)) == ("api fires", (1, 1), (1, 1))
    assert "api fires" in lines(part.id)
    assert "api fires" not in lines(one.id)
    service.link(mira, one.id, part.id, LinkKind.CAUSED_BY, clock.now())
    assert {each.kind for each in service.links(part.id)} == {LinkKind.SPLIT, LinkKind.CAUSED_BY}
    service.unlink(mira, one.id, part.id, clock.now())
    assert service.links(part.id) == ()


def test_severity_title_and_words_for_customers(one: Incident, mira: Actor, clock: ManualClock) -> None:
    assert service.set_severity(mira, one.id, Sev.THREE, clock.now()).severity is Sev.THREE
    assert "Mira Lind made it SEV 3 (was SEV 1)" in lines(one.id)
    assert service.rename(mira, one.id, "Cards fail", "", clock.now()).title == "Cards fail"
    assert "parts of our service" in service.customers_text(service.incident(one.id))
    service.draft(mira, one.id, "Some card payments fail.", clock.now())
    assert service.customers_text(service.incident(one.id)) == "Some card payments fail."
    service.announced(mira, one.id, "shop", 4, "Some card payments fail.", clock.now())
    assert service.incident(one.id).announced == ("shop", 4)


def test_rules_have_names_of_their_own(house: MemoryPorts, clock: ManualClock) -> None:
    made = service.create_rule(SYSTEM, IncidentRuleDraft(name="Critical"), clock.now())
    with pytest.raises(Conflict):
        service.create_rule(SYSTEM, IncidentRuleDraft(name="Critical"), clock.now())
    assert not service.enable_rule(SYSTEM, made.id, clock.now(), enabled=False).enabled
    service.delete_rule(SYSTEM, made.id, clock.now())
    assert service.rules() == ()


def test_a_rule_names_a_runbook_that_is_there(house: MemoryPorts, clock: ManualClock) -> None:
    now = clock.now()
    with pytest.raises(Invalid) as refused:
        service.create_rule(SYSTEM, IncidentRuleDraft(name="Critical", runbook="checkout"), now)
    assert refused.value.fields == {
        "runbook": "There is no runbook checkout; write it first, or leave this empty."
    }
    keeping.create(SYSTEM, RunbookDraft(slug="checkout", name="Checkout", text="- [ ] Look"), now)
    with pytest.raises(Invalid, match="not complete") as near:
        service.create_rule(SYSTEM, IncidentRuleDraft(name="Critical", runbook="chekout"), now)
    assert near.value.fields["runbook"].endswith("did you mean checkout?")
    made = service.create_rule(SYSTEM, IncidentRuleDraft(name="Critical", runbook="checkout"), now)
    with pytest.raises(Conflict, match="The incident rule Critical attaches it"):
        keeping.remove(SYSTEM, "checkout", now)
    runbook_store.remove("checkout")  # as its file's going does
    assert not service.enable_rule(SYSTEM, made.id, now, enabled=False).enabled, "what is gone stops nothing"


def test_who_may_only_read_changes_nothing(one: Incident, clock: ManualClock) -> None:
    viewer = Actor(kind=ActorKind.USER, id=77, name="Vera", role=Role.VIEWER)
    for refused in (
        lambda: service.acknowledge(viewer, one.id, clock.now()),
        lambda: service.note(viewer, one.id, "x", clock.now()),
        lambda: service.declare(viewer, IncidentDraft(title="x"), clock.now()),
        lambda: service.hide(viewer, one.id, service.entries(one.id)[0].id, clock.now()),
        lambda: service.create_rule(viewer, IncidentRuleDraft(name="x"), clock.now()),
    ):
        with pytest.raises(Forbidden):
            refused()


def test_a_deleted_project_leaves_its_incidents(one: Incident, shop: Project, clock: ManualClock) -> None:
    projects.delete_project(SYSTEM, shop.id, shop.name, clock.now())
    assert service.incident(one.id).project is None


def test_numbers_as_people_write_them() -> None:
    assert [service.number_of(each) for each in ("27", "INC-27", "inc-27", "#27")] == [27] * 4
    with pytest.raises(Invalid):
        service.number_of("checkout")
