"""Until when a domain is registered, from a registry on loopback that counts how often it is asked."""

import asyncio
import datetime as dt
import json
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from tests.support.naughty import Naughty, answer

from vedette.core.address import AddressPolicy
from vedette.instruments.probe.running import run
from vedette.instruments.probe.types import Request, Result, Standpoint


class Registry:
    """Serves the list of registries and one registry; `domains` are the bodies it has."""

    def __init__(self, domains: dict[str, bytes]) -> None:
        self.domains = domains
        self.server = Naughty(self._say)
        self.asked: list[str] = []

    def _say(self, connection: socket.socket, request: bytes) -> None:
        path = request.split()[1].decode()
        self.asked.append(path)
        if path == "/dns.json":
            listed = {"services": [[["test", "co.test"], [f"http://127.0.0.1:{self.server.port}/rdap"]]]}
            connection.sendall(answer(body=json.dumps(listed).encode()))
        elif path.removeprefix("/rdap/domain/") in self.domains:
            connection.sendall(answer(body=self.domains[path.removeprefix("/rdap/domain/")]))
        else:
            connection.sendall(answer("404 Not Found", b"{}"))


def expiring(date: str) -> bytes:
    return json.dumps(
        {
            "events": [
                {"eventAction": "registration", "eventDate": "2001-01-01T00:00:00Z"},
                {"eventAction": "expiration", "eventDate": date},
            ]
        }
    ).encode()


@pytest.fixture
def look() -> Iterator[Callable[[Registry, str, str], Result]]:
    target = Naughty(lambda connection, _: connection.sendall(answer()))
    asked = [target]

    def one(registry: Registry, host: str, expect: str) -> Result:
        standpoint = Standpoint(
            policy=AddressPolicy(allow_private=True),
            registries=f"http://127.0.0.1:{registry.server.port}/dns.json",
        )
        request = Request(
            url=f"http://{host}:{target.port}/", pins=("127.0.0.1",), expect=(expect,), deadline=5.0
        )
        return asyncio.run(run(request, standpoint))

    yield one
    for server in asked:
        server.close()


def test_the_registry_says_until_when(look: Callable[[Registry, str, str], Result]) -> None:
    in_ten_days = dt.datetime.now(dt.UTC) + dt.timedelta(days=10)
    registry = Registry({"shop.test": expiring(in_ten_days.isoformat())})
    assert look(registry, "www.shop.test", "[DOMAIN_EXPIRATION] > 9d").ok
    found = look(registry, "www.shop.test", "[DOMAIN_EXPIRATION] > 30d")
    assert (found.code, "it is 239.9h" in found.sentence or "it is 240.0h" in found.sentence) == (
        "assertion-1",
        True,
    )
    assert registry.asked == ["/dns.json", "/rdap/domain/www.shop.test", "/rdap/domain/shop.test"], (
        "it is asked once"
    )


def test_a_step_of_a_suite_asks_the_registry_too(tmp_path: Path) -> None:
    (tmp_path / "hosts").write_text("127.0.0.1 step.test")
    target = Naughty(lambda connection, _: connection.sendall(answer()))
    soon = dt.datetime.now(dt.UTC) + dt.timedelta(days=10)
    registry = Registry({"step.test": expiring(soon.isoformat())})
    standpoint = Standpoint(
        policy=AddressPolicy(allow_private=True), registries=f"http://127.0.0.1:{registry.server.port}/dns.json",
        hosts=str(tmp_path / "hosts"),
    )  # fmt: skip
    for expect, code in (("> 9d", ""), ("> 30d", "assertion-1")):
        step = {"url": f"http://step.test:{target.port}/", "expect": [f"[DOMAIN_EXPIRATION] {expect}"]}
        asked = Request(url="multi://x", options={"steps": [step]}, deadline=5.0)
        found = asyncio.run(run(asked, standpoint))
        assert found.code == code, found.sentence
    target.close()


@pytest.mark.parametrize(
    ("host", "body", "said"),
    [
        ("shop.test", b"not json", "does not say until when"),
        ("shop.test", expiring("sometime"), "does not say until when"),
        ("other.test", b"{}", "does not say until when"),
        ("shop.example", b"{}", "no registry of .example can be asked"),
        ("127.0.0.1", b"{}", "is no registered domain"),
    ],
)  # fmt: skip
def test_who_is_not_told_says_why(
    look: Callable[[Registry, str, str], Result], host: str, body: bytes, said: str
) -> None:
    found = look(Registry({"shop.test": body}), host, "[DOMAIN_EXPIRATION] > 1d")
    assert found.code == "assertion-1"
    assert said in " ".join(found.evidence.notes)


def test_only_who_asks_for_it_asks_the_registry(look: Callable[[Registry, str, str], Result]) -> None:
    registry = Registry({})
    assert look(registry, "shop.test", "[STATUS] == 200").ok
    assert registry.asked == []
    assert msgspec.structs.asdict(Standpoint())["registries"].startswith("https://data.iana.org/")
