"""What arrives of each SDK: real ones run here, recorded events of others are sent. docs/sdks.md tells it, and is checked."""

import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page
from tests.support.js_site import JS, installed, served
from tests.support.sdk_table import row, table
from tests.support.server import ROOT, Project, Vedette

pytestmark = [
    pytest.mark.deep,
    pytest.mark.browser,
    pytest.mark.timeout(240),
    pytest.mark.xdist_group("sdks"),
]
DOCS = ROOT / "docs" / "sdks.md"
Reports = dict[str, tuple[list[dict[str, Any]], set[str]]]
PYTHON = ("plain", "workers", "tasks", "many")
# How many issues each makes (else one), and of how many types its other items are (else none).
ISSUES = {"sentry-sdk, workers": 2, "@sentry/react, feedback": 0}
OTHERS = {
    "sentry-sdk, many": 2, "@sentry/node": 1, "@sentry/react, boundary": 1, "@sentry/react, reject": 1, "@sentry/react, console": 1,
    "@sentry/react, feedback": 1,
}  # fmt: skip
SAMPLES = {
    "Go": "glitchtip-test-data/events/incoming_events/go_file_not_found.json",
    "Ruby": "glitchtip-test-data/events/incoming_events/ruby_zero_division.json",
    "PHP": "glitchtip-test-data/events/incoming_events/php_message_event.json",
    "PHP, Laravel": "event-samples/bugsink/laravel.json",
    "Java": "event-samples/sentry/java-chained.json",
    "Android": "event-samples/sentry/android_anr2.json",
    ".NET": "glitchtip-test-data/events/incoming_events/dotnet_divide_zero.json",
    "Cocoa": "event-samples/sentry/swiftui.json",
    "Cocoa, Objective-C": "event-samples/sentry/objc-release.json",
    "Native": "event-samples/sentry/native-windows-anon-namespace.json",
    "Rust": "event-samples/sentry/actix.json",
    "Unity": "event-samples/sentry/unity.json",
}


def run(command: list[str], project: Project, cwd: Path = ROOT) -> None:
    env = {**os.environ, "SENTRY_DSN": project.dsn, "SENTRY_RELEASE": "program@1"}
    subprocess.run(command, cwd=cwd, env=env, capture_output=True, timeout=60, check=False)


def press(page: Page, button: str) -> None:
    """Press a button of the React page; for feedback, fill in the widget and send it."""
    with page.expect_response(lambda answer: "/envelope/" in answer.url and answer.status == 200):
        page.click(button)
        if button == "#feedback":
            page.fill("#sentry-feedback [name=message]", "I cannot pay")
            page.fill("#sentry-feedback [name=email]", "anna@shop.example")
            page.click("#sentry-feedback [data-sentry-feedback] >> text=Send Bug Report")
    page.evaluate("Sentry.flush(5000)")


