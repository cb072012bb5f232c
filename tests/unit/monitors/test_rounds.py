"""Checks that come again and again: the runner by a clock that is moved by hand, and what the worker orders and takes in."""

import asyncio
import itertools
from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec
import pytest
from tests.support.rooms import NOW
from tests.unit.monitors.conftest import SITE

from vedette.accounts.permissions import SYSTEM
from vedette.core.clock import ManualClock
from vedette.instruments.probe.types import Cause, Evidence, Phases, Request, Result, Standpoint
from vedette.monitors import service
from vedette.monitors.rounds import ordering, runner
from vedette.monitors.rounds.runner import Runner
from vedette.monitors.rounds.types import Errand, Findings, Orders
from vedette.monitors.types import CheckResult, Config, Monitor, MonitorDraft, Once, Outcome, Reading, State
from vedette.plumbing.testing import MemoryPorts
from vedette.signals import service as signals


class Stage:
    """A runner whose probe is ours: a check ends when the test says so."""

    def __init__(self, clock: ManualClock, most: int = 2_000) -> None:
        self.clock = clock
        self.asked: list[tuple[float, str]] = []
        self.open: dict[str, asyncio.Future[Cause | None]] = {}
        self.handed: list[Findings] = []
        self.most_open = 0
        self.runner = Runner(
            Standpoint(clock=clock),
            self.handed.append,
            prepare=lambda request: partial(self.look, request),
            most=most,
        )

    async def look(self, request: Request, standpoint: Standpoint) -> Result:
        assert request.url not in self.open, "a check overlaps with itself"
        ending = self.open[request.url] = asyncio.get_running_loop().create_future()
        self.most_open = max(self.most_open, len(self.open))
        at = standpoint.clock.now()
        self.asked.append((at, request.url))
        try:
            cause = await ending
        finally:
            del self.open[request.url]
        return Result(
            ok=cause is None, at=at, sentence="So it is.", phases=Phases(total=1.0), evidence=Evidence(), cause=cause
        )  # fmt: skip

    async def pass_(self, seconds: float, step: float = 0.1, end: bool = True) -> None:
        """Let time pass; checks end in the step in which they began when they shall."""
        for _ in range(round(seconds / step)):
            self.clock.forward(step)
            self.runner.turn()
            await asyncio.sleep(0)
            if end:
                self.finish()
            await asyncio.sleep(0)
            await asyncio.sleep(0)

    def finish(self, cause: Cause | None = None, url: str = "") -> None:
        for asked, ending in list(self.open.items()):
            if not ending.done() and url in {"", asked}:
                ending.set_result(cause)

    def put(self, *errands: tuple[int, float], few: bool = False) -> None:
        """Order checks; with others that are never due, so that they are many, unless they shall be few."""
        made = [Errand(n, seconds, Request(url=f"https://{n}.example")) for n, seconds in errands]
        more = [] if few else [Errand(10_000 + n, 1e9, Request(url="")) for n in range(runner.BATCH)]
        self.runner.take(Orders(put=(*made, *more)))
        self.runner.take(Orders(drop=tuple(one.monitor for one in more)))

    def times(self, monitor: int) -> list[float]:
        return [at - NOW for at, url in self.asked if url == f"https://{monitor}.example"]


def staged(act: Callable[[Stage], Any], clock: ManualClock, **more: Any) -> Stage:
    """Run a story on a fresh stage."""
    made: list[Stage] = []

    async def story() -> None:
        made.append(Stage(clock, **more))
        await act(made[0])

    asyncio.run(story())
    return made[0]


def test_each_monitor_is_checked_once_an_interval_and_the_first_pass_takes_one(clock: ManualClock) -> None:
    async def story(stage: Stage) -> None:
        stage.put(*((n, 10.0) for n in range(1, 51)))
        await stage.pass_(40)

    stage = staged(story, clock)
    for n in range(1, 51):
        times = stage.times(n)
        assert len(times) == 4
        assert times[0] <= 10.1
        assert all(abs(b - a - 10) < 0.11 for a, b in itertools.pairwise(times))
    figures = stage.runner.figures
    assert (figures.begun, sum(figures.late), figures.lost) == (200, 200, 0)
    assert sum(figures.late[:5]) == 200, "nobody was later than a step"


def test_a_check_longer_than_its_interval_never_overlaps_and_keeps_its_slots(clock: ManualClock) -> None:
    async def story(stage: Stage) -> None:
        stage.put((1, 10.0))
        await stage.pass_(35, end=False)
        stage.finish()
        await stage.pass_(0.1)
        assert len(stage.asked) == 1
        await stage.pass_(10)

    first, second, *_ = staged(story, clock).times(1)
    assert second >= 35
    assert (second - first) % 10 == pytest.approx(0, abs=0.11) or (second - first) % 10 > 9.89


