"""The door of locations: who may come, polls that wait and end, batches that are recorded once, and what is refused."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Mapping
from typing import Any

import msgspec
import pytest
from tests.support.rooms import NOW, house_with_kv

from vedette.accounts.permissions import SYSTEM
from vedette.app import location_door
from vedette.app.location_desk import Desk
from vedette.app.location_door import LocationDoor
from vedette.core.client import is_protected
from vedette.core.clock import ManualClock
from vedette.monitors import service
from vedette.monitors.locations.types import MOST_BYTES, ORDERS, RESULTS, Batch, Errands, Receipt, Sighted
from vedette.monitors.outposts import service as locations
from vedette.monitors.resources.probe import BatchIn, ErrandsOut, ReceiptOut
from vedette.monitors.types import Config, MonitorDraft, Reading
from vedette.plumbing import ports as installed
from vedette.plumbing.telemetry.port import Span
from vedette.plumbing.testing import MemoryPorts
from vedette.scans import service as scans
from vedette.scans.types import SCAN_ORDERS, SCAN_REPORTS, Brought, Handed, Target
from vedette.wire.scan import ScanReport

pytestmark = pytest.mark.django_db(transaction=True)
ORIGIN = "a" * 32
SITE = msgspec.Raw(b'{"url": "https://site.example"}')


@pytest.fixture
def house() -> Iterator[MemoryPorts]:
    before = installed._Installed.ports
    yield house_with_kv(ManualClock(NOW))
    installed._Installed.ports = before


class Visit:
    """One request at the door, and what came of it."""

    def __init__(self, door: LocationDoor, path: str, token: str, body: bytes = b"", **scope: Any) -> None:
        headers = [(b"authorization", f"Bearer {token}".encode()), *scope.pop("headers", [])]
        path, _, query = path.partition("?")
        self.scope = {
            "type": "http", "method": "POST" if path in {RESULTS, SCAN_REPORTS} else "GET", "path": path, "query_string": query.encode(),
            "headers": headers, "client": ("127.0.0.1", 5), "scheme": "http", **scope,
        }  # fmt: skip
        self.door, self.body, self.status, self.answer = door, body, 0, b""
        self.leaving = asyncio.Event()

    async def go(self) -> "Visit":
        await self.door(self.scope, self._receive, self._send)
        return self

    async def _receive(self) -> dict[str, Any]:
        if self.body is not None:
            body, self.body = self.body, None  # type: ignore[assignment]
            return {"type": "http.request", "body": body, "more_body": False}
        await self.leaving.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        self.status = message.get("status", self.status)
        self.answer += message.get("body", b"")

    @property
    def errands(self) -> Errands:
        assert self.status == 200, self.answer
        ErrandsOut.model_validate_json(self.answer)
        return msgspec.json.decode(self.answer, type=Errands)

    @property
    def receipt(self) -> Receipt:
        assert self.status == 200, self.answer
        ReceiptOut.model_validate_json(self.answer)
        return msgspec.json.decode(self.answer, type=Receipt)


def told(story: Callable[[LocationDoor], Coroutine[Any, Any, None]], trusted: int = 0) -> None:
    async def run() -> None:
        door = LocationDoor(service.take, installed.ports().clock, trusted)
        try:
            await asyncio.wait_for(story(door), 10)
        finally:
            door.end_polls()
            await asyncio.to_thread(door.close)

    asyncio.run(run())


def place(slug: str) -> str:
    return locations.add(SYSTEM, slug.title(), slug, NOW)[0]


def make(name: str, secrets: Mapping[str, str] | None = None, **config: object) -> int:
    made = msgspec.convert({"request": SITE, **config}, Config)
    return service.create(
        SYSTEM, 0, MonitorDraft(name=name, kind="http", config=made, secrets=secrets), NOW
    ).id


def batch(*monitors: int, first: int = 1) -> bytes:
    results = tuple(
        Sighted(monitor=one, at=NOW - 5 + n, reading=Reading.GOOD) for n, one in enumerate(monitors)
    )
    body = msgspec.json.encode(Batch(origin=ORIGIN, first=first, sent_at=NOW, results=results))
    BatchIn.model_validate_json(body)
    return body


def test_a_location_is_handed_what_it_checks_with_its_secrets(house: MemoryPorts) -> None:
    token = place("fsn")
    make("elsewhere")
    one = make("Shop", {"token": "s3cret"}, locations=["fsn"])

    async def story(door: LocationDoor) -> None:
        errands = (await Visit(door, f"{ORDERS}?since=&version=1.2", token).go()).errands
        (task,) = errands.put
        assert (errands.whole, errands.name, task.monitor, task.kind) == (True, "Fsn", one, "http")
        assert task.request.options == {"token": "s3cret"}

    told(story)
    (kept,) = locations.every()
    assert (kept.heard_at, kept.version) == (NOW, "1.2")


def test_a_location_asks_for_scans_and_brings_only_what_it_was_asked(house: MemoryPorts) -> None:
    token = place("fsn")
    target = scans.add(SYSTEM, Target(scanner="ports", target="db-1", location="fsn"), NOW - 100).id
    report = ScanReport(scanner="ports", target="db-1", at=NOW)

    async def story(door: LocationDoor) -> None:
        asked = await Visit(door, SCAN_ORDERS, token).go()
        assert (asked.status, msgspec.json.decode(asked.answer, type=Handed).errand) == (200, None)
        body = msgspec.json.encode(Brought(target, NOW, report))
        assert (await Visit(door, SCAN_REPORTS, token, body).go()).status == 409
        assert (await Visit(door, SCAN_REPORTS, token, b"{").go()).status == 422
        assert (await Visit(door, SCAN_REPORTS, "vdl_nobody", body).go()).status == 401

    told(story)
    assert scans.target(target).sentence.startswith("Could not know: No agent runs on db-1")


def test_a_poll_waits_until_something_changes(house: MemoryPorts) -> None:
    token = place("fsn")
    one = make("a", locations=["fsn"])

    async def story(door: LocationDoor) -> None:
        first = (await Visit(door, ORDERS, token).go()).errands
        desk = door._desks["fsn"]
        poll = asyncio.create_task(Visit(door, f"{ORDERS}?since={first.revision}", token).go())
        await changed(desk)
        await until(lambda: not (door._waiting or desk._lock.locked()))
        await asyncio.to_thread(make, "b", None, locations=["fsn"])
        await asyncio.to_thread(service.pause, SYSTEM, service.find("a"), NOW + 1, paused=True)
        door.refresh()
        second = (await poll).errands
        assert (second.whole, [task.monitor for task in second.put], second.drop) == (
            False,
            [one + 1],
            (one,),
        )
        lost = (await Visit(door, f"{ORDERS}?since={first.revision}", token).go()).errands
        assert (lost.whole, [task.monitor for task in lost.put]) == (True, [one + 1]), "an answer was lost"

    told(story)


def test_many_monitors_are_told_in_parts_and_the_last_says_that_it_is_the_last(house: MemoryPorts) -> None:
    place("fsn")
    ids = [make(f"site {n}", locations=["fsn"]) for n in range(3)]
    desk = Desk(locations.find("fsn"), 2)

    async def story(door: LocationDoor) -> None:
        gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        first = await desk.wait("", 5.0, gone, door._run)
        assert first is not None
        second = await desk.wait(first.revision, 5.0, gone, door._run)
        assert second is not None
        assert [(one.whole, one.more, len(one.put)) for one in (first, second)] == [
            (True, True, 2),
            (False, False, 1),
        ]
        assert [task.monitor for one in (first, second) for task in one.put] == ids

    told(story)


def test_a_newer_poll_ends_the_older_and_leaving_ends_one(house: MemoryPorts) -> None:
    token = place("fsn")

    async def story(door: LocationDoor) -> None:
        revision = (await Visit(door, ORDERS, token).go()).errands.revision
        visits = [Visit(door, f"{ORDERS}?since={revision}", token) for _ in range(3)]
        polls = []
        desk = door._desks["fsn"]
        for visit in visits:
            polls.append(asyncio.create_task(visit.go()))
            await changed(desk)
        await asyncio.wait(polls[:2])
        assert [visit.status for visit in visits[:2]] == [409, 409]
        visits[2].leaving.set()
        await polls[2]
        assert visits[2].status == 0

    told(story)


async def changed(desk: Desk) -> None:
    """Wait until another poll than now is the newest."""
    before = desk._newest
    await until(lambda: desk._newest is not before)


async def until(what: Callable[[], bool]) -> None:
    while not what():
        await asyncio.sleep(0.01)


def test_a_poll_ends_when_its_patience_is_over_or_vedette_stops(house: MemoryPorts) -> None:
    token = place("fsn")

    async def story(door: LocationDoor) -> None:
        desk = door._desk(locations_of["fsn"])
        gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        first = await desk.wait("", 5.0, gone, door._run)
        assert first is not None
        nothing = await desk.wait(first.revision, 0.0, gone, door._run)
        assert nothing == Errands(revision=first.revision, name="Fsn", whole=False)
        poll = Visit(door, f"{ORDERS}?since={first.revision}", token)
        going = asyncio.create_task(poll.go())
        await until(lambda: desk._newest is not None and not going.done())
        door.end_polls()
        await going
        assert poll.status == 503

    locations_of = {one.slug: one for one in locations.every()}
    told(story)


def test_findings_are_recorded_once_and_answered_with_what_comes_early(house: MemoryPorts) -> None:
    token = place("fsn")
    one = make("a", locations=["fsn"])

    async def story(door: LocationDoor) -> None:
        for _ in range(2):
            receipt = (await Visit(door, RESULTS, token, batch(one, one)).go()).receipt
            assert (receipt.taken, receipt.refused) == (2, 0)
        failed = Sighted(monitor=one, at=NOW, reading=Reading.BAD, cause="refused")
        body = msgspec.json.encode(Batch(origin=ORIGIN, first=3, sent_at=NOW - 60, results=(failed,), lost=4))
        receipt = (await Visit(door, RESULTS, token, body).go()).receipt
        assert (receipt.taken, receipt.skew, dict(receipt.soon)) == (3, 60.0, {one: 20.0})

    told(story)
    assert len(service.checks(service.find("a"), Span(0, 1e11))) == 3
    (kept,) = locations.every()
    assert (kept.skew, kept.lost) == (60.0, 4)


@pytest.mark.parametrize(
    ("how", "status"),
    [
        ({}, 200),
        ({"client": ("203.0.113.9", 1)}, 403),
        ({"client": ("203.0.113.9", 1), "scheme": "https"}, 200),
        ({"headers": [(b"x-forwarded-for", b"203.0.113.9")]}, 403),
    ],
)
def test_nothing_is_handed_out_where_others_could_listen(
    house: MemoryPorts, how: dict[str, Any], status: int
) -> None:
    token = place("fsn")

    async def story(door: LocationDoor) -> None:
        visit = await Visit(door, ORDERS, token, **how).go()
        assert visit.status == status
        assert (b"https://" in visit.answer) is (status == 403)

    told(story)


def test_a_trusted_proxy_says_how_it_was_asked() -> None:
    def safe(proto: str, trusted: int, peer: str = "10.0.0.2") -> bool:
        return is_protected("http", peer, "203.0.113.9", proto, trusted)

    assert safe("https", 1)
    assert safe("http, https", 1)
    assert not safe("https", 0)
    assert not safe("https, http", 1)
    assert is_protected("http", "::1", "", "", 0)
    assert not is_protected("http", None, "", "", 0)
    assert not is_protected("http", "nonsense", "", "", 0)


def test_what_is_refused_says_why(house: MemoryPorts) -> None:
    token = place("fsn")

    async def story(door: LocationDoor) -> None:
        async def asked(path: str, body: bytes = b"", token: str = token, **more: Any) -> tuple[int, bytes]:
            visit = await Visit(door, path, token, body, **more).go()
            return visit.status, visit.answer

        assert (await asked(ORDERS, token="vdl_nobody"))[0] == 401
        assert (await asked(ORDERS, method="POST"))[0] == 405
        assert (await asked(RESULTS, b"{"))[0] == 422
        status, text = await asked(RESULTS, b"x" * (MOST_BYTES + 1))
        assert (status, b"send fewer findings" in text) == (413, True)
        await asyncio.to_thread(locations.renew, SYSTEM, locations.find("fsn"), NOW)
        door.refresh()
        await asyncio.sleep(0)
        status, text = await asked(ORDERS)
        assert (status, b"was replaced" in text) == (401, True)

    told(story)


def test_only_what_bears_a_locations_token_is_taken(house: MemoryPorts) -> None:
    door = LocationDoor(service.take, house.clock)
    for path, token, takes in ((ORDERS, "vdl_x", True), (ORDERS, "vdt_x", False), (ORDERS, "", False), ("/api/v1/monitors", "vdl_x", False)):  # fmt: skip
        assert door.takes(Visit(door, path, token).scope) is takes
    door.close()


def test_a_batch_that_cannot_be_recorded_may_come_again(house: MemoryPorts) -> None:
    from vedette.app.digestion import DigestionFailed

    token = place("fsn")

    def broken(found: bytes, now: float, slug: str) -> Mapping[int, float]:
        raise DigestionFailed("The disk is full.")

    async def story(_: LocationDoor) -> None:
        door = LocationDoor(broken, house.clock)
        visit = await Visit(door, RESULTS, token, batch(1)).go()
        assert (visit.status, b"send it again" in visit.answer) == (503, True)
        door.close()

    told(story)


def test_only_so_many_bodies_are_read_at_once_and_one_of_a_location(house: MemoryPorts) -> None:
    tokens = [place(f"place-{n}") for n in range(location_door.MOST_BODIES + 1)]

    async def story(door: LocationDoor) -> None:
        slow = [Visit(door, RESULTS, token) for token in tokens[:-1]]
        for visit in slow:
            visit.body = None  # type: ignore[assignment]  # it never comes
        waiting = [asyncio.create_task(visit.go()) for visit in slow]
        await until(lambda: door._bodies == location_door.MOST_BODIES)
        assert (await Visit(door, RESULTS, tokens[0], batch(1)).go()).status == 429
        assert (await Visit(door, RESULTS, tokens[-1], batch(1)).go()).status == 503
        for visit in slow:
            visit.leaving.set()
        await asyncio.wait(waiting)
        assert (await Visit(door, RESULTS, tokens[-1], batch(1)).go()).status == 200

    told(story)
