"""A Vedette with people and, where asked, a day of events: what browser tests and screenshots look at."""

import json
import subprocess
import sys
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext
from tests.support.browser import context
from tests.support.receiver import Receiver
from tests.support.server import ROOT, Project, Vedette

EMAIL, PASSWORD = "mira@tidemark.example", "a-long-walk-to-the-lighthouse"
PEOPLE = (
    ("Jonas Berg", "jonas@tidemark.example", "admin"),
    ("Ann Holm", "ann@tidemark.example", "member"),
    ("Ola Vik", "ola@tidemark.example", "viewer"),
)


@dataclass
class World:
    """A running server, its owner Mira, and what was made there."""

    server: Vedette
    projects: dict[str, Project] = field(default_factory=dict)
    _cookies: list = field(default_factory=list)
    _invitation: str = ""
    _channel: str = ""
    receiver: Receiver | None = None

    def add_owner(self) -> "World":
        """Make Mira the owner, by the command line."""
        done = self.server.cli(
            "users", "add", "Mira Lind", EMAIL, "--role", "owner", "--password-stdin", stdin=PASSWORD + "\n"
        )
        assert done.returncode == 0, done.stderr
        return self

    def fill(self, hourly: int = 5) -> "World":
        """Make projects, and let a week of events go by; `tests.support.past` makes the people."""
        for name, platform in (("checkout", "django"), ("shop", "react"), ("stock", "fastapi")):
            self.projects[name] = self.server.add_project(name, platform)
        self._add_channel()
        self._add_hook()
        command = [sys.executable, "-m", "tests.support.past", str(hourly)]
        done = subprocess.run(
            command,
            cwd=ROOT,
            env={**self.server.environ, "VEDETTE_LOG_LEVEL": "error"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        self.server.wait(lambda: self.receiver and self.receiver.told, 30)
        self._ping()
        self._add_status_page()
        self._add_schedule()
        return self

    def _ping(self) -> None:
        """Let the nightly backup run as it does, and the import of prices fail."""
        for slug, act, body in (
            ("nightly-backup", "/start", b""),
            ("nightly-backup", "/log", b"dumping 412 tables"),
            ("nightly-backup", "", b"412 tables, 7.4 GB, verified"),
            ("import-of-prices", "/1", b"prices.csv: line 18: 'n/a' is no price"),
        ):
            status, made = self.server.api("GET", f"/monitors/{slug}")
            assert status == 200, made
            address = urlsplit(str(made["ping_url"])).path
            assert self.server.request("POST", address + act, body)[0] == 200

    def _add_channel(self) -> None:
        """Let a webhook hear of everything, and let it hear."""
        self.receiver = Receiver()
        hook = {
            "kind": "webhook",
            "name": "Ops room",
            "config": {"url": self.receiver.url},
            "enabled": True,
            "default": True,
        }
        status, made = self.server.api("POST", "/channels", hook)
        assert status == 201, made
        self._channel = str(made["id"])

    def _add_hook(self) -> None:
        """Make a hook, and let something come that tells of no alert."""
        mapping = {
            "labels": {"alertname": "Backup failed", "job": "{job}"}, "title": "Backup of {job} failed", "state": "{state}",
            "states": {"failed": "firing", "done": "resolved", "*": "ignore"},
        }  # fmt: skip
        status, made = self.server.api("POST", "/alert-hooks", {"name": "backups", "mapping": mapping})
        assert status == 201, made
        status, said = self.server.api("POST", "/api/hooks/alerts/backups", {"job": "db", "state": "started"})
        assert (status, said["ignored"]) == (200, 1), said

    def _add_status_page(self) -> None:
        """Show three monitors to visitors, with the maintenance of one, and tell them of an incident."""
        components = [
            {"monitor": "checkout", "name": "Checkout", "section": "Shop"},
            {"monitor": "search", "name": "Search", "section": "Shop"},
            {"monitor": "warehouse-gateway", "name": "Pick-up", "section": "Warehouse"},
        ]
        text = "We look after it day and night."
        page = {"title": "Tidemark", "text": text, "windows": True, "components": components}
        status, said = self.server.api("PUT", "/status-pages/tidemark", page)
        assert status == 201, said
        about = [one["id"] for one in said["components"]][:1]
        told = {
            "title": "Checkout answers slowly",
            "text": "We look for the cause.",
            "impact": "slow",
            "components": about,
        }
        status, said = self.server.api("POST", "/status-pages/tidemark/incidents", told)
        assert status == 201, said

    def _add_schedule(self) -> None:
        """Let three take turns by the week, two of them share the nights, and one cover an evening."""
        jonas, ann = (email for _, email, _ in PEOPLE[:2])
        nights = {"days": [0, 1, 2, 3, 4], "start": "20:00", "end": "08:00"}
        layers = [
            {"name": "Everybody", "people": [[EMAIL], [jonas], [ann]]},
            {"name": "Nights", "people": [[jonas], [EMAIL]], "rotation": "daily", "spans": [nights]},
        ]
        schedule = {"name": "Web", "zone": "Europe/Berlin", "layers": layers}
        status, said = self.server.api("POST", "/schedules", schedule)
        assert status == 201, said
        self._add_policy(said["id"])

    def _add_policy(self, schedule: int) -> None:
        """Page who is on call, and everybody who administers when nobody answers."""
        steps = [
            {"kind": "notify_schedule", "schedule": schedule},
            {"kind": "wait", "minutes": 5},
            {"kind": "notify_team", "team": "admin"},
            {"kind": "wait", "minutes": 10},
        ]
        policy = {"name": "Web at night", "steps": steps, "repeats": 2, "ack_minutes": 60}
        status, said = self.server.api("POST", "/escalation-policies", policy)
        assert status == 201, said

    @property
    def words(self) -> dict[str, str]:
        """Return what stands for the names in the addresses of `tests/e2e/pages.py`."""
        known = {
            "slug": next(iter(self.projects), "shop"),
            "issue": "",
            "channel": self._channel,
            "rule": "1",
        }
        if self.projects:
            known["issue"] = self.issue("IntegrityError")
        return {**known, "invitation": self.invitation(), "setup": "/setup/not-a-token/"}

    def invitation(self) -> str:
        """Return the path of a fresh invitation."""
        if not self._invitation:
            done = self.server.cli("users", "add", "Eva Ek", "eva@tidemark.example", "--json")
            assert done.returncode == 0, done.stderr
            self._invitation = urlsplit(json.loads(done.stdout)["link"]).path
        return self._invitation

    def issues(self) -> list[dict[str, object]]:
        """Return the first page of issues as the list's own JSON tells it."""
        headers = {"Authorization": f"Bearer {self.server.token}"}
        status, _, body = self.server.request("GET", "/issues.json?q=", headers=headers)
        assert status == 200, body
        found: list[dict[str, object]] = json.loads(body)["issues"]
        return found

    def issue(self, title: str) -> str:
        """Return the key of the issue whose title holds these words."""
        return next(str(found["short_id"]) for found in self.issues() if title in str(found["title"]))

    def signed_in(
        self, browser: Browser, width: int = 1440, theme: str = "light", *, script: bool = True
    ) -> BrowserContext:
        """Return a browser profile in which Mira is signed in; she signs in by hand the first time."""
        if not self._cookies:
            self._sign_in(browser)
        made = context(browser, width, theme, script=script)
        made.add_cookies(self._cookies)
        return made

    def _sign_in(self, browser: Browser) -> None:
        profile = context(browser)
        page = profile.new_page()
        page.goto(f"{self.server.url}/sign-in/")
        page.get_by_label("E-mail").fill(EMAIL)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(lambda url: "/sign-in/" not in url)
        self._cookies = profile.cookies()
        profile.close()
