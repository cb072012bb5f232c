"""Digests: made once, of what happened, for whom they are, and mailed once."""

import pytest
from django.test import Client
from tests.unit.reports.conftest import MORNING, person

from vedette.accounts import service as accounts
from vedette.accounts.permissions import SYSTEM, Role, Scope
from vedette.core.errors import Invalid
from vedette.deploys import service as deploys
from vedette.deploys.types import DeployDraft
from vedette.plumbing.mail.memory import MemoryMail
from vedette.plumbing.mail.port import MailError
from vedette.plumbing.testing import MemoryPorts
from vedette.projects import service as projects
from vedette.projects.types import Project
from vedette.reports import mailing, making, registry, service, signing, store
from vedette.reports.types import Period, Section, Stretch, Subscription
from vedette.signals import service as signals
from vedette.signals.types import Moment

YESTERDAY = MORNING - 20 * 3_600.0


def happen(
    project: int | None, kind: str = "issue.new", room: str = "errors", subject: str = "SHOP-1"
) -> None:
    text, link = "New: KeyError <b> in pay", f"/issues/{subject}/"
    signals.record(
        [Moment(at=YESTERDAY, room=room, kind=kind, subject=subject, text=text, link=link, project=project)]
    )


def make_all(now: float) -> int:
    made = 0
    while making.make_next(now) is not None:
        made += 1
    return made


def mail(ports: MemoryPorts) -> MemoryMail:
    assert isinstance(ports.mail, MemoryMail)
    return ports.mail


def test_each_period_of_each_project_is_made_once(shop: Project) -> None:
    happen(shop.id)
    assert make_all(MORNING) == 4  # the day and the week of all, and of the shop
    assert make_all(MORNING) == 0
    assert make_all(MORNING + 86_400.0) == 2
    digests = service.digests(SYSTEM, shop.id, Period.DAILY).digests
    assert [one.project for one in digests] == [shop.id, shop.id]
    assert [one.sections != () for one in digests] == [False, True]


def test_nothing_is_one_line(shop: Project) -> None:
    make_all(MORNING)
    found = service.digests(SYSTEM, shop.id, Period.DAILY).digests[0]
    assert found.sections == ()
    assert service.verdict(found) == "Nothing happened yesterday."


def test_the_worst_comes_first_and_names_what_else_to_look_at(shop: Project) -> None:
    happen(shop.id)
    happen(shop.id, "incident.declare", "incidents", "INC-1")
    deploys.record(SYSTEM, shop, DeployDraft(version="1.2", finished=YESTERDAY), MORNING)
    make_all(MORNING)
    found = service.digests(SYSTEM, shop.id, Period.DAILY).digests[0]
    assert [one.key for one in found.sections] == ["incidents", "issues", "deploys"]
    assert service.verdict(found) == "1 incident began; INC-1 did not end in this time. Also look at issues."
    assert found.sections[1].lines[0].value == "new"


def test_sections_are_for_those_who_may_read_them(shop: Project) -> None:
    happen(None, "host.reboot", "hosts", "web-1")
    make_all(MORNING)
    keys = {role: [one.key for one in service.digests(person(role, f"{role}@example.org")).digests[0].sections] for role in (Role.VIEWER, Role.MEMBER)}  # fmt: skip
    assert keys == {Role.VIEWER: [], Role.MEMBER: ["hosts"]}


def test_every_section_is_tried_and_has_its_place() -> None:
    tellers = registry.tellers()
    assert [one.key for one in tellers] == [
        "incidents", "alerts", "issues", "uptime", "slowest", "pages", "oncall", "attacks", "findings", "backups", "hosts",
        "deploys",
    ]  # fmt: skip
    assert len({one.order for one in tellers}) == len(tellers)


