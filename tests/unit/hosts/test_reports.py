"""What agents report: recorded once whatever the network does, by our clock, and of their own host alone."""

from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest
from tests.support.agents import DoorNet, enrolled, speaker
from tests.support.rooms import NOW

from vedette.agent.scanning import MOST, bounded
from vedette.core.clock import ManualClock
from vedette.hosts import correcting, service, taking
from vedette.hosts.store import shelf
from vedette.hosts.taking import MOST_AN_HOUR
from vedette.hosts.types import Judgement
from vedette.plumbing.disk import DiskWatch
from vedette.plumbing.net.port import Response
from vedette.plumbing.testing import MemoryPorts
from vedette.signals import service as signals
from vedette.wire.agent import batches
from vedette.wire.agent.batches import REPORTS, Batch, Receipt, Sheaf
from vedette.wire.agent.types import (
    Audit,
    Decision,
    Detection,
    Happening,
    HostChange,
    Inventory,
    Measure,
    Orders,
    Package,
    Process,
    Processes,
    Report,
    Sample,
    Scope,
)
from vedette.wire.finding import Finding, FindingState
from vedette.wire.scan import Component, ScanReport

pytestmark = pytest.mark.django_db(transaction=True)
ORIGIN = "a" * 32
BOOT = NOW - 9_000


def sample(n: float, cpu: float = 5.0, **more: float) -> Sample:
    return Sample(at=NOW + n, values={"cpu.used.percent": cpu, "disk.used.percent{/}": 40.0, **more})


def inventory(at: float = NOW, booted: float = BOOT, failed: tuple[str, ...] = ()) -> Inventory:
    return Inventory(
        at=at, hostname="web1", os="Debian 12", kernel="6.1", arch="x86_64", cpus=2, memory=2**31, booted_at=booted,
        version="1.0", failed_units=failed, pending=(Package("openssl", "1", "2", True),),
    )  # fmt: skip


def send(net: DoorNet, folder: Path, *reports: Report, first: int = 1, at: float = NOW, name: str = "web1") -> Response:  # fmt: skip
    raws = tuple(msgspec.Raw(batches.pack(one)) for one in reports)
    sheaf = Sheaf(origin=ORIGIN, first=first, sent_at=at, reports=raws, version="1.0")
    return speaker(net, folder, name)("POST", REPORTS, batches.bundle(sheaf), 10)


def receipt(response: Response) -> Receipt:
    assert response.status == 200, response.body
    return msgspec.json.decode(response.body, type=Receipt)


def measured(name: str = "web1") -> list[float]:
    return [values[0] for _, _, values in shelf.rows(service.find(name).id, NOW - 86_400, NOW + 60)]


def told() -> list[tuple[str, str, str]]:
    return [(one.signal.kind, one.signal.state, one.signal.title) for one in signals.after(0, 1_000)]


def test_a_batch_is_recorded_once_however_often_it_comes(net: DoorNet, tmp_path: Path) -> None:
    enrolled(net, tmp_path)
    both = (sample(-20, 1), Happening(at=NOW - 9, kind="oom", text="postgres was killed.", severity="high"))
    assert receipt(send(net, tmp_path, *both)) == Receipt(taken=2)
    assert receipt(send(net, tmp_path, *both, sample(-10, 2))).taken == 3
    host = service.find("web1")
    assert measured() == [1, 2]
    assert [one.text for one in service.noted(host, 0, NOW)] == ["postgres was killed."]
    assert told() == [("host.oom", "info", "web1: postgres was killed.")]
    assert (host.heard_at, host.version) == (NOW, "1.0")


def test_two_hosts_that_number_alike_do_not_meet(net: DoorNet, tmp_path: Path) -> None:
    enrolled(net, tmp_path)
    enrolled(net, tmp_path, "web2")
    receipt(send(net, tmp_path, sample(-20, 1)))
    receipt(send(net, tmp_path, sample(-20, 2), name="web2"))
    assert (measured(), measured("web2")) == ([1], [2])


