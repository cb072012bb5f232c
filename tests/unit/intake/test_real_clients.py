"""What real SDKs and the reference corpora send is accepted as it is."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from tests.support import seeds
from tests.support.door import EVENT_ID, Door, event

from vedette.wire import lenient


@pytest.mark.parametrize(
    "act", [seeds.raised, seeds.chained, seeds.told, seeds.logged, seeds.in_thread, seeds.attached]
)
def test_what_the_python_sdk_sends_is_kept_as_it_is(door: Door, act: object) -> None:
    sent = seeds.sent_by(act)  # type: ignore[arg-type]
    replies = [door.post(gzip.compress(body), headers={"content-encoding": "gzip"}) for body in sent]
    found = door.deliveries()
    assert {reply.status for reply in replies} == {200}
    assert [reply.json["id"] for reply in replies] == [one.event_id for one in found]
    assert found
    for one in found:
        value, notes = lenient.decode(one.payload)
        assert isinstance(value, dict)
        assert value["event_id"] == one.event_id
        assert value["release"] == "shop@1.4.2"
        assert not notes
        assert not one.notes
        assert one.sent_at is not None


def test_transactions_attachments_and_sessions_are_counted(door: Door) -> None:
    for body in (
        *seeds.sent_by(seeds.traced, traces_sample_rate=1.0),
        *seeds.sent_by(seeds.attached),
        *seeds.by_hand(),
    ):
        assert door.post(body).status == 200
    counts = door.counts()
    assert counts["transaction", "not_kept"] == 1
    assert counts["attachment", "accepted"] == 1
    assert counts["session", "not_kept"] == 1
    assert counts["event", "accepted"] == 5


def without_nul(value: Any) -> Any:
    if isinstance(value, dict):
        return {without_nul(key): without_nul(child) for key, child in value.items()}
    if isinstance(value, list):
        return [without_nul(child) for child in value]
    return value.replace("\x00", "\ufffd") if isinstance(value, str) else value


def test_every_event_of_the_corpora_is_kept(door: Door, corpora: Path) -> None:
    files = [
        *sorted((corpora / "sentry" / "event-samples").rglob("*.json")),
        *sorted((corpora / "sentry" / "glitchtip-test-data" / "events" / "incoming_events").glob("*.json")),
    ]
    assert len(files) == 190 + 14
    for n, path in enumerate(files):
        payload = path.read_bytes()
        reply = door.post(event(payload, event_id=f"{n + 1:032x}"))
        assert reply.status == 200, path
        [found] = door.deliveries()
        value, notes = lenient.decode(found.payload)
        assert value == without_nul(json.loads(payload)), path
        assert {note.what for note in notes} <= {"NUL characters were replaced."}, path


def test_an_event_of_the_sdk_through_the_legacy_door(door: Door) -> None:
    payload = json.dumps({**seeds.BROWSER_EVENT, "event_id": EVENT_ID}).encode()
    assert door.post(payload, path="/api/1/store/").json == {"id": EVENT_ID}
