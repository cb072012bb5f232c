"""From the journal to issues, each event exactly once, whatever happens on the way."""

import dataclasses
from collections.abc import Sequence

import msgspec
import pytest
from tests.unit.errors.conftest import Journal, error

from vedette.accounts.permissions import SYSTEM
from vedette.core.clock import ManualClock
from vedette.core.errors import Unavailable
from vedette.errors import digesting, service
from vedette.errors.normalize import Normalized, normalize
from vedette.errors.scrubbing import Scrubber
from vedette.errors.types import Resolve, State
from vedette.plumbing.log.port import Message
from vedette.plumbing.ports import Ports, install
from vedette.plumbing.telemetry.memory import MemoryTelemetry
from vedette.plumbing.telemetry.port import Record
from vedette.plumbing.testing import MemoryPorts
from vedette.projects import service as projects
from vedette.projects.types import Project, ScrubRules
from vedette.signals import service as signals
from vedette.wire import lenient
from vedette.wire.delivery import Delivery


def test_events_become_issues_with_what_they_say(journal: Journal, shop: Project, clock: ManualClock) -> None:
    sent = error(release="1.0", environment="prod", user={"id": 1}, tags={"region": "eu"})
    assert journal.send(sent, error(release="1.1", user={"id": 2}), error("KeyError")) == 3
    issue = service.issue("SHOP-1")
    assert (issue.title, issue.events, issue.users, issue.state) == ("ValueError: no", 2, 2, State.NEW)
    assert (issue.first_release, issue.last_release) == ("1.0", "1.1")
    assert [part.value for part in issue.parts] == ["ValueError", "shop.orders pay"]
    assert service.issue("shop-2").kind == "KeyError"
    assert {seen.name for seen in projects.releases(shop.id)} == {"1.0", "1.1"}
    assert {seen.name for seen in projects.environments(shop.id)} == {"prod"}
    assert service.latest(shop.id) == service.issue("SHOP-2")


def test_a_replay_changes_nothing(journal: Journal, clock: ManualClock) -> None:
    batch = [journal.message(error(user={"id": n}, tags={"n": n})) for n in range(5)]
    assert service.digest(batch, clock.now()) == 5
    before = (service.issue("SHOP-1"), service.tags(service.issue("SHOP-1")), signals.last_seq())
    assert service.digest(batch, clock.now() + 9) == 0
    assert service.digest(batch[2:], clock.now() + 9) == 0
    assert (service.issue("SHOP-1"), service.tags(service.issue("SHOP-1")), signals.last_seq()) == before


def test_a_clients_repeat_is_not_counted_even_in_one_batch(journal: Journal) -> None:
    same = "ab" * 16
    assert (
        service.digest(
            [journal.message(error(), same), journal.message(error(), same), journal.message(error())], 1e9
        )
        == 2
    )
    assert service.digest([journal.message(error(), same)], 1e9) == 0
    assert service.issue("SHOP-1").events == 2


class _Stopping(MemoryTelemetry):
    """Stores, and then the machine stops."""

    def append(self, records: Sequence[Record]) -> Sequence[bool]:
        super().append(records)
        raise Unavailable("the power went")


def test_a_crash_between_telemetry_and_issue_counts_once(
    journal: Journal, ports: MemoryPorts, clock: ManualClock
) -> None:
    batch = [journal.message(error()) for _ in range(3)]
    stopping = _Stopping()
    install(with_telemetry(ports, stopping))
    with pytest.raises(Unavailable):
        service.digest(batch, clock.now())
    assert service.issues().issues == ()
    survived = MemoryTelemetry()
    MemoryTelemetry.append(survived, [r for day in stopping._days.values() for r in day.values()])
    install(with_telemetry(ports, survived))
    assert service.digest(batch, clock.now()) == 3
    assert service.issue("SHOP-1").events == 3


def with_telemetry(ports: MemoryPorts, telemetry: MemoryTelemetry) -> Ports:
    return dataclasses.replace(ports, telemetry=telemetry)


def test_a_batch_that_another_process_overtook_is_refused_and_counts_once(
    journal: Journal, clock: ManualClock
) -> None:
    first, second = journal.message(error()), journal.message(error())

    def overtaken(delivery: Delivery, scrub: Scrubber) -> Normalized:
        if delivery.event_id == second.msg_id:
            assert service.digest([first], clock.now()) == 1
        return normalize(delivery, scrub)

    with pytest.raises(Unavailable, match="taken again"):
        digesting.digest([first, second], clock.now(), overtaken)
    assert service.issue("SHOP-1").events == 1
    assert service.digest([first, second], clock.now()) == 1
    assert service.issue("SHOP-1").events == 2


def test_a_reader_that_breaks_still_leaves_an_event(journal: Journal, clock: ManualClock) -> None:
    def broken(delivery: Delivery, scrub: Scrubber) -> Normalized:
        raise ZeroDivisionError(delivery.event_id, scrub)

    message = journal.message(error(), "cd" * 16)
    assert digesting.digest([message], clock.now(), broken) == 1
    issue, place = service.find_event("cd" * 16)
    assert issue.title == place.event.title == "An event that could not be read"
    assert "ZeroDivisionError" in place.event.notes[-1].what


