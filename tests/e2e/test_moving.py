"""Everything moves: export, import into a fresh folder, export again, and the two files say the same."""

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.server import ROOT, VEDETTE

pytestmark = pytest.mark.xdist_group("moving")
PASSWORD = "a-long-walk-to-the-lighthouse"
FILL = f"""
from tests.support import past
from vedette.app import tools
with tools.opened() as ports:
    from vedette.accounts import service as accounts
    from vedette.accounts.permissions import SYSTEM, Role, Scope
    from vedette.alerts import service as alerts
    from vedette.alerts.types import RuleDraft, RuleKind
    from vedette.deploys import service as deploys
    from vedette.notify import service as notify
    from vedette.projects import service as projects
    now = ports.clock.now()
    for name, platform in (("checkout", "django"), ("shop", "react"), ("stock", "fastapi")):
        projects.create_project(SYSTEM, name, platform, now)
    for name, role in (("Mira Lind", Role.OWNER), ("Jonas Berg", Role.ADMIN), ("Ann Holm", Role.MEMBER)):
        accounts.create_user(SYSTEM, name, name.split()[0].lower() + "@tidemark.example", "{PASSWORD}", role, now)
    accounts.create_token(SYSTEM, "ci", [Scope.READ], now)
    shop = projects.project("shop")
    hook = dict(url="https://hook.example/", secret="do-not-move-me")
    channel = notify.create_channel(SYSTEM, "webhook", "Ops room", hook, now)
    draft = RuleDraft(name="Shop", kind=RuleKind.NEW_ISSUE, project=shop.id, channels=(channel.id,))
    alerts.create_rule(SYSTEM, draft, now)
    deploys.make_hook(SYSTEM, shop, now)
    import msgspec
    from vedette.monitors import service as monitors
    from vedette.monitors.types import CheckResult, Config, MonitorDraft, Outcome, Reading
    draft = MonitorDraft(name="Shop API", kind="http", config=Config(request=msgspec.Raw(b'{{"url": "https://shop.example"}}')), secrets=dict(password="do-not-move-me"))
    one = monitors.create(SYSTEM, shop.id, draft, now)
    monitors.create(SYSTEM, 0, MonitorDraft(name="Site", kind="tcp", config=Config(request=msgspec.Raw(b'{{"url": "tcp://site.example:80"}}'), parents=(one.id,))), now)
    for at in (now - 9_000, now - 8_940, now - 8_880):
        bad = Outcome(at=at, reading=Reading.BAD, cause="refused", sentence="Nobody listens there.", ms=5.0)
        monitors.record([CheckResult(monitor=one.id, outcome=bad, evidence=b'{{"status":503}}')], at)
    monitors.pack(now)
    from vedette.status import service as status, signing
    from vedette.status.types import Component, IncidentDraft, NoticeKind, StatusPageDraft, SubscriberKind
    shown = (Component(monitor=one.id, name="Shop"),)
    status.create(SYSTEM, StatusPageDraft(slug="inner", title="Inner", password="do-not-move-me", components=shown), now)
    page = status.create(SYSTEM, StatusPageDraft(slug="shop", title="Tidemark", components=shown), now)
    about = tuple(each.id for each in page.components)
    told = IncidentDraft(kind=NoticeKind.INCIDENT, title="Payments fail", text="We look.", components=about)
    status.announce(SYSTEM, page, told, now)
    for address in ("ann@shop.example", "ola@shop.example"):
        status.subscribe(page.id, SubscriberKind.EMAIL, address, now)
    status.confirm(page.id, signing.link(signing.CONFIRM, 1), now)
    projects.set_retention_days(SYSTEM, 45, now)
"""
WEEK = """
past.main(1)
with tools.opened() as ports:
    from vedette.errors import service as errors
    errors.merge(SYSTEM, [issue.short_id for issue in errors.issues("", "checkout").issues[:2]], "", ports.clock.now())
"""
HOUR = """
with tools.opened() as ports:
    now = ports.clock.now()
    past.digest(list(past.incident(now, 1)))
"""


