"""The pages of monitors: the list, one monitor, forms with a test, heartbeats, maintenances; all of it without a script."""

import dataclasses
import html
import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import msgspec
import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from tests.support.rooms import NOW, bearing

from vedette.accounts import service as accounts
from vedette.accounts.permissions import SYSTEM, Scope
from vedette.core.clock import ManualClock
from vedette.core.settings import Settings
from vedette.instruments.probe.registry import kinds
from vedette.instruments.probe.types import Certificate, Evidence, Hop
from vedette.monitors import service, working
from vedette.monitors.drafting import MOST_PLANNED
from vedette.monitors.forms import options
from vedette.monitors.forms.monitor import MonitorForm
from vedette.monitors.types import (
    HEARTBEAT,
    CheckResult,
    Config,
    Every,
    Monitor,
    MonitorDraft,
    Objective,
    Once,
    Outcome,
    Reading,
    Rhythm,
    Tolerance,
)
from vedette.plumbing.db import sql
from vedette.plumbing.ports import install
from vedette.plumbing.testing import MemoryPorts
from vedette.projects.types import Project

DAY, HOUR = 86_400.0, 3_600.0
HTTP = {"kind": "http", "name": "Shop", "project": "0", "url": "https://shop.example/", "interval": "1 min", "deadline": "10 s",
        "family": "any", "o_method": "GET", "o_status": "200-299", "o_verify": "on", "o_follow": "on", "o_most_redirects": "10",
        "o_version": "auto", "o_max_bytes": "4194304"}  # fmt: skip
JOB = {
    "kind": HEARTBEAT,
    "name": "Backup",
    "project": "0",
    "schedule": "cron",
    "expression": "0 4 * * *",
    "zone": "UTC",
    "grace": "30 min",
}
CHAIN = (
    Certificate(
        subject="CN=shop.example",
        issuer="CN=R11",
        names=("shop.example",),
        starts=NOW - DAY,
        ends=NOW + DAY,
        fingerprint="ab",
    ),
)
SEEN = Evidence(
    address="203.0.113.20", status=503, protocol="HTTP/2", headers=(("retry-after", "30"), ("set-cookie", "s=••••")), body="<b>no</b>",
    chain=CHAIN, hops=(Hop(url="https://a.example", status=301), Hop(url="https://shop.example", status=503)), notes=("A note.",),
)  # fmt: skip


@pytest.fixture
def web(house: MemoryPorts) -> Client:
    return bearing(Scope.WRITE, NOW)


@pytest.fixture
def reader(house: MemoryPorts) -> Client:
    return bearing(Scope.READ, NOW)


def make(
    name: str,
    project: int = 0,
    kind: str = "http",
    url: str = "https://shop.example/",
    source: str = "",
    **config: object,
) -> Monitor:
    asked = msgspec.Raw(json.dumps({"url": url}).encode())
    made = msgspec.structs.replace(msgspec.convert(config, Config), request=asked)
    return service.create(
        SYSTEM, project, MonitorDraft(name=name, kind=kind, config=made, source=source), NOW - DAY
    )


def find(one: Monitor, reading: Reading, at: float = NOW, **outcome: object) -> None:
    """Record a check; three bad ones bring a monitor down."""
    told = Outcome(at=at, reading=reading, ms=12.0, **outcome)  # type: ignore[arg-type]
    evidence = msgspec.json.encode(SEEN) if reading is Reading.BAD else b""
    service.record(
        [
            CheckResult(
                monitor=one.id, outcome=told, phases={"dns": 2.0, "first_byte": 10.0}, evidence=evidence
            )
        ],
        at,
    )


def down(one: Monitor, sentence: str = "It answered 503.") -> None:
    find(one, Reading.GOOD, NOW - 600)
    for k in range(3):
        find(one, Reading.BAD, NOW - 180 + k * 60, cause="bad-status", sentence=sentence)


