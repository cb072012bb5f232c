"""Bans in the kernel with real packets over veth: stopped, flowing again, a whole /64, our table alone, 50,000 at once."""

import ipaddress
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.support import netns
from tests.support.netns import Echo, Pair, inside, until

from vedette.instruments.packets import libnft, script
from vedette.instruments.packets.libnft import Nftables, Program
from vedette.instruments.packets.nft import Nft
from vedette.instruments.packets.port import EnforceError
from vedette.wire.agent.types import Decision, Measure, Scope

pytestmark = [
    pytest.mark.skipif(not netns.possible(), reason="only root makes network namespaces"),
    pytest.mark.xdist_group("packets"),
]
FOREIGN = """
table inet mine {
	set banned4 {
		type ipv4_addr
		elements = { 192.0.2.1 }
	}

	chain input {
		type filter hook input priority filter; policy accept;
		ct state established accept
		ip saddr @banned4 drop
	}
}
"""


def ban(value: str, seconds: float = 600, **others: Any) -> Decision:
    others = {"measure": Measure.BAN, **others}
    now = time.time()
    others = {"scope": Scope.NETWORK if "/" in value else Scope.ADDRESS, **others}
    return Decision(id=value, value=value, at=now, until=now + seconds, reason="r", **others)


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    with netns.pair() as made:
        yield made


@pytest.fixture(scope="module")
def echo(pair: Pair) -> Iterator[Echo]:
    pair.nft("flush", "ruleset")
    made = Echo(pair)
    yield made
    made.close()


@pytest.fixture(params=["library", pytest.param("program", marks=pytest.mark.deep)])
def make(request: pytest.FixtureRequest) -> Any:
    return libnft.opened if request.param == "library" else lambda: Program("/usr/sbin/nft")


@pytest.fixture
def nft(pair: Pair, make: Any) -> Iterator[Nft]:
    """The program is started in the namespace of whoever starts it; the library keeps the one it was opened in."""
    with inside(pair.server):
        pair.nft("flush", "ruleset")
        made = Nft(make)
        made.sync(list, time.time())
        yield made
        made.close()


@pytest.fixture
def library(pair: Pair) -> Iterator[Nft]:
    with inside(pair.server):
        pair.nft("flush", "ruleset")
        made = Nft()
        made.sync(list, time.time())
    yield made
    made.close()


def test_a_banned_source_stops_and_flows_again_after_expiry(nft: Nft, echo: Echo) -> None:
    assert echo.passes("198.51.100.7")
    nft.put(
        [
            ban("198.51.100.7", 1.5),
            ban("203.0.113.5", simulated=True),
            ban("203.0.113.6", measure=Measure.NOTE),
            ban("198.51.100.8", scope=Scope.USER),
        ],
        time.time(),
    )
    assert not echo.passes("198.51.100.7")
    assert all(map(echo.passes, ("198.51.100.8", "203.0.113.5", "203.0.113.6"))), "others flow"
    assert until(lambda: echo.passes("198.51.100.7")), "the kernel ends a ban by itself"


def test_networks_and_every_address_of_a_64_stop(nft: Nft, echo: Echo) -> None:
    wide = [ban("203.0.113.0/24"), ban("2001:db8:0:7::/64"), ban("203.0.113.5")]
    nft.put(wide, time.time())
    assert not any(map(echo.passes, ("203.0.113.5", "203.0.113.6", "2001:db8:0:7::1", "2001:db8:0:7::2")))
    assert all(map(echo.passes, ("198.51.100.7", "2001:db8:0:8::1")))
    nft.drop([*wide[:2], ban("192.0.2.77"), ban("no address")], time.time())
    assert all(map(echo.passes, ("203.0.113.6", "2001:db8:0:7::1", "2001:db8:0:7::2")))
    assert not echo.passes("203.0.113.5"), "it is banned for itself"


@pytest.mark.deep
def test_one_address_of_ipv6_and_a_wide_network(library: Nft, echo: Echo) -> None:
    library.put([ban("2001:db8:0:7::2/128"), ban("203.0.0.0/16")], time.time())
    assert not any(map(echo.passes, ("2001:db8:0:7::2", "203.0.113.5")))
    assert echo.passes("2001:db8:0:7::1")