OTHERS = f"""
from vedette.app import tools
with tools.opened() as ports:
    from vedette.accounts import service as accounts
    from vedette.accounts.permissions import SYSTEM, Role
    from vedette.projects import service as projects
    projects.create_project(SYSTEM, "garden", "python", 1.0)
    projects.create_project(SYSTEM, "Stock room", "go", 1.0, "stock")
    accounts.create_user(SYSTEM, "M. Lind", "mira@tidemark.example", "{PASSWORD}", Role.VIEWER, 1.0)
"""


class Folder:
    """A data folder without a server."""

    def __init__(self, data: Path) -> None:
        self.data = data
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("VEDETTE_", "DJANGO_"))}
        self.env = {**kept, "VEDETTE_DATA": str(data), "VEDETTE_LOG_LEVEL": "error"}

    def run(self, *command: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, cwd=ROOT, env=self.env, input=stdin, capture_output=True, text=True, check=False
        )

    def cli(self, *words: str, stdin: str = "") -> str:
        done = self.run(str(VEDETTE), *words, stdin=stdin)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def export(self, path: Path) -> list[str]:
        self.cli("export", str(path))
        assert not list(path.parent.glob(f"{path.name}.*")), "nothing is left beside it"
        return path.read_text().splitlines()[1:]


def filled(data: Path, past: str) -> Folder:
    folder = Folder(data)
    done = folder.run(sys.executable, "-c", FILL + past)
    assert done.returncode == 0, done.stderr
    return folder


def exported(folder: Folder) -> Path:
    path = folder.data.parent / "all.jsonl"
    folder.export(path)
    return path


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    """Return a folder with people, projects, a week of events, a channel with a secret, and saved settings."""
    return filled(tmp_path_factory.mktemp("full") / "data", WEEK)


@pytest.fixture(scope="module")
def file(full: Folder) -> Path:
    return exported(full)


@pytest.fixture(scope="module")
def brief(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    """Return a folder with the same but the week: half an hour of events took place."""
    return filled(tmp_path_factory.mktemp("brief") / "data", HOUR)


@pytest.fixture(scope="module")
def brief_file(brief: Folder) -> Path:
    return exported(brief)


def of_imports(line: str) -> bool:
    return '"t":"accounts_audit"' in line and '"data.import"' in line


@pytest.mark.deep
def test_there_and_back_says_the_same(full: Folder, file: Path, tmp_path: Path) -> None:
    sent = file.read_text().splitlines()[1:]
    there = Folder(tmp_path / "data")
    told = json.loads(there.cli("import", str(file), "--json"))
    assert told["added"]["events"] > 100
    assert not any(told["known"].values())
    assert not told["conflicts"]
    back = there.export(tmp_path / "back.jsonl")
    assert [line for line in back if not of_imports(line)] == sent
    again = json.loads(there.cli("import", str(file), "--json"))
    assert not any(again["added"].values()), "done twice, nothing is added"
    core = sqlite3.connect(there.data / "core.db")
    pages = core.execute("SELECT slug, enabled, password FROM status_page ORDER BY slug").fetchall()
    assert pages == [("inner", 0, ""), ("shop", 1, "")], "a page that lost its password does not stand open"
    assert core.execute("SELECT target FROM status_subscriber").fetchall() == [("ann@shop.example",)]
    core.close()
    assert sum(again["known"].values()) == len(sent)


def test_no_secret_leaves_and_each_is_named(brief: Folder, brief_file: Path) -> None:
    text = brief_file.read_text()
    core = sqlite3.connect(brief.data / "core.db")
    hashes = [password for (password,) in core.execute("SELECT password FROM accounts_user")]
    digests = [digest for (digest,) in core.execute("SELECT digest FROM accounts_token")]
    (config,) = core.execute("SELECT config FROM notify_channel").fetchone()
    core.close()
    sealed = json.loads(config)["secret"]
    assert not [
        secret for secret in (*hashes, *digests, sealed, "do-not-move-me", "argon2") if secret in text
    ]
    assert brief_file.stat().st_mode & 0o777 == 0o600
    again = json.loads(text.splitlines()[0])["again"]
    assert "channel Ops room: secret; then switch it on" in again
    assert "password of the status page inner; then switch it on" in again
    assert "password and authenticator of mira@tidemark.example" in again
    assert {"API token ci", "deploy hook of shop"} <= set(again)


@pytest.mark.deep
def test_a_merged_issue_moves_as_one(full: Folder, file: Path, tmp_path: Path) -> None:
    there = Folder(tmp_path / "data")
    there.cli("import", str(file), "--json")
    here, moved = (sqlite3.connect(folder.data / "core.db") for folder in (full, there))
    ((group, issue, title),) = here.execute("SELECT id, issue, title FROM errors_group WHERE id != issue")
    hashes = "SELECT hash FROM errors_hash WHERE issue = ? ORDER BY hash"
    told = "SELECT text FROM errors_history WHERE issue = ? AND kind != 'merged' ORDER BY id"
    assert moved.execute(hashes, (issue,)).fetchall() == here.execute(hashes, (issue,)).fetchall()
    assert len(moved.execute(hashes, (issue,)).fetchall()) > 1
    assert set(here.execute(told, (group,))) <= set(moved.execute(told, (issue,)))
    word = title.split(":")[0]
    found = "SELECT rowid FROM errors_search WHERE errors_search MATCH ?"
    assert (issue,) in moved.execute(found, (f'"{word}"',)).fetchall()
    for core in (here, moved):
        core.close()


@pytest.mark.deep
def test_a_dry_run_and_a_broken_file_change_nothing(file: Path, tmp_path: Path) -> None:
    there = Folder(tmp_path / "data")
    told = json.loads(there.cli("import", str(file), "--dry-run", "--json"))
    assert told["dry_run"]
    assert told["added"]["projects_project"] == 3
    broken = tmp_path / "broken.jsonl"
    lines = file.read_bytes().splitlines()
    broken.write_bytes(b"\n".join([*lines[:30], b"{not json", *lines[31:]]) + b"\n")
    done = there.run(str(VEDETTE), "import", str(broken))
    assert done.returncode == 1
    assert "broken.jsonl:31: this line cannot be used" in done.stderr
    core = sqlite3.connect(there.data / "core.db")
    for table in ("projects_project", "accounts_user", "errors_issue", "accounts_audit"):
        assert core.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,), table  # noqa: S608
    core.close()
    assert not list((there.data / "telemetry").glob("*.db"))


