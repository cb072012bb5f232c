"""The switch against floods from the server: hosts that let it are told, tell how they stand, and end it by themselves."""

import pytest
from tests.support import flooded
from tests.support.flooded import let
from tests.support.rooms import bearing
from tests.support.watched_shop import Watched

from vedette.accounts.permissions import SYSTEM, Scope
from vedette.deploy import service
from vedette.deploy.types import FloodHost, Stand
from vedette.hosts import service as hosts
from vedette.hosts.store import hosts as host_rows
from vedette.plumbing.db.sql import query, transaction
from vedette.signals import service as signals

pytestmark = pytest.mark.django_db
PAGE = "/infrastructure/attack/"


def host(shop: Watched, name: str, *, lets: bool = True) -> int:
    with transaction():
        made = host_rows.add(name, name.encode() * 8, name, "anna", shop.now).id
    if lets:
        let(made, shop.now)
    return made


def answer(shop: Watched, number: int, about: str, until: float = 0.0, *, why: str = "") -> None:
    flooded.answer(number, about, shop.now, until, why=why)


def only(shop: Watched) -> FloodHost:
    (found,) = service.flood_hosts(shop.now)
    return found


def stands(one: FloodHost) -> dict[str, Stand]:
    return {each.layer: each.stand for each in one.defences}


def story(shop: Watched) -> list[str]:
    return [each.text for each in signals.moments(0, shop.now + 1, room="deploy")]


def test_a_host_that_told_nothing_holds_nothing(shop: Watched) -> None:
    host(shop, "web", lets=False)
    found = only(shop)
    assert (found.lengths, found.until, found.told_at) == ((), 0.0, None)
    assert stands(found)["SYN cookies"] is Stand.UNKNOWN
    assert stands(found)["under attack"] is Stand.UNKNOWN
    assert service.ask_hosts(SYSTEM, shop.now) == 0


def test_a_host_is_told_tells_and_ends_it_by_itself(shop: Watched) -> None:
    number = host(shop, "web")
    web = bearing(Scope.WRITE, shop.now)
    assert "We are under attack" in web.get(PAGE).content.decode()
    assert web.post(f"{PAGE}{number}/on/", {"minutes": "60"}).status_code == 302
    assert only(shop).waits
    answer(shop, number, "attack", shop.now + 3600)
    found = only(shop)
    assert (found.until, found.waits, found.by) == (shop.now + 3600, False, "write")
    assert stands(found)["under attack"] is stands(found)["limits of the switch"] is Stand.HELD
    page = web.get(PAGE).content.decode()
    assert "web is under attack." in page
    assert "End it now" in page
    assert service.end_switches(shop.now) == 0
    shop.place.clock.forward(3601)
    assert only(shop).until == 0
    assert stands(only(shop))["under attack"] is Stand.UNKNOWN
    assert service.end_switches(shop.now) == 1
    assert service.end_switches(shop.now) == 0
    answer(shop, number, "attack-look")
    assert service.end_switches(shop.now) == 0
    assert stands(only(shop))["under attack"] is Stand.OFF
    assert [text.split(": ")[1][:24] for text in story(shop)] == [
        "the time under attack wa",
        "write says it is under a",
    ]
    assert query("SELECT count(*) FROM accounts_audit WHERE action = 'host.action'")[0][0] == 2


def test_it_is_ended_before_its_time_and_a_refusal_of_the_host_is_told(shop: Watched) -> None:
    number = host(shop, "web")
    web = bearing(Scope.WRITE, shop.now)
    service.turn_on(SYSTEM, number, 15, shop.now)
    answer(shop, number, "attack", shop.now + 900)
    shop.place.clock.forward(60)
    web.post(f"{PAGE}{number}/off/")
    answer(shop, number, "attack")
    assert only(shop).until == 0
    shop.place.clock.forward(901)
    assert service.end_switches(shop.now) == 0
    service.turn_on(SYSTEM, number, 240, shop.now)
    answer(shop, number, "attack", why="Operation not permitted")
    assert only(shop).problem == "Operation not permitted"
    assert "Operation not permitted" in web.get(PAGE).content.decode()


def test_a_length_that_the_host_does_not_offer_and_one_who_only_reads_are_refused(shop: Watched) -> None:
    number = host(shop, "web")
    web = bearing(Scope.WRITE, shop.now)
    web.post(f"{PAGE}{number}/on/", {"minutes": "1440"})
    assert hosts.action(f"attack:{number}") is None
    assert web.post(f"{PAGE}{number}/on/", {"minutes": "-1"}).status_code == 422
    reads = bearing(Scope.READ, shop.now)
    assert "We are under attack" not in reads.get(PAGE).content.decode()
    for path in ("ask/", f"{number}/on/", f"{number}/off/"):
        assert reads.post(f"{PAGE}{path}", {"minutes": "60"}).status_code == 403
    assert web.post(f"{PAGE}7777/on/", {"minutes": "60"}).status_code == 404


def test_every_host_is_asked_and_its_server_at_hetzner_is_looked_at(shop: Watched) -> None:
    shop.connect()
    number = host(shop, "web")
    web = bearing(Scope.WRITE, shop.now)
    web.post(f"{PAGE}ask/")
    answer(shop, number, "attack-look")
    assert only(shop).told_at == shop.now
    assert "Held" in web.get(PAGE).content.decode()
    assert stands(only(shop))["load balancer"] is Stand.UNKNOWN
