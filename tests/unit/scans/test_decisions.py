"""What people decided about findings is applied where the same is found in another installation."""

import pytest
from django.db import connection
from tests.support.findings import finding, report
from tests.support.people import person
from tests.support.rooms import NOW

from vedette.accounts.permissions import SYSTEM, Role
from vedette.app.moving.catalogue import BY_NAME
from vedette.plumbing.testing import MemoryPorts
from vedette.scans import service
from vedette.scans.models import FindingRow, TargetRow
from vedette.scans.types import Asked, Known, Life

pytestmark = pytest.mark.django_db(transaction=True)
DAY = 86_400.0
FOUND = report(finding("a"), finding("b"), finding("c"), finding("d"))


def by_check() -> dict[str, Known]:
    return {one.finding.check: one for life in Life for one in service.findings(Asked(life=life))[0]}


def leaving() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT key FROM plumbing_kv WHERE {BY_NAME['plumbing_kv'].where}")  # noqa: S608 - our own words
        return [key for (key,) in cursor.fetchall() if key.startswith("scans/")]


def elsewhere() -> int:
    """Forget all but what moves, and return the same target under another number."""
    FindingRow.objects.all().delete()
    TargetRow.objects.all().delete()
    return int(TargetRow.objects.create(id=77, scanner="deps", target="/srv/shop", body={"name": "other"}).id)


def test_decisions_move_and_are_applied_by_the_next_scan(house: MemoryPorts, target: int) -> None:
    ada = person("ada", NOW, Role.MEMBER)
    assert ada.id is not None
    service.take(target, FOUND, NOW)
    assert leaving() == []
    known = by_check()
    service.accept(SYSTEM, [known["a"].id], "we know", NOW + 9 * DAY, NOW)
    service.mark_false(SYSTEM, [known["b"].id], "it is none", NOW)
    service.assign(SYSTEM, [known["c"].id], ada.id, NOW)
    assert len(leaving()) == 1
    service.take(elsewhere(), FOUND, NOW + DAY)
    found = by_check()
    assert {check: one.life for check, one in found.items()} == {"a": Life.ACCEPTED, "b": Life.FALSE, "c": Life.OPEN, "d": Life.OPEN}  # fmt: skip
    assert (found["a"].until, found["a"].reason, found["b"].reason) == (
        NOW + 9 * DAY,
        "we know",
        "it is none",
    )
    assert (found["c"].owner, found["d"].owner) == (ada.id, None)
    assert service.history(found["a"].id)[0].text == "Decided before it was found here: we know"
    assert service.end_acceptances(NOW + 10 * DAY) == 1


def test_what_is_over_or_was_opened_again_is_not_applied(house: MemoryPorts, target: int) -> None:
    service.take(target, FOUND, NOW)
    known = by_check()
    service.accept(SYSTEM, [known["a"].id], "for a day", NOW + DAY, NOW)
    service.mark_false(SYSTEM, [known["b"].id], "it is none", NOW)
    service.reopen(SYSTEM, [known["b"].id], NOW)
    service.take(elsewhere(), FOUND, NOW + 2 * DAY)
    assert {one.life for one in by_check().values()} == {Life.OPEN}


def test_what_became_worse_is_no_longer_decided(house: MemoryPorts, target: int) -> None:
    service.take(target, report(finding("a", risk=5.0)), NOW)
    service.accept(SYSTEM, [by_check()["a"].id], "it is mild", NOW + 9 * DAY, NOW)
    service.take(target, report(finding("a", risk=9.5)), NOW + 1)
    assert leaving() == []


def test_a_target_that_is_taken_away_takes_its_decisions_along(house: MemoryPorts, target: int) -> None:
    service.take(target, FOUND, NOW)
    service.mark_false(SYSTEM, [by_check()["a"].id], "it is none", NOW)
    service.remove(SYSTEM, target, NOW)
    assert leaving() == []
