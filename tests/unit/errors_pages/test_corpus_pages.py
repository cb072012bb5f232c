"""Every corpus event goes the whole way: digested, scrubbed, grouped, and shown whole on its issue's and its own page."""

import html
import re
from pathlib import Path

import msgspec
import pytest
from django.test import Client
from tests.unit.errors_pages.conftest import NOW
from tests.unit.errors_pages.corpus import corpus_events, drawn_otherwise, flat, leaves

from vedette.core import ids
from vedette.errors import service
from vedette.plumbing.testing import MemoryPorts
from vedette.projects.types import Project
from vedette.wire.delivery import Delivery, encode

TAG = re.compile(r"<[^>]*>")


def read(page: bytes) -> str:
    """Return what a person reads of a page, on one line."""
    return flat(html.unescape(TAG.sub("", page.decode())))


def digest_all(
    house: MemoryPorts, shop: Project, events: list[tuple[str, dict[str, object]]]
) -> dict[str, str]:
    """Digest the events under fresh ids and return the ids by the events' names."""
    found = {}
    for name, data in events:
        found[name] = event_id = ids.new_id()
        body = msgspec.json.encode({**data, "event_id": event_id})
        house.log.publish(
            "event",
            encode(Delivery(project=shop.id, event_id=event_id, received=NOW, payload=body)),
            event_id,
            NOW,
        )
    while messages := house.log.pull("errors", 64, NOW):
        service.digest(messages, NOW)
        house.log.ack("errors", [message.seq for message in messages])
    return found


@pytest.mark.deep
def test_every_page_of_every_corpus_event(
    corpora: Path, house: MemoryPorts, shop: Project, member: Client
) -> None:
    events = corpus_events(corpora)
    by_name = digest_all(house, shop, events)
    assert len(by_name) == 204
    wrong: dict[str, object] = {}
    for name, event_id in by_name.items():
        issue, place = service.find_event(event_id)
        base = f"/issues/{issue.short_id}"
        status = {
            path: member.get(base + path).status_code
            for path in ("/", "/events/", f"/events/{event_id[:8]}/json/", ".md")
        }
        page = member.get(f"{base}/events/{event_id[:12]}/")
        text, skip = read(page.content), drawn_otherwise(place.event.data)
        lost = [leaf for leaf in leaves(place.event.data) if flat(leaf) not in text and leaf not in skip]
        lost += [note.what for note in place.event.notes if flat(note.what) not in text]
        if lost or page.status_code != 200 or set(status.values()) != {200}:
            wrong[name] = (status, lost[:5])
    assert wrong == {}


def test_the_list_shows_them_all(corpora: Path, house: MemoryPorts, shop: Project, member: Client) -> None:
    digest_all(house, shop, corpus_events(corpora))
    keys: set[str] = set()
    path = "/issues/?q="
    while path:
        page = member.get(path)
        assert page.status_code == 200
        keys |= set(re.findall(r'class="rowlink[^"]*" href="/issues/([^/]+)/"', page.content.decode()))
        following = re.search(r'href="(\?[^"]+)" rel="next"', page.content.decode())
        path = "/issues/" + html.unescape(following[1]) if following else ""
    assert len(keys) == sum(service.counts().get(name, 0) for name in ("open", "muted", "resolved"))
    assert len(keys) > 100
