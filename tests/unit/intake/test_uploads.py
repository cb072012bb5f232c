"""Files at the doors: minidumps, attachments by form, attachments of envelopes."""

import gzip
import json
from typing import Any

import pytest
from tests.support.door import EVENT_ID, Door, Reply, envelope
from tests.support.dumps import dump

from vedette.intake.limits import Limits
from vedette.plumbing.files.memory import MemoryFiles
from vedette.wire import attachment, delivery
from vedette.wire.attachment import Attachment

FORM = {"content-type": "multipart/form-data; boundary=frontier"}
MINIDUMP, FILES = "/api/1/minidump/", f"/api/1/events/{EVENT_ID}/attachments/"


def form(*parts: tuple[str, str | None, bytes]) -> bytes:
    """Return a form of (name, file name, content)."""
    lines = b""
    for name, filename, content in parts:
        file = f'; filename="{filename}"' if filename is not None else ""
        head = f'--frontier\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'
        lines += head.encode() + content + b"\r\n"
    return lines + b"--frontier--\r\n"


def attached(door: Door) -> list[tuple[str, Attachment]]:
    return [(one.event_id, attachment.decode(one.payload)) for one in door.deliveries("attachment")]


def crash(door: Door, *parts: tuple[str, str | None, bytes], **options: Any) -> dict[str, Any]:
    sent = form(("upload_file_minidump", "crash.dmp", dump()), *parts)
    assert door.post(sent, path=MINIDUMP, headers=FORM, **options).status == 200
    messages = door.log.pull("errors", 100, door.clock.now())
    [payload] = [m.body for m in messages if m.subject == "event"]
    return json.loads(delivery.decode(payload).payload)  # type: ignore[no-any-return]


def test_a_minidump_becomes_an_event_and_a_file(door: Door) -> None:
    reply = door.post(
        form(("upload_file_minidump", "crash.dmp", dump()), ("log", "app.log", b"line")),
        path=MINIDUMP,
        headers=FORM,
    )
    [[event_id, first], [same, second]] = attached(door)
    assert reply.json == {"id": event_id}
    assert event_id == same
    assert (first.name, first.kind, first.size) == ("crash.dmp", "event.minidump", len(dump()))
    assert (second.name, second.kind) == ("app.log", "event.attachment")
    assert door.files.held[first.file] == dump()
    assert door.files.held[second.file] == b"line"


def test_the_event_says_why_and_where_the_process_ended(door: Door) -> None:
    event = crash(door, ("prod", None, b"Shop"), ("ptype", None, b"renderer"))
    [exception] = event["exception"]["values"]
    assert (exception["type"], exception["value"]) == ("SIGSEGV", "at 0xdead")
    assert (event["platform"], event["level"]) == ("native", "fatal")
    assert event["contexts"]["os"]["name"] == "Linux"
    assert event["contexts"]["crash reporter"] == {"prod": "Shop", "ptype": "renderer"}


@pytest.mark.parametrize(
    "parts",
    [
        (("sentry", None, b'{"release": "shop@2", "tags": {"a": "b"}}'),),
        (("sentry__2", None, b'@2", "tags": {"a": "b"}}'), ("sentry__1", None, b'{"release": "shop')),
        (("sentry[release]", None, b"shop@2"), ("sentry[tags][a]", None, b"b")),
    ],
)
def test_the_event_takes_what_the_reporter_sends_beside_the_dump(
    door: Door, parts: tuple[tuple[str, None, bytes], ...]
) -> None:
    event = crash(door, *parts)
    assert (event["release"], event["tags"]) == ("shop@2", {"a": "b"})
    assert event["exception"]["values"][0]["type"] == "SIGSEGV"


def test_the_forms_event_id_is_taken(door: Door) -> None:
    sent = form(("upload_file_minidump", "c.dmp", dump()), ("sentry", None, json.dumps({"event_id": EVENT_ID}).encode()))  # fmt: skip
    assert door.post(sent, path=MINIDUMP, headers=FORM).json == {"id": EVENT_ID}


def test_a_bare_dump_and_one_that_is_none(door: Door) -> None:
    assert door.post(dump(), path=MINIDUMP).status == 200
    [(_, kept)] = attached(door)
    assert door.files.held[kept.file] == dump()
    assert door.post(b"nothing", path=MINIDUMP).status == 400
    assert door.post(b"", path=MINIDUMP).status == 400
    damaged = form(("upload_file_minidump", "c.dmp", b"damaged"))
    assert door.post(damaged, path=MINIDUMP, headers=FORM).status == 200


def test_files_come_in_pieces_and_packed(door: Door) -> None:
    content = bytes(range(256)) * 4_096
    sent = form(("a", "a.bin", content))
    pieces = [sent[n : n + 70_000] for n in range(0, len(sent), 70_000)]
    assert door.post(pieces, path=FILES, headers=FORM).json["id"] == EVENT_ID
    packed = {**FORM, "content-encoding": "gzip"}
    assert door.post(gzip.compress(sent), path=FILES, headers=packed).status == 200
    found = attached(door)
    assert [event_id for event_id, _ in found] == [EVENT_ID, EVENT_ID]
    assert all(door.files.held[one.file] == content for _, one in found)
    assert door.counts() == {("attachment", "accepted"): 2}


