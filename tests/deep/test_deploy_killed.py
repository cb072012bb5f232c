"""An apply is killed with no time to say goodbye, again and again; the one after it goes on and ends where it should."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.deploying import WRITES

from vedette.core.clock import SystemClock, monotonic
from vedette.deploy import offline, opening
from vedette.instruments.backup.types import Secret
from vedette.instruments.hetzner.cloud import Cloud
from vedette.instruments.hetzner.fake.fake import Fake
from vedette.instruments.hetzner.fake.serving import serving

FILE = """
project = "shop"
location = "fsn1"
[networks.main]
range = "10.0.0.0/16"
subnets = ["10.0.1.0/24"]
[servers.web]
count = 2
type = "cx23"
image = "IMAGE"
labels = { role = "web" }
network = "main"
volumes = [{ name = "data", size = 10 }]
[firewalls.web]
on = "role=web"
allow = ["tcp/443 from any"]
"""
MAIN = "from vedette.cli.main import main; main()"


@pytest.mark.deep
@pytest.mark.parametrize("image", ["debian-12", "ubuntu-24.04"])
def test_killed_at_any_moment_the_next_apply_goes_on(tmp_path: Path, image: str) -> None:
    fake = Fake(SystemClock(), {WRITES: "write"}, pace=0.05)
    (tmp_path / "infra").mkdir()
    told = tmp_path / "infra/shop.toml"
    with serving(fake) as endpoint:
        told.write_text(FILE.replace("IMAGE", "debian-12"))
        if image != "debian-12":
            assert _apply(tmp_path, endpoint).wait(60) == 0
            told.write_text(FILE.replace("IMAGE", image))
        before = _addresses(endpoint)
        for calls in (25, 40, 55, 70):
            _killed_after(_apply(tmp_path, endpoint), fake, len(fake.asked) + calls)
        assert _apply(tmp_path, endpoint).wait(60) == 0
        assert not _plan(tmp_path, endpoint)
        servers = [each for each in _things(endpoint) if each.kind == "server"]
        assert {each.fields["status"] for each in servers} == {"running"}
        assert {each.fields["image"] for each in servers} == {image}
        if before:
            assert _addresses(endpoint) == before
        assert not any(each.kind == "primary_ip" for each in _things(endpoint))


@pytest.mark.deep
def test_killed_at_any_moment_a_run_of_the_server_goes_on(tmp_path: Path) -> None:
    fake = Fake(SystemClock(), {WRITES: "write"}, pace=0.05)
    told = tmp_path / "shop.toml"
    with serving(fake) as endpoint:
        for image in ("debian-12", "ubuntu-24.04"):
            told.write_text(FILE.replace("IMAGE", image))
            assert _served("ask", tmp_path, endpoint).wait(60) == 0
            for calls in (25, 45):
                _killed_after(_served("work", tmp_path, endpoint), fake, len(fake.asked) + calls)
            ended = _served("work", tmp_path, endpoint)
            assert ended.communicate(timeout=60)[0].decode().splitlines()[-1].split()[0] == "done"
            servers = [each for each in _things(endpoint) if each.kind == "server"]
            assert {(each.fields["status"], each.fields["image"]) for each in servers} == {("running", image)}
            assert not any(each.kind == "primary_ip" for each in _things(endpoint))


def _served(act: str, folder: Path, endpoint: str) -> subprocess.Popen[bytes]:
    own = {"VEDETTE_DATA": str(folder / "data"), "VEDETTE_ALLOW_PRIVATE_ADDRESSES": "true"}
    words = ["-m", "tests.support.carried", act, endpoint, str(folder / "shop.toml")]
    return subprocess.Popen([sys.executable, *words], env={**os.environ, **own}, stdout=subprocess.PIPE)


def _apply(folder: Path, endpoint: str) -> subprocess.Popen[bytes]:
    words = ["deploy", "apply", str(folder), "--yes", "--poll", "0.05", "--state", str(folder / "state")]
    words += [word for danger in ("data-loss", "downtime") for word in ("--accept", danger)]
    return subprocess.Popen(
        [sys.executable, "-c", MAIN, *words], env={**os.environ, "HCLOUD_TOKEN": WRITES, "HCLOUD_ENDPOINT": endpoint}
    )  # fmt: skip


def _killed_after(process: subprocess.Popen[bytes], fake: Fake, calls: int) -> None:
    """Kill it once the API was asked so often; one that is done before is let go."""
    end = monotonic() + 60
    while len(fake.asked) < calls and process.poll() is None and monotonic() < end:
        os.sched_yield()
    if process.poll() is None:
        process.send_signal(signal.SIGKILL)
    process.wait(30)


def _cloud(endpoint: str) -> Cloud:
    return Cloud(Secret(WRITES), wait=lambda _: None, endpoint=endpoint)


def _things(endpoint: str):
    return offline.seen(_cloud(endpoint), "shop", 0.0).things


def _addresses(endpoint: str) -> dict[str, object]:
    return {
        each.name: (each.fields["ipv4"], each.fields["ipv6"])
        for each in _things(endpoint)
        if each.kind == "server"
    }


def _plan(folder: Path, endpoint: str):
    desired = opening.opened(folder).desired
    assert desired is not None
    return offline.plan(desired, _cloud(endpoint), 0.0).changes
