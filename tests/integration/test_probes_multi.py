"""Suites of steps against a real server of HTTP, and what of a suite can never work."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from tests.support.looking import look
from tests.support.naughty import Naughty, answer
from tests.support.shop_api import PASSWORD, TOKEN, ShopApi

from vedette.core.address import AddressPolicy
from vedette.instruments.probe.running import run
from vedette.instruments.probe.types import Request, Standpoint

pytestmark = pytest.mark.xdist_group("kinds")


@pytest.fixture
def shop() -> Iterator[ShopApi]:
    made = ShopApi()
    yield made
    made.close()


def steps(**change: Any) -> list[dict[str, Any]]:
    bearer = {"token": "${session}"}
    sign_in = {"method": "POST", "body": '{"user": "${user}", "password": "${password}"}'}
    return [
        {"name": "front", "url": "${base}/", "capture": {"csrf": 're:name="csrf" value="([^"]+)"'}},
        {"name": "sign in", "url": "${base}/session", "options": sign_in, "capture": {"session": "[BODY].session"}},
        {
            "name": "fill", "url": "${base}/carts?csrf=${csrf}", "options": {"method": "POST", "body": "{}", **bearer},
            "capture": {"cart": "[HEADER].location", "id": "[BODY].id"}, "expect": ["[STATUS] == 201"],
        },
        {"name": "read", "url": "${base}${cart}", "options": bearer, "capture": {"fruit": "[BODY].items[0]"}, **change},
        {"name": "same", "url": "${base}${cart}", "options": bearer, "expect": ['[BODY].items[0] == "${fruit}"']},
        {"name": "throw away", "url": "${base}${cart}", "options": {"method": "DELETE"}, "cleanup": True},
    ]  # fmt: skip


def suite(shop: ShopApi, **how: Any) -> dict[str, Any]:
    written = [
        {**step, "url": step["url"].replace("${base}", shop.url)} for step in how.pop("steps", steps())
    ]
    return {"steps": written, "variables": {"user": "anna"}, "secrets": {"password": PASSWORD}, **how}


def test_steps_share_what_they_find(shop: ShopApi) -> None:
    found = look("multi://buy", **suite(shop))
    assert found.ok, found.sentence
    assert "6 steps of the suite went as expected in" in found.sentence
    assert [asked.split("/carts/")[0] for asked in shop.asked] == [
        "GET /", "POST /session", "POST /carts?csrf=f00-ba4", "GET ", "GET ", "DELETE ",
    ]  # fmt: skip
    assert shop.carts == set()
    assert [hop.status for hop in found.evidence.hops] == [200, 200, 201, 200, 200, 204]
    assert found.evidence.notes[1].startswith("Step 2, “sign in”: ")
    assert found.phases.total >= (found.phases.first_byte or 0) > 0


def test_secrets_of_a_suite_are_dots(shop: ShopApi) -> None:
    shown = repr(look("multi://buy", **suite(shop, steps=steps(expect=["[BODY].token == x"]))))
    assert PASSWORD not in shown
    assert TOKEN not in shown, "captured on the way, and named like a secret"
    assert "••••" in shown
    echoed = look("multi://buy", **suite(shop, steps=steps()[1:2]))
    assert PASSWORD not in repr(echoed)


def test_secrets_of_a_suite_are_dots_as_they_are_sent() -> None:
    secret, token = "pl an&ted/one", "to ken&two"
    server = Naughty(
        lambda connection, request: connection.sendall(
            answer(body=b"session=" + token.encode() + b" " + request)
        )
    )
    url = f"http://127.0.0.1:{server.port}"
    found = look(
        "multi://x", secrets={"key": secret},
        steps=[{"url": f"{url}/?q=${{key}}", "capture": {"session": "re:session=(to ken&two)"}}, {"url": f"{url}/?q=${{session}}"}],
    )  # fmt: skip
    server.close()
    assert found.ok, found.sentence
    assert [hop.url for hop in found.evidence.hops] == [f"{url}/?q=••••"] * 2
    for part in ("an&ted", "ken&two"):
        assert part not in repr(found)


def test_what_fails_is_named_and_cleaned_up() -> None:
    shop = ShopApi(broken=True)
    broken = look("multi://buy", **suite(shop))
    assert (broken.code, broken.sentence.startswith("Step 4, “read”: ")) == ("bad-status", True), (
        broken.sentence
    )
    assert (shop.asked[-1][:6], shop.carts, broken.evidence.status) == ("DELETE", set(), 500)
    wrong = look(
        "multi://buy", **suite(shop, steps=steps(expect=["[STATUS] == 500", "[BODY].items[0] == plum"]))
    )
    assert (wrong.code, shop.carts) == ("assertion-2", set()), wrong.sentence
    nothing = look("multi://buy", **suite(shop, secrets={"password": "other"}))
    assert (nothing.code, "DELETE" in shop.asked[-1]) == ("bad-status", False), (
        "there was nothing to clean up"
    )
    assert any("${cart} was never found" in note for note in nothing.evidence.notes)
    missing = look(
        "multi://buy",
        **suite(shop, steps=steps(capture={"fruit": "[BODY].nothing"}, expect=["[STATUS] == 500"])),
    )
    assert (missing.code, "has no [BODY].nothing" in missing.sentence) == ("bad-answer", True)
    shop.close()


def test_a_step_that_never_ends_leaves_time_to_clean_up() -> None:
    shop = ShopApi(slow=True)
    try:
        late = look("multi://buy", deadline=0.6, **suite(shop))
        assert late.code == "timeout-in-first-byte", late.sentence
        assert (shop.carts, late.phases.total < 5000) == (set(), True)
        own = look("multi://buy", deadline=5.0, **suite(shop, steps=steps(deadline=0.2)))
        assert (own.code, "within 200 ms" in own.sentence, shop.carts) == (
            "timeout-in-first-byte",
            True,
            set(),
        )
    finally:
        shop.close()


def test_a_suite_that_is_called_off_is_cleaned_up() -> None:
    shop = ShopApi(slow=True)
    request = Request(url="multi://buy", deadline=20.0, options=suite(shop))
    standpoint = Standpoint(policy=AddressPolicy(allow_private=True))

    async def call_off() -> None:
        task = asyncio.ensure_future(run(request, standpoint))
        while not any(asked.startswith("GET /carts") for asked in shop.asked):
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(call_off())
    shop.close()
    assert (shop.asked[-1][:6], shop.carts) == ("DELETE", set())


def test_a_cleanup_that_fails_is_told() -> None:
    shop = ShopApi()
    bad = {"url": f"{shop.url}/nowhere", "cleanup": True, "name": "sweep"}
    found = look(
        "multi://buy", steps=[{"url": f"{shop.url}/"}, bad, {**bad, "url": f"{shop.url}/", "name": ""}]
    )
    assert (found.code, "Step 2, “sweep”" in found.sentence, shop.asked[-1]) == ("bad-status", True, "GET /")
    assert not look("multi://buy", steps=[{"url": "http://169.254.169.254/"}], deadline=0.5).ok
    shop.close()


def test_a_step_is_any_request(shop: ShopApi) -> None:
    port = shop.url.rpartition(":")[2]
    tcp = {"url": f"tcp://127.0.0.1:{port}", "capture": {"here": "[IP]"}}
    found = look(
        "multi://mixed", steps=[tcp, {"url": f"http://${{here}}:{port}/", "expect": ["[IP] == ${here}"]}]
    )
    assert found.ok, found.sentence


def test_private_addresses_are_refused_in_steps_too(shop: ShopApi) -> None:
    request = Request(url="multi://buy", options={"steps": [{"url": f"{shop.url}/"}]}, pins=("192.0.2.1",))
    assert asyncio.run(run(request, Standpoint())).code == "blocked-address"


NEVER: dict[str, dict[str, Any]] = {
    "1 to 30": {"steps": []},
    "one of them": {"steps": [{"url": "http://x.test/", "cleanup": True}]},
    "Step 1: http": {"steps": [{"url": "http://127.1/"}]},
    "no variable 'who'": {"steps": [{"url": "http://x.test/${who}"}]},
    "no variable 'later'": {"steps": [{"url": "http://x.test/${later}"}, {"url": "http://x.test/", "capture": {"later": "[BODY]"}}]},
    "lower-case": {"steps": [{"url": "http://x.test/", "capture": {"A-B": "[BODY]"}}]},
    "a placeholder stands here": {"steps": [{"url": "http://x.test/", "capture": {"a": "BODY"}}]},
    "nothing may follow": {"steps": [{"url": "http://x.test/", "capture": {"a": "[IP] x"}}]},
    "is not captured": {"steps": [{"url": "http://x.test/", "capture": {"a": "[DOMAIN_EXPIRATION]"}}]},
    "cannot be used": {"steps": [{"url": "http://x.test/", "capture": {"a": "re:(("}}]},
    "no suites": {"steps": [{"url": "multi://x", "options": {"steps": []}}]},
    "put password into": {"steps": [{"url": "http://x.test/", "options": {"user": "a", "password": "planted"}}]},
    "put X-Api-Key into": {"steps": [{"url": "http://x.test/", "options": {"headers": {"X-Api-Key": "planted"}}}]},
    "there is no such option": {"steps": [{"url": "http://x.test/", "options": {"colour": "red"}}]},
    "column 10": {"steps": [{"url": "http://x.test/", "expect": ["[STATUS] = 200"]}]},
    "its deadline": {"steps": [{"url": "http://x.test/", "deadline": 999}]},
    "unknown": {"steps": [{"url": "gopher://x.test/"}]},
}  # fmt: skip


@pytest.mark.parametrize("why", NEVER)
def test_what_can_never_work(why: str) -> None:
    found = look("multi://never", **NEVER[why])
    assert (found.code, "planted" in found.sentence) == ("bad-target", False)
    if why != "unknown":
        assert why in found.sentence


def test_assertions_belong_to_steps() -> None:
    found = look("multi://x", "[STATUS] == 200", steps=[{"url": "http://x.test/"}])
    assert (found.code, "belong to the steps" in found.sentence) == ("bad-target", True)
