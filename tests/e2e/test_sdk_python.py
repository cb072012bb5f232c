"""The real sentry-sdk against a real server: what it reports becomes issues that hold what happened."""

import os
import subprocess
import sys
from typing import Any

import pytest
from tests.support.sdk_programs import PLANTED
from tests.support.server import ROOT, Project, Vedette

pytestmark = pytest.mark.xdist_group("sdk")

PROGRAMS = ("plain", "chained", "breadcrumbs", "logs", "threads", "uncaught", "django", "fastapi", "many")
Reports = dict[str, list[dict[str, Any]]]


def start(name: str, project: Project) -> "subprocess.Popen[bytes]":
    env = {**os.environ, "SENTRY_DSN": project.dsn, "SENTRY_RELEASE": "program@1"}
    command = [sys.executable, "-m", "tests.support.sdk_programs", name]
    return subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@pytest.fixture(scope="module")
def projects(vedette_server: Vedette) -> dict[str, Project]:
    return {name: vedette_server.add_project(f"SDK {name}") for name in PROGRAMS}


@pytest.fixture(scope="module")
def reports(vedette_server: Vedette, projects: dict[str, Project]) -> Reports:
    """Run every program, three at a time, and return the events of each."""
    for few in (PROGRAMS[n : n + 3] for n in range(0, len(PROGRAMS), 3)):
        for process in [start(name, projects[name]) for name in few]:
            process.wait(60)
    vedette_server.wait(lambda: len(arrived(vedette_server, projects)) == len(PROGRAMS), 30)
    found = vedette_server.exported("events")
    return {name: [e for e in found if e["project"] == projects[name].id] for name in PROGRAMS}


def arrived(server: Vedette, projects: dict[str, Project]) -> set[str]:
    return {issue["project"] for issue in server.issues()} & {project.slug for project in projects.values()}


def last_exception(event: dict[str, Any]) -> dict[str, Any]:
    return dict(event["data"]["exception"]["values"][-1])


def test_each_program_reports_once(reports: Reports) -> None:
    assert {name: len(events) for name, events in reports.items()} == dict.fromkeys(PROGRAMS, 1)


def test_plain(reports: Reports) -> None:
    (event,) = reports["plain"]
    assert event["title"] == "KeyError: 'missing'"
    assert (event["release"], event["environment"], event["user"]) == ("shop@1.2.3", "staging", "id:42")
    assert ["tenant", "acme"] in event["tags"]
    assert event["data"]["contexts"]["order"] == {"total": 12.5, "items": ["tea", "cup"]}
    frame = last_exception(event)["stacktrace"]["frames"][-1]
    assert (frame["function"], frame["context_line"].strip().startswith('{}["missing"]')) == ("plain", True)


def test_chained(reports: Reports) -> None:
    (event,) = reports["chained"]
    kinds = [value["type"] for value in event["data"]["exception"]["values"]]
    assert kinds == ["ValueError", "RuntimeError"]
    assert event["title"] == "RuntimeError: the order could not be read"


def test_breadcrumbs(reports: Reports) -> None:
    (event,) = reports["breadcrumbs"]
    crumbs = event["data"]["breadcrumbs"]["values"]
    assert [crumb["message"] for crumb in crumbs] == ["anna signed in", "added tea"]
    assert (event["title"], event["level"]) == ("checkout is slow", "warning")


def test_logging(reports: Reports) -> None:
    (event,) = reports["logs"]
    assert (event["title"], event["logger"]) == ("order 17 failed for anna", "shop.orders")
    assert event["data"]["breadcrumbs"]["values"][-1]["message"] == "stock is low"


@pytest.mark.parametrize(
    ("name", "title", "mechanism"),
    [
        ("threads", "ZeroDivisionError: in a thread of its own", "threading"),
        ("uncaught", "LookupError: nobody caught this", "excepthook"),
        ("django", "PermissionError: order 7 is not yours", "django"),
        ("fastapi", "TypeError: no such item: tea", "starlette"),
    ],
)
def test_what_nobody_caught(reports: Reports, name: str, title: str, mechanism: str) -> None:
    (event,) = reports[name]
    assert event["title"] == title
    assert event["handled"] is False
    assert last_exception(event)["mechanism"]["type"] == mechanism


def test_a_web_request_is_told_with_its_transaction(reports: Reports) -> None:
    (django,), (fastapi,) = reports["django"], reports["fastapi"]
    assert (django["transaction"], fastapi["transaction"]) == ("/orders/{number}/", "/items/{item}")
    assert django["data"]["request"]["method"] == "GET"
    assert fastapi["data"]["request"]["url"] == "http://shop.example/items/tea"


def test_secrets_are_scrubbed_before_they_rest(vedette_server: Vedette, reports: Reports) -> None:
    assert PLANTED not in str(reports["django"][0]["data"]["request"])
    frame = last_exception(reports["plain"][0])["stacktrace"]["frames"][-1]
    assert frame["vars"]["password"] != f"'{PLANTED}'"
    stored = b"".join(path.read_bytes() for path in (vedette_server.data / "telemetry").iterdir())
    assert PLANTED.encode() not in stored


def test_what_no_room_keeps_yet_is_counted_and_never_refused(
    vedette_server: Vedette, reports: Reports, projects: dict[str, Project]
) -> None:
    path = f"/projects/{projects['many'].slug}/usage"
    wanted = {
        ("event", "accepted"),
        ("transaction", "not_kept"),
        ("log", "not_kept"),
        ("check_in", "accepted"),
    }

    def counted() -> set[tuple[str, str]]:
        return {(row["item_type"], row["outcome"]) for row in vedette_server.api("GET", path)[1]}

    vedette_server.wait(lambda: counted() >= wanted, 15)
    assert not {outcome for _, outcome in counted()} - {"accepted", "not_kept"}


def test_the_same_problem_twice_is_one_issue(
    vedette_server: Vedette, projects: dict[str, Project], reports: Reports
) -> None:
    project = projects["plain"]
    assert start("plain", project).wait(60) == 0
    vedette_server.wait(lambda: [i["events"] for i in vedette_server.issues(project=project.slug)] == [2], 20)