@pytest.fixture(scope="module")
def reports(vedette_server: Vedette, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Reports:
    """Run every SDK once against a project of its own; return what arrived, and what was not kept."""
    projects: dict[str, Project] = {}
    for name in PYTHON:
        projects[f"sentry-sdk, {name}"] = project = vedette_server.add_project(f"Python {name}")
        run([sys.executable, "-m", "tests.support.sdk_programs", name], project)
    projects["@sentry/node"] = vedette_server.add_project("Node", "node")
    run(["node", "node_error.js", "caught"], projects["@sentry/node"], JS)
    with served(tmp_path_factory.mktemp("react"), "react_app") as site:
        for button in ("boundary", "reject", "console", "feedback"):
            projects[f"@sentry/react, {button}"] = project = vedette_server.add_project(
                f"React {button}", "javascript"
            )
            page = browser.new_page()
            page.goto(f"{site}/?dsn={quote(project.dsn)}")
            press(page, f"#{button}")
            page.close()
    if program := cli():
        projects["sentry-cli send-event"] = project = vedette_server.add_project("CLI", "other")
        said = [
            "-m", "backup of shop failed", "-l", "fatal", "-r", "ops@3", "-E", "production", "-t", "host:db-1", "-u", "id:7", "--no-environ",
        ]  # fmt: skip
        run([str(program), "send-event", *said], project)
    return arrived(vedette_server, projects)


def cli() -> Path | None:
    """Return sentry-cli, where npm brought it for this machine."""
    found = installed() / "@sentry/cli-linux-x64/bin/sentry-cli"
    return found if found.is_file() and (sys.platform, platform.machine()) == ("linux", "x86_64") else None


def arrived(server: Vedette, projects: dict[str, Project]) -> Reports:
    """Wait until all has arrived; return the events of each project, and the types of items counted as not kept."""
    for name, project in projects.items():
        settle(server, project, ISSUES.get(name, 1), OTHERS.get(name, 0))
    found = server.exported("events")
    return {
        name: ([event for event in found if event["project"] == project.id], not_kept(server, project))
        for name, project in projects.items()
    }


def settle(server: Vedette, project: Project, issues: int, others: int) -> None:
    server.wait(lambda: len(server.issues(project=project.slug)) >= issues, 30)
    server.wait(lambda: len(not_kept(server, project)) >= others, 30)


def not_kept(server: Vedette, project: Project) -> set[str]:
    counted = server.api("GET", f"/projects/{project.slug}/usage")[1]
    return {line["item_type"] for line in counted if line["outcome"] == "not_kept"}


def only(reports: Reports, name: str) -> dict[str, Any]:
    (event,), _ = reports[name]
    return event


def test_react_error_boundary(reports: Reports) -> None:
    event = only(reports, "@sentry/react, boundary")
    (boundary,) = [
        value for value in event["data"]["exception"]["values"] if "ErrorBoundary" in value["type"]
    ]
    assert (event["title"][:34], event["user"], event["release"]) == (
        "TypeError: Cannot read properties ",
        "id:42",
        "web@9.1.0",
    )
    assert "Basket" in [frame.get("function") for frame in boundary["stacktrace"]["frames"]]


def test_react_rejection_and_console(reports: Reports) -> None:
    rejected, said = only(reports, "@sentry/react, reject"), only(reports, "@sentry/react, console")
    assert (rejected["title"], rejected["handled"]) == ("Error: the payment was refused", False)
    assert (said["title"], said["logger"]) == ("stock of tea is out", "console")


def test_react_feedback_is_taken_and_kept(reports: Reports) -> None:
    events, not_kept = reports["@sentry/react, feedback"]
    assert (events, not_kept) == ([], {"session"})


def test_worker_threads_tell_their_task_and_not_each_others(reports: Reports) -> None:
    events, _ = reports["sentry-sdk, workers"]
    told = sorted((event["title"], dict(event["tags"])["task"], event["transaction"]) for event in events)
    assert told == [
        ("ConnectionError: no printer", "print_label", "tasks.print_label"), ("ValueError: order 2 is empty", "pack", "tasks.pack"),
    ]  # fmt: skip


def test_asyncio_tasks_tell_what_nobody_awaited_for(reports: Reports) -> None:
    event = only(reports, "sentry-sdk, tasks")
    assert (event["title"], event["handled"], dict(event["tags"])["region"]) == (
        "LookupError: no such parcel",
        False,
        "eu",
    )
    assert [value["type"] for value in event["data"]["exception"]["values"]] == ["KeyError", "LookupError"]


def test_sentry_cli(reports: Reports) -> None:
    if cli() is None:
        pytest.skip("npm carries sentry-cli for Linux on x86-64")
    event = only(reports, "sentry-cli send-event")
    assert (event["title"], event["level"], event["release"], event["user"]) == (
        "backup of shop failed",
        "fatal",
        "ops@3",
        "id:7",
    )
    assert dict(event["tags"])["host"] == "db-1"


def test_the_page_tells_what_arrives_of_the_sdks_run_here(reports: Reports) -> None:
    if cli() is None:
        pytest.skip("the page tells of sentry-cli too, which npm carries for Linux on x86-64")
    assert_told(rows_of(dict(sorted(reports.items()))))


@pytest.mark.corpus
def test_the_page_tells_what_arrives_of_recorded_events(vedette_server: Vedette, corpora: Path) -> None:
    projects = {name: vedette_server.add_project(f"Recorded {name}", "other") for name in SAMPLES}
    for name, path in SAMPLES.items():
        vedette_server.send(json.loads((corpora / "sentry" / path).read_bytes()), projects[name])
    assert_told(rows_of(arrived(vedette_server, projects)))


def rows_of(reports: Reports) -> str:
    """Return the table of reports; the events of one are in the order of their titles."""
    return table(
        row(name, event, others)
        for name, (events, others) in reports.items()
        for event in sorted(events, key=lambda event: str(event["title"]))
    )


def assert_told(found: str) -> None:
    """Check that docs/sdks.md holds a table, no line more or less; what it should say is in the failure."""
    assert f"\n\n{found}\n" in f"{DOCS.read_text()}\n", "docs/sdks.md should say:\n" + found
