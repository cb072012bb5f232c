"""What a browser needs: preflights and the headers that let its page read the answer."""

from typing import Any

import pytest
from tests.support.door import PUBLIC, Door, event

SHOP = "https://shop.example.org"
EVIL = "https://evil.example"


def preflight(door: Door, origin: str = SHOP, query: str = f"sentry_key={PUBLIC}") -> Any:
    headers = {
        "origin": origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-encoding,x-sentry-auth",
    }
    return door.post(b"", method="OPTIONS", auth=None, query=query, headers=headers)


def test_a_preflight_is_answered(door: Door) -> None:
    reply = preflight(door)
    assert reply.status == 200
    assert reply.headers["access-control-allow-origin"] == "*"
    assert "POST" in reply.headers["access-control-allow-methods"]
    assert {"x-sentry-auth", "content-type", "content-encoding"} <= set(
        reply.headers["access-control-allow-headers"].split(", ")
    )
    assert reply.json == {}


def test_a_preflight_without_a_key_is_decided_by_the_post(door: Door) -> None:
    assert preflight(door, query="").status == 200


def test_an_allowed_origin_is_echoed() -> None:
    door = Door(origins=(SHOP,))
    assert preflight(door).headers["access-control-allow-origin"] == SHOP
    reply = door.post(event(), headers={"origin": SHOP})
    assert reply.headers["access-control-allow-origin"] == SHOP
    assert reply.headers["vary"] == "Origin"
    assert "x-sentry-rate-limits" in reply.headers["access-control-expose-headers"]
    assert len(door.deliveries()) == 1


def test_another_origin_is_refused() -> None:
    door = Door(origins=(SHOP,))
    for reply in (preflight(door, EVIL), door.post(event(), headers={"origin": EVIL})):
        assert reply.status == 403
        assert "access-control-allow-origin" not in reply.headers
    assert not door.deliveries()


def test_servers_send_no_origin_and_are_not_asked_for_one() -> None:
    reply = Door(origins=(SHOP,)).post(event())
    assert reply.status == 200
    assert "access-control-allow-origin" not in reply.headers


@pytest.mark.parametrize("options", [{"auth": None}, {"body": b"rubbish"}])
def test_a_page_may_read_why_it_was_refused(door: Door, options: dict[str, Any]) -> None:
    reply = door.post(options.pop("body", event()), headers={"origin": SHOP}, **options)
    assert reply.status in {400, 403}
    assert reply.headers["access-control-allow-origin"] == "*"


def test_a_rate_limit_is_readable_by_the_page() -> None:
    reply = Door(per_day=0).post(event(), headers={"origin": SHOP})
    assert reply.status == 429
    assert reply.headers["access-control-allow-origin"] == "*"
