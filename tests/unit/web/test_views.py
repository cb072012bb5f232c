"""The pages of no single room: Overview, settings' front, about, theme, the resolver of short ids."""

import time

import pytest
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from tests.support import overviews, shop

from vedette.accounts import service as accounts
from vedette.accounts.permissions import SYSTEM, Actor, ActorKind, Role, Scope
from vedette.core.clock import ManualClock
from vedette.errors import service as errors
from vedette.plumbing.ports import install
from vedette.plumbing.testing import MemoryPorts, memory_ports
from vedette.projects import service as projects
from vedette.web import overview
from vedette.wire import delivery

pytestmark = pytest.mark.django_db
MIRA = Actor(kind=ActorKind.USER, id=1, name="Mira Lind", role=Role.OWNER)


@pytest.fixture
def ports() -> MemoryPorts:
    made = memory_ports(ManualClock(overviews.NOW))
    install(made)
    return made


@pytest.fixture
def web(ports: MemoryPorts) -> Client:
    secret, _ = accounts.create_token(SYSTEM, "test", [Scope.ADMIN], ports.clock.now())
    return Client(headers={"Authorization": f"Bearer {secret}"})


@pytest.fixture
def issue(ports: MemoryPorts) -> errors.Issue:
    """Digest one event of a project and return its issue."""
    now = ports.clock.now()
    project = projects.create_project(SYSTEM, "checkout", "django", now)
    event = shop.integrity(1, now - 60) | {"event_id": "9f31c2e8" * 4}
    import json

    body = delivery.encode(
        delivery.Delivery(
            project=project.id,
            event_id=str(event["event_id"]),
            received=now,
            payload=json.dumps(event).encode(),
        )
    )
    ports.log.publish("event", body, "m1", now).result(5)
    messages = ports.log.pull("errors", 10, now)
    errors.digest(messages, now)
    ports.log.ack("errors", [message.seq for message in messages])
    return errors.issues().issues[0]


def text(web: Client, path: str) -> str:
    answer = web.get(path)
    assert answer.status_code == 200, answer
    return str(answer.content.decode())


@pytest.mark.parametrize("state", sorted(overviews.STATES))
def test_every_state_of_the_overview_draws(state: str, ports: MemoryPorts) -> None:
    request = RequestFactory().get("/")
    request.actor = MIRA
    page = overview.build(overviews.STATES[state]())
    drawn = render_to_string("web/overview.html", {"page": page}, request)
    assert f'<h1 id="verdict">{page.verdict.title}</h1>' in drawn
    assert page.health.sentence in drawn
    assert "style=" not in drawn


def test_a_first_day(web: Client) -> None:
    drawn = text(web, "/")
    assert "No project yet." in drawn
    assert "vedette projects add shop --platform python" in drawn


def test_a_usual_day(web: Client, issue: errors.Issue) -> None:
    drawn = text(web, "/")
    assert "1 new issue since yesterday." in drawn
    assert f'href="/issues/{issue.short_id}/"' in drawn
    assert "Nobody hears of trouble" in drawn


def test_behind_is_said(web: Client, ports: MemoryPorts, issue: errors.Issue) -> None:
    ports.log.publish("event", b"x", "m2", ports.clock.now() - 40).result(5)
    drawn = text(web, "/")
    assert "Vedette is behind: 1 event waits" in drawn.replace("\u202f", " ")


@pytest.mark.parametrize("key", ["{short_id}", "{lower}", "9f31c2e8" * 4, "checkout"])
def test_go_leads_anywhere_by_a_short_id(web: Client, issue: errors.Issue, key: str) -> None:
    answer = web.get(f"/go/{key.format(short_id=issue.short_id, lower=issue.short_id.lower())}/")
    assert answer.status_code == 302
    wanted = {
        "checkout": "/issues/?project=checkout",
        "9f31c2e8" * 4: f"/issues/{issue.short_id}/events/9f31c2e8/",
    }.get(key, f"/issues/{issue.short_id}/")
    assert answer["Location"] == wanted


def test_go_says_when_there_is_nothing(web: Client) -> None:
    assert web.get("/go/NOTHING-9/").status_code == 404


def test_about_names_versions_sizes_and_licences(web: Client) -> None:
    drawn = text(web, "/settings/about/")
    for part in (
        "core.db",
        "telemetry/",
        "journal/",
        "Geist",
        "Lucide",
        "htmx",
        "OFL-1.1",
        "ISC",
        "Django",
        "BSD-3-Clause",
    ):
        assert part in drawn


def test_settings_lists_what_the_member_may_open(web: Client) -> None:
    drawn = text(web, "/settings/")
    assert 'href="/settings/audit-log/"' in drawn
    assert 'href="/settings/about/"' in drawn


@pytest.mark.parametrize(
    ("asked", "lands"),
    [
        ("/issues/?q=x", "/issues/?q=x"),
        ("//evil.example/", "/"),
        ("https://evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("", "/"),
        ("javascript:alert(1)", "/"),
    ],
)
def test_theme_without_script_leads_back_and_nowhere_else(web: Client, asked: str, lands: str) -> None:
    answer = web.post("/theme/", {"next": asked})
    assert (answer.status_code, answer["Location"]) == (302, lands)
    assert answer.cookies["theme"].value == "dark"
    assert web.post("/theme/", {"next": "/"}).cookies["theme"].value == "light"


def test_theme_takes_post_only(web: Client) -> None:
    assert web.get("/theme/").status_code == 405


def test_crawlers_are_kept_out(client: Client, ports: MemoryPorts) -> None:
    assert client.get("/robots.txt").content == b"User-agent: *\nDisallow: /\n"


def test_nobody_is_sent_to_sign_in(client: Client, ports: MemoryPorts) -> None:
    answer = client.get("/settings/about/")
    assert (answer.status_code, answer["Location"]) == (302, "/sign-in/?next=%2Fsettings%2Fabout%2F")


def test_a_page_that_is_not_there_reads_well(web: Client) -> None:
    answer = web.get("/no/such/page/")
    assert answer.status_code == 404
    assert b"<h1>Nothing is here</h1>" in answer.content


def test_an_address_without_its_last_slash_leads_to_the_page(web: Client) -> None:
    answer = web.get("/settings/about?x=1")
    assert (answer.status_code, answer["Location"]) == (301, "/settings/about/?x=1")
    assert web.get("/api/v1/nothing").status_code == 404


def test_drawing_the_overview_is_quick(ports: MemoryPorts) -> None:
    """Template and charts stay a small part of the 60 ms a page may take."""
    request = RequestFactory().get("/")
    request.actor = MIRA
    page = overview.build(overviews.failing())
    render_to_string("web/overview.html", {"page": page}, request)
    began = time.thread_time()
    for _ in range(5):
        render_to_string("web/overview.html", {"page": overview.build(overviews.failing())}, request)
    assert (time.thread_time() - began) / 5 < 0.03
