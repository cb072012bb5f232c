"""Journeys of a real browser through a real shop: one that goes well, one that does not. What must never happen is in tests/deep."""

import json
from collections.abc import Iterator

import pytest
from tests.support.journeys import PASSWORD, Shop, go, left

pytestmark = pytest.mark.xdist_group("kinds")
BUYS = """
async def journey(page, step):
    with step("open"):
        await page.goto(variables["url"])
        print("with", secrets["password"])
    with step("read the terms"):
        async with page.expect_popup() as opening:
            await page.click("text=Terms")
        terms = await opening.value
        assert await terms.title() == "Terms"
    async with step("sign in"):
        await page.fill("[name=user]", variables["user"])
        await page.fill("[name=password]", secrets["password"])
        await page.click("text=Sign in")
        await page.wait_for_url("**/cart")
"""


@pytest.fixture
def shop() -> Iterator[Shop]:
    made = Shop()
    yield made
    made.close()


def test_a_journey_goes_through_a_shop_and_names_the_step_that_fails(shop: Shop) -> None:
    pays = f"{BUYS}\n    with step('pay'):\n        await page.click('[name=pay]', timeout=400)\n"
    found = go(pays, shop.url)
    told = "Step 4, “pay”, failed: the element [name=pay] could not be used within 400 ms: element is not enabled."
    assert (found.code, found.sentence) == ("step-failed", told)
    assert [path for path in shop.asked if "icon" not in path] == ["/", "/terms", "POST /in", "/cart"]
    seen = json.loads(found.evidence.body)
    assert [step["name"] for step in seen["steps"]] == ["open", "read the terms", "sign in", "pay"]
    assert [step["ms"] is None for step in seen["steps"]] == [False, False, False, True]
    assert (seen["title"], seen["url"], seen["console"]) == ("Cart", f"{shop.url}/cart", ["no till today"])
    assert seen["printed"] == "with ••••\n"
    assert PASSWORD not in repr(found)
    assert (found.evidence.status, found.evidence.address) == (200, "127.0.0.1")
    assert found.evidence.picture.startswith(b"\xff\xd8\xff")
    assert found.evidence.notes[0].startswith("Step 1, “open”: ")
    assert left() == []


def test_a_journey_that_goes_well_is_fine(shop: Shop) -> None:
    found = go(BUYS, shop.url)
    assert found.ok, found.sentence
    assert found.sentence.startswith("3 steps of the journey went as expected in ")
    assert 0 < (found.phases.transfer or 0) <= found.phases.total
    assert found.evidence.picture == b""
