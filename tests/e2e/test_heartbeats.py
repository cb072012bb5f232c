"""Heartbeats with a real server and real clients: a job that is told of by curl, and one whose SDK checks in."""

import json
import subprocess
from typing import Any

import sentry_sdk
from sentry_sdk.crons import capture_checkin
from tests.support.server import Vedette


def curl(*args: str) -> str:
    done = subprocess.run(["curl", "-fsS", "-m", "10", *args], capture_output=True, check=True)
    return done.stdout.decode()


def added(server: Vedette, *words: str) -> dict[str, Any]:
    done = server.cli("monitors", "add", *words, "--json")
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def monitor(server: Vedette, slug: str) -> dict[str, Any]:
    return dict(server.api("GET", f"/monitors/{slug}")[1])


def state(server: Vedette, slug: str) -> str:
    return str(monitor(server, slug)["state"])


def test_a_job_is_told_of_by_curl_goes_missing_and_comes_back(vedette_server: Vedette) -> None:
    server = vedette_server
    made = added(server, "Nightly backup", "--every", "1d", "--grace", "1h", "--longest", "1s")
    server.wait(lambda: curl(made["ping_url"]) == "OK", 5)  # the running server has heard of it
    server.wait(lambda: state(server, made["slug"]) == "up")
    curl("--data-binary", "@/bin/true", f"{made['ping_url']}/start")
    server.wait(lambda: state(server, made["slug"]) == "down")
    assert "did not end within 1 s" in monitor(server, made["slug"])["reason"]
    curl("-I", f"{made['ping_url']}/0")
    server.wait(lambda: state(server, made["slug"]) == "up")
    pings = server.api("GET", f"/monitors/{made['slug']}/pings")[1]["items"]
    assert [one["kind"] for one in pings][:2] == ["success", "start"]
    assert pings[1]["body"].startswith("\x7fELF")
    states = [one["state"] for one in server.api("GET", f"/monitors/{made['slug']}/uptime")[1]["changes"]]
    assert states[-3:] == ["up", "down", "up"]
    shown = server.cli("monitors", "show", made["slug"])
    assert "Nightly backup (heartbeat, nightly-backup) is up" in shown.stdout


def test_a_failure_is_alerted_and_over_with_the_next_success(vedette_server: Vedette) -> None:
    server = vedette_server
    made = added(server, "Import", "--cron", "0 4 * * *", "--zone", "Europe/Berlin")

    def fires() -> bool:
        found = server.api("GET", "/alerts?firing=true")[1]["items"]
        return any(one["labels"].get("subject") == made["slug"] for one in found)

    server.wait(lambda: curl(f"{made['ping_url']}/3") == "OK", 5)
    server.wait(fires)
    assert monitor(server, made["slug"])["reason"] == "The job says: it ended with exit status 3."
    curl(made["ping_url"])
    server.wait(lambda: state(server, made["slug"]) == "up" and not fires())


def test_an_sdk_that_checks_in_makes_its_monitor(vedette_server: Vedette) -> None:
    server = vedette_server
    config = {"schedule": {"type": "crontab", "value": "*/5 * * * *"}, "checkin_margin": 2, "max_runtime": 10}
    client = sentry_sdk.Client(
        dsn=f"{server.url.replace('://', f'://{server.project.key}@')}/{server.project.id}",
        default_integrations=False,  # they would change Flask and Django for all tests of this process
        auto_enabling_integrations=False,
    )
    with sentry_sdk.isolation_scope() as scope:
        scope.set_client(client)
        begun = capture_checkin(monitor_slug="report", status="in_progress", monitor_config=config)
        capture_checkin(monitor_slug="report", check_in_id=begun, status="ok", duration=3)
        client.flush(10)
        server.wait(
            lambda: server.api("GET", "/monitors/report")[0] == 200 and state(server, "report") == "up"
        )
    made = monitor(server, "report")
    assert made["project"] == server.project.slug
    assert made["config"]["rhythm"] == {
        "schedule": {"kind": "cron", "expression": "*/5 * * * *", "zone": "UTC"}, "grace": 120.0, "longest": 600.0,
    }  # fmt: skip
