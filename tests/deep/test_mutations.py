"""100,000 damaged envelopes: no 5xx, and no event that was acknowledged is lost."""

import asyncio
from collections import Counter
from collections.abc import Iterable

import pytest
from tests.support import mutations, seeds
from tests.support.door import Door, Reply
from tests.support.mutations import Attack

from vedette.intake import event_ids
from vedette.wire import lenient

COUNT = 100_000
SEED = 20261125
BATCH = 500


def acknowledged(reply: Reply) -> list[str]:
    """Return the ids of the events an answer says are kept."""
    if reply.status != 200:
        return []
    answer = reply.json
    return list(answer["events"]) if "events" in answer else [answer["id"]]


async def assail(door: Door, batch: Iterable[Attack], seen: Counter[str]) -> set[str]:
    """Send a batch; return the ids that were acknowledged."""
    ids: set[str] = set()
    for attack in batch:
        reply = await door.send(
            attack.body, path=attack.path, query=attack.query, auth=None, headers=attack.headers
        )
        assert 200 <= reply.status < 500, (attack.n, attack.what, reply)
        assert reply.json, (attack.n, attack.what, reply)
        seen[f"{reply.status}"] += 1
        ids.update(acknowledged(reply))
    return ids


def batches(count: int, seed: int) -> Iterable[list[Attack]]:
    every = mutations.attacks(seeds.all_seeds(), count, seed)
    while batch := [attack for _, attack in zip(range(BATCH), every, strict=False)]:
        yield batch


def assail_in_memory(count: int, seed: int) -> Counter[str]:
    """Send every attack to a front door in memory and read back what it published."""
    door, seen = Door(), Counter[str]()
    for batch in batches(count, seed):
        ids = asyncio.run(assail(door, batch, seen))
        deliveries = door.deliveries()
        assert ids == {one.event_id for one in deliveries}
        assert all(event_ids.normal(one) == one for one in ids)
        for one in deliveries:
            value, _ = lenient.decode(one.payload)
            lenient.encode(value)
    return seen


def test_a_first_thousand_in_memory() -> None:
    seen = assail_in_memory(1_000, SEED)
    assert seen["200"] > 300
    assert seen["400"] > 100


@pytest.mark.deep
@pytest.mark.timeout(1_800)
def test_a_hundred_thousand_damaged_envelopes_in_memory() -> None:
    seen = assail_in_memory(COUNT, SEED + 1)
    assert seen["200"] > COUNT * 0.3
    assert seen["400"] > COUNT * 0.1
