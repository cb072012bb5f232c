"""`vedette bans` and `vedette allow`: with an agent at its desk, and in the state file while none runs."""

import json
from pathlib import Path

import pytest

from vedette.agent import verbs
from vedette.agent.bans import Bans
from vedette.agent.book import Book
from vedette.agent.desk import Desk
from vedette.cli import bans as cli
from vedette.core.clock import SystemClock
from vedette.core.errors import Invalid
from vedette.instruments.packets.memory import Memory

Capsys = pytest.CaptureFixture[str]


def test_without_an_agent_the_state_file_is_changed_and_that_is_said(tmp_path: Path, capsys: Capsys) -> None:
    cli.list_bans(state=tmp_path)
    assert capsys.readouterr().out == "Nobody is banned.\n"
    cli.add_ban("203.0.113.9", for_="2d12h", reason="who\x1b[31m?", state=tmp_path)
    said = capsys.readouterr().out
    assert said.startswith("203.0.113.9 is banned for 2 days 12 h, until 20")
    assert "No agent runs here" in said
    cli.list_bans(state=tmp_path)
    listed = capsys.readouterr().out
    assert "who?[31m?" in listed
    assert "\x1b" not in listed
    cli.add_allowed("203.0.113.0/24", note="office", state=tmp_path)
    assert "The ban of 203.0.113.9 is lifted." in capsys.readouterr().out
    cli.list_allowed(state=tmp_path)
    assert "203.0.113.0/24  office" in capsys.readouterr().out
    with pytest.raises(Invalid, match="is in the allowlist"):
        cli.add_ban("203.0.113.9", state=tmp_path)
    cli.remove_allowed("203.0.113.0/24", state=tmp_path)
    assert "is allowed no longer" in capsys.readouterr().out
    cli.list_bans(state=tmp_path, json=True)
    assert json.loads(capsys.readouterr().out) == []


def test_with_an_agent_its_kernel_is_changed_at_once(tmp_path: Path, capsys: Capsys) -> None:
    kernel, clock = Memory(), SystemClock()
    bans = Bans(Book(tmp_path), [kernel], origin="web-1")
    bans.start(clock.now())
    desk = Desk(tmp_path, lambda asked: verbs.answer(bans, asked, clock.now()))
    desk.start()
    try:
        cli.add_ban("2001:db8:7::1", state=tmp_path)
        assert "No agent" not in capsys.readouterr().out
        assert list(kernel.live) == ["2001:db8:7::/64"]
        cli.list_bans(state=tmp_path, json=True)
        (row,) = json.loads(capsys.readouterr().out)
        assert (row["value"], row["measure"], row["simulated"]) == ("2001:db8:7::/64", "ban", False)
        cli.remove_ban("2001:db8:7::/64", state=tmp_path)
        assert "is free" in capsys.readouterr().out
        assert kernel.live == {}
    finally:
        desk.close()
        bans.close(clock.now())


def test_wrong_values_say_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="No agent has run here"):
        cli.list_bans(state=tmp_path / "absent")
    with pytest.raises(Invalid, match="Did you mean"):
        cli.add_ban("203.0.113.9/24", state=tmp_path)
    with pytest.raises(Invalid, match="no duration"):
        cli.add_ban("203.0.113.9", for_="soon", state=tmp_path)
