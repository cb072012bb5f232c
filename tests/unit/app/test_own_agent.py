"""The agent beside the server: when there is one, what is written for it, how it is started again, and what the doctor says."""

import os
import stat
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from vedette.agent import process as agent_process
from vedette.agent import status
from vedette.agent.assembling import _may_change_packets
from vedette.agent.config import load
from vedette.agent.link.identity import Server, write_server
from vedette.app import agent_looks, beside, own_agent
from vedette.app.beside import Beside
from vedette.core.settings import Settings
from vedette.instruments.logs.sources.types import Standing


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "data", agent="on")


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Return a file; where it is, the machine has an agent of its own. It runs in no container."""
    monkeypatch.setattr(own_agent, "_OF_ITS_OWN", tmp_path / "agent.toml")
    monkeypatch.setattr(own_agent, "_CONTAINERS", (tmp_path / "dockerenv",))
    return tmp_path


def test_it_runs_unless_there_is_a_reason(settings: Settings, bare: Path) -> None:
    auto = replace(settings, agent="auto")
    assert own_agent.why_none(auto) == ""
    assert own_agent.why_none(replace(settings, agent="off")) == "agent = off"
    assert "plain HTTP" in own_agent.why_none(replace(settings, host="192.0.2.7"))
    assert own_agent.why_none(replace(settings, host="192.0.2.7", domains="watch.example.com")) == ""
    (bare / "dockerenv").touch()
    assert "container" in own_agent.why_none(auto)
    (bare / "agent.toml").touch()
    assert "of its own" in own_agent.why_none(auto)
    assert own_agent.why_none(settings) == ""


def test_its_configuration_is_written_once_and_changes_nothing(settings: Settings) -> None:
    path = own_agent.configured(settings)
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    read = load(path)
    assert (read.sets, read.enforce, read.sources, read.metrics) == ({}, {}, None, True)
    path.write_text("metrics = false\n")
    assert own_agent.configured(settings) == path
    assert not load(path).metrics
    text = own_agent._TEXT.format(state=path.parent)
    switched = "\n".join(
        line.removeprefix("# ") for line in text.splitlines() if " = " in line or "[" in line
    )
    path.write_text(
        "\n".join(line for line in switched.splitlines() if line[0] in "[asp" and "`" not in line)
    )
    assert load(path).sets == {"ssh": "enforce"}


class Falls:
    """Starts programs in the agent's place, which end by themselves, and remembers when it was asked to."""

    def __init__(self, programs: Sequence[str]) -> None:
        self.programs, self.started, self.all = list(programs), list[Path](), threading.Event()

    def __call__(self, config: Path, state: Path | None = None) -> "subprocess.Popen[bytes]":
        assert state == config.parent
        self.started.append(config)
        program = self.programs.pop(0)
        if not self.programs:
            self.all.set()
        return subprocess.Popen([sys.executable, "-S", "-c", program])


def test_it_is_started_again_when_it_died_and_ended_with_the_server(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    falls = Falls(["raise SystemExit(3)", "raise SystemExit(4)", "import time; time.sleep(60)"])
    monkeypatch.setattr(agent_process, "beside", falls)
    monkeypatch.setattr(beside, "_PAUSES", (0.01, 0.02))
    monkeypatch.delenv(own_agent.HERE, raising=False)
    state = own_agent.folder(settings)
    state.mkdir(parents=True)
    write_server(state, Server(url="http://127.0.0.1:1", key="", host=1, name="here"))
    agent = Beside(settings)
    assert os.environ.pop(own_agent.HERE) == "1"
    agent.start()
    assert falls.all.wait(10)
    agent.stop()
    agent.stop()
    told = capfd.readouterr().err
    assert ("(status 3)" in told, "(status 4)" in told, len(falls.started)) == (True, True, 3)


def test_what_is_not_enrolled_is_not_started(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    falls = Falls([])
    monkeypatch.setattr(agent_process, "beside", falls)
    monkeypatch.delenv(own_agent.HERE, raising=False)
    agent = Beside(settings)
    os.environ.pop(own_agent.HERE)
    assert "could not be enrolled" in agent._lived()
    assert falls.started == []
    capfd.readouterr()


def test_the_doctor_says_how_it_fares(settings: Settings) -> None:
    assert [row[0] for row in agent_looks.looked(replace(settings, agent="off"))] == ["ok"]
    ((state, text, todo),) = agent_looks.looked(settings)
    assert (state, "did not run yet" in text, "vedette up" in todo) == ("ok", True, True)
    folder = own_agent.folder(settings)
    folder.mkdir(parents=True)
    write_server(folder, Server(url="http://127.0.0.1:1", key="", host=1, name="here"))
    sources = (
        Standing(source="/var/log/auth.log", state="unreadable", since=1.0, detail="it may not be read"),
        Standing(source="/var/log/mail.log", state="followed", since=1.0),
    )
    found = status.Status(pid=os.getpid(), since=1.0, at=2.0, sources=sources, waiting={"facts": 3})
    status.write(folder, found, b"")
    first, second = agent_looks.looked(settings)
    assert first[:2] == ("ok", "The agent watches this machine as here: it follows 1 logs, 3 reports wait.")
    assert (second[0], "/var/log/auth.log" in second[1]) == ("warn", True)
    status.write(folder, msgspec.structs.replace(found, pid=2**22 + 1), b"")
    ((state, text, _),) = agent_looks.looked(settings)
    assert (state, "does not run" in text) == ("ok", True)


@pytest.mark.parametrize(("told", "may"), [("000001ffffffffff", True), ("0000000000001000", True), ("0000000000080004", False), ("0000000000000000", False)])  # fmt: skip
def test_who_may_change_packets_is_read_of_the_kernel(tmp_path: Path, told: str, may: bool) -> None:
    status_file = tmp_path / "status"
    status_file.write_text(f"Name:\tpython\nCapPrm:\t{told}\nCapEff:\t{told}\n")
    assert _may_change_packets(status_file) is may
