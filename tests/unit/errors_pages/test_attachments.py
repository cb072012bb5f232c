"""The files of an event on its page, and their download."""

from django.test import Client
from tests.unit.errors_pages.conftest import Happen, an_error

from vedette.core.clock import ManualClock
from vedette.errors import service
from vedette.errors.types import Event
from vedette.plumbing.testing import MemoryPorts
from vedette.projects.types import Project
from vedette.ui.templatetags.ui import bytesize
from vedette.wire import attachment
from vedette.wire.delivery import Delivery, encode


def attach(house: MemoryPorts, event: Event, name: str, content_type: str, content: bytes) -> None:
    """Let a file of an event arrive and be digested."""
    now = house.clock.now()
    sheet = house.files.new(now)
    sheet.write(content)
    told = attachment.made(name, content_type, None, len(content), sheet.keep())
    one = Delivery(project=event.project, event_id=event.id, received=now, payload=attachment.encode(told))
    house.log.publish("attachment", encode(one), event.id, now).result(5)
    said = Delivery(
        project=event.project,
        event_id=event.id,
        received=now,
        payload=b'{"comments": "It <b>broke</b>.", "email": "ann@shop.example?cc=eve@x.example"}',
    )
    house.log.publish("user_report", encode(said), event.id, now).result(5)
    service.digest(house.log.pull("errors", 10, now), now)


def test_an_events_files_are_listed_and_downloaded(
    house: MemoryPorts, happen: Happen, viewer: Client, shop: Project, clock: ManualClock
) -> None:
    issue = happen(an_error())
    event = service.event(issue).event
    attach(house, event, 'a "b".html', "text/html", b"<script>alert(1)</script>")
    attach(house, event, "log.txt", "text/plain", b"line")
    page = viewer.get(f"/issues/{issue.short_id}/events/{event.id[:8]}/").content.decode()
    assert "log.txt" in page
    assert bytesize(4) in page
    first, second = service.attachments(event)
    base = f"/issues/{issue.short_id}/events/{event.id[:8]}/attachments/"
    assert f"{base}{second.id}/" in page
    answer = viewer.get(f"{base}{first.id}/")
    assert b"".join(answer) == b"<script>alert(1)</script>"
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"] == r'attachment; filename="a \"b\".html"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert viewer.get(f"{base}{second.id}/")["Content-Type"] == "text/plain"
    assert viewer.get(f"{base}999/").status_code == 404
    assert Client().get(f"{base}{first.id}/").status_code in {302, 401, 403}


def test_what_users_wrote_stands_on_the_event(house: MemoryPorts, happen: Happen, viewer: Client) -> None:
    issue = happen(an_error())
    event = service.event(issue).event
    attach(house, event, "a", "text/plain", b"")
    page = viewer.get(f"/issues/{issue.short_id}/events/{event.id[:8]}/").content.decode()
    assert "It &lt;b&gt;broke&lt;/b&gt;." in page
    assert (
        f'href="mailto:ann@shop.example%3Fcc%3Deve@x.example?subject=Your%20report%20{event.id[:8]}"' in page
    )


def test_files_and_feedback_over_rest(house: MemoryPorts, happen: Happen, viewer: Client) -> None:
    event = service.event(happen(an_error())).event
    attach(house, event, "log.txt", "text/plain", b"line")
    base = f"/api/v1/events/{event.id}"
    [listed] = viewer.get(f"{base}/attachments").json()
    assert (listed["name"], listed["size"], listed["content_type"]) == ("log.txt", 4, "text/plain")
    assert b"".join(viewer.get(f"{base}/attachments/{listed['id']}")) == b"line"
    assert viewer.get(f"{base}/attachments/999").json()["status"] == 404
    assert viewer.get(f"{base}/feedback").json()[0]["comments"] == "It <b>broke</b>."
