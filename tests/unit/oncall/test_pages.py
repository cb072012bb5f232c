"""The pages of on-call: the sentence, the calendar, forms without a script, and addresses for calendar programs."""

import re
from collections.abc import Mapping

from django.test import Client
from tests.support.rotas import instant, weekly

from vedette.accounts import service as accounts
from vedette.accounts.permissions import SYSTEM, Actor
from vedette.core.clock import ManualClock
from vedette.oncall import service
from vedette.oncall.types import CoverKind, Schedule, ScheduleDraft
from vedette.plumbing.testing import MemoryPorts

NOON, HOUR, DAY = instant("2026-11-26T12:00"), 3_600.0, 86_400.0
Team, Clients = Mapping[str, Actor], Mapping[str, Client]


def text(web: Client, path: str) -> str:
    answer = web.get(path)
    assert answer.status_code == 200, answer.status_code
    return str(answer.content.decode())


def names_on(schedule: Schedule, team: Team, at: float = NOON) -> str:
    return next(one.name for one in team.values() if one.id in service.on_call(schedule.id, at))


def test_without_a_schedule_the_page_says_what_fills_it(signed_in: Clients) -> None:
    page = text(signed_in["mira"], "/on-call/")
    assert "Nobody is on call: there is no schedule." in page
    assert page.count("/on-call/schedules/new/") == 2
    assert "/on-call/schedules/new/" not in text(signed_in["leo"], "/on-call/")


def test_the_page_says_who_gets_the_next_page_and_every_page_shows_it(
    signed_in: Clients, team: Team, web_schedule: Schedule
) -> None:
    now, then = names_on(web_schedule, team), names_on(web_schedule, team, NOON + 7 * DAY)
    page = text(signed_in["leo"], "/on-call/")
    assert f"{now} gets the next page until Mon 09:00, then {then}." in page
    assert f"On call: {now} until 30\u00a0Nov, 09:00" in text(signed_in["leo"], "/settings/")
    assert "Take over" not in page


def test_a_gap_is_said_first(signed_in: Clients, team: Team, clock: ManualClock) -> None:
    service.create_schedule(SYSTEM, ScheduleDraft(name="Alone", layers=(weekly(team["ada"].id),)), NOON)
    accounts.set_active(SYSTEM, team["ada"].id, active=False, now=NOON)
    page = text(signed_in["mira"], "/on-call/")
    assert "Nobody is on call in Alone." in page
    assert "On call in Alone: nobody" in page
    (alone,) = service.schedules()
    assert "skipped: Ada Holm." in text(signed_in["mira"], f"/on-call/schedules/{alone.id}/")
    assert re.search(r"/on-call/schedules/\d+/cover/\?starts=2026-11-26T12:00", page)


def test_taking_over_works_without_a_script_and_can_be_undone(
    signed_in: Clients, team: Team, web_schedule: Schedule
) -> None:
    path = f"/on-call/schedules/{web_schedule.id}/cover/"
    form = {
        "user": team["ada"].id,
        "kind": "override",
        "starts": "2026-11-26T12:00",
        "ends": "2026-11-26T18:00",
        "instead": "",
        "reason": "a walk",
    }
    answer = signed_in["ada"].post(path, form, follow=True)
    page = answer.content.decode()
    assert "Ada Holm is on call in Web until 18:00." in page
    undo = re.search(r"/on-call/covers/\d+/drop/", page)
    assert undo
    assert names_on(web_schedule, team) == "Ada Holm"
    signed_in["ada"].post(undo[0])
    assert service.covers(0, NOON + 90 * DAY) == ()
    wrong = signed_in["ada"].post(path, {**form, "ends": "2026-11-26T11:00"})
    assert wrong.status_code == 422
    assert "It ends after it starts" in wrong.content.decode()
    others = signed_in["ada"].post(path, {**form, "user": team["jonas"].id})
    assert others.status_code == 422


