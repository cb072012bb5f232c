"""Backups of the agent that runs here: asked at its desk, waited for, and good only when every copy was saved."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from vedette.agent.desk import Answer, Asked, Desk
from vedette.cli import backup_agent
from vedette.cli.backup_options import Where
from vedette.core.errors import Invalid, Unavailable


class Agent:
    """An agent with a plan of two copies; `good` are those that its next run saves."""

    def __init__(self) -> None:
        self.good = {"disk", "box"}
        self.saved = {"disk": "yesterday", "box": "yesterday"}
        self.looks = -1

    def answer(self, asked: Asked) -> Answer:
        if asked.verb == "backup run":
            if asked.value != "shop":
                raise Invalid(f"{asked.value} is no plan of this host.")
            self.looks = 1
            return Answer(text="soon")
        if self.looks == 0:
            self.saved.update(dict.fromkeys(self.good, "now"))
        self.looks -= 1
        rows = [
            {
                "plan": "shop",
                "copy": copy,
                "at": "/b",
                "runs": self.looks >= 0,
                "saved": saved,
                "drilled": "",
                "refused": "",
            }
            for copy, saved in self.saved.items()
        ]
        return Answer(rows=tuple(rows))


@pytest.fixture
def agent() -> Agent:
    return Agent()


@pytest.fixture
def folder(tmp_path: Path, agent: Agent) -> Iterator[Path]:
    desk = Desk(tmp_path, agent.answer)
    desk.start()
    yield tmp_path
    desk.close()


def test_a_run_is_good_when_every_copy_was_saved(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    backup_agent.run("shop", json=True, folder=folder)
    assert capsys.readouterr().out == '{"plan":"shop","saved":{"disk":true,"box":true}}\n'


def test_a_copy_that_was_not_saved_exits_1(
    folder: Path, agent: Agent, capsys: pytest.CaptureFixture[str]
) -> None:
    agent.good = {"disk"}
    with pytest.raises(SystemExit, match="1"):
        backup_agent.run("shop", json=False, folder=folder)
    assert "not saved to box" in capsys.readouterr().out


def test_what_the_agent_refuses_is_told(folder: Path) -> None:
    with pytest.raises(Invalid, match="ship is no plan"):
        backup_agent.run("ship", json=False, folder=folder)


def test_plans_are_listed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    backup_agent.show(json=False, folder=folder)
    assert "yesterday" in capsys.readouterr().out


def test_the_agent_is_asked_where_nothing_else_names_a_plan(folder: Path, tmp_path: Path) -> None:
    assert backup_agent.speaks(Where(), folder)
    assert not backup_agent.speaks(Where(adhoc=True), folder)
    assert not backup_agent.speaks(Where(config=tmp_path / "v.toml"), folder)
    assert not backup_agent.speaks(Where(), tmp_path / "none")
    with pytest.raises(Unavailable, match="No agent runs"):
        backup_agent.rows(tmp_path / "none")
