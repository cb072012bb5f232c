"""The process: it starts what it is told, reads that anew, and ends with everything kept."""

import threading
from pathlib import Path

import pytest
from tests.support.agent_parts import Eager, Once, Remembering, Words
from tests.support.followed import until

from vedette.agent import status
from vedette.agent.config import Config
from vedette.agent.loop import Loop, Parts, own_folder
from vedette.agent.pipeline import Engine, Pipeline
from vedette.core.clock import SystemClock
from vedette.core.errors import ConfigError, NotFound


class Made:
    """Prepares parts that a test looks into."""

    def __init__(self, fault: Exception | None = None) -> None:
        self.configs: list[Config] = []
        self.begun: list[Remembering] = []
        self.fault = fault

    def __call__(self, config: Config) -> "Made":
        if config.name == "wrong":
            raise ConfigError("name: wrong")
        self.configs.append(config)
        return self

    def parts(self) -> Parts:
        remembering, words = Remembering(), Words()
        self.begun.append(remembering)
        pipeline = Pipeline(
            Engine(lambda _: words, Eager()), remembering, remembering, SystemClock(), lambda _: None
        )
        source = Once(pipeline.take, b"failed 203.0.113.9\n", self.fault)
        return Parts(self.configs[-1], [("once", source)], pipeline, remembering, remembering)


class Running:
    """A loop in a thread."""

    def __init__(self, tmp_path: Path, made: Made) -> None:
        self.file, self.made, self.said = tmp_path / "agent.toml", made, list[str]()
        self.file.write_text(f'state = "{tmp_path}"\nname = "first"')
        self.loop = Loop(made, self.file, SystemClock(), self.said.append)
        self.error: BaseException | None = None
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self) -> None:
        try:
            self.loop.run()
        except BaseException as error:  # noqa: BLE001 - the test looks at it
            self.error = error

    def end(self) -> None:
        self.loop.end()
        self.thread.join(5)
        assert not self.thread.is_alive()


def test_it_reads_decides_and_ends_with_everything_kept(tmp_path: Path) -> None:
    running = Running(tmp_path, Made())
    until(lambda: bool(running.made.begun) and running.made.begun[0].banned == ["203.0.113.9"])
    running.end()
    assert running.made.begun[0].did == ["start", "start", "close", "stop"]
    found = status.read(tmp_path)
    assert (found.sources[0].source, found.detections, found.waiting) == ("once", 1, {"facts": 1})
    assert status.runs(found)


def test_a_wrong_configuration_leaves_the_old_one_in_force(tmp_path: Path) -> None:
    running = Running(tmp_path, Made())
    until(lambda: bool(running.made.begun))
    for text in ("state =", f'state = "{tmp_path}"\nname = "wrong"'):
        before = len(running.said)
        running.file.write_text(text)
        running.loop.read_anew()
        until(lambda before=before: len(running.said) > before)
        assert running.said[-1].startswith("The configuration stays as it was: ")
    running.file.write_text(f'state = "{tmp_path}"\nname = "second"')
    running.loop.read_anew()
    until(lambda: len(running.made.begun) == 2)
    running.end()
    assert [one.name for one in running.made.configs] == ["first", "second"]
    assert [one.did[-2:] for one in running.made.begun] == [["close", "stop"]] * 2


def test_a_source_that_breaks_by_a_fault_of_ours_ends_the_process(tmp_path: Path) -> None:
    """Whoever watches it starts it again; an agent that reads half of its logs would only look well."""
    running = Running(tmp_path, Made(RuntimeError("ours")))
    running.thread.join(5)
    assert str(running.error) == "ours"
    assert running.made.begun[0].did[-2:] == ["close", "stop"]


def test_a_folder_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="cannot be used"):
        own_folder(tmp_path / "file" / "state")
    own_folder(tmp_path / "state")
    assert (tmp_path / "state").stat().st_mode & 0o777 == 0o700


def test_where_no_agent_ran_there_is_no_status(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no agent ran"):
        status.read(tmp_path)
