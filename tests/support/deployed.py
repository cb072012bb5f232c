"""A project at Hetzner that was watched for some days: the shop, of which something drifted, something broke and something was applied.

Runs within `tests.support.past`, beside a server on the same data; what is at Hetzner is the fake's, which is gone afterwards.
"""

import tempfile
from pathlib import Path

from tests.support.deploying import READS, Place, place
from tests.support.hetzner_shop import rule

from vedette.accounts.permissions import SYSTEM
from vedette.deploy import service
from vedette.deploy.desired.reading import File, desired
from vedette.deploy.store import hosts, projects, runs
from vedette.deploy.types import (
    Agreed,
    CloudProject,
    Deed,
    DeployRun,
    HardenedArea,
    HardenedHost,
    HostDrift,
    RunState,
    RunStep,
)
from vedette.plumbing.db.sql import transaction
from vedette.wire.infra import Told, Waiver
from vedette.wire.witness import Came, Look, Sight

HOUR, DAY = 3_600.0, 86_400.0
RUN, FAILED = "a" * 32, "f" * 32  # ids that pages are asked for by
FILE = """project = "shop"
location = "fsn1"
assert = ["internet cannot reach db:*", "internet reaches front:443", "web reaches db:5432", "admin reaches web:22", "internet cannot reach *:8080"]
[groups]
admin = ["203.0.113.0/24"]
[networks.main]
range = "10.0.0.0/16"
subnets = ["10.0.1.0/24"]
[keys.ann]
public = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"
[firewalls.web]
on = "role=web"
allow = ["tcp/443 from any", "tcp/22 from admin"]
[servers.web]
count = 2
type = "cx23"
image = "debian-12"
labels = { role = "web" }
network = "main"
keys = ["ann"]
[servers.db]
type = "cx23"
image = "debian-12"
labels = { role = "db" }
network = "main"
public = false
volumes = [{ name = "data", size = 40 }]
[load_balancers.front]
type = "lb11"
network = "main"
targets = "role=web"
services = [{ listen = 443, to = 8080, protocol = "tcp" }]
"""


def fill(now: float, host: int) -> CloudProject:
    """Let the project be watched since yesterday, something be changed by hand, and a host be hardened; return it."""
    with tempfile.TemporaryDirectory() as folder, place(Path(folder)) as hetzner:
        made = watched(hetzner, now)
    _ran(made, now)
    with transaction():
        hosts.put(hardened(host, now))
    return made


def watched(hetzner: Place, now: float) -> CloudProject:
    """Return a project that stands at the fake as its file says, but for a port and a server that somebody switched off."""
    _at(hetzner, now - DAY)
    assert not hetzner.apply(desired([File("infra/shop.toml", FILE)])).problems
    made = service.connect(SYSTEM, "shop", READS, hetzner.endpoint, now - DAY, wait=hetzner.clock.forward)
    service.say(SYSTEM, made.id, {"infra/shop.toml": FILE}, now - DAY)
    look(hetzner, made, now - DAY)
    _at(hetzner, now - HOUR)
    _meddle(hetzner)
    _at(hetzner, now - 60)
    look(hetzner, made, now - 60)
    return service.project("shop")


def _at(hetzner: Place, now: float) -> None:
    hetzner.clock.forward(max(0.0, now - hetzner.clock.now()))


def look(hetzner: Place, project: CloudProject, now: float) -> None:
    """Read it as it is at an instant."""
    assert service.look(projects.get(project.id), now, hetzner.clock.forward) is not None


def _meddle(hetzner: Place) -> None:
    """Open a port by hand, and switch a server off."""
    wall, web = hetzner.thing("firewall", "web"), hetzner.thing("server", "web-2")
    rules = [*({**each} for each in wall.fields["rules"]), rule("8080", text="for five minutes")]
    hetzner.cloud().did(
        "POST", f"/firewalls/{wall.id}/actions/set_rules", {"rules": [_rule(each) for each in rules]}
    )
    hetzner.cloud().did("POST", f"/servers/{web.id}/actions/poweroff")


def _rule(of: dict[str, object]) -> dict[str, object]:
    """Return a rule as Hetzner's API takes it."""
    return {
        "direction": of["direction"],
        "protocol": of["protocol"],
        "port": of["port"],
        "source_ips": of["peers"],
        "description": of["text"],
    }


def _ran(project: CloudProject, now: float) -> None:
    """Note an apply that was done and a revert that failed."""
    done = DeployRun(
        id=RUN, project=project.id, deed=Deed.APPLY, by="Mira Lind", asked_at=now - DAY, targets=(),
        agreed=(Agreed(act="create", kind="server", name="web-2"), Agreed(act="update", kind="load_balancer", name="front")),
    )  # fmt: skip
    failed = DeployRun(
        id=FAILED,
        project=project.id,
        deed=Deed.REVERT,
        by="Jonas Berg",
        asked_at=now - 5 * HOUR,
        targets=("firewall/web",),
    )
    with transaction():
        for one in (done, failed):
            runs.add(one)
            runs.begin(one.id, one.asked_at + 2)
        runs.add_steps(RUN, [
            RunStep(at=done.asked_at + 31, text="server web-2 made", good=True, seconds=29.4),
            RunStep(at=done.asked_at + 36, text="load balancer front changed", good=True, seconds=4.8),
        ], done.asked_at + 36)  # fmt: skip
        runs.end(RUN, RunState.DONE, "Done: 2 changes, each read back.", done.asked_at + 37)
        why = "firewall web was not changed: Hetzner said that it was done, yet a rule stands there: in tcp/8080 from any."
        runs.add_steps(
            FAILED, [RunStep(at=failed.asked_at + 9, text=why, good=False, seconds=6.0)], failed.asked_at + 9
        )
        runs.end(
            FAILED,
            RunState.FAILED,
            "1 of 1 changes failed. Mend what is said and apply again.",
            failed.asked_at + 9,
        )


def hardened(host: int, now: float) -> HardenedHost:
    """Return a host that was hardened, and of which a file changed since."""
    areas = (
        HardenedArea(name="ssh", passed=14, sentence="Keys only; one account may sign in."),
        HardenedArea(
            name="firewall", passed=6, failed=1, sentence="A port of a container passes it: tcp/9000."
        ),
        HardenedArea(
            name="kernel", passed=31, failed=2, waived=1, sentence="Two values come with the next boot."
        ),
        HardenedArea(
            name="updates", passed=4, sentence="Security updates install themselves; reboots at 04:00."
        ),
    )
    look = Look(name="db", address="10.0.1.3", port=5432)
    return HardenedHost(
        host=host, hardened_at=now - 3 * DAY, profile="cis-l1", score_before=58.0, score_after=91.0, areas=areas,
        waived=(
            Waiver(check="ssh-forwarding", reason="It is the jump host.", until="2027-03-01"),
            Waiver(check="kernel-modules-usb", reason="The backup disk hangs on it.", until="2026-10-01"),
        ),
        drift=(HostDrift(what="file", name="/etc/ssh/sshd_config.d/00-vedette.conf", since=now - 2 * HOUR, by="root, while jonas was signed in", text="-PasswordAuthentication no\n+PasswordAuthentication yes", key="file:/etc/ssh/sshd_config.d/00-vedette.conf"),),
        told=Told(drops=True, encrypted=False), looks=(Sight(look=look, came=Came.ANSWERED, sentence="10.0.1.3:5432 answered in 2 ms."),), at=now - 120,
    )  # fmt: skip