def text(web: Client, path: str, status: int = 200) -> str:
    answer = web.get(path)
    assert answer.status_code == status, answer.content[-900:]
    return html.unescape(str(answer.content.decode()))


def rows(page: str) -> list[str]:
    return re.findall(r'<a class="rowlink trunc" href="[^"]*">([^<]*)</a>', page)


def test_an_empty_list_says_what_to_do(web: Client, reader: Client) -> None:
    page = text(web, "/monitors/")
    assert "Nothing is watched yet." in page
    assert "vedette monitors add" in page
    assert "curl -fsS -m 10 --retry 5 https://vedette.example/ping/" in page
    assert 'href="/monitors/new/"' in page
    assert 'href="/monitors/new/"' not in text(reader, "/monitors/")


def test_the_worst_stand_first_and_the_rest_is_folded(web: Client, shop: Project) -> None:
    made = [make(f"site {n:02}", shop.id) for n in range(28)]
    for one in made[:26]:
        find(one, Reading.GOOD)
    down(made[26], "Nothing listens there.")
    page = text(web, "/monitors/")
    assert "1 of 28 is down, 1 waits" not in page
    assert "1 of 28 is down." in page
    assert "site 26: Nothing listens there." in page
    assert rows(page) == ["site 26"]
    assert "and 27 more: 1 waiting, 26 up" in page
    assert rows(text(web, "/monitors/?state=up"))[:2] == ["site 00", "site 01"]


def test_few_are_all_shown(web: Client, shop: Project) -> None:
    for name in ("b", "a", "c"):
        find(make(name, shop.id), Reading.GOOD)
    page = text(web, "/monitors/")
    assert (rows(page), "All 3 are up." in page) == (["a", "b", "c"], True)


def test_a_list_is_narrowed_by_what_is_named(web: Client, shop: Project) -> None:
    make("Web 100%", shop.id, tags=["eu", "shop"])
    make("Port", 0, kind="tcp", url="tcp://db.example:5432", tags=["db"])
    make("Webcam", 0)
    for query, found in (
        ("q=web", ["Web 100%", "Webcam"]), ("q=100%25", ["Web 100%"]), ("q=_", []), ("project=shop", ["Web 100%"]),
        ("project=-", ["Port", "Webcam"]), ("kind=tcp", ["Port"]), ("tag=eu", ["Web 100%"]), ("tag=e", []), ("state=waiting&kind=http", ["Web 100%", "Webcam"]),
    ):  # fmt: skip
        assert sorted(rows(text(web, f"/monitors/?{query}"))) == found, query
    assert "No monitor is like this." in text(web, "/monitors/?q=nothing")
    assert "No monitor is ever broken" in text(web, "/monitors/?state=broken", 404)


def test_tags_make_groups(web: Client) -> None:
    make("one", tags=["eu", "us"])
    page = text(web, "/monitors/?by=tag")
    assert re.findall(r'<h2 id="h-g\d">([^<]*)</h2>', page) == ["eu", "us"]


def test_many_of_one_state_have_pages(web: Client) -> None:
    for n in range(45):
        make(f"site {n:02}")
    page = text(web, "/monitors/?state=waiting")
    following = re.search(r'href="(\?[^"]*cursor=[^"]*)"', page)
    assert following is not None
    assert [*rows(page), *rows(text(web, "/monitors/" + following[1]))] == [f"site {n:02}" for n in range(45)]


