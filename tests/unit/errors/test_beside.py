"""What comes beside events: files and feedback, stored with them and gone with them."""

import json
from collections.abc import Callable

import pytest

from vedette.accounts.permissions import SYSTEM
from vedette.core.clock import ManualClock, utc_day
from vedette.core.errors import NotFound
from vedette.errors import attaching, service
from vedette.errors.types import Event
from vedette.plumbing.log.port import Message
from vedette.plumbing.testing import MemoryPorts
from vedette.projects import service as projects
from vedette.projects.types import Project
from vedette.wire import attachment
from vedette.wire import delivery as wire
from vedette.wire.delivery import Delivery

ID = "0123456789abcdef0123456789abcdef"
Send = Callable[..., Message]


@pytest.fixture
def deliver(ports: MemoryPorts, shop: Project, clock: ManualClock) -> Send:
    """Return a function that digests one delivery of a subject and gives back its message."""
    seq = 0

    def act(subject: str, payload: bytes, event_id: str = ID) -> Message:
        nonlocal seq
        seq += 1
        one = Delivery(project=shop.id, event_id=event_id, received=clock.now(), payload=payload)
        message = Message(seq=seq, subject=subject, body=wire.encode(one), msg_id=event_id, at=clock.now())
        service.digest([message], clock.now())
        return message

    return act


def file(ports: MemoryPorts, clock: ManualClock, content: bytes = b"log", name: str = "a.log") -> bytes:
    """Return the payload of a file's delivery; its bytes are kept."""
    sheet = ports.files.new(clock.now())
    sheet.write(content)
    return attachment.encode(attachment.made(name, "text/plain", None, len(content), sheet.keep()))


def event(deliver: Send) -> Event:
    deliver("event", b'{"message": "no"}')
    return service.find_event(ID)[1].event


def test_a_file_is_found_with_its_event_whichever_came_first(
    deliver: Send, ports: MemoryPorts, clock: ManualClock
) -> None:
    deliver("attachment", file(ports, clock, b"first"))
    found = event(deliver)
    deliver("attachment", file(ports, clock, b"second"))
    first, second = service.attachments(found)
    assert (first.name, first.content_type, first.size) == ("a.log", "text/plain", 5)
    told, opened = service.open_attachment(found, second.id)
    assert (told, opened.read()) == (second, b"second")


def test_a_batch_handed_in_again_changes_nothing(
    deliver: Send, ports: MemoryPorts, clock: ManualClock
) -> None:
    found = event(deliver)
    again = [deliver("attachment", file(ports, clock)), deliver("user_report", b'{"comments": "It broke."}')]
    assert service.digest(again, clock.now()) == 0
    assert (len(service.attachments(found)), len(service.feedback(found))) == (1, 1)


def test_a_file_belongs_to_one_event_alone(deliver: Send, ports: MemoryPorts, clock: ManualClock) -> None:
    deliver("attachment", file(ports, clock), event_id="f" * 32)
    found = event(deliver)
    assert not service.attachments(found)
    with pytest.raises(NotFound, match="no attachment"):
        service.open_attachment(found, 1)


def test_what_cannot_be_read_stops_nothing(deliver: Send, clock: ManualClock, shop: Project) -> None:
    deliver("attachment", b"rubbish")
    deliver("user_report", b"rubbish")
    broken = Message(seq=90, subject="attachment", body=b"\xff", msg_id="", at=clock.now())
    service.digest([broken], clock.now())
    deliver("attachment", b"{}", event_id="no id")


@pytest.mark.parametrize(
    ("subject", "sent"),
    [
        ("user_report", {"event_id": ID, "name": "Ann", "email": "ann@shop.example", "comments": "It broke."}),
        ("feedback", {"contexts": {"feedback": {"associated_event_id": ID, "name": "Ann", "contact_email": "ann@shop.example", "message": "It broke."}}}),
    ],
)  # fmt: skip
def test_feedback_is_shown_on_the_event_it_names(deliver: Send, subject: str, sent: object) -> None:
    deliver(subject, json.dumps(sent).encode(), event_id="e" * 32)
    [said] = service.feedback(event(deliver))
    assert (said.name, said.email, said.comments) == ("Ann", "ann@shop.example", "It broke.")


def test_feedback_is_scrubbed_and_cut(deliver: Send) -> None:
    deliver("user_report", json.dumps({"comments": "my password=hunter2 " + "x" * 9_000}).encode())
    deliver("user_report", b'{"comments": "  ", "name": null}')
    [said] = service.feedback(event(deliver))
    assert "hunter2" not in said.comments
    assert len(said.comments) < 4_200


def test_files_go_with_their_day(deliver: Send, ports: MemoryPorts, clock: ManualClock) -> None:
    deliver("attachment", file(ports, clock))
    deliver("user_report", b'{"comments": "It broke."}')
    clock.forward(3 * 86_400)
    deliver("attachment", file(ports, clock, b"new"))
    found = event(deliver)
    service.drop_before(utc_day(clock.now()), clock.now())
    assert [one.size for one in service.attachments(found)] == [3]
    assert list(ports.files.held.values()) == [b"new"]
    assert not service.feedback(found)


def test_files_go_with_their_project(
    deliver: Send, ports: MemoryPorts, clock: ManualClock, shop: Project
) -> None:
    deliver("attachment", file(ports, clock))
    found = event(deliver)
    projects.delete_project(SYSTEM, shop.id, shop.name, clock.now())
    assert (ports.files.held, service.attachments(found)) == ({}, [])


def test_the_oldest_files_make_room_for_new_ones(
    deliver: Send, ports: MemoryPorts, clock: ManualClock
) -> None:
    for size in (30, 30, 30, 8):
        deliver("attachment", file(ports, clock, b"x" * size))
    found = event(deliver)
    assert attaching.make_room(1_000) == 0
    assert attaching.make_room(100) == 1
    assert [one.size for one in service.attachments(found)] == [30, 30, 8]
    assert ports.files.used() == 68


def test_a_file_whose_bytes_are_gone_is_told_so(
    deliver: Send, ports: MemoryPorts, clock: ManualClock
) -> None:
    deliver("attachment", file(ports, clock))
    found = event(deliver)
    ports.files.held.clear()
    with pytest.raises(NotFound, match="no longer kept"):
        service.open_attachment(found, service.attachments(found)[0].id)
