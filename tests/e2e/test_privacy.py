"""One of two end users is erased from a running server: afterwards no file of the data folder holds them."""

import json
import sqlite3
from pathlib import Path

import pytest
import zstandard
from tests.support.server import Vedette

ANNA, BERT = "anna.lund@example.com", "bert.holm@example.com"
ANNA_ID = "user-80317"
pytestmark = pytest.mark.timeout(180)


def envelope(server: Vedette, n: int, email: str, id_: str) -> str:
    """Send an event that holds an e-mail in every corner, with an attachment and feedback; return its id."""
    event_id = f"{n:032x}"
    event = {
        "event_id": event_id, "message": f"Cannot mail {email}", "fingerprint": [f"mail-{n}"],
        "user": {"id": id_, "email": email.title()}, "tags": {"customer": email},
        "breadcrumbs": {"values": [{"message": f"typed {email}"}]},
        "request": {"url": f"https://shop.example/?mail={email.replace('@', '%40')}", "data": {"to": email}},
        "extra": {"to": email}, "level": "error",
    }  # fmt: skip
    file = f"a letter to {email}".encode()
    report = {"event_id": event_id, "name": "A", "email": email, "comments": f"I am {email}"}
    items = [({"type": "event"}, json.dumps(event).encode()), ({"type": "user_report"}, json.dumps(report).encode()),
             ({"type": "attachment", "filename": "letter.txt"}, file)]  # fmt: skip
    body = json.dumps({"event_id": event_id}).encode() + b"\n"
    for head, payload in items:
        body += json.dumps({**head, "length": len(payload)}).encode() + b"\n" + payload + b"\n"
    to = server.project
    assert server.request("POST", f"/api/{to.id}/envelope/?sentry_key={to.key}", body)[0] == 200
    return event_id


def holders(data: Path, *texts: str) -> list[str]:
    """Return the files that hold one of the texts, as they lie there or in a body once it is unpacked."""
    found = []
    for path in sorted(path for path in data.rglob("*") if path.is_file()):
        content = path.read_bytes().lower()
        if path.parent.name == "telemetry" and path.suffix == ".db":
            content += b"".join(bodies(path)).lower()
        found += [str(path.relative_to(data)) for text in texts if text.encode() in content]
    return found


def bodies(day: Path) -> list[bytes]:
    connection = sqlite3.connect(day)
    rows = connection.execute("SELECT body FROM record").fetchall()
    connection.close()
    return [zstandard.ZstdDecompressor().decompress(body) for (body,) in rows]


def copied(server: Vedette) -> None:
    """Copy core.db as an upgrade does."""
    folder = server.data / "backups"
    folder.mkdir(mode=0o700)
    old, new = (
        sqlite3.connect(server.data / "core.db"),
        sqlite3.connect(folder / "core-0.0.1-20250101T000000Z.db"),
    )
    with new:
        old.backup(new)
    old.close()
    new.close()


@pytest.mark.deep
def test_nothing_of_an_erased_person_remains(start_vedette) -> None:
    server = start_vedette()
    gone = [envelope(server, n, ANNA, ANNA_ID) for n in range(1, 4)]
    kept = [envelope(server, n, BERT, "user-80318") for n in range(4, 7)]
    server.wait(lambda: len(server.issues("Cannot mail")) == 6)
    server.wait(lambda: server.api("GET", f"/events/{kept[-1]}/attachments")[1])
    copied(server)
    assert {Path(name).parts[0].split("-")[0] for name in holders(server.data, ANNA)} >= {
        "core.db",
        "telemetry",
        "attachments",
        "backups",
    }

    dry = server.cli("privacy", "erase", "--email", ANNA.upper(), "--dry-run", "--json")
    assert dry.returncode == 0, dry.stderr
    assert {one["event"] for one in json.loads(dry.stdout)["found"]} == set(gone)
    done = server.cli("privacy", "erase", "--email", ANNA.upper(), "--json")
    assert done.returncode == 0, done.stderr
    receipt = json.loads(done.stdout)
    assert (receipt["counts"]["events"], receipt["counts"]["attachments"], receipt["counts"]["feedback"]) == (
        3,
        3,
        3,
    )

    assert holders(server.data, ANNA, ANNA.replace("@", "%40"), ANNA_ID) == []
    assert all(server.api("GET", f"/events/{one}")[0] == 404 for one in gone)
    for query in (ANNA, "anna", ANNA_ID, f"user:id:{ANNA_ID}", f"user:email:{ANNA}", f"customer:{ANNA}"):
        assert server.issues(query) == [], query
    assert len(server.issues(BERT)) == 3
    for one in kept:
        status, event = server.api("GET", f"/events/{one}")
        assert status == 200
        assert BERT in json.dumps(event)
        assert len(server.api("GET", f"/events/{one}/attachments")[1]) == 1
    assert sum(issue["events"] for issue in server.issues("mail")) == 6

    shown = server.cli("privacy", "receipt", receipt["id"], "--email", ANNA)
    assert shown.returncode == 0, shown.stderr
    assert "It is genuine." in shown.stdout
    assert "It is about this person." in shown.stdout
    assert server.api("GET", f"/privacy/receipts/{receipt['id']}")[1]["genuine"] is True

    connection = sqlite3.connect(server.data / "core.db")
    for statement in ("DELETE FROM errors_receipt", "UPDATE errors_receipt SET body = '{}'"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            connection.execute(statement)
    connection.close()
