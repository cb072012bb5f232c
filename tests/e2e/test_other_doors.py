"""The doors beside those of events, at a real server: what a browser, a crash reporter and a job send is found again."""

import json
import stat
from typing import Any

from tests.support.dumps import dump
from tests.support.server import Vedette

FORM = {"Content-Type": "multipart/form-data; boundary=frontier"}


def post(server: Vedette, door: str, body: bytes, headers: dict[str, str] | None = None) -> dict[str, Any]:
    path = f"/api/{server.project.id}/{door}?sentry_key={server.project.key}"
    status, _, answer = server.request("POST", path, body, headers)
    assert status == 200, answer
    return dict(json.loads(answer))


def form(content: bytes) -> bytes:
    head = b'--frontier\r\nContent-Disposition: form-data; name="upload_file_minidump"; filename="crash.dmp"\r\n\r\n'
    return head + content + b"\r\n--frontier--\r\n"


def test_a_crash_is_an_issue_with_its_dump(vedette_server: Vedette) -> None:
    server = vedette_server
    sent = dump() + bytes(3_000_000)
    event_id = post(server, "minidump/", form(sent), FORM)["id"]
    server.wait(lambda: server.api("GET", f"/events/{event_id}")[0] == 200)
    assert server.api("GET", f"/events/{event_id}")[1]["title"] == "SIGSEGV: at 0xdead"
    post(server, "user-feedback/", json.dumps({"event_id": event_id, "comments": "It crashed."}).encode())
    server.wait(lambda: server.api("GET", f"/events/{event_id}/feedback")[1])
    [file] = server.api("GET", f"/events/{event_id}/attachments")[1]
    assert (file["name"], file["size"], file["kind"]) == ("crash.dmp", len(sent), "event.minidump")
    headers = {"Authorization": f"Bearer {server.token}"}
    path = f"/api/v1/events/{event_id}/attachments/{file['id']}"
    status, told, body = server.request("GET", path, b"", headers)
    assert (status, body == sent) == (200, True)
    assert told["content-disposition"] == 'attachment; filename="crash.dmp"'
    assert told["content-security-policy"] == "default-src 'none'; sandbox"
    assert told["x-content-type-options"] == "nosniff"
    kept = [path for path in (server.data / "attachments").rglob("*") if path.is_file()]
    assert {stat.S_IMODE(path.stat().st_mode) for path in kept} == {0o600}


def test_a_browsers_report_is_an_issue(vedette_server: Vedette) -> None:
    report = {"document-uri": "https://shop.example/", "effective-directive": "script-src", "blocked-uri": "https://evil.example/x"}  # fmt: skip
    post(vedette_server, "security/", json.dumps({"csp-report": report}).encode())
    [found] = vedette_server.wait(lambda: vedette_server.issues("evil.example"))
    assert found["title"] == "script-src refused https://evil.example on /"


def test_heartbeats_are_counted_as_kept(vedette_server: Vedette) -> None:
    server = vedette_server
    post(server, "cron/nightly/", b"")

    def counted() -> bool:
        _, rows = server.api("GET", f"/projects/{server.project.slug}/usage")
        return any((row["item_type"], row["outcome"]) == ("check_in", "accepted") for row in rows)

    server.wait(counted, 20.0)
