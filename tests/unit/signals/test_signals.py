"""The stream, the story and the catalogue."""

import pytest
from django.db import transaction

from vedette.plumbing.ports import install
from vedette.plumbing.testing import MemoryPorts, memory_ports
from vedette.signals import service
from vedette.signals.types import TOPIC, Moment, Series, Severity, Signal, SignalState


@pytest.fixture
def ports() -> MemoryPorts:
    made = memory_ports()
    install(made)
    return made


def signal(n: int, **changes: object) -> Signal:
    given = {
        "room": "errors", "kind": "issue.new", "subject": f"SHOP-{n}", "severity": Severity.HIGH,
        "state": SignalState.INFO, "at": 100.0 + n, "title": f"Error {n}", "labels": {"issue": f"SHOP-{n}"},
    }  # fmt: skip
    return Signal(**{**given, **changes})  # type: ignore[arg-type]


@pytest.mark.django_db
def test_what_was_published_is_read_back_in_order_and_whole(ports: MemoryPorts) -> None:
    told = [signal(1, annotations={"a": "ü"}, ends=200.0, project=3), signal(2)]
    service.publish(told, 1.0)
    service.publish([signal(3)], 2.0)
    stored = service.after(0, 10)
    assert [each.signal for each in stored] == [*told, signal(3)]
    assert [each.seq for each in stored] == sorted({each.seq for each in stored})
    assert service.last_seq() == stored[-1].seq


@pytest.mark.django_db
def test_a_reader_goes_on_after_its_cursor(ports: MemoryPorts) -> None:
    service.publish([signal(n) for n in range(5)], 1.0)
    first = service.after(0, 2)
    rest = service.after(first[-1].seq, 10)
    assert [each.signal.subject for each in first + rest] == [f"SHOP-{n}" for n in range(5)]
    assert service.after(rest[-1].seq, 10) == ()


@pytest.mark.django_db
def test_a_seq_is_never_used_again_after_a_clean_up(ports: MemoryPorts) -> None:
    service.publish([signal(1)], 1.0)
    seen = service.last_seq()
    assert service.drop_before(2.0) == 1
    assert service.last_seq() == 0
    service.publish([signal(2)], 3.0)
    assert [each.signal.subject for each in service.after(seen, 10)] == ["SHOP-2"]


@pytest.mark.django_db(transaction=True)
def test_readers_are_woken_after_the_commit_and_not_for_a_rollback(ports: MemoryPorts) -> None:
    woken: list[str] = []
    ports.bus.listen(woken.append)
    with transaction.atomic():
        service.publish([signal(1)], 1.0)
        assert woken == []
    assert woken == [TOPIC]
    with transaction.atomic():
        service.publish([signal(2)], 1.0)
        transaction.set_rollback(True)
    assert woken == [TOPIC]
    assert len(service.after(0, 10)) == 1


@pytest.mark.django_db
def test_publishing_nothing_does_nothing(ports: MemoryPorts) -> None:
    service.publish([], 1.0)
    service.record([])
    assert service.after(0, 10) == ()


def moment(at: float, **changes: object) -> Moment:
    given = {"at": at, "room": "errors", "kind": "issue.new", "subject": "SHOP-1", "text": "first seen"}
    return Moment(**{**given, **changes})  # type: ignore[arg-type]


@pytest.mark.django_db
def test_the_story_is_told_newest_first_and_can_be_narrowed() -> None:
    service.record([moment(1.0), moment(3.0, project=7), moment(2.0, room="alerts", subject="SHOP-2")])
    assert [m.at for m in service.moments(0.0, 10.0)] == [3.0, 2.0, 1.0]
    assert [m.at for m in service.moments(1.0, 3.0)] == [2.0, 1.0], "the end is not included"
    assert [m.at for m in service.moments(0.0, 10.0, project=7)] == [3.0]
    assert [m.at for m in service.moments(0.0, 10.0, room="alerts")] == [2.0]
    assert [m.at for m in service.moments(0.0, 10.0, subject="SHOP-1", n=1)] == [3.0]


@pytest.mark.django_db
def test_signals_and_moments_are_kept_thirty_five_days(ports: MemoryPorts) -> None:
    assert service.KEEP_SECONDS == 35 * 86_400
    service.publish([signal(1)], 10.0)
    service.publish([signal(2)], 20.0)
    service.record([moment(10.0), moment(20.0)])
    assert service.drop_before(20.0) == 2
    assert [s.signal.subject for s in service.after(0, 10)] == ["SHOP-2"]
    assert [m.at for m in service.moments(0.0, 99.0)] == [20.0]


def test_the_last_series_of_a_name_is_the_one_in_the_catalogue() -> None:
    def series(unit: str) -> Series:
        return Series(name="test.series", unit=unit, labels=("a",), read=lambda *_: [])

    service.register(series("one"))
    service.register(series("two"))
    assert service.catalogue()["test.series"].unit == "two"
    with pytest.raises(TypeError):
        service.catalogue()["x"] = series("three")  # type: ignore[index]


@pytest.mark.django_db
def test_published_signals_are_a_series_of_their_own(ports: MemoryPorts) -> None:
    service.publish([signal(1, project=3), signal(2, kind="deploy", room="deploys", project=3)], 100.0)
    service.publish([signal(3, project=4)], 170.0)
    series = service.catalogue()["signals.published"]
    assert list(series.read({"kind": "issue.new"}, 60.0, 240.0, 60.0)) == [1, 1, 0]
    assert series.totals is not None
    found = series.totals(("project",), {"room": "errors"}, 0.0, 240.0)
    assert list(found) == [({"project": "3"}, 1.0), ({"project": "4"}, 1.0)]