def test_what_a_list_asks_does_not_grow_with_what_there_is(
    web: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for n in range(60):
        down(make(f"site {n:02}"))
    text(web, "/monitors/")
    with django_assert_max_num_queries(26):
        assert len(rows(text(web, "/monitors/"))) == 30


def test_a_slug_that_two_have_is_not_an_address(web: Client, shop: Project) -> None:
    first, second, fresh = make("api", 0), make("api", shop.id), make("new")
    page = text(web, "/monitors/")
    assert all(f'href="/monitors/{one.id}/"' in page for one in (first, second, fresh))
    assert "api waits for its first check" in text(web, f"/monitors/{second.id}/")


def test_a_monitor_tells_why_it_is_down_with_all_that_was_seen(web: Client) -> None:
    one = make("Shop", objective={"target": 0.999}, tags=["eu"])
    down(one)
    page = text(web, "/monitors/shop/")
    for said in ("Shop is down, for", "It answered 503.", "The status of the answer is not one that is accepted.", "203.0.113.20", "HTTP/2", "retry-after",
                 "s=••••", "https://a.example", "A note.", "by R11", "99.90\u00a0% over 30 d", "First byte", "Show as table"):  # fmt: skip
        assert said in page, said
    assert "<b>no</b>" not in web.get("/monitors/shop/").content.decode()  # what a server sent is text
    assert "Nothing was measured" not in page


@pytest.mark.parametrize("span", ["24h", "30d", "1y", "nonsense"])
def test_each_range_has_its_chart(web: Client, span: str) -> None:
    one = make("Shop")
    for k in range(4):
        find(one, Reading.GOOD, NOW - 5 * HOUR + k * 600)
    while service.pack(NOW):
        pass
    page = text(web, f"/monitors/shop/?range={span}")
    assert "Half of 4 checks took 12 ms or less" in page


def test_a_viewer_sees_and_changes_nothing(reader: Client) -> None:
    service.create(
        SYSTEM,
        0,
        MonitorDraft(
            name="Job", kind=HEARTBEAT, config=Config(rhythm=Rhythm(schedule=Every(seconds=60), grace=30))
        ),
        NOW,
    )
    page = text(reader, "/monitors/job/")
    assert not any(word in page for word in ("/ping/", "Pause", "Delete", "/edit/"))
    for path in (
        "new/",
        "job/edit/",
        "job/check/",
        "job/pause/",
        "job/delete/",
        "job/maintenance/",
        "maintenance/new/",
        "maintenance/x/remove/",
    ):
        assert reader.post(f"/monitors/{path}").status_code == 403, path


def test_a_heartbeat_says_how_it_is_sent(web: Client) -> None:
    service.create(
        SYSTEM,
        0,
        MonitorDraft(
            name="Job", kind=HEARTBEAT, config=Config(rhythm=Rhythm(schedule=Every(seconds=5_400), grace=30))
        ),
        NOW,
    )
    page = text(web, "/monitors/job/")
    assert "curl -fsS -m 10 --retry 5 https://vedette.example/ping/" in page
    assert "every 1 h 30 min" in page
    assert "No heartbeat yet." in page
    assert "Test now" not in page


def test_pause_has_an_undo(web: Client) -> None:
    make("Shop")
    web.post("/monitors/shop/pause/", {"paused": "1"})
    page = text(web, "/monitors/shop/")
    assert ("Shop is paused." in page, 'action="/monitors/shop/pause/"' in page) == (True, True)
    web.post("/monitors/shop/pause/")
    assert not service.find("shop").paused


def test_deleting_asks_for_its_slug(web: Client) -> None:
    make("Shop")
    assert web.post("/monitors/shop/delete/", {"confirm": "shopp"}).status_code == 422
    assert web.post("/monitors/shop/delete/", {"confirm": "shop"}).status_code == 302
    assert service.every() == ()


def test_what_a_file_holds_is_read_only_and_names_the_file(web: Client) -> None:
    make("Shop", source="monitors/shop.toml:3")
    page = text(web, "/monitors/shop/")
    assert ("monitors/shop.toml:3" in page, "/edit/" in page, "Pause" in page, "Delete…" in page) == (
        True,
        False,
        True,
        False,
    )
    assert "<fieldset disabled>" in text(web, "/monitors/shop/edit/")
    for path, data in (
        ("edit/", HTTP),
        ("delete/", {"confirm": "shop"}),
        ("maintenance/", {"hours": "1"}),
    ):
        answer = web.post(f"/monitors/shop/{path}", data)
        assert (answer.status_code, b"monitors/shop.toml:3" in answer.content) == (409, True), path
    web.post("/monitors/shop/pause/", {"paused": "1"})
    assert service.find("shop").paused, "as over REST"
    assert "Watch again" in text(web, "/monitors/shop/")
    assert working.begin(SYSTEM, [service.find("shop")], working.once(NOW, NOW + 60), NOW) == 0


def test_every_kind_has_a_form(house: MemoryPorts) -> None:
    web = bearing(Scope.ADMIN, NOW)  # who may write scripts, too
    page = text(web, "/monitors/new/")
    for kind in (*kinds(), HEARTBEAT):
        assert f'href="/monitors/new/?kind={kind}"' in page
        form = text(web, f"/monitors/new/?kind={kind}")
        assert ('name="url"' in form) is (kind != HEARTBEAT)
    assert text(web, "/monitors/new/?kind=telepathy", 404)
    assert 'value="https://a.example"' in text(web, "/monitors/new/?kind=http&url=https://a.example")


@pytest.mark.parametrize("kind", list(kinds()))
def test_options_of_every_probe_come_back_from_their_fields(kind: str) -> None:
    probe = kinds()[kind]
    fields = options.fields_of(probe.options, probe.secrets, ())
    shown = options.initial(probe.options, {})
    cleaned = {
        name: field.clean("" if shown[name] is None else shown[name]) for name, field in fields.items()
    }
    assert options.given(probe.options, cleaned) == {}


def test_options_of_all_shapes_come_back_from_their_fields() -> None:
    asked = {
        "method": "POST",
        "headers": {"Accept": "a/b", "X": "1: 2"},
        "verify": False,
        "most_redirects": 3,
        "version": "2",
        "body": " x\ny ",
    }
    probe = kinds()["http"]
    fields = options.fields_of(probe.options, (), ())
    shown = options.initial(probe.options, asked)
    assert (
        options.given(probe.options, {name: field.clean(shown[name]) for name, field in fields.items()})
        == asked
    )
    dns = {"values": ["10 a.example", "20 b.example"], "type": "MX"}
    cleaned = options.initial(kinds()["dns"].options, dns)
    assert options.given(kinds()["dns"].options, cleaned) == dns


def test_a_monitor_is_added_and_changed(web: Client, shop: Project) -> None:
    more = {
        "expect": "[STATUS] == 200\n\n[RESPONSE_TIME] < 500\n",
        "tags": "EU shop eu",
        "slow": "600",
        "failures": "3",
        "objective": "99.9",
        "project": str(shop.id),
    }
    answer = web.post("/monitors/new/", {**HTTP, **more})
    assert (answer.status_code, answer["Location"]) == (302, "/monitors/shop/")
    made = service.find("shop")
    assert (made.project, made.config.interval, made.config.tags, made.config.slow) == (
        shop.id,
        60,
        ("eu", "shop"),
        600,
    )
    assert (made.config.objective, made.config.tolerance) == (Objective(target=0.999), Tolerance(failures=3))
    assert json.loads(bytes(made.config.request)) == {
        "url": "https://shop.example/",
        "expect": ["[STATUS] == 200", "[RESPONSE_TIME] < 500"],
    }
    form = MonitorForm("http", (), made)
    again = {
        name: value
        for name, field in form.fields.items()
        if (value := form[name].value()) not in {None, False}
    }
    assert web.post("/monitors/shop/edit/", {**again, "name": "Web"}).status_code == 302
    assert service.find("shop") == msgspec.structs.replace(made, name="Web", updated_at=NOW)


def test_assertions_are_refused_by_their_lines(web: Client) -> None:
    answer = web.post(
        "/monitors/new/",
        {**HTTP, "expect": "[STATUS] == 200\n[STATUS] = 200\n\n[FOO] == 1", "interval": "soon"},
    )
    page = html.unescape(answer.content.decode())
    assert answer.status_code == 422
    assert "Line 2: Assertion [STATUS] = 200, column 10" in page
    assert "Line 4: Assertion [FOO] == 1, column 1" in page
    assert "Line 1:" not in page
    assert "Write a length of time like 30 s" in page


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"url": "gopher://a"}, "url"), ({"o_method": "TRACE"}, "o_method"), ({"o_status": "fine"}, "o_status"), ({"interval": "1 s"}, "interval"),
        ({"o_headers": "no colon"}, "o_headers"), ({"parents": "nobody"}, "parents"), ({"objective": "20"}, "objective"), ({"failures": "0"}, "failures"),
        ({"tags": "a, b!"}, "tags"), ({"name_server": "dns.example"}, "name_server"),
    ],
)  # fmt: skip
def test_what_is_wrong_stands_at_its_field(web: Client, change: dict[str, str], field: str) -> None:
    answer = web.post("/monitors/new/", {**HTTP, **change})
    assert answer.status_code == 422
    assert f'id="id_{field}_error"' in answer.content.decode()
    assert service.every() == ()


