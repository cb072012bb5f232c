"""A real Vedette in a folder of its own: started, asked, stopped and killed by its process id."""

import http.client
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from json import dumps, loads
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
VEDETTE = BIN / "vedette"
START_SECONDS = 30.0


@dataclass(frozen=True)
class Project:
    """A project made for the test."""

    id: int
    slug: str
    dsn: str

    @property
    def key(self) -> str:
        return self.dsn.split("://")[1].split("@")[0]


@dataclass
class Vedette:
    """A running `vedette up` (or uvicorn with the same application) on a port of its own."""

    data: Path
    port: int
    env: dict[str, str] = field(default_factory=dict)
    command: list[str] = field(default_factory=lambda: [str(VEDETTE), "up"])
    process: subprocess.Popen[bytes] | None = None
    ready_seconds: float = 0.0
    until: int = 200
    known_token: str = ""
    _project: Project | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environ(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("VEDETTE_", "DJANGO_"))}
        return {
            **kept,
            "VEDETTE_DATA": str(self.data),
            "VEDETTE_PORT": str(self.port),
            "VEDETTE_ALLOW_PRIVATE_ADDRESSES": "true",
            "VEDETTE_AGENT": "off",
            "VEDETTE_MIN_FREE_DISK_BYTES": "1",
            "PYTHONUNBUFFERED": "1",
            **self.env,
        }

    @property
    def log_path(self) -> Path:
        return self.data.parent / f"{self.data.name}.log"

    @property
    def output(self) -> str:
        """What the server printed so far, log lines too."""
        return self.log_path.read_text() if self.log_path.exists() else ""

    def start(self) -> "Vedette":
        """Start and wait until requests are answered and events kept."""
        began = time.monotonic()
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                env=self.environ,
                cwd=self.data.parent,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        while not self._is_ready():
            if self.process.poll() is not None or time.monotonic() - began > START_SECONDS:
                raise AssertionError(f"Vedette did not start:\n{self.output[-4000:]}")
            time.sleep(0.02)
        self.ready_seconds = time.monotonic() - began
        return self

    def _is_ready(self) -> bool:
        try:
            return self.request("GET", "/-/ready")[0] == self.until
        except OSError:
            return False

    @property
    def project(self) -> Project:
        """A project named `shop`, made on first use."""
        if self._project is None:
            self._project = self.add_project("shop", "python")
        return self._project

    def add_project(self, name: str, platform: str = "python") -> Project:
        """Make a project over REST: a command would take its second."""
        status, made = self.api("POST", "/projects", {"name": name, "platform": platform})
        assert status == 201, made
        _, keys = self.api("GET", f"/projects/{made['slug']}/keys")
        return Project(made["id"], made["slug"], keys[0]["dsn"])

    def exported(self, kind: str = "events", project: str = "") -> list[dict[str, Any]]:
        """Return what `vedette export` prints."""
        done = self.cli("export", "--kind", kind, *(["--project", project] if project else []))
        assert done.returncode == 0, done.stderr
        return [loads(line) for line in done.stdout.splitlines()]

    @property
    def token(self) -> str:
        """A token of every scope, made on first use."""
        if not self.known_token:
            scopes = [part for scope in ("read", "write", "admin") for part in ("--scope", scope)]
            done = self.cli("tokens", "add", "tests", *scopes, "--json")
            assert done.returncode == 0, done.stderr
            self.known_token = loads(done.stdout)["token"]
        return self.known_token

    def request(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        headers: dict[str, str] | None = None,
        timeout: float = 15.0,
    ) -> tuple[int, dict[str, str], bytes]:
        """Ask once on a connection of its own; headers come back with lower-case names."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request(method, path, body or None, headers or {})
            answer = connection.getresponse()
            return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
        finally:
            connection.close()

    def api(self, method: str, path: str, json: object = None) -> tuple[int, Any]:
        """Ask the REST API (`path` below /api/v1) with the token; returns status and the decoded body."""
        headers = {"Authorization": f"Bearer {self.token}"}
        body = b""
        if json is not None:
            body, headers["Content-Type"] = dumps(json).encode(), "application/json"
        path = path if path.startswith("/api/") else f"/api/v1{path}"
        status, _, answer = self.request(method, path, body, headers)
        return status, loads(answer) if answer else None

    def send(self, event: dict[str, Any], project: Project | None = None) -> str:
        """Store one event by HTTP and return its id."""
        to = project or self.project
        headers = {"X-Sentry-Auth": f"Sentry sentry_key={to.key}, sentry_version=7"}
        status, _, body = self.request("POST", f"/api/{to.id}/store/", dumps(event).encode(), headers)
        assert status == 200, (status, body)
        return str(loads(body)["id"])

    def issues(self, query: str = "", project: str = "") -> list[dict[str, Any]]:
        """Return the first page of issues."""
        from urllib.parse import urlencode

        status, page = self.api("GET", "/issues?" + urlencode({"q": query, "project": project}))
        assert status == 200, page
        return list(page["items"])

    def wait(self, what, seconds: float = 10.0):
        """Poll a real process until `what()` is true (there is no other way to know) and return what it gave."""
        end = time.monotonic() + seconds
        while not (found := what()):
            assert time.monotonic() < end, f"it did not happen in {seconds} s\n{self.output[-3000:]}"
            time.sleep(0.05)
        return found

    def cli(self, *args: str, stdin: str = "", timeout: float = 60.0) -> subprocess.CompletedProcess[str]:
        """Run a verb of the command line on the same data."""
        return subprocess.run(
            [str(VEDETTE), *args], env=self.environ, cwd=self.data.parent, input=stdin, capture_output=True,
            text=True, timeout=timeout, check=False,
        )  # fmt: skip

    def pids(self) -> list[int]:
        """Return the process ids of the tree, the supervisor first."""
        if self.process is None or self.process.poll() is not None:
            return []
        parent = psutil.Process(self.process.pid)
        return [parent.pid, *(child.pid for child in parent.children(recursive=True))]

    def pss(self) -> int:
        """Return the proportional set size of the tree in bytes."""
        total = 0
        for pid in self.pids():
            text = Path(f"/proc/{pid}/smaps_rollup").read_text()
            total += (
                next(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:")) * 1024
            )
        return total

    def cpu_seconds(self) -> float:
        """Return the CPU time the tree has used."""
        return sum(sum(psutil.Process(pid).cpu_times()[:2]) for pid in self.pids())

    def stop(self, how: int = signal.SIGTERM, timeout: float = 15.0) -> float:
        """Ask it to stop (SIGINT as a terminal does: the whole group) and return how many seconds that took."""
        assert self.process is not None
        began = time.monotonic()
        if self.process.poll() is None:
            if how == signal.SIGINT:
                os.killpg(self.process.pid, how)
            else:
                self.process.send_signal(how)
            self.process.wait(timeout)
        return time.monotonic() - began

    def kill(self) -> None:
        """End every process of the tree at once (SIGKILL)."""
        pids = self.pids()
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        if self.process is not None:
            self.process.wait(10)
        while any(
            psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE for pid in pids
        ):
            time.sleep(0.01)
