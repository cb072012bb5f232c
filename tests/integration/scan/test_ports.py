"""Ports of a host behind a packet filter, seen from another one: open, closed and dropped; inside against outside. And who is blind."""

import contextlib
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from tests.support import naughty, netns
from tests.support.naughty import Naughty
from tests.support.netns import Pair, inside

from vedette.core.address import AddressPolicy
from vedette.core.errors import Invalid
from vedette.instruments.live.listening import listeners, waiting
from vedette.instruments.scan.ports.comparing import compared
from vedette.instruments.scan.ports.scanner import SCANNER, scan
from vedette.instruments.scan.ports.types import Outside, PortState
from vedette.instruments.scan.running import run
from vedette.instruments.scan.types import Asked, silent
from vedette.wire.scan import ScanReport

pytestmark = pytest.mark.xdist_group("ports")  # one pair of hosts
rooted = pytest.mark.skipif(not netns.possible(), reason="only root makes network namespaces")
SEEN = msgspec.structs.replace(SCANNER, outward=False)
DROPS = """
table inet t {
  chain c {
    type filter hook input priority 0
    tcp dport {PORTS} drop
  }
}
"""


def asked(target: str, deadline: float = 30.0, **options: str) -> Asked:
    policy = AddressPolicy(allow_private=True)
    return Asked(
        target=target,
        now=time.time(),
        feeds=Path("/nonexistent"),
        policy=policy,
        options=options,
        deadline=deadline,
        owned=frozenset({target}),
    )


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    """Yield two hosts: of the server, 22 greets as SSH, 5432 as PostgreSQL, 6379 is dropped, all else is closed."""
    with contextlib.ExitStack() as kept, netns.pair() as made:
        with inside(made.server):
            for port, script in (
                (22, naughty.then_waits(b"SSH-2.0-OpenSSH_9.2\r\n")),
                (5432, naughty.says(b"N")),
                (6379, naughty.waits),
            ):
                kept.callback(Naughty(script, host="0.0.0.0", port=port, reads=False).close)
        made.nft("-f", "-", text=DROPS.replace("PORTS", "6379"))
        yield made


@pytest.fixture(scope="module")
def report(pair: Pair) -> ScanReport:
    with inside(pair.client):
        return scan(asked(pair.server4, ports="21-23,5432,6379,8000", public="22"), silent)


@rooted
def test_open_closed_and_dropped(report: ScanReport) -> None:
    assert (report.facts["open"], report.facts["closed"], report.facts["filtered"]) == ("22, 5432", "3", "1")
    assert [finding.title for finding in report.findings] == [
        "198.51.100.1:5432 (PostgreSQL) answers from outside"
    ]
    assert report.complete


@rooted
def test_inside_against_outside(pair: Pair, report: ScanReport) -> None:
    with inside(pair.server):
        listening = listeners(Path("/"), waiting())
    seen = [Outside(address=pair.server4, port=port, state=PortState.OPEN) for port in (22, 5432)]
    seen.append(Outside(address=pair.server4, port=6379, state=PortState.FILTERED))
    found = {finding.check: finding for finding in compared("db-1", listening, seen, {22})}
    assert set(found) == {"port-open", "port-held"}
    assert "6379" in found["port-held"].title


@rooted
def test_blind_every_port_is_silent(pair: Pair) -> None:
    pair.nft("-f", "-", text=DROPS.replace("PORTS", "1-65535").replace("table inet t", "table inet shut"))
    try:
        with inside(pair.client):
            told = run(SEEN, asked(pair.server4, ports="22,80"))
    finally:
        pair.nft("delete", "table", "inet", "shut")
    assert "Every port of 198.51.100.1 is silent" in told.unknown[0].why
    assert (told.complete, bool(told.unknown[0].fix)) == (False, True)


def test_blind_address_not_allowed() -> None:
    told = run(SEEN, msgspec.structs.replace(asked("10.255.255.1"), policy=AddressPolicy()))
    assert "private" in told.unknown[0].why


def test_blind_no_time() -> None:
    told = run(SEEN, asked("127.0.0.1", deadline=0.001, ports="1-2000"))
    assert not told.complete
    assert told.unknown[0].fix


def test_what_listens_here_answers_here() -> None:
    heard: list[tuple[str, float | None]] = []
    server = Naughty(naughty.then_waits(b"HTTP/1.1 200 OK\r\n\r\n"), reads=False)
    report = scan(
        asked("127.0.0.1", ports=str(server.port), public=str(server.port)),
        lambda what, done=None: heard.append((what, done)),
    )
    server.close()
    assert report.facts["open"] == str(server.port)
    assert heard[-1] == ("ports of 127.0.0.1", 1.0)
    assert threading.active_count() < 100


@pytest.mark.parametrize("options", [{"ports": "0"}, {"public": "x"}, {"inside": "perhaps"}, {"speed": "9"}])
def test_what_cannot_work_is_refused(options: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        scan(asked("127.0.0.1", **options), silent)
