"""Erasing what is kept about one end user: found wherever it stands, gone for good, the others untouched, and proven."""

import dataclasses
from collections.abc import Sequence

import msgspec
import pytest
from tests.unit.errors.conftest import Journal, error

from vedette.accounts.permissions import SYSTEM, Actor, ActorKind, Role
from vedette.core.clock import ManualClock
from vedette.core.errors import Conflict, Forbidden, Invalid, Unavailable
from vedette.errors import service
from vedette.errors.privacy import service as privacy
from vedette.errors.privacy.types import Datum, DatumKind, Erasure, ErasureReceipt, ErasureStage
from vedette.errors.reported import service as reported
from vedette.plumbing.db import sql
from vedette.plumbing.ports import install
from vedette.plumbing.telemetry.memory import MemoryTelemetry
from vedette.plumbing.telemetry.port import Identity
from vedette.plumbing.testing import MemoryPorts
from vedette.projects import service as projects

ANNA = Datum(DatumKind.EMAIL, "anna@example.com")
BERT = "bert@example.com"


def person(id_: int, email: str) -> dict[str, object]:
    return {"id": id_, "email": email}


@pytest.fixture
def two(journal: Journal) -> Journal:
    """Events of Anna and of Bert, and one of nobody that mentions Anna."""
    anna, bert = person(4711, "Anna@Example.com"), person(4712, BERT)
    journal.send(
        error("LoginFailed", "for Anna@Example.com", user=anna, tags={"customer": "anna@example.com"}),
        error("Timeout", "slow", user=anna, breadcrumbs={"values": [{"message": "hello anna@example.com"}]}),
        error("Timeout", "slow", user=bert),
        error("Mailer", "bounced", extra={"to": "x%20anna%40example.com"}),
        error("Mailer", "bounced", extra={"to": "joanna@example.com"}, user=bert),
    )
    return journal


def finish(id_: str, clock: ManualClock, pieces: int = 2_000) -> Erasure:
    """Work one piece a call, as a process that is killed in between would."""
    clock.forward(2)
    for _ in range(pieces):
        privacy.work(clock.now(), 1e-9)
        if privacy.erasure(SYSTEM, id_).ended_at is not None:
            return privacy.erasure(SYSTEM, id_)
    raise AssertionError("it never ends")


def erased(clock: ManualClock, datum: Datum = ANNA, project: str = "") -> ErasureReceipt:
    begun = privacy.ask(SYSTEM, datum, project, clock.now())
    assert finish(begun.id, clock).problem == ""
    return privacy.receipt(SYSTEM, begun.id)