def test_no_more_run_at_once_than_may_and_the_rest_begins_late(clock: ManualClock) -> None:
    async def story(stage: Stage) -> None:
        stage.put(*((n, 10.0) for n in range(1, 101)))
        await stage.pass_(5, end=False)
        assert stage.runner.figures.running == 7
        await stage.pass_(10)

    stage = staged(story, clock, most=7)
    assert stage.most_open == 7
    assert {url for _, url in stage.asked} == {f"https://{n}.example" for n in range(1, 101)}
    assert sum(stage.runner.figures.late[8:]) > 0


def test_what_is_dropped_is_called_off_and_may_come_again(clock: ManualClock) -> None:
    async def story(stage: Stage) -> None:
        stage.put((1, 10.0), (2, 10.0))
        await stage.pass_(10, end=False)
        stage.runner.take(Orders(drop=(1,)))
        stage.put((1, 10.0))
        await asyncio.sleep(0)
        await stage.pass_(10.5)

    stage = staged(story, clock)
    found = [one.monitor for batch in stage.handed for one in batch.results]
    assert found.count(1) <= 1
    assert len(stage.times(1)) == 2


def test_findings_are_handed_over_one_batch_at_a_time_and_the_oldest_go_when_nobody_takes_them(
    clock: ManualClock,
) -> None:
    async def story(stage: Stage) -> None:
        stage.put(*((n, 10.0) for n in range(1, runner.BATCH * 2)))
        await stage.pass_(10, step=1.0)
        assert len(stage.handed) == 1
        stage.runner.take(Orders(taken=99))
        stage.runner.turn()
        assert len(stage.handed) == 1, "another number says nothing"
        stage.runner.take(Orders(taken=1))
        stage.runner.turn()

    stage = staged(story, clock)
    assert [one.number for one in stage.handed] == [1, 2]
    assert {one.origin for one in stage.handed} == {stage.handed[0].origin}
    assert sum(len(one.results) for one in stage.handed) == runner.BATCH * 2 - 1


@pytest.mark.parametrize("jump", [3_600.0, -3_600.0])
def test_a_clock_that_jumps_an_hour_stops_no_check(clock: ManualClock, jump: float) -> None:
    async def story(stage: Stage) -> None:
        stage.put(*((n, 10.0) for n in range(1, 21)))
        await stage.pass_(20)
        before = len(stage.asked)
        clock.forward(jump)
        await stage.pass_(10.1)
        fresh = stage.asked[before:]
        assert {url for _, url in fresh} == {f"https://{n}.example" for n in range(1, 21)}
        assert len(fresh) <= 22

    staged(story, clock)


def test_a_probe_that_breaks_is_unknown_and_stops_nothing(clock: ManualClock) -> None:
    async def broken(request: Request, standpoint: Standpoint) -> Result:
        raise KeyError("oops")

    handed: list[Findings] = []

    async def story() -> None:
        made = Runner(
            Standpoint(clock=clock), handed.append, prepare=lambda request: partial(broken, request)
        )
        made.take(Orders(put=(Errand(1, 5.0, Request(url="https://1.example")),)))
        for _ in range(12):
            clock.forward(1)
            made.turn()
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        made.turn()
        assert made.figures.broken == 3

    asyncio.run(story())
    (first, *_) = handed[0].results
    assert (first.outcome.reading, "KeyError" in first.outcome.sentence) == (Reading.UNKNOWN, True)


def test_what_is_due_soon_comes_before_its_slot(clock: ManualClock) -> None:
    async def story(stage: Stage) -> None:
        stage.put((1, 60.0))
        await stage.pass_(60)
        began = stage.times(1)[0]
        stage.runner.take(Orders(soon={1: 3.0, 77: 1.0}))
        at = clock.now() - NOW
        await stage.pass_(4)
        assert stage.times(1)[1] == pytest.approx(at + 3, abs=0.11)
        await stage.pass_(60)
        assert stage.times(1)[2] == pytest.approx(began + 60, abs=0.11), "its slots stay"

    staged(story, clock)


def test_a_few_that_are_new_or_changed_are_checked_at_once(clock: ManualClock) -> None:
    async def story(stage: Stage) -> None:
        stage.put((1, 3_600.0), few=True)
        await stage.pass_(1)
        stage.put((1, 3_600.0), few=True)
        await stage.pass_(1)

    assert staged(story, clock).times(1) == pytest.approx([0.1, 1.1])


def make(name: str, **config: Any) -> Monitor:
    draft = MonitorDraft(name=name, kind="http", config=msgspec.convert({"request": SITE, **config}, Config))
    return service.create(SYSTEM, 0, draft, NOW)


def handed(number: int, *results: CheckResult, origin: str = "a") -> bytes:
    return ordering.pack(Findings(origin, number, results))