@pytest.mark.deep
def test_a_later_or_earlier_end_replaces_the_one_there(library: Nft, echo: Echo) -> None:
    library.put([ban("198.51.100.7", 1)], time.time())
    library.put([ban("198.51.100.7", 600), ban("198.51.100.8", 600)], time.time())
    library.put([ban("198.51.100.8", 1)], time.time())
    assert until(lambda: echo.passes("198.51.100.8"))
    assert not echo.passes("198.51.100.7")


def test_open_connections_of_a_banned_address_stop(library: Nft, pair: Pair) -> None:
    pair.nft("-f", "-", text=FOREIGN)
    with inside(pair.server):
        listener = socket.create_server((pair.server4, 0))
    with inside(pair.client):
        client = socket.create_connection(listener.getsockname(), 5, source_address=("198.51.100.7", 0))
    server, _ = listener.accept()
    with listener, client, server:
        client.sendall(b"before")
        assert server.recv(100) == b"before"
        library.put([ban("198.51.100.7")], time.time())
        client.sendall(b"after")
        server.settimeout(0.4)
        with pytest.raises(TimeoutError):
            server.recv(100)
        library.drop([ban("198.51.100.7")], time.time())
        server.settimeout(20)
        assert server.recv(100) == b"after", "TCP sends it again"


@pytest.mark.deep
def test_what_is_forwarded_stops_too(library: Nft, pair: Pair) -> None:
    with netns.behind(pair) as container:
        inner = Echo(pair, container)
        try:
            assert until(lambda: inner.passes("198.51.100.7", to="192.0.2.2"))
            library.put([ban("198.51.100.7")], time.time())
            assert not inner.passes("198.51.100.7", to="192.0.2.2")
            assert inner.passes("198.51.100.8", to="192.0.2.2")
        finally:
            inner.close()


def test_no_table_but_ours_is_touched(library: Nft, pair: Pair, make: Any) -> None:
    pair.nft("-f", "-", text=FOREIGN)
    before = pair.nft("list", "table", "inet", "mine")
    with inside(pair.server):
        other = Nft(make)
        other.put([ban("198.51.100.7"), ban("203.0.113.0/24")], time.time())
        pair.nft("delete", "table", "inet", "vedette")
        other.put([ban("198.51.100.8")], time.time())
        other.sync(lambda: [ban("203.0.113.5")], time.time())
        other.drop([ban("203.0.113.5")], time.time())
    assert pair.nft("list", "table", "inet", "mine") == before
    assert pair.nft("list", "tables").split() == ["table", "inet", "mine", "table", "inet", "vedette"]


@pytest.mark.parametrize(
    "harm",
    [
        pytest.param("flush ruleset", marks=pytest.mark.deep),
        "delete table inet vedette",
        pytest.param("flush set inet vedette banned4", marks=pytest.mark.deep),
        "flush chain inet vedette input",
        pytest.param("insert rule inet vedette input accept", marks=pytest.mark.deep),
        pytest.param("add set inet vedette mine { type ipv4_addr; }", marks=pytest.mark.deep),
        pytest.param("add chain inet vedette forward { policy drop; }", marks=pytest.mark.deep),
        pytest.param(
            "delete table inet vedette\nadd table inet vedette\nadd set inet vedette banned4 { type ipv4_addr; flags interval; }",
            marks=pytest.mark.deep,
        ),
        pytest.param(
            "delete table inet vedette\nadd table inet vedette\nadd chain inet vedette input { type filter hook input priority 0; }",
            marks=pytest.mark.deep,
        ),
    ],
)
def test_what_somebody_changed_in_our_table_is_put_back_and_told(
    library: Nft, pair: Pair, echo: Echo, harm: str
) -> None:
    live = [ban("198.51.100.7"), ban("2001:db8:0:7::/64")]
    library.put(live, time.time())
    assert not library.sync(lambda: live, time.time()).anything
    pair.nft("-f", "-", text=harm + "\n")
    mended = library.sync(lambda: live, time.time())
    assert mended.anything, "it is told"
    assert mended.sentence("The table").endswith(".")
    assert not any(map(echo.passes, ("198.51.100.7", "2001:db8:0:7::2")))
    assert echo.passes("203.0.113.5")
    assert not library.sync(lambda: live, time.time()).anything


