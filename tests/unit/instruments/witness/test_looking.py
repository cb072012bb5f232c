"""Real connections to real ports of this machine."""

import asyncio
import socket

from vedette.instruments.witness.looking import Manners, looked
from vedette.wire.witness import Came, Look

LOOPBACK = "127.0.0.1"


def test_a_port_answers_or_refuses_and_pauses_lie_between_two_to_one_address() -> None:
    pauses = list[float]()

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    with socket.create_server((LOOPBACK, 0)) as server, socket.socket() as taken:
        taken.bind((LOOPBACK, 0))  # taken by us, and nobody listens
        ports = [server.getsockname()[1], taken.getsockname()[1]]
        looks = [*(Look("web", LOOPBACK, port) for port in ports), Look("other", "127.0.0.2", ports[1])]
        found = asyncio.run(looked(looks, pause=pause))
    assert [each.came for each in found] == [Came.ANSWERED, Came.REFUSED, Came.REFUSED]
    assert [each.look for each in found] == looks
    assert pauses == [0.2]


def test_who_takes_no_connection_in_time_is_silent() -> None:
    with socket.socket() as server:
        server.bind((LOOPBACK, 0))
        server.listen(0)
        port = server.getsockname()[1]
        waiting = [socket.socket() for _ in range(4)]  # fill what the kernel keeps for it
        for each in waiting:
            each.setblocking(False)
            each.connect_ex((LOOPBACK, port))
        (found,) = asyncio.run(looked([Look("web", LOOPBACK, port)], manners=Manners(deadline=0.3)))
        for each in waiting:
            each.close()
    assert found.came is Came.SILENT


def test_what_is_no_address_was_not_tried() -> None:
    (found,) = asyncio.run(looked([Look("web", "999.1.1.1", 80)]))
    assert found.came is Came.UNTRIED
