"""How long a plan of 50 servers takes of our own time, and how many requests. Targets: 2 seconds, 60 requests.

The API is the fake on loopback, in a process of its own; our own time is all but what it takes to answer.
"""

import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time

from benchmarks.report import Figure, finish
from vedette.core.clock import SystemClock, monotonic
from vedette.deploy import offline, opening
from vedette.deploy.types import Desired
from vedette.instruments.backup.types import Secret
from vedette.instruments.hetzner.cloud import Cloud

BENCH = "deploy_plan"
SERVERS = 50
TOKEN = "bench"
_SERVE = """
import threading
from vedette.core.clock import SystemClock
from vedette.instruments.hetzner.fake.fake import Fake
from vedette.instruments.hetzner.fake.serving import serving
with serving(Fake(SystemClock(), {"bench": "write"}, pace=0)) as endpoint:
    print(endpoint, flush=True)
    threading.Event().wait()
"""


def project() -> str:
    """Return the file of a project of 50 servers with what surrounds them."""
    head = 'project = "bench"\nlocation = "fsn1"\n[networks.main]\nrange = "10.0.0.0/16"\nsubnets = ["10.0.1.0/24"]\n'
    parts = [_role(f"role{number}", SERVERS // 10) for number in range(10)]
    return head + "".join(parts)


def _role(name: str, count: int) -> str:
    return (
        f'[servers.{name}]\ncount = {count}\ntype = "cx23"\nimage = "debian-12"\nlabels = {{ role = "{name}" }}\nnetwork = "main"\n'
        f'volumes = [{{ name = "data", size = 10 }}]\n'
        f'[firewalls.{name}]\non = "role={name}"\nallow = ["tcp/443 from any", "tcp/22 from 203.0.113.0/24"]\n'
        f'[load_balancers.{name}]\ntype = "lb11"\nnetwork = "main"\ntargets = "role={name}"\nservices = [{{ listen = 80, to = 80 }}]\n'
        f'[zones."{name}.example"]\nrecords = ["@ A {name}/{name}", "www CNAME @"]\n'.replace(
            f"{name}/{name}", f"load_balancer/{name}"
        )
    )


def desired(folder: Path, text: str) -> Desired:
    """Return what a file says."""
    (folder / "infra").mkdir(exist_ok=True)
    (folder / "infra/bench.toml").write_text(text)
    found = opening.opened(folder)
    if found.desired is None:
        raise SystemExit("\n".join(str(each) for each in found.faults))
    return found.desired


def main() -> None:
    """Make the project, change one rule of each firewall, plan, and tell."""
    with (
        TemporaryDirectory() as name,
        subprocess.Popen([sys.executable, "-c", _SERVE], stdout=subprocess.PIPE) as server,
    ):
        try:
            assert server.stdout is not None
            figures = measured(Path(name), server.stdout.readline().decode().strip())
        finally:
            server.kill()
    finish(figures)


def measured(folder: Path, endpoint: str) -> list[Figure]:
    """Return the figures."""
    text, clock = project(), SystemClock()
    cloud = Cloud(Secret(TOKEN), wait=lambda seconds: time.sleep(seconds / 20), endpoint=endpoint)
    began = monotonic()
    _, applied = offline.apply(
        desired(folder, text), cloud, folder, clock.now, agree=lambda _: True, tell=lambda _: None
    )
    made = monotonic() - began
    if applied.problems:
        raise SystemExit(applied.problems[0].problem)
    changed = text.replace("tcp/22 from 203.0.113.0/24", "tcp/22 from 198.51.100.0/24")
    began, cpu = monotonic(), process_time()
    planned = offline.plan(
        desired(folder, changed), Cloud(Secret(TOKEN), wait=lambda _: None, endpoint=endpoint), clock.now()
    )
    took, own = monotonic() - began, process_time() - cpu
    if len(planned.changes) != 10:
        raise SystemExit(offline.text(planned))
    return [
        Figure(BENCH, f"plan of {SERVERS} servers, our own time", own, "s", "<= 2"),
        Figure(BENCH, f"plan of {SERVERS} servers, all of it", took, "s"),
        Figure(BENCH, f"plan of {SERVERS} servers, requests", planned.requests, "requests", "<= 60"),
        Figure(BENCH, f"making all of it ({len(applied.steps)} changes)", made, "s"),
    ]


if __name__ == "__main__":
    main()