def test_secrets_are_kept_never_shown_and_go_to_no_other_host(web: Client) -> None:
    web.post("/monitors/new/", {**HTTP, "o_token": "tok-77-secret"})
    one = service.find("shop")
    assert service.secrets(one) == {"token": "tok-77-secret"}
    form = text(web, "/monitors/shop/edit/")
    assert ("tok-77" in form, "kept; leave it empty to keep it" in form) == (False, True)
    change = {name: value for name, value in HTTP.items() if name not in {"kind", "project"}}
    assert (
        web.post("/monitors/shop/edit/", {**change, "url": "https://shop.example/health"}).status_code == 302
    )
    assert service.secrets(one) == {"token": "tok-77-secret"}
    moved = web.post("/monitors/shop/edit/", {**change, "url": "https://thief.example/"})
    assert (moved.status_code, b"enter its secrets again" in moved.content) == (422, True)
    tested = web.post("/monitors/shop/edit/", {**change, "url": "https://thief.example/", "act": "test"})
    assert (tested.status_code, b"enter its secrets again" in tested.content) == (422, True)
    assert (
        web.post(
            "/monitors/shop/edit/", {**change, "url": "https://other.example/", "forget": "on"}
        ).status_code
        == 302
    )
    assert service.secrets(one) == {}


