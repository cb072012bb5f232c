"""A port that could not be asked is never taken for a closed one."""

import asyncio
import contextlib
import resource
import socket
from collections.abc import Iterator

import pytest

from vedette.instruments.scan.ports.knocking import Pace, knocked
from vedette.instruments.scan.ports.types import Outside, PortState
from vedette.instruments.scan.types import CannotKnow


@pytest.fixture
def few_files() -> Iterator[None]:
    """Leave this process some files more than it holds."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    kept = [socket.socket() for _ in range(40)]
    highest = max(each.fileno() for each in kept)
    for each in kept:
        each.close()
    resource.setrlimit(resource.RLIMIT_NOFILE, (highest, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_few_files_are_enough_for_fewer_ports_at_once(few_files: None) -> None:
    seen: list[Outside] = []
    with socket.create_server(("127.0.0.1", 0), backlog=500) as server:
        ports = [server.getsockname()[1]] * 400
        asyncio.run(knocked("127.0.0.1", ports, Pace(at_once=64), seen.append))
    assert {each.state for each in seen} == {PortState.OPEN}


def test_a_machine_that_has_no_files_left_cannot_know(few_files: None) -> None:
    kept: list[socket.socket] = []

    def take_all_files(_: Outside) -> None:
        with contextlib.suppress(OSError):
            while True:
                kept.append(socket.socket())

    with socket.create_server(("127.0.0.1", 0), backlog=500) as server:
        asking = knocked("127.0.0.1", [server.getsockname()[1]] * 400, Pace(at_once=4), take_all_files)
        with pytest.raises(CannotKnow, match="could not ask"):
            asyncio.run(asking)
    for each in kept:
        each.close()
