"""Debian's sshd for real: wrong passwords, a ban, packets stop; unban, allowlist, a live session; the agent killed and started."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.support import netns
from tests.support.netns import Echo, Pair, inside, until
from tests.support.sshd import Sshd

pytestmark = [
    pytest.mark.skipif(not netns.possible(), reason="only root makes network namespaces"),
    pytest.mark.xdist_group("packets"),
    pytest.mark.deep,
]


class Agent:
    """The agent on the guarded host, and the command line beside it."""

    def __init__(self, folder: Path, sshd: Sshd) -> None:
        self.state, self._sshd = folder, sshd
        self.start()

    def start(self) -> None:
        words = [sys.executable, "-m", "tests.support.banning_agent", str(self.state), str(self._sshd.log)]
        with inside(self._sshd.pair.server):
            self._process = subprocess.Popen(words, stdout=subprocess.PIPE)
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == b"ready\n"

    def kill(self) -> None:
        self._process.kill()
        self._process.wait(10)

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(10)

    def vedette(self, *words: str) -> Any:
        program = "from vedette.cli.main import main; main()"
        command = [sys.executable, "-c", program, *words, "--state", str(self.state), "--json"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=dict(os.environ))
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def banned(self) -> dict[str, str]:
        return {row["value"]: row["until"] for row in self.vedette("bans", "list")}

    def spared(self) -> dict[str, str]:
        return {row["network"]: row["why"] for row in self.vedette("allow", "list")}


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    with netns.pair() as made:
        yield made


@pytest.fixture(scope="module")
def sshd(pair: Pair, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    made = Sshd(tmp_path_factory.mktemp("sshd"), pair)
    yield made
    made.close()


@pytest.fixture
def agent(sshd: Sshd, tmp_path: Path) -> Iterator[Agent]:
    sshd.pair.nft("flush", "ruleset")
    made = Agent(tmp_path / "state", sshd)
    yield made
    made.close()


@pytest.fixture
def echo(pair: Pair) -> Iterator[Echo]:
    pair.nft("flush", "ruleset")
    made = Echo(pair)
    yield made
    made.close()


def kernel(pair: Pair) -> dict[str, int]:
    listed = json.loads(pair.nft("-j", "list", "set", "inet", "vedette", "banned4"))["nftables"]
    (found,) = [part["set"] for part in listed if "set" in part]
    return {one["elem"]["val"]: one["elem"]["expires"] for one in found.get("elem", ())}


def test_ten_wrong_passwords_a_ban_an_unban_and_the_allowlist(echo: Echo, agent: Agent, sshd: Sshd) -> None:
    attacker, other = "198.51.100.7", "198.51.100.8"
    assert sshd.guess(attacker, 4)[:2] == [True, True], "six wrong passwords are heard"
    assert list(agent.banned()) == [attacker]
    assert not echo.passes(attacker)
    assert sshd.guess(attacker, 1) == [False], "sshd is not reached"
    assert echo.passes(other)
    agent.vedette("bans", "remove", attacker)
    assert echo.passes(attacker)
    assert sshd.guess(attacker, 1) == [True]
    assert agent.banned() == {}, "an unban stays"
    agent.vedette("bans", "add", other)
    assert not echo.passes(other)
    assert other in agent.vedette("allow", "add", other)["text"]
    assert echo.passes(other), "to allow somebody lifts a live ban"
    assert sshd.guess(other, 4) == [True] * 4
    assert agent.banned() == {}


def test_the_address_of_a_live_session_is_not_banned(echo: Echo, agent: Agent, sshd: Sshd) -> None:
    """An attacker's connection is established, too, while it guesses: only who signed in is spared."""
    operator, attacker = "203.0.113.6", "203.0.113.5"
    with sshd.session(operator) as session:
        assert session.stdin is not None
        assert session.stdout is not None
        session.stdin.write(b"here\n")
        session.stdin.flush()
        assert session.stdout.readline() == b"here\n"
        assert until(lambda: agent.spared().get(f"{operator}/32") == "signed in here"), (
            "who is present is read every five seconds"
        )
        assert sshd.guess(operator, 4) == [True] * 4
        sshd.guess(attacker, 3)
        assert list(agent.banned()) == [attacker]
        assert echo.passes(operator)
        session.stdin.write(b"still here\n")
        session.stdin.flush()
        assert session.stdout.readline() == b"still here\n"
        session.kill()


def test_an_agent_that_is_killed_and_started_keeps_the_ends(
    echo: Echo, agent: Agent, sshd: Sshd, pair: Pair
) -> None:
    agent.vedette("bans", "add", "203.0.113.5", "--for", "1h")
    sshd.guess("198.51.100.7", 2)
    before, ends = agent.banned(), kernel(pair)
    agent.kill()
    assert not echo.passes("198.51.100.7"), "the kernel bans on while no agent runs"
    agent.start()
    assert agent.banned() == before
    after = kernel(pair)
    assert after.keys() == ends.keys() == {"198.51.100.7", "203.0.113.5"}
    assert all(ends[value] - 30 < after[value] <= ends[value] for value in ends)
    agent.kill()
    pair.nft("delete", "table", "inet", "vedette")
    assert echo.passes("198.51.100.7")
    agent.start()
    assert not echo.passes("198.51.100.7")
    assert all(ends[value] - 60 < lasts <= ends[value] for value, lasts in kernel(pair).items())
    agent.kill()
    agent.vedette("bans", "remove", "198.51.100.7")
    agent.start()
    assert echo.passes("198.51.100.7"), "what was lifted while no agent ran is lifted at its start"
    assert until(lambda: list(agent.banned()) == ["203.0.113.5"])
