"""Every verb of the command line, on the same data as a running server."""

import json
import os
import re
import shutil
import stat
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest
from tests.support.server import VEDETTE, Project, Vedette


def value(done: subprocess.CompletedProcess[str]) -> dict:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_new_project_is_json_of_exactly_three_keys(vedette_server: Vedette) -> None:
    made = value(vedette_server.cli("projects", "add", "Command Line", "--platform", "python", "--json"))
    assert list(made) == ["id", "slug", "dsn"]
    assert made["slug"] == "command-line"
    assert re.fullmatch(rf"http://[0-9a-f]{{32}}@localhost:{vedette_server.port}/{made['id']}", made["dsn"])
    listed = value(vedette_server.cli("projects", "list", "--json"))
    assert made["dsn"] in [row["dsn"] for row in listed]


def test_what_the_command_line_adds_is_seen_within_a_second(vedette_server: Vedette) -> None:
    vedette_server.request("GET", "/-/ready")
    made = value(vedette_server.cli("projects", "add", "Seen At Once", "--json"))
    began = time.monotonic()
    project = Project(**made)
    body, headers = b'{"message":"x"}', {"X-Sentry-Auth": f"Sentry sentry_key={project.key}"}
    while vedette_server.request("POST", f"/api/{project.id}/store/", body, headers)[0] != 200:
        assert time.monotonic() - began < 1.0
    assert time.monotonic() - began < 1.0


def test_a_token_opens_the_api_as_far_as_its_scope(vedette_server: Vedette) -> None:
    made = value(vedette_server.cli("tokens", "add", "ci", "--scope", "write", "--json"))
    assert list(made) == ["token"]
    headers = {"Authorization": f"Bearer {made['token']}", "Content-Type": "application/json"}
    assert vedette_server.request("GET", "/api/v1/projects", headers=headers)[0] == 200
    body = json.dumps({"name": "By Token"}).encode()
    assert vedette_server.request("POST", "/api/v1/projects", body, headers)[0] == 201
    assert vedette_server.request("GET", "/api/v1/audit", headers=headers)[0] in {200, 403}