def test_a_digest_is_mailed_once_at_its_hour(shop: Project, ports: MemoryPorts) -> None:
    happen(shop.id)
    mira = person()
    asked = Subscription(user=0, period=Period.DAILY, hour=7, zone="Europe/Berlin", projects=(shop.id,))
    kept = service.subscribe(mira, asked, MORNING - 86_400.0)
    assert kept.next_at == MORNING - 2 * 3_600.0
    while service.work(MORNING):
        pass
    sent = mail(ports).sent
    assert len(sent) == 1
    assert sent[0]["To"] == "mira@example.org"
    assert sent[0]["Subject"] == "Shop: Tuesday, 24 Nov 2026, worth a look"
    text = sent[0].get_body(("plain",)).get_content()
    assert "1 issue is new or came back; 0 events, as before." in text
    assert "/issues/SHOP-1/" in text
    html = sent[0].get_body(("html",)).get_content()
    assert "New: KeyError &lt;b&gt; in pay" in html
    assert sent[0]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_a_mail_that_fails_is_tried_again_under_the_same_name(shop: Project, ports: MemoryPorts) -> None:
    mira = person()
    service.subscribe(mira, Subscription(user=0, period=Period.DAILY), MORNING - 60.0)
    mail(ports).error = MailError("451 later", permanent=False)
    while service.work(MORNING + 1.0):
        pass
    assert mail(ports).sent == []
    mail(ports).error = None
    while service.work(MORNING + 300.0):
        pass
    (sent,) = mail(ports).sent
    assert sent["Message-ID"] == f"<digest.daily.{int(MORNING - 32 * 3600)}.{mira.id}@localhost>"


def test_quiet_readers_get_nothing_of_a_quiet_day(shop: Project, ports: MemoryPorts) -> None:
    service.subscribe(person(), Subscription(user=0, period=Period.DAILY, quiet=True), MORNING - 60.0)
    while service.work(MORNING + 1.0):
        pass
    assert mail(ports).sent == []


def test_who_is_gone_is_mailed_nothing(shop: Project, ports: MemoryPorts) -> None:
    mira = person()
    service.subscribe(mira, Subscription(user=0, period=Period.DAILY), MORNING - 60.0)
    accounts.set_active(SYSTEM, mira.id, False, MORNING)
    while service.work(MORNING + 1.0):
        pass
    assert mail(ports).sent == []


def test_wrong_subscriptions_name_the_field(shop: Project) -> None:
    mira = person()
    with pytest.raises(Invalid) as caught:
        service.subscribe(
            mira,
            Subscription(user=0, period=Period.DAILY, zone="Mars/Base", hour=24, projects=(77,)),
            MORNING,
        )
    assert set(caught.value.fields) == {"zone", "hour", "projects"}


def test_the_link_of_a_mail_ends_it_and_nothing_else(shop: Project) -> None:
    mira = person()
    service.subscribe(mira, Subscription(user=0, period=Period.DAILY), MORNING)
    service.subscribe(mira, Subscription(user=0, period=Period.WEEKLY), MORNING)
    token = signing.token(mira.id, Period.DAILY)
    client = Client()
    assert b"No more daily digests by mail?" in client.get(f"/digests/leave/{token}/").content
    assert service.subscription(mira, Period.DAILY).enabled
    assert client.post(f"/digests/leave/{token}/").status_code == 200
    assert not service.subscription(mira, Period.DAILY).enabled
    assert service.subscription(mira, Period.WEEKLY).enabled
    for wrong in (
        "x",
        f"{token[:-1]}0" if token[-1] != "0" else f"{token[:-1]}1",
        token.replace("daily", "weekly"),
        "9" * 90,
    ):
        assert client.get(f"/digests/leave/{wrong}/").status_code == 404


def test_pages_and_rest(shop: Project, ports: MemoryPorts) -> None:
    secret, _ = accounts.create_token(SYSTEM, "ci", [Scope.READ], MORNING)
    web = Client(headers={"Authorization": f"Bearer {secret}"})
    assert "stands here once they are over" in web.get("/digests/").content.decode()
    happen(shop.id)
    make_all(MORNING)
    page = web.get("/digests/?project=shop").content.decode()
    assert "1 issue is new or came back" in page.split("</h1>")[0]
    first = web.get("/api/v1/digests?project=shop&period=daily").json()["items"][0]
    assert first["sections"][0]["lines"][0]["link"] == "/issues/SHOP-1/"
    assert "New: KeyError &lt;b&gt; in pay" in web.get(f"/digests/{first['id']}/").content.decode()
    assert web.get(f"/api/v1/digests/{first['id']}").json() == first
    assert web.get("/digests/99999/").status_code == 404
    assert web.get("/api/v1/digests?project=nobody").status_code == 404


