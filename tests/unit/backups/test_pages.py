"""The pages of plans, runs and drills: the worst first, what hosts tell stays text, and only who may asks a host."""

import msgspec
import pytest
from django.test import Client
from tests.support.backed import BOX, DAY, DISK, HOUR, drilled, failed, plan, saved
from tests.support.rooms import NOW, bearing

from vedette.accounts import service as accounts
from vedette.accounts.permissions import SYSTEM, Scope
from vedette.backups import service
from vedette.backups.types import Known
from vedette.core.clock import ManualClock
from vedette.plumbing.db.sql import transaction
from vedette.wire.backup import BackupAct, Check, Failure, Progress, Settled, Stage

pytestmark = pytest.mark.django_db


@pytest.fixture
def web(host: int) -> Client:
    assert host
    return bearing(Scope.ADMIN, NOW)


@pytest.fixture
def known(host: int) -> Known:
    return service.put_plan(SYSTEM, host, plan(copies=(BOX, DISK)), NOW - 30 * DAY)


def tell(host: int, *told: object) -> None:
    with transaction():
        service.take(host, "web1", told, NOW)


def text(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.content[:500])
    return answer.content.decode()


def test_empty_pages_say_what_comes_there(web: Client) -> None:
    page = text(web, "/backups/")
    assert "Nothing is backed up yet." in page
    assert "/backups/new/" in page
    assert "Nothing ran yet." in text(web, "/backups/runs/")
    assert "no plan yet" in text(web, "/backups/restore/")
    for path in (
        "7/",
        "7/edit/",
        "7/restore/",
        "7/copies/box/",
        "7/copies/box/sheet/",
        "7/looks/a/",
        "runs/a/",
        "runs/a/report.html",
        "new/7/",
    ):
        assert web.get(f"/backups/{path}").status_code == 404, path


def test_the_worst_plan_is_said_first_and_a_plan_tells_its_copies(
    web: Client, host: int, known: Known
) -> None:
    service.put_plan(SYSTEM, host, plan("wiki"), NOW - 30 * DAY)
    tell(host, saved(NOW - 3 * HOUR), saved(NOW - 3 * HOUR, copy="disk"), drilled(NOW - 2 * HOUR))
    page = text(web, "/backups/")
    assert "wiki could not surely be restored now." in page
    assert page.index(">wiki<") < page.index(">shop<")
    assert "1 of 2" in page, "one of two plans was never proven"
    one = text(web, f"/backups/{known.id}/")
    assert "shop: could be restored now: saved 3 h ago" in one
    assert "mem://box/shop" in one
    assert "4\xa0min\xa012\xa0s" in one
    assert "1 copy elsewhere; it takes 1" in one
    assert "Restore…" in one


def test_a_failed_run_says_what_to_do_and_hostile_text_stays_text(
    web: Client, host: int, known: Known
) -> None:
    bad = msgspec.structs.replace(
        failed(NOW - 60, Failure.STALE_LOCK), sentence="<script>alert(1)</script>", output="<img src=x>"
    )
    tell(host, bad)
    page = text(web, f"/backups/runs/{bad.id}/")
    assert "<script>alert" not in page
    assert "<img src=x>" not in page
    assert "Free space there" in page
    assert "Remove the lock if its holder is gone" in page
    web.post(f"/backups/{known.id}/act/", {"act": "unlock", "copy": "box"})
    assert service.orders(known.id)[0].order.act is BackupAct.UNLOCK
    assert "alert(1)" in text(web, f"/backups/{known.id}/")


def test_a_run_shows_how_far_it_is_without_any_script(web: Client, host: int, known: Known) -> None:
    assert known
    progress = Progress(
        step="The paths are stored.", files=5, of_files=20, bytes=500, of_bytes=2_000, eta=190.0
    )
    going = saved(
        NOW - 90,
        ended_at=None,
        stage=Stage.RUNNING,
        snapshot="",
        verified=False,
        manifest=None,
        progress=progress,
    )
    tell(host, going)
    page = text(web, f"/backups/runs/{going.id}/")
    assert '<noscript><meta http-equiv="refresh" content="5"></noscript>' in page
    assert 'value="25"' in page
    assert "about 3\xa0min\xa010\xa0s to go" in page
    assert "Read back" not in page, "what goes on has not failed to be read back"
    assert "Running now" in text(web, "/backups/")