@pytest.mark.deep
def test_people_are_invited_or_added_with_a_password(vedette_server: Vedette) -> None:
    invited = value(
        vedette_server.cli("users", "add", "Anna", "anna@shop.example", "--role", "admin", "--json")
    )
    assert invited["link"].startswith(f"http://localhost:{vedette_server.port}/")
    path = invited["link"].split(str(vedette_server.port))[1]
    assert vedette_server.request("GET", path)[0] == 200
    added = vedette_server.cli(
        "users",
        "add",
        "Bob",
        "bob@shop.example",
        "--password-stdin",
        "--json",
        stdin="four unrelated words here\n",
    )
    assert value(added)["role"] == "member"
    weak = vedette_server.cli("users", "add", "Eve", "eve@shop.example", "--password-stdin", stdin="short\n")
    assert weak.returncode == 1
    assert "12" in weak.stderr
    names = [row["name"] for row in value(vedette_server.cli("users", "list", "--json"))]
    assert "Bob" in names
    assert "Eve" not in names


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["projects", "add", "--nope"], 2, "--nope"),
        (["projects", "add", "X", "--platform", "cobol"], 1, "platform"),
        (["users", "add", "X", "x@y.example", "--role", "king"], 2, "owner, admin, member, viewer"),
        (["tokens", "add", "x", "--scope", "all"], 2, "read, write, admin"),
        (["test-error", "no-such-project"], 1, "no-such-project"),
        (["up", "--role", "cook"], 2, "digester"),
        (["nonsense"], 2, "nonsense"),
        (["export", "--kind", "cookies"], 2, "cookies"),
    ],
)
def test_what_is_wrong_is_one_clear_line(
    vedette_server: Vedette, words: list[str], status: int, said: str
) -> None:
    done = vedette_server.cli(*words)
    assert (done.returncode, done.stdout) == (status, "")
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("prot = 1\n", ["vedette.toml:1", "prot", "port"]),
        ('host = "127.0.0.1"\nport = "8700"\n', ["vedette.toml:2", "port", "whole number"]),
        ("port = 8700\nretention_days = 0\n", ["vedette.toml:2", "retention_days"]),
        ("port = = 1\n", ["vedette.toml", "line 1"]),
    ],
)
def test_a_wrong_setting_names_key_file_and_line(tmp_path, text: str, named: list[str]) -> None:
    (tmp_path / "vedette.toml").write_text(text)
    server = Vedette(tmp_path / "data", 8700)
    for verb in (["check-config"], ["up"], ["projects", "list"]):
        env = {k: v for k, v in server.environ.items() if not k.startswith("VEDETTE_")}
        done = subprocess.run(
            [str(VEDETTE), *verb],
            cwd=tmp_path,
            env=env,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        assert done.returncode == 2
        assert len(done.stderr.strip().splitlines()) == 1, done.stderr
        assert all(part in done.stderr for part in named), done.stderr


def test_check_config_shows_settings_and_hides_secrets(tmp_path) -> None:
    server = Vedette(tmp_path / "data", 8701, env={"VEDETTE_SMTP_PASSWORD": "planted-secret"})
    shown = value(server.cli("check-config", "--json"))
    assert shown["settings"]["port"] == 8701
    assert "planted-secret" not in json.dumps(shown)
    assert "planted-secret" not in server.cli("check-config").stdout


def test_the_doctor_finds_nothing_wrong_with_a_running_server(vedette_server: Vedette) -> None:
    found = value(vedette_server.cli("doctor", "--json"))
    assert found["ok"], found
    assert {f["check"] for f in found["findings"]} >= {
        "database",
        "disk",
        "server",
        "key file",
        "file modes",
        "clock",
    }


def test_everything_works_before_the_first_start_and_keeps_the_data_private(tmp_path) -> None:
    server = Vedette(tmp_path / "data", 8702)
    assert value(server.cli("projects", "add", "shop", "--platform", "python", "--json"))["id"] == 1
    assert value(server.cli("tokens", "add", "ci", "--json"))["token"]
    sent = value(server.cli("test-error", "--json"))
    assert sent["sent"] == "journal"
    open_ones = [
        path for path in (server.data, *server.data.rglob("*")) if stat.S_IMODE(path.stat().st_mode) & 0o077
    ]
    assert open_ones == []


def test_a_unit_is_printed_and_hardened(vedette_server: Vedette) -> None:
    shown = value(vedette_server.cli("service", "install", "--dry-run", "--json"))
    lines = shown["unit"].splitlines()
    assert not shown["installed"]
    assert f"ReadWritePaths={vedette_server.data}" in lines
    for line in (
        "NoNewPrivileges=yes",
        "ProtectSystem=strict",
        "PrivateTmp=yes",
        "CapabilityBoundingSet=",
        "UMask=0077",
    ):
        assert line in lines
    assert any(line.startswith("ExecStart=/") and line.endswith(" up") for line in lines)
    assert "KillMode=none" not in lines


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not here")
def test_systemd_understands_the_unit_and_finds_it_tight(vedette_server: Vedette, tmp_path: Path) -> None:
    path = tmp_path / "vedette.service"
    text = value(vedette_server.cli("service", "install", "--dry-run", "--user", "root", "--json"))["unit"]
    path.write_text(text)
    checked = subprocess.run(
        ["systemd-analyze", "verify", str(path)], capture_output=True, text=True, check=False
    )
    assert not [line for line in checked.stderr.splitlines() if "vedette.service" in line], checked.stderr
    command = ["systemd-analyze", "security", "--offline=true", "--threshold=25", str(path)]
    judged = subprocess.run(command, capture_output=True, text=True, check=False)
    assert judged.returncode == 0, judged.stdout[-600:]


def test_version_and_help_are_quick_and_load_no_django(vedette_server: Vedette) -> None:
    with (VEDETTE.parents[2] / "pyproject.toml").open("rb") as file:
        assert value(vedette_server.cli("version", "--json")) == {
            "version": tomllib.load(file)["project"]["version"]
        }
    told = vedette_server.cli("--help").stdout
    for verb in (
        "up",
        "check-config",
        "doctor",
        "users",
        "projects",
        "tokens",
        "test-error",
        "export",
        "service",
    ):
        assert verb in told
    program = "import sys; from vedette.cli.words import build; build(); sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], env=os.environ, check=False).returncode == 0


@pytest.mark.parametrize(
    "verb",
    [["up"], ["check-config"], ["doctor"], ["users", "add"], ["users", "list"], ["projects", "add"], ["projects", "list"],
     ["apply"], ["monitors", "export"], ["monitors", "import"], ["locations", "add"], ["locations", "list"], ["locations", "remove"], ["bans", "add"], ["allow", "list"], ["hosts", "list"], ["hosts", "token"], ["hosts", "revoke"], ["hosts", "rotate"], ["hosts", "remove"], ["agent", "enroll"], ["agent", "status"], ["agent", "unit"], ["agent", "audit"], ["agent", "run"], ["agent", "replay"], ["agent", "explain"], ["agent", "test-rules"], ["tokens", "add"], ["passwords", "filter", "build"], ["passwords", "filter", "check"], ["test-error"], ["export"], ["service", "install"], ["version"]],
    ids=" ".join,
)  # fmt: skip
def test_every_verb_explains_itself(vedette_server: Vedette, verb: list[str]) -> None:
    done = vedette_server.cli(*verb, "--help")
    assert done.returncode == 0
    assert "Usage" in done.stdout
    if verb not in (["up"], ["agent", "run"]):  # these run until they are stopped
        assert "--json" in done.stdout


@pytest.mark.deep
def test_files_of_rules_are_applied_or_refused_as_a_whole(vedette_server: Vedette, tmp_path: Path) -> None:
    folder = tmp_path / "alerts"
    folder.mkdir()
    rule = '[[rule]]\nname = "From a file"\nkind = "regression"\n'
    (folder / "shop.toml").write_text(rule)
    planned = value(vedette_server.cli("apply", str(folder), "--diff", "--json"))
    assert (planned["applied"], [each["name"] for each in planned["changes"]]) == (False, ["From a file"])
    done = vedette_server.cli("apply", str(folder))
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["+ rule From a file (alerts/shop.toml)", "1 thing changed."]
    (folder / "shop.toml").write_text(f'{rule}[[route]]\ngroup_wiat = "30s"\n')
    wrong = vedette_server.cli("apply", str(folder))
    assert wrong.returncode == 1
    assert wrong.stderr.splitlines() == [
        "alerts/shop.toml:5: [[route]] has no `group_wiat`; did you mean `group_wait`?",
        "1 thing is wrong; nothing was changed.",
    ]
    told = vedette_server.cli("apply", str(folder), "--json")
    assert json.loads(told.stdout)["faults"][0]["line"] == 5
    token = value(vedette_server.cli("tokens", "add", "rules", "--scope", "read", "--json"))["token"]
    status, _, body = vedette_server.request(
        "GET", "/api/v1/rules", headers={"Authorization": f"Bearer {token}"}
    )
    assert status == 200
    assert [each["source"] for each in json.loads(body)["items"] if each["name"] == "From a file"] == [
        "alerts/shop.toml"
    ]
    assert json.loads(vedette_server.cli("apply", "--schema").stdout)["title"].startswith("Vedette")
    (folder / "shop.toml").write_text("")
    assert "- rule From a file" in vedette_server.cli("apply", str(folder)).stdout
    (folder / "shop.toml").unlink()
    assert "leave an empty one" in vedette_server.cli("apply", str(folder)).stderr


@pytest.mark.deep
def test_monitors_of_another_program_become_files_and_then_monitors(
    vedette_server: Vedette, tmp_path: Path
) -> None:
    foreign = tmp_path / "checks.json"
    foreign.write_text(
        '{"checkInterval": 60, "alertEndpoints": ["https://x.example"], "healthChecks": [{"name": "Carried", "endpoint": "https://carried.example"}]}'
    )
    folder = tmp_path / "monitors"
    told = value(
        vedette_server.cli("monitors", "import", str(foreign), "--write-files", str(folder), "--json")
    )
    assert ([each["slug"] for each in told["monitors"]], len(told["left"])) == (["carried"], 1)
    done = vedette_server.cli("apply", str(folder))
    assert done.stdout.splitlines() == ["+ monitor carried (monitors/monitors.toml)", "1 thing changed."], (
        done.stderr
    )
    status, shown = vedette_server.api("GET", "/monitors/carried")
    assert (status, shown["source"]) == (200, "monitors/monitors.toml")
    assert vedette_server.api("DELETE", "/monitors/carried")[0] == 409
    again = vedette_server.cli("monitors", "import", str(foreign))
    assert "There is a monitor carried already; it stays as it is." in again.stdout
    assert "carried" not in vedette_server.cli("monitors", "export").stdout
    (folder / "monitors.toml").write_text("")
    assert "- monitor carried" in vedette_server.cli("apply", str(folder)).stdout


@pytest.mark.deep
def test_an_export_is_json_lines_of_one_project(vedette_server: Vedette) -> None:
    project = vedette_server.add_project("Exported")
    event_id = vedette_server.send({"message": "for the export", "level": "info"}, project)
    vedette_server.wait(lambda: vedette_server.issues(project=project.slug))
    (issue,) = vedette_server.exported("issues", project.slug)
    (event,) = vedette_server.exported("events", project.slug)
    assert (issue["title"], issue["project_slug"]) == ("for the export", "exported")
    assert event["id"] == event_id
    assert vedette_server.cli("export", "--project", "nobody").returncode == 1


@pytest.mark.deep
def test_an_incident_from_its_declaration_to_its_end(vedette_server: Vedette) -> None:
    title = "Cards fail at the till"
    made = value(
        vedette_server.cli("incidents", "declare", title, "--impact", "all", "--urgency", "now", "--json")
    )
    assert (made["severity"], made["state"], made["title"]) == ("SEV 1", "open", title)
    noted = vedette_server.cli("incidents", "note", made["key"], "The terminal is replaced")
    assert noted.stdout == f"It stands on the timeline of {made['key']}.\n", noted.stderr
    number = made["key"].removeprefix("INC-")
    told = vedette_server.api("GET", f"/incidents/{number}/entries")[1]["items"]
    assert "The terminal is replaced" in [entry["text"] for entry in told]
    assert made["key"] in [one["key"] for one in value(vedette_server.cli("incidents", "list", "--json"))]
    over = vedette_server.cli("incidents", "resolve", number)
    assert over.stdout == f"{made['key']} {title} is resolved.\n", over.stderr


def test_apply_reads_the_folder_of_every_room(vedette_server: Vedette, tmp_path: Path) -> None:
    for name, text in (
        ("monitors/x.toml", "[[monitr]]"),
        ("oncall/x.toml", "[[schedul]]"),
        ("alerts/x.toml", "[[ruel]]"),
        ("incidents/x.toml", "[[incident_ruel]]"),
        ("runbooks/x.md", "no front matter"),
        ("README.md", "not a runbook"),
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    told = vedette_server.cli("apply", str(tmp_path)).stderr
    assert [line.partition(":")[0] for line in told.splitlines()[:5]] == [
        "runbooks/x.md", "monitors/x.toml", "oncall/x.toml", "alerts/x.toml", "incidents/x.toml"
    ], told  # fmt: skip


def test_a_test_error_goes_through_a_running_server(vedette_server: Vedette) -> None:
    project = vedette_server.add_project("Tried")
    sent = value(vedette_server.cli("test-error", project.slug, "--json"))
    assert (sent["sent"], sent["project"]) == ("http", "tried")
    vedette_server.wait(lambda: vedette_server.issues(project=project.slug))
    assert vedette_server.exported("events", project.slug)[0]["id"] == sent["event_id"]


@pytest.mark.deep
def test_a_sole_owner_who_lost_the_phone_is_helped_from_the_machine(vedette_server: Vedette) -> None:
    add = ("users", "add", "Olga", "olga@shop.example", "--role", "owner", "--password-stdin", "--json")
    value(vedette_server.cli(*add, stdin="seven turquoise lanterns hum\n"))
    assert value(vedette_server.cli("users", "reset-two-factor", "OLGA@shop.example", "--json")) == {
        "email": "olga@shop.example"
    }
    _, page = vedette_server.api("GET", "/audit")
    assert [e["subject"] for e in page["items"] if e["action"] == "two-factor.reset"] == ["olga@shop.example"]
    refused = vedette_server.cli("users", "reset-two-factor", "nobody@shop.example")
    assert refused.returncode != 0
    assert "vedette users list" in refused.stderr


def test_a_filter_built_beside_a_running_server_counts_at_once(vedette_server: Vedette) -> None:
    leaked = "nine crimson kettles whistle"
    try:
        made = value(
            vedette_server.cli("passwords", "filter", "build", "/dev/stdin", "--json", stdin=f"{leaked}\n")
        )
        assert (made["passwords"], made["false_positive_rate"] < 1e-6) == (1, True)
        assert stat.S_IMODE(Path(made["file"]).stat().st_mode) == 0o600
        told = value(vedette_server.cli("passwords", "filter", "check", "--json"))
        assert told == {"installed": True, **made}
        add = ("users", "add", "Kit", "kit@example.org", "--password-stdin")
        refused = vedette_server.cli(*add, stdin=f"{leaked}\n")
        assert refused.returncode == 1
        assert "list of leaked passwords" in refused.stderr
    finally:
        (vedette_server.data / "passwords.filter").unlink(missing_ok=True)
    assert value(vedette_server.cli("passwords", "filter", "check", "--json"))["installed"] is False