def test_secrets_of_a_suite_follow_no_changed_step(web: Client) -> None:
    """A step that leads elsewhere would take a kept password there, and so would a variable in its URL."""
    steps = '[{"url": "https://${host}/in", "options": {"user": "anna", "password": "${password}"}}]'
    suite = {
        **{name: HTTP[name] for name in ("name", "project", "interval", "deadline", "family")},
        "kind": "multi", "url": "multi://buy", "o_steps": steps, "o_variables": "host: shop.example",
    }  # fmt: skip
    added = web.post("/monitors/new/", {**suite, "o_secrets": "password: tok-77-secret"})
    assert added.status_code == 302, added.content.decode()
    change = {name: value for name, value in suite.items() if name not in {"kind", "project"}}
    assert web.post("/monitors/shop/edit/", {**change, "interval": "2 min"}).status_code == 302
    assert service.secrets(service.find("shop")) == {"secrets": '{"password":"tok-77-secret"}'}
    for moved in (
        {"o_steps": steps.replace("${host}", "thief.example")},
        {"o_variables": "host: thief.example"},
    ):
        answer = web.post("/monitors/shop/edit/", {**change, **moved})
        assert (answer.status_code, b"enter its secrets again" in answer.content) == (422, True)


def test_a_heartbeat_is_added_and_its_next_times_are_shown(web: Client) -> None:
    form = text(web, "/monitors/new/?kind=heartbeat")
    assert form.count("<li><time") == 5
    shown = text(web, "/monitors/times/?schedule=cron&expression=0+4+*+*+1&zone=Europe/Berlin")
    assert [int(day) for day in re.findall(r'title="(\d+) ', shown)] == [1, 8, 15, 22, 29]
    assert "is no cron expression" in text(web, "/monitors/times/?schedule=cron&expression=0+4")
    assert web.post("/monitors/new/", JOB).status_code == 302
    assert text(web, "/monitors/backup/edit/").count("<li><time") == 5
    wrong = web.post("/monitors/new/", {**JOB, "name": "Other", "expression": "0 4"})
    assert (wrong.status_code, b'id="id_schedule_error"' in wrong.content) == (422, True)


class Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"ready" if self.headers.get("Authorization") is None else b"known")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[str]:
    made = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=made.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{made.server_port}/"
    made.shutdown()
    made.server_close()


@pytest.fixture
def inside(house: MemoryPorts, clock: ManualClock) -> MemoryPorts:
    """Let checks reach this machine."""
    made = dataclasses.replace(
        house, settings=Settings(base_url="https://vedette.example", allow_private_addresses=True)
    )
    install(made)
    return made


def test_a_draft_is_tried_before_it_is_kept_without_a_script(
    inside: MemoryPorts, web: Client, server: str
) -> None:
    answer = web.post("/monitors/new/", {**HTTP, "url": server, "expect": "[BODY] == steady", "act": "test"})
    page = html.unescape(answer.content.decode())
    assert answer.status_code == 200
    assert ("Fails" in page, "assertion-1" in page, "ready" in page, 'value="Shop"' in page) == (
        True,
        True,
        True,
        True,
    )
    assert service.every() == ()


def test_a_monitor_is_tried_with_its_secrets(inside: MemoryPorts, web: Client, server: str) -> None:
    web.post(
        "/monitors/new/", {**HTTP, "url": server, "o_token": "tok-77-secret", "expect": "[BODY] == known"}
    )
    page = html.unescape(web.post("/monitors/shop/check/").content.decode())
    assert ("Works" in page, "First byte" in page, "tok-77" in page) == (True, True, False)
    assert service.watched([service.find("shop")])[0].known.last is None


def test_a_page_with_a_script_hears_of_the_steps(inside: MemoryPorts, web: Client, server: str) -> None:
    piece = web.post(
        "/monitors/new/", {**HTTP, "url": server, "act": "test"}, headers={"HX-Request": "true"}
    ).content.decode()
    named = re.search(r'id="trial-([0-9a-f]{32})"', piece)
    assert named is not None
    assert "<html" not in piece
    for _ in range(500):
        piece = web.get(f"/monitors/trials/{named[1]}/").content.decode()
        if "hx-get" not in piece:
            break
        threading.Event().wait(0.01)
    assert "Works" in piece
    assert web.get("/monitors/trials/nothing/").status_code == 404
    refused = web.post(
        "/monitors/new/", {**HTTP, "url": "gopher://x", "act": "test"}, headers={"HX-Request": "true"}
    )
    assert b"Target: " in refused.content


def test_a_maintenance_of_all_of_a_project_is_one_act(web: Client, shop: Project) -> None:
    for name in ("a", "b", "c"):
        make(name, shop.id)
    make("other")
    make("filed", shop.id, source="x.toml")
    form = {
        "project": str(shop.id),
        "span": "weekly",
        "days": ["6"],
        "start": "02:00",
        "lasts": "90 min",
        "zone": "Europe/Berlin",
        "why": "updates",
    }
    assert web.post("/monitors/maintenance/new/", form).status_code == 302
    page = text(web, "/monitors/maintenance/")
    assert "Nobody is told of 3 monitors then. 1 monitor of them is written in files" in page
    assert "Sun from 02:00 for 1 h 30 min (Europe/Berlin)" in page
    assert page.count("a, b, c") >= 4
    assert "Nothing is being worked on." in page
    (planned,) = working.planned()
    assert [one.name for one in planned.monitors] == ["a", "b", "c"]
    web.post(f"/monitors/maintenance/{planned.key}/remove/")
    assert working.planned() == ()
    told = [
        (entry.action, entry.detail["monitors"])
        for entry in accounts.audit_page(n=9).entries
        if "monitors" in entry.detail
    ]
    assert told[:2] == [("maintenance.remove", "a, b, c"), ("maintenance.begin", "a, b, c")]