def test_a_drill_tells_its_checks_and_is_a_file(web: Client, host: int, known: Known) -> None:
    assert known
    wrong = Check(name="rows of orders", passed=False, text="809,999 and not 810,000")
    one = drilled(
        NOW - HOUR, stage=Stage.FAILED, failure=Failure.NOT_PROVEN, sentence="A row is gone.", checks=(wrong,)
    )
    tell(host, one)
    page = text(web, f"/backups/runs/{one.id}/")
    assert "809,999 and not 810,000" in page
    assert "Not signed" in page
    report = web.get(f"/backups/runs/{one.id}/report.html")
    assert report.headers["Content-Disposition"] == f'attachment; filename="drill-{one.id}.html"'
    assert "Restore of shop not proven" in report.content.decode()
    run = saved(NOW - HOUR)
    tell(host, run)
    assert web.get(f"/backups/runs/{run.id}/report.html").status_code == 404, "a backup has no such report"


@pytest.mark.deep
def test_the_report_of_a_drill_is_printed(web: Client, host: int, known: Known) -> None:
    assert known
    one = drilled(NOW - HOUR)
    tell(host, one)
    answer = web.get(f"/backups/runs/{one.id}/report.pdf")
    assert answer.headers["Content-Type"] == "application/pdf", answer.headers
    assert answer.content.startswith(b"%PDF")


def test_runs_are_narrowed_and_paged(web: Client, host: int, known: Known) -> None:
    tell(host, *(saved(NOW - n * HOUR) for n in range(1, 60)), failed(NOW - 90.0), drilled(NOW - 2 * HOUR))
    page = text(web, "/backups/runs/")
    assert "1 of the last 50 failed." in page
    following = page.partition('href="?cursor=')[2].partition('"')[0]
    older = text(web, f"/backups/runs/?cursor={following}")
    assert older.count("Backup of shop</a>") == 11
    assert text(web, "/backups/runs/?failed=1").count("Backup of shop</a>") == 1
    assert text(web, f"/backups/runs/?kind=drill&plan={known.id}").count("Drill of shop</a>") == 1
    assert "Nothing that ran is like this." in text(web, "/backups/runs/?kind=restore")
    assert web.get("/backups/runs/?cursor=x").status_code in {400, 422}
    assert web.get("/backups/runs/?plan=²&kind=no").status_code == 200


def test_a_plan_is_run_switched_with_undo_and_removed_by_its_name(
    web: Client, known: Known, clock: ManualClock
) -> None:
    assert clock
    there = f"/backups/{known.id}/"
    asked = web.post(f"{there}act/", {"act": "drill"})
    assert "has not begun yet" in text(web, asked["Location"])
    assert (
        "That waits on the host already."
        in web.post(f"{there}act/", {"act": "drill"}, follow=True).content.decode()
    )
    assert (
        "There is no such act." in web.post(f"{there}act/", {"act": "restore"}, follow=True).content.decode()
    )
    page = web.post(f"{there}switch/off/", follow=True).content.decode()
    assert f'action="{there}switch/on/"' in page, "the undo"
    assert not service.plan(known.id).plan.enabled
    assert web.post(f"{there}switch/maybe/").status_code == 404
    assert web.post(f"{there}remove/", {"confirm": "other"}).status_code == 422
    assert web.post(f"{there}remove/", {"confirm": "shop"}).status_code == 302
    assert service.standings(NOW) == ()
    assert "backup.plan.remove" in [entry.action for entry in accounts.audit_page().entries]


def test_an_order_that_came_to_nothing_says_why(web: Client, host: int, known: Known) -> None:
    asked = web.post(f"/backups/{known.id}/act/", {"act": "run"})["Location"]
    order = service.orders(known.id)[0]
    tell(
        host,
        Settled(
            id=order.id,
            plan="shop",
            copy="",
            at=NOW,
            failure=Failure.REFUSED,
            sentence="agent.toml does not allow it.",
        ),
    )
    assert "agent.toml does not allow it." in text(web, asked)


def test_the_overview_the_navigation_and_the_palette_tell_of_plans(
    web: Client, host: int, known: Known
) -> None:
    page = text(web, "/")
    assert "Restore proven" in page
    assert '<span class="n crit">1</span>' in page
    assert f"/backups/{known.id}/" in text(web, "/find/?q=sho")
    tell(host, saved(NOW - HOUR), saved(NOW - HOUR, copy="disk"), drilled(NOW - HOUR))
    assert "4\xa0min\xa012\xa0s" in text(web, "/")