def test_instants_are_by_our_clock(net: DoorNet, tmp_path: Path) -> None:
    enrolled(net, tmp_path)
    late = sample(-100 - 7_200, 3)
    assert receipt(send(net, tmp_path, late, at=NOW - 7_200)).skew == 7_200
    (row,) = shelf.rows(service.find("web1").id, NOW - 86_400, NOW)
    assert row[0] == NOW - 100
    assert service.find("web1").skew == 7_200
    ahead = Sample(at=NOW + 50, values={"cpu.used.percent": 4.0})
    receipt(send(net, tmp_path, ahead, first=2))
    found = shelf.last(service.find("web1").id, NOW)
    assert found is not None
    assert found[0] == NOW


def test_what_cannot_be_kept_is_refused_and_the_rest_is_not(net: DoorNet, tmp_path: Path) -> None:
    enrolled(net, tmp_path)
    reports = (
        sample(-3 * 86_400),
        Sample(at=NOW, values={"x": float("nan")}),
        Sample(at=NOW - 1, values={"a\nb": 1.0}),
        Sample(at=NOW - 2, values={}),
        Sample(at=NOW - 3, values={"x": 3.5e38}),
        sample(-5),
    )
    found = receipt(send(net, tmp_path, *reports))
    assert (found.taken, found.refused) == (6, 5)
    assert found.detail == "5 reports were not recorded: what is older than 2 days is not kept."
    assert measured() == [5.0]


def test_all_that_an_agent_tells_of_what_is_installed_is_recorded(net: DoorNet, tmp_path: Path) -> None:
    """A host with thousands of packages tells as much as fits a batch of the agent; none of it is refused."""
    enrolled(net, tmp_path)
    parts = tuple(
        Component(ecosystem="Debian:12", name="p" * 200 + str(n), version="1:2.3-4") for n in range(MOST)
    )
    full = bounded(ScanReport(scanner="host", target="web1", at=NOW, components=parts))
    assert len(batches.pack(full)) > correcting.MOST_BYTES
    assert receipt(send(net, tmp_path, full)) == Receipt(taken=1)
    huge = msgspec.structs.replace(full, components=parts)
    found = receipt(send(net, tmp_path, huge, first=2))
    assert found.detail == "1 report was not recorded: such a report has at most 1,048,576 bytes."


@pytest.mark.parametrize(
    ("body", "status", "why"),
    [
        (b"", 422, "A batch is application/msgpack"),
        (b"{", 422, "cannot be unpacked"),
        (b"x" * (1024 * 1024 + 1), 413, "at most 1,048,576 bytes"),
        (batches.bundle(Sheaf(origin="short", first=1, sent_at=NOW, reports=(msgspec.Raw(batches.pack(sample(0))),))), 422, "32 hex digits"),
        (batches.bundle(Sheaf(origin=ORIGIN, first=0, sent_at=NOW, reports=(msgspec.Raw(batches.pack(sample(0))),))), 422, "from 1 on"),
        (batches.bundle(Sheaf(origin=ORIGIN, first=1, sent_at=NOW, reports=())), 422, "from 1 to 2,000"),
        (batches.bundle(Sheaf(origin=ORIGIN, first=1, sent_at=NOW, reports=(msgspec.Raw(b"\xa0"),))), 422, "cannot be read"),
    ],
)  # fmt: skip
def test_a_batch_that_cannot_be_read_says_what_is_wrong(
    net: DoorNet, tmp_path: Path, body: bytes, status: int, why: str
) -> None:
    enrolled(net, tmp_path)
    response = speaker(net, tmp_path)("POST", REPORTS, body, 10)
    assert (response.status, why in response.body.decode()) == (status, True), response.body


def test_a_bomb_is_not_unpacked(net: DoorNet, tmp_path: Path) -> None:
    import zstandard

    enrolled(net, tmp_path)
    for packed in (
        zstandard.compress(bytes(64 * 1024 * 1024)),
        zstandard.ZstdCompressor(write_content_size=False).compress(bytes(64 * 1024 * 1024)),
    ):
        response = speaker(net, tmp_path)("POST", REPORTS, packed, 10)
        assert response.status == 422, response.body


