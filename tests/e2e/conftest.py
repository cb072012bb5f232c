"""A real server for whoever needs one."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from tests.support.browser import chromium
from tests.support.server import Vedette, free_port
from tests.support.world import World

Start = Callable[..., Vedette]


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an empty core.db that knows every migration: each server of its own would take two seconds for it."""
    folder = tmp_path_factory.mktemp("migrated") / "data"
    program = [sys.executable, "-m", "vedette.app.migrate"]
    subprocess.run(program, env={**os.environ, "VEDETTE_DATA": str(folder)}, check=True, timeout=60)
    return folder / "core.db"


@pytest.fixture(scope="session")
def start_vedette(tmp_path_factory: pytest.TempPathFactory, migrated: Path) -> Iterator[Start]:
    """Return a function that starts a Vedette; `data` begins with an old folder, `env` and `command` change it.

    `fresh` begins with nothing at all, as an installation does.
    """
    started: list[Vedette] = []

    def start(data: Path | None = None, *, wait: bool = True, fresh: bool = False, **how: object) -> Vedette:
        folder = data or tmp_path_factory.mktemp("vedette") / "data"
        if not fresh and not folder.exists():
            folder.mkdir(mode=0o700)
            shutil.copy2(migrated, folder)
        made = Vedette(folder, how.pop("port", None) or free_port(), **how)  # type: ignore[arg-type]
        started.append(made)
        return made.start() if wait else made

    yield start
    for server in started:
        if server.pids():
            server.kill()


@pytest.fixture(scope="session")
def vedette_server(start_vedette: Start) -> Vedette:
    """Return the one server that tests share when they do not harm it."""
    return start_vedette()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Return headless Chromium; gone after each module, for its driver keeps an event loop running in this thread."""
    with chromium() as found:
        yield found


class Worlds:
    """The states pages are looked at in: `empty` has nobody but its owner, `normal` a day of events."""

    def __init__(self, start: Start) -> None:
        self._start = start
        self._made: dict[str, World] = {}

    def __getitem__(self, state: str) -> World:
        """Return a world, made when it is first asked for."""
        if state not in self._made:
            made = World(self._start()).add_owner()
            self._made[state] = made.fill() if state == "normal" else made
        return self._made[state]


@pytest.fixture(scope="session")
def worlds(start_vedette: Start) -> Worlds:
    """Return the worlds of this session."""
    return Worlds(start_vedette)