def test_a_damaged_message_becomes_an_event_of_its_project(
    journal: Journal, shop: Project, clock: ManualClock
) -> None:
    whole = msgspec.msgpack.encode({"project": shop.id, "payload": "not bytes"})
    damaged = [
        Message(seq=1, subject="event", body=whole, msg_id="ef" * 16, at=clock.now()),
        Message(seq=2, subject="event", body=b"\xc1rubbish", msg_id="x", at=clock.now()),
        Message(seq=3, subject="event", body=msgspec.msgpack.encode([1]), msg_id="x", at=clock.now()),
    ]
    assert service.digest(damaged, clock.now()) == 1
    assert service.find_event("ef" * 16)[1].event.notes
    journal.seq = 3
    assert journal.send(error()) == 1


@pytest.mark.parametrize(
    "payload",
    [b'{"level":"fatal",\x00 "message":"no"}', b'{"message":"no","extra":{"n":1. }}', b'{"message":"n\x12"}'],
)
def test_what_was_repaired_is_not_kept_as_it_was_sent(
    journal: Journal, clock: ManualClock, payload: bytes
) -> None:
    message = journal.message(None, "ef" * 16, payload=payload)
    assert service.digest([message], clock.now()) == 1
    _, place = service.find_event("ef" * 16)
    assert [note.what for note in place.event.notes] == [lenient.REPAIRED.what]


def test_an_id_that_is_none_is_given_one(journal: Journal) -> None:
    assert journal.send(error(), event_id="not hex") == 1
    assert service.issue("SHOP-1").events == 1


def test_transitions_are_told_as_signals_story_and_history(
    journal: Journal, shop: Project, clock: ManualClock
) -> None:
    journal.send(error(level="fatal", environment="prod", release="2.0"))
    service.act(SYSTEM, ["SHOP-1"], Resolve(), clock.now())
    clock.forward(60)
    journal.send(error(release="2.1"), error())
    told = [stored.signal for stored in signals.after(0, 10)]
    assert [(s.kind, s.subject, s.severity.value) for s in told] == [
        ("issue.new", "SHOP-1", "critical"), ("issue.regressed", "SHOP-1", "high"),
    ]  # fmt: skip
    assert told[0].labels == {
        "project": str(shop.id), "issue": "SHOP-1", "level": "fatal", "environment": "prod", "release": "2.0", "platform": "python",
    }  # fmt: skip
    assert told[0].title == "New: ValueError: no"
    assert told[0].link == "/issues/SHOP-1/"
    story = signals.moments(0, clock.now() + 1, room="errors", subject="SHOP-1")
    assert [moment.kind for moment in story] == ["issue.regressed", "issue.resolved", "issue.new"]
    history = service.history(service.issue("SHOP-1"))
    assert [(entry.kind, entry.text) for entry in history] == [
        ("regressed", "Came back after it was resolved"), ("resolved", "resolved it"), ("new", "First seen in 2.0"),
    ]  # fmt: skip


def test_live_pages_are_woken(journal: Journal, ports: MemoryPorts, shop: Project) -> None:
    journal.send(error())
    topics = ("live:issues", f"live:issue:{service.issue('SHOP-1').id}", f"live:project:{shop.id}")
    woken: list[str] = []
    ports.bus.subscribe(topics, woken.append)
    journal.send(error(), error())
    assert sorted(woken) == sorted(topics)


def test_a_projects_rules_scrub_its_events(journal: Journal, shop: Project, clock: ManualClock) -> None:
    projects.set_scrub_rules(SYSTEM, shop.id, ScrubRules(extra_keys=("basket",)), clock.now())
    journal.send(error(extra={"basket": "B-17"}))
    assert service.event(service.issue("SHOP-1")).event.data["extra"] == {"basket": "[Filtered: basket]"}


def test_values_of_a_tag_are_bounded(journal: Journal) -> None:
    journal.send(*(error(tags={"order": f"o-{n}"}) for n in range(150)))
    journal.send(*(error(tags={"order": f"o-{n}"}) for n in range(90, 120)))
    (order,) = (tag for tag in service.tags(service.issue("SHOP-1"), 200) if tag.key == "order")
    assert (order.total, len(order.values), order.other) == (180, 100, 70)
    assert sum(value.count for value in order.values) + order.other == order.total
    assert sum(value.share for value in order.values) == pytest.approx(110 / 180)


def test_users_are_distinct_over_batches_and_known_by_other_names(journal: Journal) -> None:
    journal.send(error(user={"id": 1, "email": "a@b.de"}), error(user={"id": 1}))
    journal.send(error(user={"id": 1}), error(user={"email": "a@b.de"}), error(user={"id": 2}), error())
    assert service.issue("SHOP-1").users == 2


def test_events_that_arrive_out_of_order_keep_first_and_last(journal: Journal, clock: ManualClock) -> None:
    journal.send(error(release="b"))
    early = [
        journal.message(error(release="a"), received=clock.now() - 500),
        journal.message(error(release="c"), received=clock.now() - 100),
    ]
    service.digest(early, clock.now())
    issue = service.issue("SHOP-1")
    assert (issue.first_seen, issue.last_seen, issue.events) == (clock.now() - 500, clock.now(), 3)


def test_nothing_to_do(journal: Journal, clock: ManualClock) -> None:
    assert service.digest([], clock.now()) == 0
