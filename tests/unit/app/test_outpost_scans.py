"""A location scans ports alone, in a process of its own, and brings what it saw, or why it saw nothing."""

import socket

import msgspec

from vedette.app.outpost_scans import EVERY, Scans
from vedette.plumbing.net.port import NetError, Response
from vedette.scans.types import SCAN_ORDERS, Brought, Errand, Handed, Outcome, Receipt


class Server:
    """Hands out an errand once, and keeps what is brought; `away` is how many answers get lost first."""

    def __init__(self, errand: Errand | None, away: int = 0) -> None:
        self.errand, self.away, self.brought = errand, away, list[Brought]()

    def __call__(self, method: str, path: str, body: bytes, deadline: float) -> Response:
        if path == SCAN_ORDERS:
            handed, self.errand = Handed(self.errand), None
            return Response(200, {}, msgspec.json.encode(handed))
        if self.away:
            self.away -= 1
            raise NetError("the connection was reset", permanent=False)
        self.brought.append(msgspec.json.decode(body, type=Brought))
        return Response(200, {}, msgspec.json.encode(Receipt(Outcome.CLEAN)))


def scans(server: Server, *, private: bool = False) -> Scans:
    return Scans(server, private=private, ended=lambda _: False, say=lambda _: None)


def errand(kind: str, options: dict[str, str]) -> Errand:
    return Errand(
        kind=kind, target=7, scanner=kind, what="127.0.0.1", now=5.0, feeds="", options=options, owned=("127.0.0.1",), deadline=60.0,
    )  # fmt: skip


def test_ports_are_looked_at_and_what_was_seen_is_brought_after_a_loss() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = str(listening.getsockname()[1])
        server = Server(errand("ports", {"ports": port}), away=1)
        assert scans(server, private=True).once() == 0.0
        (brought,) = server.brought
        assert (brought.target, brought.at, brought.report.facts["open"]) == (7, 5.0, port)
        assert scans(server).once() == EVERY


def test_nothing_but_ports_is_looked_at_whatever_a_server_asks_for() -> None:
    server = Server(errand("secrets", {}))
    scans(server).once()
    (brought,) = server.brought
    assert not brought.report.complete
    assert brought.report.unknown[0].why == "A location does not scan secrets."
