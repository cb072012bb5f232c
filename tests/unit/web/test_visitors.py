"""Who is banned may be a user of an application: events that name one at an address tell, and so does who signed in on a host."""

import json

import msgspec
import pytest
from tests.support.intruders import ATTACKER, decision, detection
from tests.support.rooms import NOW, bearing, house_with_kv

from vedette.accounts.permissions import SYSTEM, Scope
from vedette.app.knowing import House
from vedette.core.clock import ManualClock
from vedette.errors import service as errors
from vedette.intrusions import service as intrusions
from vedette.intrusions.service import Judges
from vedette.plumbing import ports as installed
from vedette.plumbing.db.sql import transaction
from vedette.plumbing.log.port import Message
from vedette.projects import service as projects
from vedette.web import visitors
from vedette.wire import delivery as wire

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def judges() -> "Judges":
    before = installed._Installed.ports
    clock = ManualClock(NOW)
    house_with_kv(clock)
    yield Judges(clock, House())  # type: ignore[misc]
    installed._Installed.ports = before


def told(project: int, *users: object) -> None:
    messages = []
    for n, user in enumerate(users, 1):
        event = {"message": "it broke", "level": "error", "user": user}
        body = wire.encode(wire.Delivery(project=project, event_id=f"{n:032x}", received=NOW, payload=json.dumps(event).encode()))  # fmt: skip
        messages.append(Message(seq=n, subject="event", body=body, msg_id=f"{n:032x}", at=NOW))
    assert errors.digest(messages, NOW) == len(users)


def test_a_user_of_an_application_who_is_banned_is_told_and_shown(judges: Judges) -> None:
    shop = projects.create_project(SYSTEM, "Shop", "python", NOW)
    told(shop.id, {"id": "7", "username": "kim", "ip_address": ATTACKER}, {"ip_address": "192.0.2.9"}, {"id": "<b>", "ip_address": "192.0.2.10"})  # fmt: skip
    assert visitors.people_at(ATTACKER, NOW) == ("kim, who uses shop",)
    assert visitors.people_at("192.0.2.9", NOW) == (), "a visitor without a name may be the attacker"
    assert visitors.people_at(ATTACKER, NOW + visitors.DAYS + 1) == ()
    assert visitors.known(NOW, [ATTACKER, "192.0.2.9"]) == {ATTACKER: "kim, who uses shop"}
    with transaction():
        judges.accept(
            "web1",
            [detection(NOW), decision(NOW), detection(NOW, "192.0.2.9"), decision(NOW, "192.0.2.9")],
            NOW,
        )
        judges.accept("web1", [detection(NOW, "192.0.2.10"), decision(NOW, "192.0.2.10")], NOW)
    web = bearing(Scope.ADMIN, NOW)
    page = web.get("/bans/").content.decode()
    assert "2 real users are banned." in page
    assert "2 of them are people who use Vedette or your applications." in page
    assert "kim, who uses shop" in page
    assert "&lt;b&gt;, who uses shop" in page
    one = web.get(f"/bans/{ATTACKER}/").content.decode()
    assert f"{ATTACKER} is banned, and real users were seen there: kim, who uses shop." in one
    assert "it broke" in one


def test_who_signed_in_on_a_host_from_there_is_told(judges: Judges) -> None:
    seen = msgspec.structs.replace(detection(NOW), labels={"set": "ssh", "signed_in": "anna, b\x1bob"})
    with transaction():
        judges.accept("web1", [seen, decision(NOW)], NOW)
    assert intrusions.people_banned() == {ATTACKER: "anna, bob, who signed in on web1"}


def test_of_a_network_of_ipv6_the_addresses_that_were_noticed_are_asked_about(judges: Judges) -> None:
    shop = projects.create_project(SYSTEM, "Shop", "python", NOW)
    told(shop.id, {"email": "kim@example.com", "ip_address": "2001:db8::7"})
    with transaction():
        judges.accept("web1", [detection(NOW, "2001:db8::7"), decision(NOW, "2001:db8::/64", detection="d-2001:db8::7-" + str(NOW))], NOW)  # fmt: skip
    assert list(intrusions.people_banned()) == ["2001:db8::/64"]