def found(monitor: Monitor, reading: Reading, at: float) -> CheckResult:
    cause = "refused" if reading is Reading.BAD else ""
    return CheckResult(monitor=monitor.id, outcome=Outcome(at=at, reading=reading, cause=cause))


def state(monitor: Monitor) -> State:
    (watched,) = service.watched([monitor])
    return watched.known.standing.state


def told() -> list[str]:
    return [one.signal.title for one in signals.after(0, 10_000)]


def test_only_what_changed_is_ordered(house: MemoryPorts) -> None:
    one = make("a", interval=30)
    two = service.create(
        SYSTEM,
        0,
        MonitorDraft(name="b", kind="http", config=Config(request=SITE), secrets={"token": "t"}),
        NOW,
    )
    service.create(SYSTEM, 0, MonitorDraft(name="job", kind="heartbeat", config=_job()), NOW)
    first, known = service.orders({})
    assert {(e.monitor, e.interval) for e in first.put} == {(one.id, 30.0), (two.id, 60.0)}
    assert next(e.request.options for e in first.put if e.monitor == two.id) == {"token": "t"}
    nothing, known = service.orders(known)
    assert nothing == Orders()
    service.pause(SYSTEM, one, NOW + 1, paused=True)
    paused, known = service.orders(known)
    assert (paused.put, paused.drop) == ((), (one.id,))
    service.remove(SYSTEM, two, NOW + 2)
    service.pause(SYSTEM, service.find("a"), NOW + 3, paused=False)
    last, known = service.orders(known)
    assert ([e.monitor for e in last.put], last.drop) == ([one.id], (two.id,))


def _job() -> Config:
    return service.config_of(b'{"rhythm": {"schedule": {"kind": "every", "seconds": 60}, "grace": 60}}')


def test_findings_that_come_again_are_counted_once_and_failures_are_looked_at_again(
    house: MemoryPorts,
) -> None:
    one = make("a")
    assert service.take(handed(1, found(one, Reading.GOOD, NOW)), NOW) == {}
    body = handed(2, found(one, Reading.BAD, NOW + 60))
    assert service.take(body, NOW + 60) == {one.id: 20.0}
    assert service.take(body, NOW + 60) == {}
    assert state(one) is State.UP, "one failure, told twice, is no outage"
    assert service.take(handed(3, found(one, Reading.BAD, NOW + 80)), NOW + 80) == {}
    assert state(one) is State.DOWN


def test_a_parent_is_looked_at_before_its_child_counts(house: MemoryPorts) -> None:
    parent = make("router")
    child = make("site", parents=(parent.id,))
    service.take(handed(1, found(parent, Reading.GOOD, NOW), found(child, Reading.GOOD, NOW)), NOW)
    soon = service.take(handed(2, found(child, Reading.BAD, NOW + 30)), NOW + 30)
    assert soon == {parent.id: 0.0, child.id: 20.0}


def test_down_restart_and_still_down_tells_nothing_anew(house: MemoryPorts) -> None:
    one = make("Shop", tolerance={"failures": 1})
    service.take(handed(1, found(one, Reading.BAD, NOW)), NOW)
    assert told() == ["Shop is down"]
    service.take(handed(1, found(one, Reading.BAD, NOW + 60), origin="the next process"), NOW + 60)
    assert told() == ["Shop is down"]


def test_in_a_maintenance_checks_go_on_and_nobody_is_told(house: MemoryPorts) -> None:
    window = msgspec.to_builtins(Once(starts=NOW - 1, ends=NOW + 100))
    one = make("Shop", tolerance={"failures": 1}, maintenance=[window])
    orders, _ = service.orders({})
    assert [errand.monitor for errand in orders.put] == [one.id]
    service.take(handed(1, found(one, Reading.BAD, NOW)), NOW)
    assert (state(one), told()) == (State.DOWN, [])
    service.take(handed(2, found(one, Reading.BAD, NOW + 200)), NOW + 200)
    assert told() == ["Shop is down"]


def test_a_monitor_that_cannot_be_asked_any_more_says_so_and_is_not_checked(house: MemoryPorts) -> None:
    one = make("old", tolerance={"failures": 1})
    _, known = service.orders({})
    _spoil(one)
    orders, _ = service.orders(known)
    assert (orders.put, orders.drop) == ((), (one.id,))
    (watched,) = service.watched([one])
    assert watched.known.standing.state is State.UNKNOWN
    assert "cannot be used" in watched.known.standing.reason


def _spoil(monitor: Monitor) -> None:
    """Keep a request that no version of ours would have taken."""
    from vedette.monitors.store import monitors

    config = msgspec.structs.replace(monitor.config, request=msgspec.Raw(b'{"url": 5}'))
    monitors.change(msgspec.structs.replace(monitor, config=config, updated_at=NOW + 9))
