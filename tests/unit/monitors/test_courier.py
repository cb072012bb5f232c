"""What a location does with what it finds, over a network that loses, repeats and delays: each finding is recorded once."""

import itertools
from collections.abc import Callable

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.rooms import NOW

from vedette.core.clock import ManualClock
from vedette.core.errors import Unavailable
from vedette.instruments.probe.types import Request
from vedette.monitors.locations import correcting
from vedette.monitors.locations.types import Errands, Receipt, Sighted, Task
from vedette.monitors.outposts.courier import MOST_SENT, Courier
from vedette.monitors.outposts.fetching import Fetcher
from vedette.monitors.rounds.types import Orders
from vedette.monitors.types import CheckResult, Outcome, Reading
from vedette.plumbing.net.asking import Refused
from vedette.plumbing.net.port import NetError, Response
from vedette.plumbing.spool.memory import MemorySpool

ORIGIN = "a" * 32


class Server:
    """Records as ours does: by what `correcting` says. Whatever was once sent may come again at any time."""

    def __init__(self) -> None:
        self.recorded: list[CheckResult] = []
        self.last: dict[str, int] = {}
        self.seen: list[bytes] = []

    def record(self, body: bytes) -> bytes:
        batch = correcting.read(body)
        found = correcting.corrected(batch, "fsn", NOW)
        last, number = self.last.get(batch.origin, 0), correcting.number_of(batch)
        if number > last:
            self.recorded += correcting.untaken(found.results, found.numbers, last)
            self.last[batch.origin] = number
        return msgspec.json.encode(Receipt(taken=number))


