"""The wizard of a plan: what an agent found is ticked, rows come and go without any script, and what is wrong stands beside it."""

import html
import re

import pytest
from django.test import Client
from tests.support.backed import BOX, DAY, plan
from tests.support.rooms import NOW, bearing

from vedette.accounts.permissions import SYSTEM, Scope
from vedette.backups import service
from vedette.backups.store import secrets
from vedette.backups.types import Known
from vedette.plumbing.db.sql import transaction
from vedette.wire.backup import Assertion, Copy, Drills, Hook, Proposal, Proposals, What

pytestmark = pytest.mark.django_db


@pytest.fixture
def web(host: int) -> Client:
    assert host
    return bearing(Scope.ADMIN, NOW)


def sent(page: str) -> dict[str, str]:
    """Return the fields of the form as a browser would send them."""
    found: dict[str, str] = {}
    for tag in re.findall(r"<input [^>]*>", page.partition("<main")[2]):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and not ("checkbox" in tag and " checked" not in tag):
            found[name[1]] = value[1] if value else "on" if "checkbox" in tag else ""
    found |= dict(re.findall(r'<textarea name="([^"]+)"[^>]*>\n?([^<]*)</textarea>', page))
    for name, inner in re.findall(r'<select name="([^"]+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', inner) or re.search(r'value="([^"]*)"', inner)
        found[name] = chosen[1] if chosen else ""
    return {name: html.unescape(value) for name, value in found.items()}


def test_what_an_agent_found_becomes_a_plan(web: Client, host: int) -> None:
    things = Proposal(
        what=What(kind="things", name="shop", settings={"rows": 7}), sentence="<b>7 things", bytes=9_000
    )
    with transaction():
        service.take(host, "web1", [Proposals(at=NOW - 60, found=(things,), engines={"memory": "1.0"})], NOW)
    assert "1 thing found" in web.get("/backups/new/").content.decode()
    found = web.get(f"/backups/new/{host}/").content.decode()
    assert "&lt;b&gt;7 things" in found
    page = web.get(f"/backups/new/{host}/plan/?found=0&found=99&found=x&kind=none").content.decode()
    form = {
        **sent(page),
        "name": "shop",
        "copy-0-name": "box",
        "copy-0-at": "mem://box/shop",
        "copy-0-k_access_key": "AKIA",
    }
    assert form["what-0-name"] == "shop"
    assert form["copy-0-engine"] == "memory"
    made = web.post(f"/backups/new/{host}/plan/", form)
    assert made.status_code == 302, made.content.decode()
    known = service.plans_of(host)[0]
    assert known.plan.what == (things.what,)
    assert known.plan.copies == (
        Copy(name="box", engine="memory", at="mem://box/shop", secrets=("access_key",)),
    )
    assert {one.name for one in secrets.of_plan(known.id)} == {"password", "access_key"}
    assert "AKIA" not in web.get(f"/backups/{known.id}/edit/").content.decode()


def test_a_change_keeps_all_that_was_not_touched(web: Client, host: int) -> None:
    drills = Drills(
        asserts=(Assertion(name="Rows", sql="select 1 < 2", database="shop", is_="=", value="t"),),
        sample=5_000_000,
        whole_days=9,
    )
    before = plan(
        copies=(BOX, Copy(name="disk", engine="memory", at="/backup/shop", settings={"depth": 3})), drills=drills,
        before=(Hook(run=("/bin/echo", "a b"), seconds=7.0),), what=(What(kind="things", settings={"rows": 9}),),
    )  # fmt: skip
    known = service.put_plan(SYSTEM, host, before, NOW - DAY)
    page = web.get(f"/backups/{known.id}/edit/").content.decode()
    assert web.post(f"/backups/{known.id}/edit/", sent(page)).status_code == 302
    assert service.plan(known.id).plan == before
    assert service.plan(known.id).revision == known.revision + 1


def test_rows_come_and_go_and_nothing_is_judged_meanwhile(web: Client, host: int) -> None:
    known = service.put_plan(SYSTEM, host, plan(), NOW - DAY)
    there = f"/backups/{known.id}/edit/"
    form = sent(web.get(there).content.decode())
    more = web.post(there, {**form, "add": "copy", "name": "Half written"}).content.decode()
    assert "Copy 2" in more
    assert "Half written" in more
    assert 'class="err"' not in more
    more = web.post(there, {**sent(more), "add": "what", "kind": "things"}).content.decode()
    more = web.post(there, {**sent(more), "add": "assert"}).content.decode()
    assert "Question 1" in more
    less = sent(web.post(there, {**sent(more), "copy-1-name": "second", "drop": "copy-0"}).content.decode())
    assert (less["copy_n"], less["copy-0-name"]) == ("1", "second")
    assert web.post(there, {**less, "drop": "copy-x", "copy_n": "99999999999"}).status_code == 200
    assert service.plan(known.id).revision == known.revision


def test_what_is_wrong_stands_beside_its_field(web: Client, host: int) -> None:
    known = service.put_plan(SYSTEM, host, plan(what=(What(kind="things"),)), NOW - DAY)
    there = f"/backups/{known.id}/edit/"
    form = sent(web.get(there).content.decode())
    bad = {
        **form,
        "name": "No Name",
        "cron": "99",
        "copy-0-at": "ftp://x",
        "what-0-s_rows": "many",
        "before": "/bin/x 'open",
    }
    answer = web.post(there, bad)
    assert answer.status_code == 422
    for said in ("Rows is a number", "a quote that does not end"):
        assert said in answer.content.decode(), said
    shown = web.post(there, {**bad, "what-0-s_rows": "1", "before": "relative"}).content.decode()
    for field, said in (
        ("id_name", "is no name of a plan"),
        ("id_cron", "is no cron expression"),
        ("id_copy-0-at", "does not understand"),
        ("id_before", "begins with the whole path"),
    ):
        assert re.search(rf'id="{field}_error">.*?{said}', shown, re.DOTALL), said
    service.put_plan(SYSTEM, host, plan("wiki"), NOW)
    assert "has a plan wiki already" in web.post(there, {**form, "name": "wiki"}).content.decode()


def test_a_plan_of_a_file_is_changed_there_alone(web: Client, host: int) -> None:
    known: Known = service.put_plan(SYSTEM, host, plan(), NOW - DAY, source="vedette.toml")
    page = web.get(f"/backups/{known.id}/").content.decode()
    assert "vedette.toml" in page
    assert "edit/" not in page
    form = sent(web.get(f"/backups/{known.id}/edit/").content.decode())
    assert "vedette.toml" in web.post(f"/backups/{known.id}/edit/", form).content.decode()


def test_a_copy_that_is_called_otherwise_keeps_its_secrets(web: Client, host: int) -> None:
    box = Copy(name="box", engine="memory", at="mem://box/shop", secrets=("access_key",))
    known = service.put_plan(SYSTEM, host, plan(copies=(box,)), NOW - DAY)
    service.set_secret(SYSTEM, known.id, "box", "access_key", "AKIA", NOW)
    before = service.sheet(SYSTEM, known.id, "box", NOW)
    there = f"/backups/{known.id}/edit/"
    form = sent(web.get(there).content.decode())
    assert web.post(there, {**form, "copy-0-name": "vault"}).status_code == 302
    assert service.plan(known.id).plan.copies[0].secrets == ("access_key",)
    after = service.sheet(SYSTEM, known.id, "vault", NOW)
    assert (after.words, after.secrets) == (before.words, before.secrets)