@pytest.mark.deep
def test_what_is_there_is_compared_element_by_element(library: Nft, pair: Pair, echo: Echo) -> None:
    pair.nft(
        "add element inet vedette banned4 { 203.0.113.5, 203.0.113.6 timeout 1h, 198.51.100.7 timeout 1h }"
    )
    live = [ban("203.0.113.6", 600), ban("198.51.100.7", 3600), ban("198.51.100.8")]
    mended = library.sync(lambda: live, time.time())
    assert (mended.missing, mended.unknown, mended.other_end, mended.rebuilt) == (1, 1, 1, False)
    assert echo.passes("203.0.113.5")
    assert not any(map(echo.passes, ("203.0.113.6", "198.51.100.7", "198.51.100.8")))


@pytest.mark.deep
def test_what_is_dropped_is_counted(library: Nft, echo: Echo) -> None:
    live = [ban("198.51.100.7"), ban("203.0.113.0/24")]
    library.put(live, time.time())
    assert not any(map(echo.passes, ("198.51.100.7", "203.0.113.5")))
    library.sync(lambda: live, time.time())
    assert library.dropped[0] >= 2


@pytest.mark.deep
def test_fifty_thousand_are_one_transaction_and_come_back(library: Nft, pair: Pair, echo: Echo) -> None:
    first = int(ipaddress.IPv4Address("23.0.0.0"))
    live = [ban(str(ipaddress.IPv4Address(first + 7 * n))) for n in range(49_998)]
    live += [ban("198.51.100.7"), ban("2001:db8:0:7::/64")]
    mended = library.sync(lambda: live, time.time())
    assert mended.missing == 50_000
    assert not any(map(echo.passes, ("198.51.100.7", "2001:db8:0:7::1")))
    library.put([ban("203.0.113.5")], time.time())
    assert not echo.passes("203.0.113.5")
    pair.nft("delete table inet vedette")
    mended = library.sync(lambda: live, time.time())
    assert (mended.missing, mended.rebuilt) == (50_000, True)
    assert not echo.passes("198.51.100.7")
    assert echo.passes("203.0.113.5")


@pytest.mark.deep
def test_a_ban_while_the_table_is_listed_is_neither_unknown_nor_missing(
    library: Nft, pair: Pair, echo: Echo
) -> None:
    live = [ban("198.51.100.7"), ban("198.51.100.8")]
    library.put(live, time.time())
    kept = live[:1]

    def asked() -> list[Decision]:
        return kept

    class Slow:
        """A reader that bans and unbans between what it reads and when it is compared."""

        def __init__(self, real: Nftables) -> None:
            self._real = real

        def run(self, text: str) -> None:
            self._real.run(text)

        def listed(self, text: str) -> bytes:
            found = self._real.listed(text)
            library.put([ban("203.0.113.5")], time.time())
            library.drop([live[1]], time.time())
            return found

        def close(self) -> None:
            self._real.close()

    library._reader = Slow(library._reader)
    assert not library.sync(asked, time.time()).anything
    assert not echo.passes("203.0.113.5")
    assert echo.passes("198.51.100.8")


def test_what_is_closed_refuses(library: Nft) -> None:
    library.close()
    with pytest.raises(EnforceError, match="closed"):
        library.put([ban("198.51.100.7")], time.time())


def test_without_rights_it_says_what_is_needed(tmp_path: Path) -> None:
    with pytest.raises(EnforceError, match="CAP_NET_ADMIN"):
        raise EnforceError(libnft.refusal(b"Error: Could not process rule: Operation not permitted\n"))
    with pytest.raises(EnforceError, match="did not do it"):
        Program(str(tmp_path / "absent")).run("list tables")


def test_nothing_but_an_address_printed_anew_enters_the_text() -> None:
    for hostile in (
        "198.51.100.7; flush ruleset",
        "198.51.100.7 }\nflush ruleset",
        "0.0.0.0/0",
        "$(reboot)",
        "",
        "١.٢.٣.٤",
        "::ffff:0:0%eth0\n",
    ):
        assert script.element(hostile) is None
    found = script.element("2001:0DB8:0000::/64")
    assert found is not None
    assert script.added({found: 1.5}) == "add element inet vedette banned6 { 2001:db8:: timeout 1500ms }\n"