def test_json_will_do(net: DoorNet, tmp_path: Path) -> None:
    enrolled(net, tmp_path)
    body = msgspec.json.encode(Batch(origin=ORIGIN, first=1, sent_at=NOW, reports=(sample(-5, 7),)))

    def plain(asked: dict[str, object]) -> None:
        headers = [(k, v) for k, v in asked["headers"] if k not in {b"content-type", b"content-encoding"}]  # type: ignore[attr-defined]
        asked["headers"] = [*headers, (b"content-type", b"application/json")]

    net.change = plain
    assert receipt(speaker(net, tmp_path)("POST", REPORTS, body, 10)).taken == 1
    assert measured() == [7.0]


def test_what_a_host_is_and_what_of_it_people_hear(net: DoorNet, clock: ManualClock, tmp_path: Path) -> None:
    enrolled(net, tmp_path)
    top = Processes(at=NOW - 30, top=(Process(1, "postgres", "postgres", 80.0, 2**20),))
    receipt(send(net, tmp_path, inventory(failed=("nginx.service",)), sample(-1), top))
    host = service.find("web1")
    kept, found = service.inventory(host), service.processes(host, NOW)
    assert kept is not None
    assert found is not None
    assert (kept.kernel, found.top[0].name) == ("6.1", "postgres")
    standing = service.of(host, NOW)
    assert (standing.tone, standing.sentence, standing.facts.security) == (
        "warn",
        "The unit nginx.service has failed.",
        1,
    )
    again = inventory(at=NOW + 1, booted=NOW - 50)
    receipt(send(net, tmp_path, again, first=4))
    assert told() == [
        ("host.unit", "firing", "web1: The unit nginx.service has failed."),
        ("host.unit", "resolved", "web1: The unit nginx.service runs again."),
        ("host.reboot", "info", "web1: started again, with 6.1."),
    ]
    assert service.of(host, NOW).sentence == "1 security update waits."


def test_changes_that_nothing_explains_are_told_and_audits_make_a_trend(net: DoorNet, tmp_path: Path) -> None:
    enrolled(net, tmp_path)
    bad = Finding(check="ssh-root-login", title="Root may sign in", state=FindingState.FAILED, risk=8.0)
    reports = (
        HostChange(at=NOW - 3, kind="user", subject="eve", after="eve:x:0:0"),
        HostChange(at=NOW - 2, kind="file", subject="/usr/bin/ssh", explanation="openssh-client was upgraded"),
        Audit(NOW - 90_000, 60.0, (bad, bad)), Audit(NOW - 1, 80.0, (bad,)),
    )  # fmt: skip
    receipt(send(net, tmp_path, *reports))
    host = service.find("web1")
    assert told() == [("host.drift", "info", "web1: user eve changed.")]
    assert service.scores(host) == ((NOW - 90_000, 60.0, 2), (NOW - 1, 80.0, 1))
    last = service.audit(host)
    assert last is not None
    assert last.findings == (bad,)
    assert [one.subject for one in service.noted(host, 0, NOW, kinds=("file",))] == ["/usr/bin/ssh"]


def test_measures_wait_while_the_disk_is_nearly_full_and_what_happened_does_not(
    net: DoorNet, house: MemoryPorts, tmp_path: Path
) -> None:
    enrolled(net, tmp_path)
    net.door._recorder._taker._disk = DiskWatch(tmp_path, 2**62)
    full = send(net, tmp_path, sample(-1))
    assert (full.status, full.headers["retry-after"], b"nearly full" in full.body) == (503, "30", True)
    assert receipt(send(net, tmp_path, Happening(at=NOW - 1, kind="note", text="Still heard."))).taken == 1


def test_what_a_terminal_would_obey_is_taken_out_of_what_hosts_tell(net: DoorNet, tmp_path: Path) -> None:
    enrolled(net, tmp_path)
    evil = "\x1b]0;owned\x07"
    reports = (
        Happening(at=NOW - 3, kind=evil, text=f"{evil} it fell", severity="high"),
        HostChange(at=NOW - 2, kind="file", subject=f"/tmp/{evil}\n", before=f"a\n{evil}"),
        inventory(failed=(f"{evil}.service",)),
    )
    receipt(send(net, tmp_path, *reports))
    found = service.noted(service.find("web1"), 0, NOW)
    said = [
        *(text for one in found for text in (one.kind, one.subject, one.text, one.before)),
        *(title for _, _, title in told()),
    ]
    assert not [text for text in said if "\x1b" in text or "\x07" in text]
    assert (
        service.of(service.find("web1"), NOW).sentence == "The unit \ufffd]0;owned\ufffd.service has failed."
    )
    assert found[0].before == "a\n\ufffd]0;owned\ufffd"