def test_a_swap_is_asked_seen_and_accepted(signed_in: Clients, team: Team, web_schedule: Schedule) -> None:
    by_id = {actor.id: name for name, actor in team.items()}
    asker, asked = (by_id[service.on_call(web_schedule.id, at)[0]] for at in (NOON, NOON + 5 * DAY))
    form = {
        "other": team[asked].id, "starts": "2026-11-27T09:00", "ends": "2026-11-27T18:00",
        "their_starts": "2026-12-01T09:00", "their_ends": "2026-12-01T18:00", "reason": "",
    }  # fmt: skip
    signed_in[asker].post(f"/on-call/schedules/{web_schedule.id}/swap/", form)
    assert "asks you to swap" not in text(signed_in[asker], "/on-call/")
    page = text(signed_in[asked], "/on-call/")
    assert f"{team[asker].name} asks you to swap: you take" in page
    accept = re.search(r"/on-call/covers/\d+/accept/", page)
    assert accept
    assert "The swap holds." in signed_in[asked].post(accept[0], follow=True).content.decode()
    assert {one.kind for one in service.covers(0, NOON + 90 * DAY)} == {CoverKind.SWAP}


def layer(place: int, people: Mapping[int, int], **more: object) -> dict[str, object]:
    usual: dict[str, object] = {
        "name": f"Layer {place}", "every": 1, "rotation": "weekly", "turns_on": 0, "turns_at": "09:00",
        **{f"turn_{user}": number for user, number in people.items()}, **more,
    }  # fmt: skip
    return {f"l{place}-{name}": value for name, value in usual.items()}


def test_a_schedule_is_made_previewed_and_changed_by_a_form(signed_in: Clients, team: Team) -> None:
    mira, jonas = team["mira"].id, team["jonas"].id
    head = {"name": "Shop", "zone": "Europe/Berlin", "layers": 2}
    form = {
        **head,
        **layer(0, {mira: 1}),
        **layer(1, {jonas: 1}, spans="Mon-Fri 20:00-08:00", rotation="daily"),
    }
    page = signed_in["mira"].post("/on-call/schedules/new/", {**form, "act": "preview"})
    assert page.status_code == 200
    assert "Not saved yet" in page.content.decode()
    assert service.schedules() == ()
    more = signed_in["mira"].post("/on-call/schedules/new/", {**form, "act": "add"})
    assert 'name="l2-name"' in more.content.decode()
    saved = signed_in["mira"].post("/on-call/schedules/new/", {**form, "act": "save"}, follow=True)
    assert "Shop is saved." in saved.content.decode()
    (schedule,) = service.schedules()
    assert schedule.layers[1].spans[0].days == (0, 1, 2, 3, 4)
    assert service.on_call(schedule.id, instant("2026-11-26T21:00", "Europe/Berlin")) == (jonas,)
    edit = f"/on-call/schedules/{schedule.id}/edit/"
    assert "Mon-Fri 20:00-08:00" in text(signed_in["mira"], edit)
    signed_in["mira"].post(edit, {**form, "l1-gone": "on", "act": "save"})
    assert len(service.schedule(schedule.id).layers) == 1


