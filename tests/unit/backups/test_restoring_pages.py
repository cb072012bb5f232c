"""Pages that bring something back: a moment, what and where, looked at first; what lies in a backup; and the recovery sheet."""

import re

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from tests.support.backed import BOX, DAY, DISK, HOUR, drilled, plan, saved
from tests.support.people import person
from tests.support.rooms import NOW, bearing

from vedette.accounts import service as accounts
from vedette.accounts.permissions import SYSTEM, Role, Scope
from vedette.backups import service
from vedette.backups.types import Known
from vedette.plumbing.db.sql import transaction
from vedette.wire.backup import BackupAct, Copy, Entry, Shelf, Snapshot, What

pytestmark = pytest.mark.django_db
PASSWORD = "kJ8#vQ2!mZ5x"  # that of tests.support.people
LIVE = {"copy": "box", "snapshot": "b", "what": "all", "path": "", "where": "live", "into": "/x"}


@pytest.fixture
def web(host: int) -> Client:
    assert host
    return bearing(Scope.ADMIN, NOW)


@pytest.fixture
def known(host: int) -> Known:
    made = service.put_plan(SYSTEM, host, plan(copies=(BOX, DISK)), NOW - 30 * DAY)
    listed = Shelf(
        at=NOW - HOUR,
        plan="shop",
        copy="box",
        snapshots=(Snapshot(name="b", at=NOW - DAY), Snapshot(name="a", at=NOW - 2 * DAY, whole=False)),
    )
    tell(host, saved(NOW - DAY, snapshot="b"), drilled(NOW - DAY), listed)
    return made


def tell(host: int, *told: object) -> None:
    with transaction():
        service.take(host, "web1", told, NOW)


def text(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.content[:500])
    return answer.content.decode()


def test_a_restore_is_looked_at_before_it_is_asked_for(web: Client, known: Known) -> None:
    there = f"/backups/{known.id}/restore/"
    assert web.get("/backups/restore/")["Location"] == there, "there is one plan alone"
    page = text(web, there)
    assert re.search(r'value="b" checked', page), "the newest is chosen"
    assert "not whole" in page
    look = text(
        web,
        f"{there}?copy=box&snapshot=a&what=all&path=/srv/shop/1.jpg&path=/srv/a%250Ab&where=new&into=/var/tmp/back&look=1",
    )
    assert "Nothing was written yet." in look
    newest = text(web, f"{there}?copy=box&what=all&where=new&into=/var/tmp/back&look=1")
    assert re.search(r'value="b" checked', newest), "what is looked at is what comes back"
    assert re.search(r'type="hidden" name="snapshot" value="b"', newest)
    assert "4\xa0min\xa012\xa0s" in look
    assert service.orders(known.id) == ()
    sent = {
        "copy": "box",
        "snapshot": "a",
        "what": "all",
        "path": ["/srv/shop/1.jpg", "/srv/a%0Ab"],
        "where": "new",
        "into": "/var/tmp/back",
    }
    made = web.post(there, sent)
    assert made.status_code == 302
    order = service.orders(known.id)[0].order
    assert (order.act, order.aim.snapshot, order.into) == (BackupAct.RESTORE, "a", "/var/tmp/back")
    assert order.aim.paths == ("/srv/shop/1.jpg", "/srv/a%0Ab")
    assert "has not begun yet" in text(web, made["Location"])


def test_live_data_is_overwritten_only_once_its_name_is_typed(web: Client, known: Known) -> None:
    there = f"/backups/{known.id}/restore/"
    for typed in ("", "wiki", "SHOP"):
        answer = web.post(there, {**LIVE, "confirmed": typed})
        assert answer.status_code == 422
        assert "type its name, shop" in answer.content.decode()
    assert service.orders(known.id) == ()
    assert web.post(there, {**LIVE, "confirmed": " shop "}).status_code == 302
    order = service.orders(known.id)[0].order
    assert (order.into, order.confirmed) == ("", "shop")


def test_what_cannot_be_restored_is_refused_in_words(web: Client, known: Known) -> None:
    there = f"/backups/{known.id}/restore/"
    assert web.get(f"{there}?copy=none").status_code == 404
    for field, value, said in (
        ("into", "relative", "whole path"),
        ("into", "/a/../b", "whole path"),
        ("what", "other", "Select a valid choice"),
    ):
        answer = web.post(there, {**LIVE, "where": "new", field: value})
        assert answer.status_code == 422, field
        assert said in answer.content.decode(), field
    assert "Nothing that could come back is known" in text(web, f"{there}?copy=disk")