@pytest.mark.deep
def test_what_is_here_stays_and_what_comes_takes_other_ids(full: Folder, file: Path, tmp_path: Path) -> None:
    there = Folder(tmp_path / "data")
    done = there.run(sys.executable, "-c", OTHERS)
    assert done.returncode == 0, done.stderr
    told = json.loads(there.cli("import", str(file), "--json"))
    assert "stock: name, platform stays as it is here" in told["conflicts"]
    assert "mira@tidemark.example: name, role stays as it is here" in told["conflicts"]
    assert "the DSN of checkout in its SDKs: its id is taken here" in told["again"]
    core = sqlite3.connect(there.data / "core.db")
    projects = dict(core.execute("SELECT slug, id FROM projects_project"))
    core.close()
    assert set(projects) == {"garden", "stock", "checkout", "shop"}
    events = [
        json.loads(line)
        for line in there.cli("export", "--kind", "events", "--project", "checkout").splitlines()
    ]
    assert events
    assert {event["project"] for event in events} == {projects["checkout"]}
    again = json.loads(there.cli("import", str(file), "--json"))
    assert not any(again["added"].values())


def test_an_export_that_was_stopped_goes_on(brief: Folder, brief_file: Path, tmp_path: Path) -> None:
    path = tmp_path / "all.jsonl"
    stop = f"""
import pathlib, sys
from vedette.app import tools
with tools.opened() as ports:
    from vedette.app.moving.leaving import Export
    class Stopped(Export):
        def _write(self, part, rows, out):
            super()._write(part, rows, out)
            if part == "errors_issue":
                out.write(b"half a li")
                out.flush()
                sys.exit(9)
    Stopped(pathlib.Path({str(path)!r}), ports.settings.data, {{"webhook": frozenset({{"secret"}}), "email": frozenset()}}).run(ports.clock.now())
"""
    assert brief.run(sys.executable, "-c", stop).returncode == 9
    assert not path.exists()
    assert (tmp_path / "all.jsonl.state").exists()
    went_on = brief.export(path)
    assert [line for line in went_on if "data.export" not in line] == [
        line for line in brief_file.read_text().splitlines()[1:] if "data.export" not in line
    ]
