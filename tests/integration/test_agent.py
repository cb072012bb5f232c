"""`vedette agent run` for real: a process that reads a log, bans whom it should, and is ended, killed and told otherwise."""

import contextlib
import datetime
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.followed import until

from vedette.agent import status

RUN = "import sys; from vedette.cli.main import main; sys.argv[0] = 'vedette'; main()"
ATTACKER = "185.220.101.4"


class Host:
    """A folder with a log, a configuration, and the agent that watches it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.log, self.bans = folder, folder / "auth.log", folder / "bans.conf"
        self.config = folder / "agent.toml"
        self.log.touch()
        self.tell()

    def tell(self, more: str = "") -> None:
        self.config.write_text(
            f'state = "{self.folder}/state"\nsets = {{ ssh = "enforce" }}\n{more}\n'
            f'[[sources]]\npath = "{self.log}"\n[enforce.nginx]\npath = "{self.bans}"\nevery = 0\n'
        )

    def fail(self, n: int, address: str = ATTACKER) -> None:
        now = datetime.datetime.now().astimezone().isoformat(timespec="microseconds")
        with self.log.open("a") as file:
            for port in range(n):
                file.write(
                    f"{now} host sshd[7]: Failed password for root from {address} port {4000 + port} ssh2\n"
                )

    def banned(self, address: str = ATTACKER) -> bool:
        return self.bans.exists() and address in self.bans.read_text()

    @contextlib.contextmanager
    def agent(self) -> Iterator["subprocess.Popen[bytes]"]:
        with contextlib.suppress(FileNotFoundError):
            (self.folder / "state" / status.NAME).unlink()
        said = (self.folder / "said").open("ab")
        process = subprocess.Popen(
            [sys.executable, "-c", RUN, "agent", "run", "--config", str(self.config)], stderr=said
        )
        try:
            until(
                lambda: (self.folder / "state" / status.NAME).exists() or process.poll() is not None,
                self.said,
            )
            assert process.poll() is None, self.said()
            yield process
        finally:
            process.terminate()
            process.wait(10)
            said.close()

    def said(self) -> str:
        return (self.folder / "said").read_text()

    def standing(self) -> status.Status:
        return status.read(self.folder / "state")


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(tmp_path)


@pytest.mark.deep
def test_who_guesses_passwords_is_banned_and_sigterm_keeps_everything(host: Host) -> None:
    with host.agent() as process:
        host.fail(12)
        until(host.banned, host.said)
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
        assert time.monotonic() - began < 5.0
    assert host.standing().sources[0].lines == 12
    assert host.banned()
    host.fail(3, "185.220.101.5")
    with host.agent():
        host.fail(1, "185.220.101.5")
        until(lambda: host.standing().sources[0].lines == 4, host.said)
    assert not host.banned("185.220.101.5")


@pytest.mark.deep
def test_an_agent_that_was_killed_goes_on(host: Host) -> None:
    with host.agent() as process:
        host.fail(12)
        until(host.banned)
        until(lambda: '"offset":0' not in (host.folder / "state" / "positions.json").read_text())
        os.kill(process.pid, signal.SIGKILL)
        process.wait(10)
    host.fail(12, "185.220.101.6")
    with host.agent():
        until(lambda: host.banned("185.220.101.6"), host.said)
        assert host.banned()


@pytest.mark.deep
def test_sighup_reads_anew_and_refuses_what_is_wrong(host: Host) -> None:
    with host.agent() as process:
        host.tell("nonsense = 1")
        process.send_signal(signal.SIGHUP)
        until(lambda: "The configuration stays as it was" in host.said(), host.said)
        host.tell(f'allow = ["{ATTACKER}"]')
        process.send_signal(signal.SIGHUP)
        until(lambda: "The configuration was read anew." in host.said(), host.said)
        host.fail(12)
        host.fail(12, "185.220.101.6")
        until(lambda: host.banned("185.220.101.6"), host.said)
        assert not host.banned()


@pytest.mark.deep
def test_it_ends_with_who_started_it(host: Host) -> None:
    starts = (
        "import sys, os; from pathlib import Path; from vedette.agent.process import beside; "
        "print(beside(Path(sys.argv[1])).pid, flush=True); sys.stdin.read()"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", starts, str(host.config)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )  # fmt: skip
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    until((host.folder / "state" / status.NAME).exists)
    parent.kill()
    parent.communicate()
    until(lambda: not status.runs(status.Status(pid=child, since=0, at=0)))
