"""Nothing is scanned that nobody has proven to be theirs."""

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from tests.support import netns
from tests.support.names import NameServer

from vedette.core.address import AddressPolicy
from vedette.core.errors import VedetteError
from vedette.instruments.scan import owning
from vedette.instruments.scan.types import Asked, CannotKnow


def asked(
    target: str, folder: Path, server: NameServer | None = None, *, private: bool = True, **more: object
) -> Asked:
    resolvers = (server.at,) if server else ()
    return Asked(
        target=target, now=0.0, feeds=folder, resolvers=resolvers, policy=AddressPolicy(private), **more
    )


@contextlib.contextmanager
def naming(records: dict[str, list[str]]) -> Iterator[NameServer]:
    made = NameServer(records)
    try:
        yield made
    finally:
        made.close()


def test_the_key_is_made_once_and_ours_alone(tmp_path: Path) -> None:
    first = owning.token("Shop.Example", tmp_path / "feeds")
    assert first == owning.token("shop.example.", tmp_path / "feeds")
    assert first != owning.token("shop.example", tmp_path / "others")
    assert (tmp_path / "feeds" / owning.KEY).stat().st_mode & 0o777 == 0o600
    assert [path.name for path in (tmp_path / "feeds").iterdir()] == [owning.KEY]


@pytest.mark.parametrize(
    ("target", "host"),
    [("https://Shop.Example:8443/a", "shop.example"), ("shop.example:443", "shop.example"), ("::1", "::1"), ("[::1]:80", "::1"), ("bücher.example", "xn--bcher-kva.example")],
)  # fmt: skip
def test_a_target_names_its_host(target: str, host: str) -> None:
    assert owning.host_of(target) == host


@pytest.mark.parametrize("target", ["http://127.0.0.1:8000/", "[::1]:443", "localhost"])
def test_loopback_is_always_ours(target: str, tmp_path: Path) -> None:
    owning.prove(asked(target, tmp_path, private=False))


@pytest.mark.parametrize("at", ["www.shop.test", "shop.test"])
def test_a_record_at_the_name_or_above_it_proves(at: str, tmp_path: Path) -> None:
    record = f'"vedette-site={owning.token(at, tmp_path)}"'
    with naming({"www.shop.test A": ["192.0.2.7"], f"_vedette.{at} TXT": [record]}) as names:
        owning.prove(asked("https://www.shop.test/", tmp_path, names))


def test_the_record_of_another_name_proves_nothing_and_both_ways_are_told(tmp_path: Path) -> None:
    record = f'"vedette-site={owning.token("other.test", tmp_path)}"'
    records = {"shop.test A": ["127.9.9.9", "255.255.255.255"], "_vedette.shop.test TXT": [record]}
    with naming(records) as names, pytest.raises(CannotKnow) as refused:
        owning.prove(asked("https://shop.test/", tmp_path, names, owned=frozenset({"www.shop.test"})))
    token = owning.token("shop.test", tmp_path)
    assert f"_vedette.shop.test  with the text  vedette-site={token}" in refused.value.fix
    assert "https://shop.test/.well-known/vedette.txt" in refused.value.fix


def test_a_resolver_that_an_option_names_proves_nothing(tmp_path: Path) -> None:
    record = f'"vedette-site={owning.token("shop.test", tmp_path)}"'
    lies = {"shop.test A": ["192.0.2.7"], "_vedette.shop.test TXT": [record]}
    with naming({"shop.test A": ["255.255.255.255"]}) as names, naming(lies) as liar:
        mine = asked("https://shop.test/", tmp_path, names, options={"server": liar.at})
        with pytest.raises(CannotKnow):
            owning.prove(mine)
        with pytest.raises(CannotKnow):
            owning.proven(mine)


def test_what_is_proven_by_name_still_keeps_to_public_addresses(tmp_path: Path) -> None:
    with naming({"shop.test A": ["10.0.0.7"]}) as names:
        mine = asked("https://shop.test/", tmp_path, names, private=False, owned=frozenset({"shop.test"}))
        with pytest.raises(CannotKnow, match="10\\.0\\.0\\.7 is private"):
            owning.proven(mine)


def test_addresses_are_those_of_the_proof(tmp_path: Path) -> None:
    with naming({"shop.test A": ["192.0.2.7"]}) as names:
        mine = asked("https://shop.test/", tmp_path, names, owned=frozenset({"shop.test"}))
        assert owning.proven(mine).addresses == ("192.0.2.7",)


@pytest.mark.xdist_group("ports")  # one pair of hosts at a time
@pytest.mark.skipif(not netns.possible(), reason="only root makes network namespaces")
@pytest.mark.parametrize("own", [True, False])
def test_a_file_proves_when_it_holds_the_token(own: bool, tmp_path: Path) -> None:
    text = f"vedette-site={owning.token('shop.test' if own else 'other.test', tmp_path)}"
    with _on_port_80(text) as address, naming({"shop.test A": [address]}) as names:
        mine = asked("http://shop.test/", tmp_path, names)
        if own:
            assert owning.proven(mine).addresses == (address,)
        else:
            with pytest.raises(VedetteError, match="Nobody has proven"):
                owning.prove(mine)


@contextlib.contextmanager
def _on_port_80(text: str) -> Iterator[str]:
    """Be a host beside one that serves the file: a file proves nothing on loopback, nor on other ports."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == owning.WELL_KNOWN else 404)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    with netns.pair() as hosts:
        with netns.inside(hosts.server):
            server = ThreadingHTTPServer((hosts.server4, 80), Handler)
            threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        try:
            with netns.inside(hosts.client):
                yield hosts.server4
        finally:
            server.shutdown()
            server.server_close()


def test_another_host_is_ours_by_its_name_and_the_address_the_system_tells(tmp_path: Path) -> None:
    record = f'"vedette-site={owning.token("shop.test", tmp_path)}"'
    with naming({"ns1.shop.test A": ["192.0.2.53"], "_vedette.shop.test TXT": [record]}) as names:
        mine = asked("shop.test", tmp_path, names, owned=frozenset({"192.0.2.99"}))
        hosts = [
            ("ns1.shop.test", "192.0.2.53"),
            ("ns1.shop.test", "192.0.2.54"),
            ("ns.host.test", "192.0.2.53"),
        ]
        told = [asyncio.run(owning.is_ours(mine, *each)) for each in hosts]
        assert told == [True, False, False]
        assert asyncio.run(owning.is_ours(mine, "ns.host.test", "192.0.2.99"))
        assert asyncio.run(owning.is_ours(mine, "localhost", "127.0.0.1"))


def test_a_target_is_proven_once_and_scanned_at_the_addresses_of_the_proof(tmp_path: Path) -> None:
    with naming({"shop.test A": ["127.9.9.9"]}) as names:
        proof = owning.prove(asked("http://shop.test/", tmp_path, names))
        questions = len(names.asked)
        found = owning.proven(proof)
        assert (found.addresses, found.local, len(names.asked)) == (("127.9.9.9",), True, questions)


def test_a_record_is_asked_for_once(tmp_path: Path) -> None:
    record = f'"vedette-site={owning.token("shop.test", tmp_path)}"'
    with naming({"shop.test A": ["192.0.2.7"], "_vedette.shop.test TXT": [record]}) as names:
        owning.proven(owning.prove(asked("http://shop.test/", tmp_path, names)))
        assert len([each for each in names.asked if "_vedette" in each]) == 1
