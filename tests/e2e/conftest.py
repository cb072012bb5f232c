"""A real server for whoever needs one."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from tests.support.browser import chromium
from tests.support.server import Vedette, free_port
from tests.support.world import World

Start = Callable[..., Vedette]


@pytest.fixture(scope="session")
def start_vedette(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Return a function that starts a Vedette; `data` begins with an old folder, `env` and `command` change it."""
    started: list[Vedette] = []

    def start(data: Path | None = None, *, wait: bool = True, **how: object) -> Vedette:
        folder = data or tmp_path_factory.mktemp("vedette") / "data"
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


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Return headless Chromium."""
    with chromium() as found:
        yield found


@pytest.fixture(scope="session")
def worlds(start_vedette: Start) -> dict[str, World]:
    """Return the states pages are looked at in: `empty` has nobody but its owner, `normal` a day of events."""
    return {"empty": World(start_vedette()).add_owner(), "normal": World(start_vedette()).add_owner().fill()}