def test_removing_a_maintenance_takes_it_from_those_no_calendar_shows(web: Client, shop: Project) -> None:
    window = {"kind": "once", "starts": NOW, "ends": NOW + 60, "why": 'a "quote" – und ü'}
    one = make("Shop", maintenance=[window])
    copied = "project, kind, config, secrets, paused, canary, tags, locations, source, created_at, updated_at"
    sql.execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %s)"  # noqa: S608
        f" INSERT INTO monitors_monitor (key, slug, name, {copied})"
        f" SELECT 'key' || n.i, 'copy-' || n.i, 'Copy', {copied} FROM monitors_monitor, n WHERE id = %s",
        (MOST_PLANNED + 5, one.id),
    )
    (planned,) = working.planned()
    assert len(planned.monitors) == MOST_PLANNED
    assert working.remove(SYSTEM, planned.key, NOW) == MOST_PLANNED + 6
    assert working.planned() == ()


def test_what_comes_often_is_shown_now_and_ahead_whatever_has_been(web: Client) -> None:
    often = {"kind": "cron", "expression": "* * * * *", "minutes": 2, "why": "often"}
    make("Shop", maintenance=[often])
    page = text(web, "/monitors/maintenance/")
    assert "1 monitor is being worked on." in page
    assert all(heading in page for heading in ("Next 30 days", "Past 30 days"))


def test_work_begins_now_and_ends_now(web: Client, clock: ManualClock) -> None:
    make("Shop")
    web.post("/monitors/shop/maintenance/", {"hours": "4"})
    assert service.find("shop").config.maintenance == (Once(starts=NOW, ends=NOW + 4 * HOUR),)
    page = text(web, "/monitors/shop/")
    assert "so nobody is told" in page
    assert "1 monitor is being worked on." in text(web, "/monitors/maintenance/")
    clock.forward(60)
    web.post("/monitors/shop/maintenance/", {"hours": ""})
    assert service.find("shop").config.maintenance == (Once(starts=NOW, ends=NOW + 60),)
    assert "Past 30 days" in text(web, "/monitors/maintenance/")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({}, "monitors"), ({"monitors": "nobody"}, "monitors"), ({"monitors": "shop", "span": "until"}, "until"), ({"monitors": "shop", "span": "until", "until": "2001-01-01T00:00"}, "until"),
        ({"monitors": "shop", "span": "weekly", "lasts": "soon"}, "lasts"), ({"project": "999"}, "project"), ({"monitors": "shop", "starts": "now"}, "starts"),
    ],
)  # fmt: skip
def test_a_maintenance_that_cannot_be_is_refused_at_its_field(
    web: Client, change: dict[str, str], field: str
) -> None:
    make("Shop")
    answer = web.post("/monitors/maintenance/new/", {"span": "1h", "zone": "UTC", **change})
    assert answer.status_code == 422
    assert f'id="id_{field}_error"' in answer.content.decode() or field == "project"
    assert working.planned() == ()


def test_the_overview_shows_the_worst(web: Client, reader: Client) -> None:
    find(make("Fine"), Reading.GOOD)
    down(make("Broken"))
    make("Paused")
    service.pause(SYSTEM, service.find("paused"), NOW, paused=True)
    page = text(reader, "/")
    assert rows(page) == ["Broken", "Fine"]
    assert re.search(r'href="/monitors/"[^>]*data-go="m"[^>]*>.*?<span class="n crit">1</span>', page)
