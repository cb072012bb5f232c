"""A port that could not be asked is never taken for a closed one."""

import asyncio
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


def states(port: int, at_once: int, held: int = 0) -> set[PortState]:
    async def asked() -> list[Outside]:
        kept = [socket.socket() for _ in range(held)]
        try:
            seen: list[Outside] = []
            await knocked("127.0.0.1", [port] * 400, Pace(at_once=at_once), seen.append)
        finally:
            for each in kept:
                each.close()
        return seen

    return {each.state for each in asyncio.run(asked())}


def test_few_files_are_enough_for_fewer_ports_at_once(few_files: None) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=500) as server:
        assert states(server.getsockname()[1], at_once=64) == {PortState.OPEN}


def test_a_machine_that_has_no_files_left_cannot_know(few_files: None) -> None:
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    with (
        socket.create_server(("127.0.0.1", 0), backlog=500) as server,
        pytest.raises(CannotKnow, match="could not ask"),
    ):
        states(server.getsockname()[1], at_once=64, held=_free(limit) - 5)


def _free(limit: int) -> int:
    """Return how many files may still be opened."""
    kept: list[socket.socket] = []
    try:
        while len(kept) < limit:
            kept.append(socket.socket())
    except OSError:
        pass
    finally:
        for each in kept:
            each.close()
    return len(kept)