def test_what_is_wrong_stands_at_its_field(signed_in: Clients, team: Team) -> None:
    form = {"name": "Shop", "zone": "Mars/Base", "layers": 1, **layer(0, {}, spans="someday 9-5")}
    answer = signed_in["mira"].post("/on-call/schedules/new/", {**form, "act": "save"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Line 1: write days and times like Mon-Fri 08:30-17:30." in page
    good = signed_in["mira"].post(
        "/on-call/schedules/new/", {**form, **layer(0, {}, spans=""), "act": "save"}
    )
    assert "There is no time zone &#x27;Mars/Base&#x27;" in good.content.decode()
    assert "The schedule names nobody" in good.content.decode()


def test_a_schedule_is_deleted_by_its_name(signed_in: Clients, web_schedule: Schedule) -> None:
    path = f"/on-call/schedules/{web_schedule.id}/delete/"
    signed_in["mira"].post(path, {"confirm": "web"})
    assert len(service.schedules()) == 1
    signed_in["mira"].post(path, {"confirm": "Web"})
    assert service.schedules() == ()


def test_an_address_shows_shifts_until_it_is_taken_away(
    signed_in: Clients, team: Team, web_schedule: Schedule, house: MemoryPorts
) -> None:
    page = signed_in["ada"].post("/on-call/feeds/", {"schedule": str(web_schedule.id)}).content.decode()
    found = re.search(r"https://vedette\.example(/on-call/feeds/[\w-]+\.ics)", page)
    assert found
    anybody = Client()
    answer = anybody.get(found[1])
    assert answer["Content-Type"].startswith("text/calendar")
    assert "no-cache" in answer["Cache-Control"]
    assert "SUMMARY:Ada Holm" in answer.content.decode()
    assert found[1] not in text(signed_in["ada"], "/on-call/feeds/")
    (feed,) = service.feeds(team["ada"])
    assert signed_in["mira"].post(f"/on-call/feeds/{feed.id}/drop/").status_code == 404
    signed_in["ada"].post(f"/on-call/feeds/{feed.id}/drop/")
    gone, never = anybody.get(found[1]), anybody.get("/on-call/feeds/never.ics")
    assert (gone.status_code, gone.content) == (never.status_code, never.content) == (404, gone.content)


def test_an_address_of_who_left_opens_nothing(signed_in: Clients, team: Team, web_schedule: Schedule) -> None:
    page = signed_in["ada"].post("/on-call/feeds/", {"schedule": ""}).content.decode()
    path = re.search(r"/on-call/feeds/[\w-]+\.ics", page)
    assert path
    assert "SUMMARY:On call: Web" in Client().get(path[0]).content.decode()
    accounts.set_active(SYSTEM, team["ada"].id, active=False, now=NOON)
    assert Client().get(path[0]).status_code == 404


def test_a_swap_is_asked_and_accepted_over_rest(
    signed_in: Clients, team: Team, web_schedule: Schedule
) -> None:
    by_id = {actor.id: name for name, actor in team.items()}
    asker, asked = (by_id[service.on_call(web_schedule.id, at)[0]] for at in (NOON, NOON + 5 * DAY))
    told = {
        "other": f"{asked}@example.org",
        "mine": {"starts_at": "2026-11-27T09:00:00Z", "ends_at": "2026-11-27T18:00:00Z"},
        "theirs": {"starts_at": "2026-12-01T09:00:00Z", "ends_at": "2026-12-01T18:00:00Z"},
    }
    path = f"/api/v1/schedules/{web_schedule.id}/swaps"
    made = signed_in[asker].post(path, told, "application/json")
    assert (made.status_code, made.json()["kind"]) == (201, "asked"), made.content
    accept = f"/api/v1/covers/{made.json()['id']}/accept"
    assert signed_in[asker].post(accept).status_code == 403, "only who was asked"
    held = signed_in[asked].post(accept)
    assert (held.status_code, held.json()["kind"], held.json()["user"]) == (
        200,
        "swap",
        f"{asked}@example.org",
    )
    assert signed_in[asked].post(accept).status_code == 409
    wrong = {**told, "mine": {"starts_at": "soon", "ends_at": "later"}}
    assert signed_in[asker].post(path, wrong, "application/json").status_code == 422


def test_the_rest_api_makes_asks_and_covers(signed_in: Clients, team: Team) -> None:
    web = signed_in["mira"]
    layers = [{"name": "a", "people": [["mira@example.org"], ["jonas@example.org", "ADA@example.org"]]}]
    made = web.post("/api/v1/schedules", {"name": "Web", "layers": layers}, "application/json")
    assert made.status_code == 201, made.content
    number = made.json()["id"]
    assert made.json()["layers"][0]["people"][1] == ["jonas@example.org", "ada@example.org"]
    (turn,) = web.get("/api/v1/on-call").json()["items"]
    assert turn["now"]["ends_at"] == "2026-11-30T09:00:00.000Z"
    told = {"user": "leo@example.org", "starts_at": "2026-11-27T00:00:00Z", "ends_at": "2026-11-28T00:00:00Z"}
    cover = web.post(f"/api/v1/schedules/{number}/covers", told, "application/json").json()
    shifts = web.get(f"/api/v1/schedules/{number}/shifts?end=2026-11-29T00:00:00Z").json()["items"]
    assert [one["layer"] for one in shifts] == ["a", "override", "a"]
    assert web.delete(f"/api/v1/covers/{cover['id']}").status_code == 204
    unknown = [{"people": [["nobody@example.org"]]}]
    refused = web.put(f"/api/v1/schedules/{number}", {"name": "Web", "layers": unknown}, "application/json")
    assert refused.status_code == 422
    assert web.get(f"/api/v1/schedules/{number}/shifts?start=2020-01-01&end=2026-01-01").status_code == 422
    assert web.delete(f"/api/v1/schedules/{number}").status_code == 204