def whole_database() -> str:
    """Return every value of every table as one text."""
    names = [str(row[0]) for row in sql.query("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return "\n".join(repr(sql.query(f'SELECT * FROM "{name}"')) for name in names)  # noqa: S608


def test_one_person_goes_and_the_other_stays(two: Journal, clock: ManualClock) -> None:
    receipt = erased(clock)
    said = whole_database().lower()
    assert "anna@example.com" not in said.replace("joanna@example.com", "")
    assert "id:4711" not in said
    assert "id:4712" in said
    left = [line.decode() for line in service.export_events(0, 4e9)]
    assert len(left) == 2
    assert all(BERT in line for line in left)
    assert (receipt.counts["events"], receipt.counts["mentions"]) == (2, 1)
    assert service.issues("4712").issues
    assert not service.issues("4711").issues
    assert service.issue("SHOP-1").title.lower() == "loginfailed: for ****************"
    assert sum(issue.events for issue in service.issues("").issues) == 5


def test_a_dry_run_changes_nothing_and_tells_what_would_go(two: Journal, clock: ManualClock) -> None:
    before = list(service.export_events(0, 4e9))
    asked = privacy.ask(SYSTEM, ANNA, "", clock.now(), dry_run=True)
    found = finish(asked.id, clock)
    assert list(service.export_events(0, 4e9)) == before
    assert (found.counts["events"], found.counts["mentions"]) == (2, 1)
    assert [(int(one.event, 16), one.person) for one in found.found] == [(1, True), (2, True), (4, False)]
    assert "id:4711" in found.also
    assert privacy.receipts(SYSTEM) == ((), None)
    begun = privacy.confirm(SYSTEM, asked.id, clock.now())
    gone = finish(begun.id, clock)
    assert {key: gone.counts[key] for key in ("events", "mentions", "users", "tags", "texts")} == {
        key: found.counts[key] for key in ("events", "mentions", "users", "tags", "texts")
    }


def test_a_dry_run_forgets_whom_it_was_about(two: Journal, clock: ManualClock) -> None:
    asked = privacy.ask(SYSTEM, ANNA, "", clock.now(), dry_run=True)
    with pytest.raises(Conflict):
        privacy.confirm(SYSTEM, asked.id, clock.now())
    finish(asked.id, clock)
    clock.forward(privacy.KNOWN_FOR + 1)
    assert privacy.forget(clock.now()) == 1
    assert privacy.erasure(SYSTEM, asked.id).found == ()
    with pytest.raises(Conflict, match="no dry run of the last hour"):
        privacy.confirm(SYSTEM, asked.id, clock.now())


def test_a_short_id_counts_only_where_it_names_a_user(journal: Journal, clock: ManualClock) -> None:
    journal.send(
        error("One", user={"id": 4711}),
        error("Two", extra={"order": 4711}, user={"id": 4712}),
        error("Three", tags={"user_id": "4711"}),
        error("Four", "room 4711"),
    )
    receipt = erased(clock, Datum(DatumKind.ID, "4711"))
    assert receipt.counts["events"] == 2
    assert "mentions" not in receipt.counts
    assert len(list(service.export_events(0, 4e9))) == 2
    assert not service.issues("user:id:4711").issues
    assert service.issue("SHOP-4").title == "Four: room 4711"


def test_only_one_project_when_asked(two: Journal, clock: ManualClock) -> None:
    other = projects.create_project(SYSTEM, "Other", "python", clock.now())
    elsewhere = Journal(clock, other.id)
    elsewhere.seq = two.seq
    elsewhere.send(error("LoginFailed", "for anna@example.com", user=person(1, "anna@example.com")))
    receipt = erased(clock, project="other")
    assert (receipt.project, receipt.counts["events"]) == ("other", 1)
    assert len(list(service.export_events(0, 4e9, "shop"))) == 5
    assert service.issue("SHOP-1").title == "LoginFailed: for Anna@Example.com"
    assert "*" in service.issue("OTHER-1").title


def test_it_waits_for_what_is_in_the_journal(two: Journal, ports: MemoryPorts, clock: ManualClock) -> None:
    late = two.message(error("Late", user=person(4711, "anna@example.com")))
    ports.log.publish("event", late.body, late.msg_id, clock.now()).result()
    begun = privacy.ask(SYSTEM, ANNA, "", clock.now())
    clock.forward(5)
    assert privacy.work(clock.now()) == 0
    assert privacy.erasure(SYSTEM, begun.id).stage is ErasureStage.WAITING
    batch = ports.log.pull("errors", 9, clock.now())
    service.digest(batch, clock.now())
    ports.log.ack("errors", [one.seq for one in batch])
    finish(begun.id, clock)
    assert privacy.receipt(SYSTEM, begun.id).counts["events"] == 3


class Killed(MemoryTelemetry):
    """Telemetry in a process that is killed as soon as, or just before, it has erased."""

    before = after = False

    def erase(self, day: str, identities: Sequence[Identity]) -> int:
        if self.before:
            raise Unavailable("killed")
        gone = super().erase(day, identities)
        if self.after:
            raise Unavailable("killed")
        return gone


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_kill_in_the_middle_counts_nothing_twice(
    ports: MemoryPorts, clock: ManualClock, journal: Journal, when: str
) -> None:
    telemetry = Killed()
    install(dataclasses.replace(ports, telemetry=telemetry))
    journal.send(*[error(f"E{n}", user=person(4711, "anna@example.com")) for n in range(40)])
    begun = privacy.ask(SYSTEM, ANNA, "", clock.now())
    clock.forward(2)
    setattr(telemetry, when, True)
    for _ in range(3):
        with pytest.raises(Unavailable):
            privacy.work(clock.now())
    setattr(telemetry, when, False)
    assert finish(begun.id, clock).counts["events"] == 40
    assert not list(service.export_events(0, 4e9))


def test_a_receipt_is_genuine_names_nobody_and_says_whom_it_is_about(
    two: Journal, clock: ManualClock
) -> None:
    receipt = erased(clock)
    assert "anna" not in msgspec.json.encode(receipt).decode().lower()
    assert privacy.verify(receipt, Datum(DatumKind.EMAIL, "ANNA@example.com")).about is True
    assert privacy.verify(receipt, Datum(DatumKind.EMAIL, BERT)).about is False
    assert privacy.verify(receipt).genuine
    forged = msgspec.structs.replace(receipt, counts={"events": 99})
    assert not privacy.verify(forged).genuine
    row = sql.query_one("SELECT actor, subject, detail FROM accounts_audit WHERE action = 'privacy.erase'")
    assert row is not None
    assert receipt.datum in str(row[2])
    assert "anna" not in str(row).lower()
    assert "4711" not in str(row)


def test_doing_it_again_finds_nothing(two: Journal, clock: ManualClock) -> None:
    erased(clock)
    assert erased(clock).counts == {}


@pytest.mark.parametrize(
    ("kind", "value"), [("email", "anna"), ("email", "a b@c"), ("id", " "), ("id", "x" * 300)]
)
def test_what_cannot_be_a_datum_is_refused(
    journal: Journal, clock: ManualClock, kind: str, value: str
) -> None:
    with pytest.raises(Invalid):
        privacy.ask(SYSTEM, Datum(DatumKind(kind), value), "", clock.now())


def test_a_member_may_not(journal: Journal, clock: ManualClock) -> None:
    member = Actor(kind=ActorKind.USER, id=7, name="Ann", role=Role.MEMBER)
    with pytest.raises(Forbidden):
        privacy.ask(member, ANNA, "", clock.now())
    with pytest.raises(Forbidden):
        privacy.receipts(member)


def test_the_book_of_browsers_reports_forgets_a_name_too(journal: Journal, clock: ManualClock) -> None:
    journal.send({"browser_report": {"type": "deprecation", "message": "old API, anna@example.com"}})
    erased(clock)
    assert [(line.what, line.n) for line in reported.lines("shop", 7, clock.now())] == [
        ("old API, ****************", 1)
    ]
