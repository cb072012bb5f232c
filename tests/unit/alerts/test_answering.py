"""Links of notices through the whole path: what is told bears them, a GET changes nothing, a POST acts once."""

import itertools
import json

import pytest
from django.test import Client

from vedette.accounts import service as accounts
from vedette.accounts.pacing import A_MINUTE, MOST_ADDRESSES, Pace
from vedette.accounts.permissions import SYSTEM, Actor, Role
from vedette.alerts import governing, processing, service
from vedette.alerts.becoming import Seen
from vedette.alerts.routing import Route
from vedette.alerts.telling import Story
from vedette.alerts.types import Alert, Receiver, Routing, Standing
from vedette.core.clock import ManualClock
from vedette.core.errors import Throttled
from vedette.notify import service as notify
from vedette.plumbing.testing import MemoryPorts
from vedette.signals.types import Severity, SignalState

pytestmark = pytest.mark.django_db
BASE = "https://vedette.example"
PASSWORD = "kJ8#vQ2!mZ5x"
ADDRESSES = itertools.count(1)  # each test has its own share of requests
TEXT = {"Accept": "text/plain"}


@pytest.fixture
def nobody(ports: MemoryPorts) -> Client:
    """Return a browser without a session that checks CSRF as a real one does."""
    return Client(enforce_csrf_checks=True, REMOTE_ADDR=f"192.0.2.{next(ADDRESSES)}")


@pytest.fixture
def hook(ports: MemoryPorts) -> None:
    notify.create_channel(SYSTEM, "webhook", "Hook", {"url": "https://hooks.example/a"}, 1.0)


def push(clock: ManualClock, *, over: bool = False) -> None:
    now = clock.now()
    state = SignalState.RESOLVED if over else SignalState.FIRING
    standing = Standing(state=state, severity=Severity.CRITICAL, change=0, starts=now, ends=now + 1e6)
    labels = {"alertname": "Down", "project": "shop"}
    story = Story(
        labels=labels, annotations={}, seen=standing, title="The shop is down",
        text="", link="/alerts/", subject="shop", project=None,
    )  # fmt: skip
    processing.push([Seen(story, (), "It was pushed.")], now)
    service.process(now)
    notify.deliver_due(now)


def links(ports: MemoryPorts) -> dict[str, str]:
    """Return the paths of the links in what was sent last, by kind."""
    body = json.loads(ports.net.requests[-1].body or b"{}")
    return {each["kind"]: each["url"].removeprefix(BASE) for each in body["vedette"].get("actions", [])}


def alert() -> Alert:
    (found,) = service.firing().alerts
    return found


def post(client: Client, path: str) -> str:
    answer = client.post(path, headers=TEXT)
    assert answer.status_code == 200, answer.content
    return str(answer.content.decode())


def audited(action: str) -> list[str]:
    return [entry.actor for entry in accounts.audit_page(action=action).entries]


def test_opening_a_link_changes_nothing_and_its_button_acknowledges(
    nobody: Client, ports: MemoryPorts, clock: ManualClock, hook: None
) -> None:
    push(clock)
    path = links(ports)["acknowledge"]
    page = nobody.get(path)
    assert page["Cache-Control"] == "no-store"
    assert "The shop is down" in page.content.decode()
    assert 'method="post"' in page.content.decode()
    assert alert().acked_at is None
    pressed = nobody.post(path, headers={"Accept": "text/html"})
    assert "Acknowledged by Somebody, by Hook." in pressed.content.decode()
    assert alert().acked_by == "Somebody, by Hook"
    assert audited("alert.acknowledge") == ["Somebody, by Hook"]
    assert notify.deliveries().deliveries[0].acknowledged == "Somebody, by Hook"


def test_a_second_press_is_harmless(
    nobody: Client, ports: MemoryPorts, clock: ManualClock, hook: None
) -> None:
    push(clock)
    path = links(ports)["acknowledge"]
    post(nobody, path)
    at = alert().acked_at
    clock.forward(60.0)
    assert post(nobody, path) == "Already done. Acknowledged by Somebody, by Hook.\n"
    assert alert().acked_at == at
    assert len(audited("alert.acknowledge")) == 1


def test_who_asks_for_json_gets_it_and_a_refusal_as_a_problem(
    nobody: Client, ports: MemoryPorts, clock: ManualClock, hook: None
) -> None:
    push(clock)
    path = links(ports)["acknowledge"]
    told = [nobody.post(path, headers={"Accept": "application/json"}) for _ in range(2)]
    said = {"act": "acknowledge", "title": "The shop is down", "by": "Somebody, by Hook"}
    said["done"] = "Acknowledged by Somebody, by Hook."
    assert [each.json() for each in told] == [{**said, "already": False}, {**said, "already": True}]
    refused = nobody.post(f"{path[:-2]}/", headers={"Accept": "application/json"})
    assert (refused.status_code, refused["Content-Type"]) == (403, "application/problem+json")
    assert "nothing was changed" in refused.json()["detail"]


