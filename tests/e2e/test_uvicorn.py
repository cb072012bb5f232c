"""The same application under another server."""

import json
import signal
import sys

import pytest
from tests.e2e.conftest import Start
from tests.support.ports import free_port


def test_everything_works_under_uvicorn(start_vedette: Start) -> None:
    port = free_port()
    command = [
        sys.executable, "-m", "uvicorn", "vedette.app.asgi:application", "--port", str(port), "--no-access-log",
        "--timeout-graceful-shutdown", "2",
    ]  # fmt: skip
    server = start_vedette(port=port, command=command)
    assert f"http://localhost:{port}/setup/" in server.output
    assert server.request("GET", "/-/health")[2] == b"ok\n"
    assert server.request("GET", "/sign-in/")[0] == 200
    event_id = server.send({"message": "under uvicorn", "level": "error"})
    found = server.wait(lambda: server.issues("uvicorn"))
    assert found[0]["title"] == "under uvicorn"
    assert len(event_id) == 32
    assert json.loads(server.request("GET", "/-/ready")[2])["ready"]
    assert server.stop(signal.SIGTERM) < 5


def test_what_stops_uvicorn_from_starting_is_said(start_vedette: Start) -> None:
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "vedette.app.asgi:application", "--port", str(port)]
    server = start_vedette(port=port, command=command, wait=False)
    (server.data / "secret.key").write_bytes(b"short")
    (server.data / "secret.key").chmod(0o600)
    with pytest.raises(AssertionError, match="5 bytes instead of 32"):
        server.start()
