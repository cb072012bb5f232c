"""What people do to issues is told to those it concerns, and whoever comments follows."""

import pytest
from tests.support.people import person

from vedette.accounts.permissions import Role
from vedette.core.clock import ManualClock
from vedette.core.errors import NotFound
from vedette.errors import service
from vedette.errors.types import Assign
from vedette.notify import service as notify
from vedette.signals import service as signals

PERSONAL = {"issue.assigned", "issue.commented"}


def personal() -> list[tuple[str, str, str, str]]:
    found = [stored.signal for stored in signals.after(0, 100) if stored.signal.kind in PERSONAL]
    return [
        (each.kind, each.labels["by"], each.labels.get("assignee", ""), each.annotations["comment"])
        for each in found
    ]


def test_assigning_and_commenting_are_told_and_taking_back_is_not(
    journal, raised, clock: ManualClock
) -> None:  # type: ignore[no-untyped-def]
    journal.send(raised())
    (issue,) = service.issues().issues
    anna, ben = (person(name, clock.now(), Role.MEMBER) for name in ("Anna", "Ben"))
    done = service.act(anna, [issue.short_id], Assign(ben.id), clock.now())
    service.undo(anna, done.undo, clock.now())
    service.act(anna, [issue.short_id], Assign(ben.id), clock.now())
    service.act(anna, [issue.short_id], Assign(None), clock.now())
    service.comment(ben, issue.short_id, "seen, @anna", clock.now())
    assert personal() == [
        ("issue.assigned", str(anna.id), str(ben.id), ""),
        ("issue.assigned", str(anna.id), str(ben.id), ""),
        ("issue.commented", str(ben.id), "", "seen, @anna"),
    ]
    assert notify.follows(ben, issue.short_id)
    assert notify.followers(issue.short_id) == {ben.id}


def test_an_issue_is_followed_by_whatever_case_its_key_is_written_in(
    journal, raised, clock: ManualClock
) -> None:  # type: ignore[no-untyped-def]
    journal.send(raised())
    (issue,) = service.issues().issues
    anna = person("Anna", clock.now())
    assert service.follow(anna, issue.short_id.lower(), clock.now(), on=True) == issue.short_id
    assert notify.followed(anna) == (issue.short_id,)
    service.follow(anna, issue.short_id, clock.now(), on=False)
    assert notify.followed(anna) == ()
    with pytest.raises(NotFound):
        service.follow(anna, "SHOP-ZZ", clock.now(), on=True)


def test_who_follows_a_merged_issue_follows_the_one_that_remains(journal, raised, clock: ManualClock) -> None:  # type: ignore[no-untyped-def]
    journal.send(raised(function="pay"), raised(function="refund"))
    anna, ben = (person(name, clock.now(), Role.MEMBER) for name in ("Anna", "Ben"))
    service.follow(anna, "SHOP-2", clock.now(), on=True)
    service.follow(ben, "SHOP-1", clock.now(), on=True)
    done = service.merge(ben, ["SHOP-1", "SHOP-2"], "", clock.now())
    assert notify.followers("SHOP-1") == {anna.id, ben.id}
    service.undo(ben, done.undo, clock.now())
    assert notify.followers("SHOP-2") == {anna.id}