def test_a_person_says_by_form_which_digests_come(shop: Project, ports: MemoryPorts) -> None:
    from vedette.accounts.models import User

    mira = person()
    web = Client()
    web.force_login(User.objects.get(id=mira.id))
    assert "Each week" in web.get("/digests/mine/").content.decode()
    given = {"period": "weekly", "weekly-enabled": "on", "weekly-hour": "9", "weekly-weekday": "4", "weekly-zone": "Asia/Kathmandu"}  # fmt: skip
    assert web.post("/digests/mine/", given).status_code == 302
    kept = service.subscription(mira, Period.WEEKLY)
    assert (kept.hour, kept.weekday, kept.zone, kept.enabled) == (9, 4, "Asia/Kathmandu", True)
    wrong = web.post("/digests/mine/", {**given, "weekly-zone": "Mars/Base"})
    assert wrong.status_code == 422
    assert "There is no time zone" in wrong.content.decode()


def test_old_digests_and_those_of_deleted_projects_go(shop: Project) -> None:
    make_all(MORNING)
    projects.delete_project(SYSTEM, shop.id, "Shop", MORNING)
    assert service.digests(SYSTEM, shop.id).digests == ()
    assert service.drop_old(MORNING + 401 * 86_400.0) == 2


def test_a_long_section_tells_the_worst_and_counts_the_rest(shop: Project) -> None:
    for n in range(30):
        happen(shop.id, "issue.new", "errors", f"SHOP-{n}")
    happen(shop.id, "issue.regressed", "errors", "SHOP-99")
    make_all(MORNING)
    section: Section = service.digests(SYSTEM, shop.id, Period.DAILY).digests[0].sections[0]
    assert section.lines[0].link == "/issues/SHOP-99/"
    assert (len(section.lines), section.more) == (10, 21)


def test_a_mail_at_midnight_waits_until_the_day_has_settled(shop: Project, ports: MemoryPorts) -> None:
    midnight = MORNING - 8 * 3_600.0
    service.subscribe(person(), Subscription(user=0, period=Period.DAILY, hour=0), midnight - 60.0)
    while service.work(midnight + 60.0):
        pass
    assert mail(ports).sent == []
    assert store.made(Period.DAILY, "UTC", midnight - 86_400.0) == frozenset()
    while service.work(midnight + 121.0):
        pass
    assert len(mail(ports).sent) == 1


def test_a_mail_that_comes_late_is_of_its_own_day(shop: Project, ports: MemoryPorts) -> None:
    mira = person()
    service.subscribe(mira, Subscription(user=0, period=Period.DAILY, projects=(shop.id,)), MORNING - 60.0)
    message = mailing.Message(mira.id, Period.DAILY, MORNING - 3 * 86_400.0 - 8 * 3_600.0)
    (digest,) = mailing._digests(service.subscription(mira, Period.DAILY), message, MORNING)
    assert digest.end - digest.start == 86_400.0


def test_who_asked_for_a_project_that_is_gone_is_not_told_of_all(shop: Project, ports: MemoryPorts) -> None:
    service.subscribe(
        person(), Subscription(user=0, period=Period.DAILY, projects=(shop.id,)), MORNING - 60.0
    )
    projects.delete_project(SYSTEM, shop.id, "Shop", MORNING)
    while service.work(MORNING + 1.0):
        pass
    assert mail(ports).sent == []


class _Broken:
    key, order = "broken", 99

    def tell(self, stretch: Stretch, now: float) -> Section | None:
        raise LookupError("no such table")


def test_a_section_that_cannot_be_told_says_so_and_the_others_stand(shop: Project) -> None:
    stretch = Stretch(start=MORNING - 86_400.0, end=MORNING, project=shop.id)
    told = making._section(_Broken(), stretch, MORNING)
    assert told is not None
    assert (told.title, told.tone, told.sentence) == (
        "Broken",
        "warn",
        "This could not be read; the server's log says why.",
    )


def test_subscriptions_and_their_ends_stand_in_the_audit_log(shop: Project) -> None:
    mira = person()
    service.subscribe(mira, Subscription(user=0, period=Period.DAILY), MORNING)
    service.leave(signing.token(mira.id, Period.DAILY), MORNING)
    entries = accounts.audit_page(action="digest.subscribe").entries
    assert [(one.actor_id, one.detail["mailed"]) for one in entries] == [(0, "no"), (mira.id, "yes")]
