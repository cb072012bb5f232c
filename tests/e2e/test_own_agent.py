"""`vedette up` watches its own machine: an agent starts with it, is let in by nobody, is edited by its file, and ends with it."""

import contextlib
import os
import signal
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from tests.e2e.conftest import Start
from tests.support.server import Vedette

pytestmark = pytest.mark.deep


def agent_of(server: Vedette) -> int | None:
    for pid in server.pids():
        with contextlib.suppress(psutil.Error):  # it has just ended
            if "vedette.agent.process" in psutil.Process(pid).cmdline():
                return pid
    return None


def configured(folder: Path, log: Path, bans: Path) -> None:
    """Write what a person would who wants little looked at, and bans in a file."""
    (folder / "agent").mkdir(mode=0o700, parents=True)
    (folder / "agent" / "agent.toml").write_text(
        f'metrics = false\nsets = {{ ssh = "enforce" }}\n[files]\nusual = false\npaths = ["{log}"]\n'
        f'[[sources]]\npath = "{log}"\n[enforce.nginx]\npath = "{bans}"\nevery = 0\n'
    )


def host(server: Vedette) -> Callable[[], dict[str, object] | None]:
    def found() -> dict[str, object] | None:
        _, page = server.api("GET", "/hosts")
        return next((one for one in page["items"] if one["heard_at"]), None)

    return found


def test_the_machine_of_the_server_is_watched_without_a_word(start_vedette: Start, tmp_path: Path) -> None:
    data, log, bans = tmp_path / "data", tmp_path / "auth.log", tmp_path / "bans.conf"
    log.touch()
    configured(data, log, bans)
    server = start_vedette(data=data, env={"VEDETTE_AGENT": "on"}, fresh=True)
    first = server.wait(lambda: agent_of(server), 20)
    known = server.wait(host(server), 20)
    assert (known["enrolled_by"], known["state"]) == ("vedette", "active")
    server.wait(lambda: "follows 1 logs" in server.cli("doctor").stdout, 20)

    os.kill(first, signal.SIGKILL)
    second = server.wait(lambda: (found := agent_of(server)) != first and found, 20)
    assert "The agent of this machine ended (status -9)" in server.output
    server.process.send_signal(signal.SIGHUP)  # another worker, the same agent
    server.wait(lambda: server.output.count('"roles started"') == 2, 20)
    assert agent_of(server) == second

    server.stop()
    assert not psutil.pid_exists(second)
    assert "lost" not in server.output
    server.start()  # let in once: it is the same host
    server.wait(lambda: agent_of(server), 20)
    assert len(server.api("GET", "/hosts")[1]["items"]) == 1
    agent = agent_of(server)
    os.kill(server.pids()[0], signal.SIGKILL)
    server.wait(lambda: not psutil.pid_exists(agent), 10)


def test_off_means_that_nothing_runs(start_vedette: Start) -> None:
    server = start_vedette(env={"VEDETTE_AGENT": "off"})
    assert agent_of(server) is None
    assert not (server.data / "agent").exists()
    assert "No agent runs beside the server: agent = off." in server.cli("doctor").stdout