def test_point_in_time_is_asked_where_the_engine_can(web: Client, host: int) -> None:
    cluster = service.put_plan(
        SYSTEM, host, plan("db", copies=(Copy(name="wal", engine="memory", at="mem://wal"),)), NOW
    )
    assert "Just before" not in text(web, f"/backups/{cluster.id}/restore/"), "this engine saves no cluster"


def test_a_copy_lists_its_moments_and_is_looked_into(web: Client, host: int, known: Known) -> None:
    there = f"/backups/{known.id}/copies/box/"
    page = text(web, there)
    assert "2 moments of shop can be restored from box." in page
    asked = web.post(f"{there}look/", {"snapshot": "b", "below": "/srv"})["Location"]
    assert "The host is asked what lies in /srv" in text(web, asked)
    order = service.orders(known.id)[0].order
    assert (order.act, order.below, order.aim.snapshot) == (BackupAct.LIST, "/srv", "b")
    entries = (Entry("/srv/1.jpg", "file", 812_000, NOW), Entry("/srv/<b>x", "folder", 0, NOW))
    tell(host, Shelf(at=NOW, plan="shop", copy="box", id=order.id, below="/srv", entries=entries))
    page = text(web, asked)
    assert page.index("&lt;b&gt;x") < page.index("1.jpg"), "folders first"
    assert 'value="/srv/1.jpg"' in page
    assert "Up to /" in page
    assert web.get(asked.replace(f"/{known.id}/", "/99/")).status_code == 404
    failed = web.post(f"{there}look/", {"snapshot": "b"})["Location"]
    tell(
        host,
        Shelf(
            at=NOW,
            plan="shop",
            copy="box",
            id=service.orders(known.id)[0].id,
            why="The repository cannot be reached.",
        ),
    )
    assert "The repository cannot be reached." in text(web, failed)
    assert web.get(f"/backups/{known.id}/copies/none/").status_code == 404


def browser(role: Role) -> Client:
    made, client = person("Mira Lind", NOW, role), Client()
    client.force_login(get_user_model().objects.get(pk=made.id))
    return client


def test_the_sheet_is_shown_to_who_proves_to_be_it_and_that_is_written_down(
    web: Client, known: Known
) -> None:
    there, mira = f"/backups/{known.id}/copies/box/sheet/", browser(Role.ADMIN)
    assert "read every backup there" in text(mira, there)
    wrong = mira.post(there, {"current": "guessed"})
    assert wrong.status_code == 422
    assert "not your current password" in wrong.content.decode()
    assert "backup.sheet" not in [entry.action for entry in accounts.audit_page().entries]
    shown = mira.post(there, {"current": PASSWORD})
    assert shown.status_code == 200
    assert "no-store" in shown.headers["Cache-Control"]
    page = shown.content.decode()
    told = service.sheet(SYSTEM, known.id, "box", NOW)
    assert told.words in page
    assert '<svg class="qr"' in page
    assert "mem://box/shop" in page
    entry = next(
        entry
        for entry in accounts.audit_page().entries
        if entry.action == "backup.sheet" and entry.actor != "vedette"
    )
    assert "shop" in entry.subject
    assert web.post(there, {"current": PASSWORD}).status_code == 403, "never to a token"
    assert mira.get(f"/backups/{known.id}/copies/none/sheet/").status_code == 404


def test_secrets_are_given_and_a_password_is_changed(web: Client, host: int) -> None:
    copy = Copy(name="box", engine="memory", at="mem://box/shop", secrets=("access_key",))
    known = service.put_plan(SYSTEM, host, plan(copies=(copy,), what=(What(kind="things"),)), NOW)
    there = f"/backups/{known.id}/copies/box/"
    assert "lacks its access_key" in text(web, f"/backups/{known.id}/")
    assert (
        "is sealed"
        in web.post(f"{there}secrets/", {"name": "access_key", "value": "AKIA"}, follow=True).content.decode()
    )
    assert "lacks" not in text(web, f"/backups/{known.id}/")
    assert "AKIA" not in text(web, there)
    assert (
        "needs no"
        in web.post(f"{there}secrets/", {"name": "other", "value": "x"}, follow=True).content.decode()
    )
    before = service.sheet(SYSTEM, known.id, "box", NOW).words
    assert "Print the recovery sheet anew" in web.post(f"{there}rekey/", follow=True).content.decode()
    assert service.sheet(SYSTEM, known.id, "box", NOW).words != before
    assert "is being changed already" in web.post(f"{there}rekey/", follow=True).content.decode()
