"""`vedette dev hetzner-fake`: served as a program of its own, and the project outlives it."""

import contextlib
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import hcloud
import pytest
from tests.support.hetzner_walk import PUBLIC_KEY
from tests.support.server import VEDETTE


@contextlib.contextmanager
def fake(*options: str) -> Iterator[dict[str, str]]:
    command = [str(VEDETTE), "dev", "hetzner-fake", "--port", "0", "--json", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield json.loads(process.stdout.readline())
        finally:
            process.kill()


def client(told: dict[str, str]) -> hcloud.Client:
    return hcloud.Client(told["token"], api_endpoint=told["endpoint"], poll_interval=0.05)


def test_the_project_is_there_again_after_a_kill(tmp_path: Path) -> None:
    data = tmp_path / "shop.json"
    with fake("--data", str(data), "--pace", "0") as told:
        client(told).ssh_keys.create("ann", PUBLIC_KEY)
        client(told).networks.create("main", "10.0.0.0/16").change_protection(
            delete=True
        ).wait_until_finished()
    assert data.stat().st_mode & 0o077 == 0, "what servers are started with may be secret"
    faults = tmp_path / "faults.json"
    faults.write_text('[{"harm": "html", "path": "/volumes", "status": 500}]')
    with fake("--data", str(data), "--faults", str(faults)) as told:
        assert [key.name for key in client(told).ssh_keys.get_all()] == ["ann"]
        assert client(told).networks.get_all()[0].protection == {"delete": True}
        with pytest.raises(hcloud.APIException, match="Internal Server Error"):
            client(told).request("GET", "/volumes")
