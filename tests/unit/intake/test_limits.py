"""Sizes, quotas, memory, a full log, and bombs."""

import asyncio
import gzip
import tracemalloc
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import brotli
import pytest
import zstandard
from tests.support.door import EVENT_ID, Door, envelope, event

from vedette.core.errors import Unavailable
from vedette.intake.limits import Limits
from vedette.plumbing.log.memory import MemoryEventLog

MIB = 1024 * 1024
BIG = b'{"message":"' + b"x" * (MIB + 1) + b'"}'


class HeldLog:
    """A log whose disk is slow: messages become durable (or fail) when the test says so."""

    def __init__(self) -> None:
        self.futures: list[Future[int]] = []

    def publish(self, subject: str, body: bytes, msg_id: str, now: float) -> "Future[int]":
        self.futures.append(Future())
        return self.futures[-1]


def test_an_event_above_its_limit_is_answered_413(door: Door) -> None:
    reply = door.post(event(BIG))
    assert reply.status == 413
    assert reply.json["detail"] == f"The event is larger than {MIB} bytes."
    assert door.counts() == {("event", "dropped"): 1}
    assert not door.deliveries()


def test_an_event_above_its_limit_beside_one_that_fits_is_dropped(door: Door) -> None:
    reply = door.post(envelope({}, ("event", BIG), ("event", {"event_id": EVENT_ID})))
    assert reply.json == {"id": EVENT_ID, "events": [EVENT_ID], "not_kept": {"event": 1}}
    assert len(door.deliveries()) == 1


def test_other_items_above_their_limit_are_dropped_and_counted(door: Door) -> None:
    reply = door.post(envelope({"event_id": EVENT_ID}, ("check_in", bytes(100 * 1024 + 1)), ("event", {})))
    assert reply.status == 200
    assert door.counts() == {("check_in", "dropped"): 1, ("event", "accepted"): 1}


def test_more_attachments_than_an_event_may_have_are_dropped(door: Door) -> None:
    door.post(envelope({"event_id": EVENT_ID}, *[("attachment", b"x")] * 32, ("event", {})))
    assert door.counts() == {
        ("attachment", "accepted"): 30,
        ("attachment", "dropped"): 2,
        ("event", "accepted"): 1,
    }