def test_a_page_of_another_site_may_read_the_sentence_but_not_the_page(
    nobody: Client, ports: MemoryPorts, clock: ManualClock, hook: None
) -> None:
    push(clock)
    path = links(ports)["acknowledge"]
    assert nobody.post(path, headers=TEXT)["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Origin" not in nobody.get(path, headers={"Accept": "text/html"}).headers


def test_a_press_over_the_pace_says_when_to_come_again(nobody: Client) -> None:
    path = "/a/a-0/"
    answers = [nobody.post(path, headers=TEXT) for _ in range(3 * A_MINUTE)]  # some come again while we ask
    over = [each for each in answers if each.status_code == 429]
    assert {each.status_code for each in answers[:A_MINUTE]} == {403}
    assert len(over) > A_MINUTE
    assert all(int(each["Retry-After"]) > 0 for each in over)


def test_silence_holds_for_an_hour_and_once(
    nobody: Client, ports: MemoryPorts, clock: ManualClock, hook: None
) -> None:
    push(clock)
    path = links(ports)["silence"]
    assert "Somebody, by Hook silenced it until" in post(nobody, path)
    post(nobody, path)
    (silence,) = governing.silences(clock.now())
    assert silence.ends == clock.now() + 3_600.0
    assert [str(each) for each in silence.matchers] == ['alertname="Down"', 'project="shop"']
    assert audited("silence.create") == ["Somebody, by Hook"]


def test_what_is_over_or_began_again_is_not_touched(
    nobody: Client, ports: MemoryPorts, clock: ManualClock, hook: None
) -> None:
    push(clock)
    path = links(ports)["acknowledge"]
    clock.forward(400.0)
    push(clock, over=True)
    assert post(nobody, path) == "It is over; nothing was changed.\n"
    clock.forward(400.0)
    push(clock)
    assert "began again since" in post(nobody, path)
    assert alert().acked_at is None
    assert audited("alert.acknowledge") == []


def test_a_notice_of_the_end_bears_no_links(ports: MemoryPorts, clock: ManualClock, hook: None) -> None:
    push(clock)
    clock.forward(400.0)
    push(clock, over=True)
    clock.forward(300.0)
    service.process(clock.now())
    notify.deliver_due(clock.now())
    assert json.loads(ports.net.requests[-1].body or b"{}")["status"] == "resolved"
    assert links(ports) == {}


def test_a_link_ends_after_72_hours_and_a_changed_one_never_works(
    nobody: Client, ports: MemoryPorts, clock: ManualClock, hook: None
) -> None:
    push(clock)
    found = links(ports)
    changed = found["silence"].replace("/a/s-", "/a/a-")
    assert nobody.post(changed, headers=TEXT).status_code == 403
    clock.forward(72 * 3_600.0)
    answer = nobody.post(found["acknowledge"], headers=TEXT)
    assert answer.status_code == 403
    assert "good for 72 hours" in answer.content.decode()
    assert alert().acked_at is None


def test_the_link_of_a_deleted_channel_does_not_work(
    nobody: Client, ports: MemoryPorts, clock: ManualClock, hook: None
) -> None:
    push(clock)
    path = links(ports)["acknowledge"]
    notify.delete_channel(SYSTEM, notify.channels()[0].id, clock.now())
    assert nobody.post(path, headers=TEXT).status_code == 403
    assert alert().acked_at is None


def person(clock: ManualClock, role: Role) -> Actor:
    """Make a person of a role with a channel of their own, to whom everything goes."""
    made = accounts.create_user(SYSTEM, "Anna", "anna@example.org", PASSWORD, role, clock.now())
    actor = accounts.actor_for(made.id)
    notify.create_own(actor, "webhook", "phone", {"url": "https://hooks.example/anna"}, clock.now())
    table = Routing(
        tree=Route(receiver="anna"), receivers=(Receiver(name="anna", people=("anna@example.org",)),), source="hand"
    )  # fmt: skip
    governing.save_routing(SYSTEM, table, clock.now())
    return actor


def test_a_person_acts_as_themselves_with_the_role_they_have_now(
    nobody: Client, ports: MemoryPorts, clock: ManualClock, db: None
) -> None:
    anna = person(clock, Role.MEMBER)
    push(clock)
    found = links(ports)
    post(nobody, found["acknowledge"])
    assert alert().acked_by == "Anna, by phone"
    assert audited("alert.acknowledge") == ["Anna, by phone"]
    accounts.change_role(SYSTEM, anna.id, Role.VIEWER, clock.now())
    assert nobody.post(found["silence"], headers=TEXT).status_code == 403
    assert governing.silences(clock.now()) == ()


def test_who_left_acts_no_more(nobody: Client, ports: MemoryPorts, clock: ManualClock, db: None) -> None:
    anna = person(clock, Role.MEMBER)
    push(clock)
    found = links(ports)
    accounts.set_active(SYSTEM, anna.id, False, clock.now())
    assert nobody.post(found["acknowledge"], headers=TEXT).status_code == 403
    assert alert().acked_at is None


def test_a_viewer_gets_no_links(ports: MemoryPorts, clock: ManualClock, db: None) -> None:
    person(clock, Role.VIEWER)
    push(clock)
    assert json.loads(ports.net.requests[-1].body or b"{}")["status"] == "firing"
    assert links(ports) == {}


def test_an_address_has_so_many_tries_a_minute() -> None:
    pace = Pace(per_minute=2)
    pace.spend("a", 0.0)
    pace.spend("a", 0.0)
    with pytest.raises(Throttled):
        pace.spend("a", 0.0)
    pace.spend("b", 0.0)
    pace.spend("a", 31.0)


def test_what_is_kept_of_addresses_is_bounded() -> None:
    pace = Pace(per_minute=1)
    pace.spend("first", 0.0)
    for n in range(MOST_ADDRESSES):
        pace.spend(str(n), 0.0)
    pace.spend("first", 0.0)  # forgotten, so it may again
    with pytest.raises(Throttled):
        pace.spend(str(MOST_ADDRESSES - 1), 0.0)