class Network:
    """What becomes of each request, in turn: it arrives, it is lost, its answer is lost, an older one arrives once more before."""

    def __init__(self, fates: list[str]) -> None:
        self.server, self.fates = Server(), itertools.chain(fates, itertools.repeat("fine"))

    def __call__(self, method: str, path: str, body: bytes, deadline: float) -> Response:
        server, fate = self.server, next(self.fates)
        if fate == "again" and server.seen:
            server.record(server.seen[len(server.seen) // 2])
        if fate == "busy":
            return Response(503, {"retry-after": "2"}, b'{"detail": "Busy."}')
        if fate == "lost":
            raise NetError("It cannot be reached.", permanent=False)
        server.seen.append(body)
        answer = server.record(body)
        if fate == "unanswered":
            raise NetError("It did not answer.", permanent=False)
        return Response(200, {}, answer)


def found(n: int, reading: Reading = Reading.GOOD) -> CheckResult:
    cause = "refused" if reading is Reading.BAD else ""
    return CheckResult(
        monitor=1, outcome=Outcome(at=NOW - 100 + n, reading=reading, cause=cause, ms=float(n))
    )


def courier(
    ask: Callable[..., Response], spool: MemorySpool | None = None, said: list[str] | None = None
) -> Courier:
    return Courier(
        ask, spool or MemorySpool(ORIGIN, 100_000), ManualClock(NOW), version="1",
        soon=lambda _: None, say=(said if said is not None else []).append,
    )  # fmt: skip


FATES = st.lists(st.sampled_from(["fine", "lost", "unanswered", "again", "busy"]), max_size=30)
ACTS = st.lists(st.one_of(st.integers(1, 5), st.sampled_from(["send", "restart"])), max_size=30)


@settings(deadline=None)
@given(fates=FATES, acts=ACTS)
def test_whatever_the_network_does_each_finding_is_recorded_once_and_in_order(
    fates: list[str], acts: list[int | str]
) -> None:
    network, spool, number = Network(fates), MemorySpool(ORIGIN, 10_000_000), itertools.count(1)
    one = courier(network, spool)
    for act in acts:
        if act == "restart":
            one = courier(network, spool)  # the spool of a folder is there again, numbered as before
        elif act == "send":
            one.send()
        else:
            one.keep([found(next(number)) for _ in range(int(act))])
    while one.send() is not None:
        pass
    recorded = [int(result.outcome.ms or 0) for result in network.server.recorded]
    assert recorded == list(range(1, next(number)))


def test_a_failure_that_could_not_be_told_in_time_is_unknown_and_what_is_fine_stays_fine() -> None:
    said: list[str] = []
    network = Network(["lost", "lost"])
    one = courier(network, said=said)
    one.keep([found(1, Reading.BAD), found(2)])
    assert (one.send() or 0) > 0
    one.keep([found(3, Reading.BAD)])
    one.send()
    assert one.is_away
    assert one.send() == 0.0
    one.keep([found(4, Reading.BAD)])
    one.send()
    assert [r.outcome.reading for r in network.server.recorded] == [Reading.UNKNOWN, Reading.GOOD, Reading.UNKNOWN, Reading.BAD]  # fmt: skip
    assert said == [
        "It cannot be reached. What is found meanwhile is kept.",
        "The server is back; 3 findings waited.",
    ]


def test_what_waited_through_a_restart_is_doubtful() -> None:
    spool, network = MemorySpool(ORIGIN, 10_000), Network([])
    courier(network, spool).keep([found(1, Reading.BAD)])
    courier(network, spool).send()
    assert [r.outcome.reading for r in network.server.recorded] == [Reading.UNKNOWN]


def test_a_server_that_is_busy_says_when_and_leaves_no_doubt() -> None:
    network = Network(["busy"])
    one = courier(network)
    one.keep([found(1, Reading.BAD)])
    assert (one.send() or 0) >= 2.0
    one.send()
    assert [r.outcome.reading for r in network.server.recorded] == [Reading.BAD]


def test_pauses_grow_and_are_moved_by_chance() -> None:
    one = courier(Network(["lost"] * 8))
    one.keep([found(1)])
    pauses = [one.send() or 0.0 for _ in range(8)]
    assert 0.5 <= pauses[0] <= 1.5
    assert all(15 <= pause <= 45 for pause in pauses[5:])
    assert len(set(pauses)) > 1


def test_a_token_that_opens_nothing_ends_it() -> None:
    one = courier(lambda *_: Response(401, {}, b'{"detail": "This token is of no location."}'))
    one.keep([found(1)])
    with pytest.raises(Refused, match=r"^This token is of no location\.$"):
        one.send()


def test_a_finding_that_can_never_be_taken_is_found_and_given_up() -> None:
    said: list[str] = []
    network = Network([])

    def picky(method: str, path: str, body: bytes, deadline: float) -> Response:
        if any(one.ms == 3 for one in correcting.read(body).results):
            return Response(422, {}, b'{"detail": "Not three."}')
        return network(method, path, body, deadline)

    one = courier(picky, said=said)
    one.keep([found(n) for n in range(1, 8)])
    while one.send() is not None:
        pass
    assert [r.outcome.ms for r in network.server.recorded] == [1, 2, 4, 5, 6, 7]
    assert (one.lost, said) == (1, ["The server does not take a finding, which is lost: Not three."])


def test_what_found_no_room_is_told_here_and_there() -> None:
    said: list[str] = []
    bodies: list[bytes] = []
    size = len(msgspec.json.encode(Sighted(monitor=1, at=NOW, reading=Reading.GOOD, ms=1.0)))

    def ask(method: str, path: str, body: bytes, deadline: float) -> Response:
        bodies.append(body)
        return Response(200, {}, msgspec.json.encode(Receipt(taken=1)))

    one = courier(ask, MemorySpool(ORIGIN, 3 * size), said)
    one.keep([found(n) for n in range(1, 6)])
    one.send()
    batch = correcting.read(bodies[0])
    assert (batch.first + len(batch.results) - 1, batch.lost) == (5, one.lost)
    assert one.lost >= 2
    assert said == [f"The spool is full: {one.lost} of the oldest findings are lost, {one.lost} in all."]


def test_batches_are_bounded() -> None:
    network = Network([])
    one = courier(network, MemorySpool(ORIGIN, 10_000_000))
    one.keep([found(n) for n in range(1, MOST_SENT + 2)])
    one.send()
    assert [len(correcting.read(body).results) for body in network.server.seen] == [MOST_SENT]


def task(monitor: int) -> Task:
    return Task(
        monitor=monitor, kind="http", interval=60, retry=20, request=Request(url=f"https://{monitor}.example")
    )


def test_orders_are_what_changed_and_all_of_it_after_a_new_beginning() -> None:
    answers = [
        Errands(revision="a", name="Fsn", whole=True, put=(task(1), task(2))),
        Errands(revision="a", name="Fsn", whole=False),
        Errands(revision="b", name="Fsn", whole=False, put=(task(3),), drop=(1,)),
        Errands(revision="c", name="Fsn", whole=True, put=(task(3),), soon={3: 1.0}),
    ]
    asked: list[str] = []
    ordered: list[Orders] = []
    said: list[str] = []

    def ask(method: str, path: str, body: bytes, deadline: float) -> Response:
        asked.append(path)
        return Response(200, {}, msgspec.json.encode(answers[len(asked) - 1]))

    one = Fetcher(ask, version="1", order=ordered.append, say=said.append)
    assert [one.fetch() for _ in answers] == [0.0] * 4
    assert [path.partition("since=")[2].partition("&")[0] for path in asked] == ["", "a", "a", "b"]
    assert [([e.monitor for e in o.put], o.drop, dict(o.soon)) for o in ordered] == [
        ([1, 2], (), {}), ([3], (1,), {}), ([3], (2,), {3: 1.0}),
    ]  # fmt: skip
    assert said == ["Fsn checks 2 monitors.", "Fsn checks 1 monitor."]


def test_after_a_new_beginning_it_goes_on_with_what_it_knows_until_all_parts_have_come() -> None:
    parts = [
        Errands(revision="a", name="Fsn", whole=True, put=(task(1), task(2), task(3))),
        Errands(revision="b", name="Fsn", whole=True, more=True, put=(task(1),)),
        Errands(revision="c", name="Fsn", whole=False, more=True, put=(task(4),), drop=(1,)),
        Errands(revision="d", name="Fsn", whole=False, put=(task(2),)),
        Errands(revision="e", name="Fsn", whole=False, put=(task(5),)),
    ]
    ordered: list[Orders] = []
    said: list[str] = []
    answers = iter(parts)
    one = Fetcher(
        lambda *_: Response(200, {}, msgspec.json.encode(next(answers))),
        version="1", order=ordered.append, say=said.append,
    )  # fmt: skip
    for _ in parts:
        one.fetch()
    assert [([e.monitor for e in o.put], o.drop) for o in ordered] == [
        ([1, 2, 3], ()), ([1], ()), ([4], (1,)), ([2], (3,)), ([5], ()),
    ]  # fmt: skip
    assert said == ["Fsn checks 3 monitors.", "Fsn checks 2 monitors.", "Fsn checks 3 monitors."]


def test_without_the_server_it_goes_on_and_says_so_once() -> None:
    said: list[str] = []

    def away(*_: object) -> Response:
        raise NetError("It cannot be reached.", permanent=True)

    one = Fetcher(away, version="1", order=lambda _: None, say=said.append)
    assert all(one.fetch() > 0 for _ in range(3))
    assert said == ["It cannot be reached. It goes on with what it knows."]


def test_what_is_no_vedette_is_named() -> None:
    said: list[str] = []
    one = Fetcher(lambda *_: Response(404, {}, b"<html>"), version="1", order=lambda _: None, say=said.append)
    one.fetch()
    assert said == ["The server answered 404; is it Vedette's address? It goes on with what it knows."]


def test_a_spool_that_cannot_be_written_leaves_findings_with_the_runner() -> None:
    class Full(MemorySpool):
        def add(self, bodies: object) -> int:
            raise Unavailable("The disk is full.")

    with pytest.raises(Unavailable):
        courier(Network([]), Full(ORIGIN, 1)).keep([found(1)])