@pytest.mark.deep
def test_what_a_host_tells_is_bounded_by_the_hour(net: DoorNet, clock: ManualClock, tmp_path: Path) -> None:
    enrolled(net, tmp_path)
    many = [Happening(at=NOW - 1, kind="note", text=str(n)) for n in range(1_500)]
    receipt(send(net, tmp_path, *many))
    receipt(send(net, tmp_path, *many, first=1_501))
    found = service.noted(service.find("web1"), 0, NOW + 1, 9_999)
    assert (len(found), found[0].kind) == (MOST_AN_HOUR, "flood")
    assert [title for kind, _, title in told() if kind == "host.happened"] == [f"web1: {found[0].text}"]
    clock.forward(3_600)
    receipt(
        send(net, tmp_path, Happening(at=NOW + 3_599, kind="note", text="later"), first=3_001, at=NOW + 3_600)
    )
    assert len(service.noted(service.find("web1"), 0, NOW + 9_999, 9_999)) == MOST_AN_HOUR + 1


def test_numbers_that_are_none_are_refused(net: DoorNet, tmp_path: Path) -> None:
    enrolled(net, tmp_path)
    long = Happening(at=NOW, kind="note", text="x" * 200_000)
    reports = (inventory(booted=float("inf")), Audit(NOW, float("nan"), ()), long, Audit(NOW, 900.0, ()))
    assert receipt(send(net, tmp_path, *reports)).refused == 3
    assert service.of(service.find("web1"), NOW).facts.score == 100


