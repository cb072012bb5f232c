"""Requests made from the OpenAPI document by schemathesis, with a token and real objects: never a 5xx, mostly a 2xx."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import Case
from tests.support.findings import FILL
from tests.support.server import ROOT, Vedette

from vedette.agent.link.enrolling import Named, Place, enroll
from vedette.core.clock import SystemClock
from vedette.plumbing.net.client import NetClient

FEW, MANY_EXAMPLES = 1, 30
EACH = 3  # of the few, every third operation: all of them are asked by the slow proofs, and by the table of roles
SETTINGS = settings(
    max_examples=FEW,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
pytestmark = [pytest.mark.timeout(300), pytest.mark.xdist_group("openapi")]

MANY = 101  # more issues than are merged at once


class Objects:
    """Real objects behind the path parameters; what is deleted is made anew for each request."""

    def __init__(self, server: Vedette) -> None:
        self.server = server
        self.event = server.send({"message": "seeded", "level": "error"})
        self.issue = server.wait(lambda: server.issues("seeded"))[0]["id"]
        self._kept: dict[str, Any] = {}
        self._count = 0
        self._steps: list[int] = []

    def parameters(self, path: str, *, fresh: bool) -> dict[str, Any]:
        """Return values for the parameters of a path."""
        makers: dict[str, Callable[[], Any]] = {
            "slug": self._project, "key_id": self._key, "rule_id": self._rule, "channel_id": self._channel,
            "token_id": self._token, "user_id": self._user, "key": lambda: self.issue, "event": lambda: self.event,
            "attachment": self._attachment, "search_id": self._search, "job": self._job,
            "erasure": self._erasure, "receipt": self._receipt, "kind": lambda: "email", "name": lambda: "errors.events",
            "alert_id": self._alert, "silence_id": self._silence,
            "monitor": self._monitor, "page": self._status_page, "incident_id": self._incident,
            "incident": self._house_incident, "task": self._task,
            "finding": self._finding,
            "target": self._target, "bill": self._bill, "plan": self._backup_plan, "copy_name": lambda: "box", "order": self._backup_order, "run": lambda: "0" * 32,
            "policy_id": self._policy, "escalation_id": self._escalation,
            "runbook": self._runbook, "step": self._step,
            "schedule_id": self._schedule, "cover_id": self._cover, "digest_id": self._digest,
            "location": self._location, "host": self._host, "token": self._host_token,
        }  # fmt: skip
        names = [name for name in makers if f"{{{name}}}" in path]
        last = names[-1:] if fresh else []
        return {name: makers[name]() if name in last else self._same(name, makers[name]) for name in names}

    def _attachment(self) -> int:
        to, head = self.server.project, {"event_id": self.event}
        lines = [head, {"type": "attachment", "length": 4, "filename": "a.log"}]
        body = b"\n".join(json.dumps(line).encode() for line in lines) + b"\nline\n"
        status, _, _ = self.server.request("POST", f"/api/{to.id}/envelope/?sentry_key={to.key}", body)
        assert status == 200
        path = f"/events/{self.event}/attachments"
        return int(self.server.wait(lambda: self.server.api("GET", path)[1])[0]["id"])

    def _search(self) -> int:
        self._count += 1
        return int(self._made("/searches", {"name": f"Mine {self._count}", "query": "is:open"})["id"])

    def _erasure(self) -> str:
        asked = {"kind": "email", "value": "nobody@example.org", "dry_run": True}
        return str(self.server.api("POST", "/privacy/erasures", asked)[1]["id"])

    def _receipt(self) -> str:
        begun = self.server.api("POST", "/privacy/erasures", {"kind": "id", "value": "none"})[1]["id"]
        self.server.wait(lambda: self.server.api("GET", f"/privacy/receipts/{begun}")[0] == 200, 30)
        return str(begun)

    def _job(self) -> str:
        """Merge more issues than go at once: that is a job."""
        for i in range(MANY):
            self.server.send({"message": f"many {i}", "fingerprint": [f"many-{i}"]})
        keys = self.server.wait(self._many)
        return str(self._made("/issues/merge", {"ids": keys})["job"])

    def _many(self) -> list[str]:
        """Return the keys of these issues, none before all of them are there."""
        page = self.server.api("GET", "/issues?q=many&n=100")[1]
        rest = self.server.api("GET", f"/issues?q=many&n=100&cursor={page['cursor'] or ''}")[1]
        keys = {one["id"] for one in (*page["items"], *rest["items"])}
        return sorted(keys) if len(keys) == MANY else []

    def _same(self, name: str, make: Callable[[], Any]) -> Any:
        if name == "incident" and self._is_merged():
            del self._kept[name]
            self._steps = []
        if name not in self._kept:
            self._kept[name] = self.server.project.slug if name == "slug" else make()
        return self._kept[name]

    def _is_merged(self) -> bool:
        """Tell whether the incident that requests are made for lives on in another, where nothing can be added any more."""
        kept = self._kept.get("incident")
        return kept is not None and bool(self.server.api("GET", f"/incidents/{kept}")[1].get("merged_into"))

    def _made(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        status, made = self.server.api("POST", path, body)
        assert status in {200, 201}, (path, made)
        return dict(made)

    def _project(self) -> str:
        self._count += 1
        return str(
            self._made("/projects", {"name": f"Thrown away {self._count}", "platform": "python"})["slug"]
        )

    def _key(self) -> int:
        return int(self._made(f"/projects/{self.server.project.slug}/keys", {"label": "one"})["id"])

    def _alert(self) -> int:
        found = self.server.wait(lambda: self.server.api("GET", "/alerts")[1]["items"])
        return int(found[0]["id"])

    def _silence(self) -> str:
        return str(self._made("/silences", {"matchers": "team=db", "ends": "2099-01-01T00:00:00Z"})["id"])

    def _monitor(self) -> int:
        self._count += 1
        rhythm = {"schedule": {"kind": "every", "seconds": 60}, "grace": 60}
        return int(
            self._made("/monitors", {"name": f"Job {self._count}", "config": {"rhythm": rhythm}})["id"]
        )

    def _schedule(self) -> int:
        self._count += 1
        layers = [{"name": "All", "people": [[self._mail()]]}]
        return int(self._made("/schedules", {"name": f"Schedule {self._count}", "layers": layers})["id"])

    def _cover(self) -> int:
        times = {"starts_at": "2099-01-01T00:00:00Z", "ends_at": "2099-01-02T00:00:00Z"}
        return int(self._made(f"/schedules/{self._schedule()}/covers", {"user": self._mail(), **times})["id"])

    def _mail(self) -> str:
        self._same("user_id", self._user)
        return str(self.server.api("GET", "/users")[1]["items"][0]["email"])

    def _digest(self) -> int:
        """Let yesterday be told, which no request asks for."""
        script = "import time\nfrom vedette.app import tools\nfrom tests.support import digested\nwith tools.opened():\n    digested.fill(time.time())"
        subprocess.run([sys.executable, "-c", script], env=self.server.environ, cwd=ROOT, check=True)
        return int(self.server.api("GET", "/digests")[1]["items"][0]["id"])

    def _policy(self) -> int:
        self._count += 1
        steps = [{"kind": "notify_team", "team": "owner"}]
        return int(
            self._made("/escalation-policies", {"name": f"Policy {self._count}", "steps": steps})["id"]
        )

    def _escalation(self) -> int:
        """Let a rule with a policy speak of a new issue."""
        rule = {"name": "Pages", "kind": "new_issue", "policy": self._policy()}
        self._made("/rules", rule)
        self.server.send({"message": "paged", "level": "error"})
        found = self.server.wait(lambda: self.server.api("GET", "/escalations")[1]["items"])
        return int(found[0]["id"])

    def _location(self) -> str:
        self._count += 1
        return str(self._made("/locations", {"name": f"Place {self._count}"})["location"]["slug"])

    def _host_token(self) -> str:
        return str(self._made("/host-tokens", {})["invitation"]["id"])

    def _host(self) -> str:
        self._count += 1
        token = str(self._made("/host-tokens", {})["token"])
        folder = self.server.data / f"agent-{self._count}"
        where = Place(state=folder, config=folder / "agent.toml")
        net = NetClient(allow_private=True)
        return enroll(
            self.server.url, token, where, Named(f"web{self._count}"), net=net, now=SystemClock().now
        ).name

    def _status_page(self) -> str:
        self._count += 1
        status, made = self.server.api("PUT", f"/status-pages/page-{self._count}", {"title": "Shop"})
        assert status == 201, made
        return str(made["slug"])

    def _incident(self) -> int:
        page = self._same("page", self._status_page)
        return int(self._made(f"/status-pages/{page}/incidents", {"title": "one", "text": "x"})["id"])

    def _house_incident(self) -> int:
        return int(self._made("/incidents", {"title": "one"})["id"])

    def _task(self) -> int:
        incident = self._same("incident", self._house_incident)
        return int(self._made(f"/incidents/{incident}/tasks", {"text": "one"})["id"])

    def _finding(self) -> int:
        command = [sys.executable, "-c", FILL]
        environ = {**self.server.environ, "VEDETTE_LOG_LEVEL": "error"}
        done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=True)
        return int(done.stdout.splitlines()[-1])

    def _target(self) -> int:
        self._count += 1
        draft = {"scanner": "site", "target": f"http://127.0.0.1:1/{self._count}", "every": 0}
        return int(self._made("/scans/targets", draft)["id"])

    def _backup_plan(self) -> int:
        self._count += 1
        what = [{"kind": "paths", "settings": {"paths": ["/srv"]}}]
        copies = [{"name": "box", "engine": "restic", "at": "/backup"}]
        plan = {"name": f"plan-{self._count}", "what": what, "copies": copies}
        host = self._same("backed up host", self._host)
        return int(self._made("/backups/plans", {"host": host, "plan": plan})["id"])

    def _backup_order(self) -> str:
        status, made = self.server.api("POST", f"/backups/plans/{self._backup_plan()}/run", {})
        assert status == 202, made
        return str(made["id"])

    def _bill(self) -> int:
        parts = [{"ecosystem": "PyPI", "name": "joblib", "version": "1.2.0"}]
        report = {"type": "scan", "scanner": "deps", "target": "shop", "at": 0, "components": parts}
        target = self._made("/scans", {"report": report})["scan"]["target"]
        return int(self.server.api("GET", f"/scans/targets/{target}/bills")[1]["items"][0]["id"])

    def _runbook(self, steps: int = 1) -> str:
        self._count += 1
        draft = {"slug": f"runbook-{self._count}", "name": "One", "text": "- [ ] one\n" * steps}
        return str(self._made("/runbooks", draft)["slug"])

    def _step(self) -> int:
        """Return a step nobody did yet: an incident has few runbooks, but one has many steps."""
        if not self._steps:
            incident = self._same("incident", self._house_incident)
            path = f"/incidents/{incident}/runbooks/{self._runbook(steps=40)}"
            status, made = self.server.api("PUT", path)
            assert status == 200, made
            self._steps = [int(step["id"]) for step in made["items"][-40:]]
        return self._steps.pop()

    def _rule(self) -> int:
        return int(self._made("/rules", {"name": "one", "kind": "new_issue"})["id"])

    def _channel(self) -> int:
        self._count += 1
        config, name = {"url": "http://127.0.0.1:9/hook"}, f"one {self._count}"
        made = self._made("/channels", {"kind": "webhook", "name": name, "config": config, "enabled": False})
        return int(made["id"])

    def _token(self) -> int:
        return int(self._made("/tokens", {"name": "one", "scopes": ["read"]})["id"])

    def _user(self) -> int:
        return int(self.server.api("GET", "/users")[1]["items"][0]["id"])


def exercise(operation: Any, server: Vedette, objects: Objects, statuses: Counter[int], n: int) -> None:
    fresh = operation.method.upper() == "DELETE"

    @settings(SETTINGS, max_examples=n)
    @given(case=operation.as_strategy())
    def run(case: Case) -> None:
        case.path_parameters = objects.parameters(operation.path, fresh=fresh)
        answer = case.call(base_url=server.url, headers={"Authorization": f"Bearer {server.token}"})
        statuses[answer.status_code] += 1
        assert answer.status_code < 500, (case.as_curl_command(), answer.text[:500])
        if answer.status_code >= 400:
            assert "application/problem+json" in answer.headers["content-type"], case.as_curl_command()

    run()


@pytest.mark.parametrize("n", [FEW, pytest.param(MANY_EXAMPLES, marks=pytest.mark.deep)])
def test_requests_made_from_the_document(start_vedette, n: int) -> None:
    server = start_vedette(env={"VEDETTE_TOKEN_REQUESTS_PER_MINUTE": "1000000"})
    words = ("users", "add", "Ada", "ada@example.org", "--role", "owner", "--password-stdin")
    assert server.cli(*words, stdin="seven turquoise lanterns hum\n").returncode == 0
    objects, statuses = Objects(server), Counter()
    schema = schemathesis.openapi.from_url(
        f"{server.url}/api/v1/openapi.json", headers={"Authorization": f"Bearer {server.token}"}
    )
    operations = list(schema.get_all_operations())
    for result in operations[:: EACH if n == FEW else 1]:
        exercise(result.ok(), server, objects, statuses, n)
    good = sum(count for status, count in statuses.items() if 200 <= status < 300)
    assert good >= 0.6 * statuses.total(), statuses