def test_attachments_of_an_envelope(door: Door) -> None:
    head = {"type": "attachment", "length": 4, "filename": "a/b.txt", "content_type": "text/plain"}
    body = envelope({"event_id": EVENT_ID}, ("event", {"message": "no"}))
    body += (
        json.dumps(head).encode() + b"\n\x00\n\xff!\n" + b'{"type":"attachment"}\nto the end of the line\n'
    )
    assert door.post(body).json == {"id": EVENT_ID}
    [(event_id, first), (_, second)] = attached(door)
    assert event_id == EVENT_ID
    assert (first.name, first.content_type, first.size) == ("b.txt", "text/plain", 4)
    assert door.files.held[first.file] == b"\x00\n\xff!"
    assert (second.name, door.files.held[second.file]) == ("attachment", b"to the end of the line")


def test_an_attachment_of_no_event_is_counted(door: Door) -> None:
    assert door.post(envelope({}, ("attachment", b"x"))).json["not_kept"] == {"attachment": 1}
    assert (door.files.held, door.counts()) == ({}, {("attachment", "dropped"): 1})


def test_at_most_thirty_files_an_event(door: Door) -> None:
    items = [("attachment", b"x")] * 35
    assert door.post(envelope({"event_id": EVENT_ID}, *items)).json["not_kept"] == {"attachment": 5}
    reply = door.post(form(*[("f", "f", b"x")] * 33), path=FILES, headers=FORM)
    assert reply.json["not_kept"] == {"attachment": 3}
    assert len(door.files.held) == 60


def test_without_room_the_event_is_kept_and_the_file_counted(door: Door) -> None:
    full = Door(files=MemoryFiles(max_bytes=3))
    reply = full.post(envelope({"event_id": EVENT_ID}, ("event", {"message": "no"}), ("attachment", b"four")))
    assert reply.json["events"] == [EVENT_ID]
    assert full.counts() == {("event", "accepted"): 1, ("attachment", "no_room"): 1}
    assert full.post(form(("a", "a", b"four")), path=FILES, headers=FORM).status == 503
    assert full.files.used() == full.files.unfinished == 0


@pytest.mark.parametrize(
    ("body", "path", "headers", "status", "why"),
    [
        (form(("a", None, b"x")), FILES, FORM, 400, "holds no file"),
        (form(("a", "a", b"x")), "/api/1/events/nothing/attachments/", FORM, 400, "names no event"),
        (form(("a", "a", b"x")), MINIDUMP, FORM, 400, "no minidump"),
        (form(("a", "a", b"x"))[:-20], FILES, FORM, 400, "ends in the middle"),
        (b"x", FILES, {}, 400, "no form"),
        (form(("a", "a", b"x" * 200)), FILES, FORM, 413, "larger than 100"),
        (form(("a", None, b"x" * 2_000_000)), FILES, FORM, 413, "larger than"),
        (b"x", FILES, {**FORM, "content-encoding": "br"}, 415, "gzip"),
        (b"not gzip", FILES, {**FORM, "content-encoding": "gzip"}, 400, "Content-Encoding"),
    ],
)
def test_what_is_wrong_with_a_form_is_told_and_nothing_is_kept(
    body: bytes, path: str, headers: dict[str, str], status: int, why: str
) -> None:
    door = Door(Limits(attachment=100))
    reply = door.post(body, path=path, headers=headers)
    assert (reply.status, why in reply.json["detail"]) == (status, True), reply.json
    assert (door.files.held, door.files.unfinished) == ({}, 0)
    assert not door.deliveries("attachment")


def test_who_hangs_up_leaves_nothing_behind(door: Door) -> None:
    sent = form(("a", "a", b"x" * 50_000))
    reply = door.post([sent[:20_000], sent[20_000:30_000], b""], path=FILES, headers=FORM, hang_up=True)
    assert (reply.status, door.files.held, door.files.unfinished) == (0, {}, 0)


def test_who_may_not_send_leaves_nothing_behind(door: Door) -> None:
    refused: list[Reply] = [
        door.post(form(("a", "a", b"x")), path=FILES, headers=FORM, auth=auth)
        for auth in (None, "Sentry sentry_key=unknown")
    ]
    assert [reply.status for reply in refused] == [403, 403]
    assert not door.files.held


def test_a_minidump_beyond_the_quota_leaves_no_file() -> None:
    door = Door(per_day=0)
    sent = form(("upload_file_minidump", "c.dmp", dump()))
    assert door.post(sent, path=MINIDUMP, headers=FORM).status == 429
    assert not door.files.held