class Judges:
    """Takes what hosts detect, as intrusions will."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, Sequence[Judgement]]] = []

    def accept(self, host: str, reports: Sequence[Judgement], now: float) -> None:
        self.heard.append((host, reports))

    def orders(self, host: str, since: str) -> Orders | None:
        return None if since == "7" else Orders(revision="7", whole=True, allow=("192.0.2.0/24",))


def test_detections_and_decisions_go_to_intrusions(
    house: MemoryPorts, clock: ManualClock, tmp_path: Path
) -> None:
    judges = Judges()
    net = DoorNet(clock, judges)
    enrolled(net, tmp_path)
    detection = Detection(id="d1", at=NOW, rule="ssh", reason="6 failed", severity="high", service="ssh")
    decision = Decision(
        id="b1", scope=Scope.ADDRESS, value="198.51.100.7", measure=Measure.BAN, at=NOW, until=NOW + 60, reason="6 failed"
    )  # fmt: skip
    receipt(send(net, tmp_path, detection, decision, sample(-1)))
    receipt(send(net, tmp_path, detection, decision, sample(-1)))
    assert judges.heard == [("web1", [detection, decision])]
    house.bus.subscribe(("hosts",), lambda _: net.door.refresh())
    first = service.orders(service.find("web1").id, "", judges, NOW)
    assert first is not None
    assert (first.whole, first.allow, first.sets) == (True, ("192.0.2.0/24",), {})
    assert service.orders(service.find("web1").id, first.revision, judges, NOW) is None
    from vedette.accounts.permissions import SYSTEM

    service.settle(SYSTEM, service.find("web1"), {"ssh": "enforce"}, NOW)
    second = service.orders(service.find("web1").id, first.revision, judges, NOW)
    assert second is not None
    assert (second.whole, second.allow, second.sets["ssh"].mode) == (True, ("192.0.2.0/24",), "enforce")
    net.close()


def test_a_batch_that_comes_by_two_lanes_at_once_is_recorded_once(net: DoorNet, tmp_path: Path) -> None:
    host = enrolled(net, tmp_path).host
    notes = tuple(Happening(at=NOW - 1, kind="note", text=str(n)) for n in range(3))
    first, second = (Batch(origin=ORIGIN, first=1, sent_at=NOW, reports=notes[:n]) for n in (2, 3))
    taker = service.taker(Judges())
    assert [one.taken for one in taker.take([(host, first), (host, second)], NOW)] == [2, 3]
    assert len(service.noted(service.find("web1"), 0, NOW + 1)) == 3
    assert taker._heard[host].n == 3


def test_what_is_not_recorded_does_not_count(
    net: DoorNet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = enrolled(net, tmp_path).host
    batch = Batch(
        origin=ORIGIN, first=1, sent_at=NOW, reports=(Happening(at=NOW - 1, kind="note", text="x"),)
    )
    taker = service.taker(Judges())
    monkeypatch.setattr(taking.hosts, "take", _full)
    with pytest.raises(OSError, match="full"):
        taker.take([(host, batch)], NOW)
    assert taker._heard == {}


def _full(*_: object) -> None:
    raise OSError("full")


def test_a_wrong_clock_neither_ends_nor_stretches_what_was_decided(net: DoorNet, tmp_path: Path) -> None:
    late = NOW - 7_200
    decision = Decision(
        id="b1", scope=Scope.ADDRESS, value="198.51.100.7", measure=Measure.BAN, at=late - 60, until=late + 540, reason="6"
    )  # fmt: skip
    detection = Detection(
        id="d1", at=late, first_at=late - 40, rule="ssh", reason="6", severity="high", service="ssh"
    )
    endless = msgspec.structs.replace(decision, until=float("inf"))
    batch = Batch(origin=ORIGIN, first=1, sent_at=late, reports=(decision, detection, endless))
    found = correcting.corrected(batch, 1, NOW)
    assert found.refused == 1
    moved, seen = found.reports
    assert isinstance(moved, Decision)
    assert isinstance(seen, Detection)
    assert (moved.at, moved.until) == (NOW - 60, NOW + 540)
    assert (seen.at, seen.first_at) == (NOW, NOW - 40)


def test_a_batch_without_a_version_forgets_none(net: DoorNet, tmp_path: Path) -> None:
    host = enrolled(net, tmp_path).host
    service.heard(host, NOW, "1.0")
    batch = Batch(origin=ORIGIN, first=1, sent_at=NOW, reports=(sample(-1),))
    service.taker(Judges()).take([(host, batch)], NOW)
    assert service.find("web1").version == "1.0"


def test_of_a_flood_of_inventories_the_last_counts_and_so_much_is_told(
    net: DoorNet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = enrolled(net, tmp_path).host
    taker = service.taker(Judges())
    first = 1

    def tell(*found: Report, now: float = NOW) -> None:
        nonlocal first
        taker.take([(host, Batch(origin=ORIGIN, first=first, sent_at=now, reports=found))], now)
        first += len(found)

    tell(inventory(), *(inventory(booted=BOOT + n * 100, failed=(f"u{n}",)) for n in range(1, 50)))
    assert [title for _, _, title in told()] == ["web1: The unit u49 has failed."]
    monkeypatch.setattr(taking, "MOST_TOLD", 3)
    for n in range(60, 70):
        tell(inventory(booted=BOOT + n * 100, failed=(f"u{n}",)))
    assert len(told()) == 1
    tell(inventory(booted=BOOT + 9_999, failed=("u70",)), now=NOW + 3_600)
    assert [title for _, state, title in told() if state != "info"][1:] == [
        "web1: The unit u70 has failed.",
        "web1: The unit u49 runs again.",
    ]


def test_what_is_measured_in_one_second_is_one_sample(net: DoorNet, tmp_path: Path) -> None:
    host = enrolled(net, tmp_path).host
    both = (Sample(at=NOW - 9, values={"a": 1.0}), Sample(at=NOW - 8.5, values={"b": 2.0}))
    service.taker(Judges()).take([(host, Batch(origin=ORIGIN, first=1, sent_at=NOW, reports=both))], NOW)
    (row,) = shelf.rows(host, NOW - 60, NOW)
    assert list(zip(row[1], row[2], strict=True)) == [("a", 1.0), ("b", 2.0)]
