"""A real server for whoever needs one."""

import fcntl
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from tests.support.browser import WHOLE, chromium
from tests.support.ports import free_port
from tests.support.server import Vedette
from tests.support.world import World

Start = Callable[..., Vedette]


@dataclass(frozen=True)
class Template:
    """A core.db that knows every migration and one token of every scope."""

    core_db: Path
    token: str


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """Return what servers begin with: each of its own would take three seconds to migrate, and one for its token.

    Workers share it: the first that needs it makes it.
    """
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "template"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "token").exists():
            (folder / "token").write_text(_make(folder / "data"))
    return Template(folder / "data" / "core.db", (folder / "token").read_text())


def _make(data: Path) -> str:
    """Migrate a new folder and return a token for it."""
    made = Vedette(data, free_port())
    program = [sys.executable, "-m", "vedette.app.migrate"]
    subprocess.run(program, env={**os.environ, "VEDETTE_DATA": str(data)}, check=True, timeout=60)
    token = made.token
    with closing(sqlite3.connect(data / "core.db")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # the file alone is copied
    return token


@pytest.fixture(scope="session")
def migrated(template: Template) -> Path:
    """Return a core.db that knows every migration, for servers that are started otherwise."""
    return template.core_db


@contextmanager
def starting(factory: pytest.TempPathFactory, template: Template) -> Iterator[Start]:
    """Give the block a function that starts a Vedette; what it started is gone after the block."""
    started: list[Vedette] = []

    def start(data: Path | None = None, *, wait: bool = True, fresh: bool = False, **how: object) -> Vedette:
        folder = data or factory.mktemp("vedette") / "data"
        made = Vedette(folder, how.pop("port", None) or free_port(), **how)  # type: ignore[arg-type]
        if not fresh and not folder.exists():
            folder.mkdir(mode=0o700)
            shutil.copy2(template.core_db, folder)
            made.known_token = template.token
        started.append(made)
        return made.start() if wait else made

    try:
        yield start
    finally:
        for server in started:
            if server.pids():
                server.kill()


@pytest.fixture(scope="module")
def start_vedette(tmp_path_factory: pytest.TempPathFactory, template: Template) -> Iterator[Start]:
    """Return a function that starts a Vedette; `data` begins with an old folder, `env` and `command` change it.

    `fresh` begins with nothing at all, as an installation does. All are gone after the module: those that idle take time
    from those that are tested.
    """
    with starting(tmp_path_factory, template) as start:
        yield start


@pytest.fixture(scope="session")
def start_for_all(tmp_path_factory: pytest.TempPathFactory, template: Template) -> Iterator[Start]:
    """Return a function that starts a Vedette which several modules share."""
    with starting(tmp_path_factory, template) as start:
        yield start


@pytest.fixture(scope="session")
def vedette_server(start_for_all: Start) -> Vedette:
    """Return the one server that tests share when they do not harm it."""
    return start_for_all()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Return headless Chromium; gone after each module, for its driver keeps an event loop running in this thread."""
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def whole_browser() -> Iterator[Browser]:
    """Return Chromium with all that belongs to it: its shell shows no notifications."""
    with chromium(WHOLE) as found:
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
def worlds(start_for_all: Start) -> Worlds:
    """Return the worlds of this session."""
    return Worlds(start_for_all)