@pytest.mark.parametrize("headers", [{}, {"content-length": "5000"}])
@pytest.mark.parametrize("chunks", [1, 10])
def test_a_request_above_its_limit_is_answered_413(headers: dict[str, str], chunks: int) -> None:
    reply = Door(Limits(request=1_000)).post([bytes(5_000 // chunks)] * chunks, headers=headers)
    assert reply.status == 413


@pytest.mark.parametrize("packed", [True, False])
def test_an_envelope_above_its_limit_is_answered_413(packed: bool) -> None:
    body = event({"message": "x" * 5_000})
    headers = {"content-encoding": "gzip"} if packed else {}
    assert (
        Door(Limits(envelope=1_000)).post(gzip.compress(body) if packed else body, headers=headers).status
        == 413
    )


def brotli_bomb(body: bytes) -> bytes:
    return brotli.compress(body, quality=1)


@pytest.mark.parametrize(
    ("encoding", "pack"), [("gzip", gzip.compress), ("br", brotli_bomb), ("zstd", zstandard.compress)]
)
def test_a_bomb_costs_its_limit(encoding: str, pack: Callable[[bytes], bytes]) -> None:
    bomb = pack(bytes(100 * MIB))
    door = Door(Limits(envelope=10 * MIB))
    tracemalloc.start()
    reply = door.post(bomb, headers={"content-encoding": encoding})
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert reply.status == 413
    assert peak < 18 * MIB
    assert door.intake.memory_left == Limits().in_flight


def test_a_bomb_of_anonymous_origin_is_inflated_one_step_only() -> None:
    bomb = gzip.compress(bytes(100 * MIB))
    tracemalloc.start()
    reply = Door().post(bomb, auth=None, headers={"content-encoding": "gzip"})
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert reply.status in {400, 403}
    assert peak < 8 * MIB


def test_bodies_beyond_the_memory_budget_are_answered_503() -> None:
    door = Door(Limits(in_flight=10_000))
    reply = door.post(event({"message": "x" * 20_000}))
    assert (reply.status, reply.headers["retry-after"]) == (503, "2")
    assert door.intake.memory_left == 10_000
    assert door.post(event()).status == 200


def test_an_inflating_body_beyond_the_memory_budget_is_answered_503() -> None:
    door = Door(Limits(in_flight=3 * MIB))
    reply = door.post(gzip.compress(bytes(10 * MIB)), headers={"content-encoding": "gzip"})
    assert reply.status == 503
    assert door.intake.memory_left == 3 * MIB


def test_a_body_that_does_not_arrive_is_answered_408() -> None:
    assert Door(Limits(body_seconds=0)).post([]).status == 408


def test_the_daily_quota_is_decided_before_the_log() -> None:
    door = Door(per_day=2)
    statuses = [door.post(event(event_id=f"{n:032x}")).status for n in range(1, 5)]
    assert statuses == [200, 200, 429, 429]
    assert len(door.deliveries()) == 2
    assert door.counts() == {("event", "accepted"): 2, ("event", "rate_limited"): 2}


def test_a_refusal_says_when_to_come_back() -> None:
    door = Door(per_minute=1)
    door.post(event())
    reply = door.post(event())
    assert reply.status == 429
    seconds = reply.headers["retry-after"]
    assert reply.headers["x-sentry-rate-limits"] == f"{seconds}:error:key:minute_quota"
    assert reply.json["detail"]
    door.clock.forward(int(seconds))
    assert door.post(event()).status == 200


def test_a_new_day_brings_a_new_quota() -> None:
    door = Door(per_day=1)
    assert [door.post(event()).status for _ in range(2)] == [200, 429]
    door.clock.forward(86_400)
    assert door.post(event()).status == 200


def test_an_envelope_is_let_in_as_far_as_the_quota_goes() -> None:
    door = Door(per_day=1)
    reply = door.post(envelope({}, ("event", {}), ("event", {}), ("session", {})))
    assert reply.status == 200
    assert len(reply.json["events"]) == 1
    assert reply.json["not_kept"] == {"session": 1, "event": 1}
    assert reply.headers["x-sentry-rate-limits"].endswith(":error:key:daily_quota")


def test_a_used_up_quota_does_not_stop_other_items() -> None:
    door = Door(per_day=0)
    assert door.post(envelope({}, ("session", {}))).status == 200


def test_one_quota_does_not_touch_another_key() -> None:
    door = Door(per_minute=1)
    other = {"path": "/api/2/envelope/", "auth": "Sentry sentry_key=fedcba9876543210fedcba9876543210"}
    assert [door.post(event()).status for _ in range(2)] == [200, 429]
    assert [door.post(event(), **other).status for _ in range(2)] == [200, 200]


def test_concurrent_requests_do_not_pass_the_daily_quota_together() -> None:
    log = HeldLog()
    door = Door(log=log, per_day=3)

    async def storm() -> list[int]:
        tasks = [asyncio.create_task(door.send(event(event_id=f"{n:032x}"))) for n in range(1, 11)]
        while len(log.futures) < 3:
            await asyncio.sleep(0)
        for future in log.futures:
            future.set_result(1)
        return [reply.status for reply in await asyncio.gather(*tasks)]

    assert sorted(asyncio.run(storm())) == [200] * 3 + [429] * 7


def test_the_default_guards_against_abuse() -> None:
    door = Door(Limits(per_minute=3))
    assert [door.post(event()).status for _ in range(4)] == [200, 200, 200, 429]


def test_nothing_is_answered_before_every_event_is_on_disk() -> None:
    log = HeldLog()
    door = Door(log=log)

    async def watch() -> tuple[bool, bool, Any]:
        task = asyncio.create_task(door.send(envelope({}, ("event", {}), ("event", {}))))
        while len(log.futures) < 2:
            await asyncio.sleep(0)
        before = task.done()
        log.futures[0].set_result(1)
        for _ in range(10):
            await asyncio.sleep(0)
        half = task.done()
        log.futures[1].set_result(2)
        return before, half, await task

    before, half, reply = asyncio.run(watch())
    assert (before, half, reply.status) == (False, False, 200)


def test_a_log_that_cannot_store_is_answered_503() -> None:
    log = HeldLog()
    door = Door(log=log)

    async def fail() -> Any:
        task = asyncio.create_task(door.send(envelope({}, ("event", {}), ("event", {}))))
        while len(log.futures) < 2:
            await asyncio.sleep(0)
        log.futures[0].set_exception(Unavailable("The disk is full.", 7.2))
        log.futures[1].set_result(2)
        return await task

    reply = asyncio.run(fail())
    assert (reply.status, reply.headers["retry-after"], reply.json["detail"]) == (
        503,
        "8",
        "The disk is full.",
    )
    assert door.counts() == {}


def test_a_full_log_is_answered_503_and_the_quota_is_given_back() -> None:
    door = Door(log=MemoryEventLog({"errors": frozenset({"event"})}, max_bytes=10), per_day=1)
    assert [door.post(event()).status for _ in range(3)] == [503, 503, 503]
    assert not door.deliveries()
