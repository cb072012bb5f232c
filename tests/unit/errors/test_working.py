"""Acts on many issues: in pieces, through restarts, with digestion in between, and never half done silently."""

import pytest
from tests.unit.errors.conftest import Journal, error

from vedette.accounts.permissions import SYSTEM
from vedette.core.clock import ManualClock
from vedette.core.errors import Invalid, NotFound
from vedette.errors import service, working
from vedette.errors.store import groups, jobs
from vedette.plumbing.db import sql

MANY = 620  # more than two pieces


@pytest.fixture
def many(journal: Journal) -> list[str]:
    """As many issues, one event each by one of seven users; return their keys, the oldest first."""
    for start in range(0, MANY, 155):
        journal.send(*[error(f"Error{i}", user={"id": i % 7}) for i in range(start, start + 155)])
    found, cursor = [], None
    while cursor is not None or not found:
        page = service.issues("", cursor=cursor, n=500)
        found += [(issue.id, issue.short_id) for issue in page.issues]
        cursor = page.cursor
        if cursor is None:
            break
    return [key for _, key in sorted(found)]


def pieces(now: float, n: int = 1_000) -> None:
    """Do at most so many pieces, one call each, as a process that is killed in between would."""
    for _ in range(n):
        if not working.work(now, 1e-9):
            return


def open_keys() -> int:
    return service.counts()["open"]


def test_many_are_merged_in_pieces_and_taken_back(
    many: list[str], journal: Journal, clock: ManualClock
) -> None:
    done = service.merge(SYSTEM, many, "", clock.now())
    assert (done.undo, done.text) == ("", f"Merge {MANY} issues into SHOP-1: begun.")
    pieces(clock.now(), 2)
    under_way = service.job(done.job)
    assert (under_way.done, under_way.total, under_way.ended_at) == (500, MANY - 1 + 5, None)
    assert service.jobs(clock.now()) == (under_way,)
    with pytest.raises(Invalid, match="still being done"):
        service.undo(SYSTEM, done.job, clock.now())
    journal.send(error("Error3", user={"id": 99}), error("Error619", user={"id": 99}), error("Error0"))
    pieces(clock.now())
    merged = service.issue(many[-1])
    assert (merged.short_id, merged.events, merged.users) == ("SHOP-1", MANY + 3, 8)
    assert service.job(done.job).undo == done.job
    assert sum(service.chart(merged, clock.now() - 86_400, clock.now() + 60, 3_600.0)) == MANY + 3
    assert (service.groups(merged).total, open_keys()) == (MANY, 1)
    back = service.undo(SYSTEM, done.job, clock.now())
    journal.send(error("Error5"))
    pieces(clock.now())
    assert service.job(back.job).problem == ""
    counts = {i: service.issue(many[i]) for i in (0, 3, 5, 7, 619)}
    assert {i: issue.events for i, issue in counts.items()} == {0: 2, 3: 2, 5: 2, 7: 1, 619: 2}
    assert (counts[3].users, counts[7].users, open_keys()) == (2, 1, MANY)
    assert (groups.size(counts[0].id), sql.query("SELECT count(*) FROM errors_group_tag")) == (0, [(0,)])


def test_a_merge_that_cannot_go_on_says_how_far_it_came(many: list[str], clock: ManualClock) -> None:
    done = service.merge(SYSTEM, many, many[1], clock.now())
    pieces(clock.now(), 1)
    service.merge(SYSTEM, [many[1]], many[-1], clock.now())
    pieces(clock.now())
    ended = service.job(done.job)
    assert ended.problem.startswith(
        f"It ended after 250 of {MANY - 1} issues: the issue that should remain is gone"
    )
    assert ended.ended_at is not None
    assert service.jobs(clock.now()) == (ended,)
    clock.forward(working.SHOWN_FOR + 1)
    assert service.jobs(clock.now()) == ()


def test_jobs_have_bounds_and_are_forgotten(many: list[str], clock: ManualClock) -> None:
    with pytest.raises(Invalid, match="At most 10,000"):
        service.merge(SYSTEM, ["SHOP-1"] * 10_001, "", clock.now())
    done = service.merge(SYSTEM, many[:101], "", clock.now())
    pieces(clock.now())
    clock.forward(8 * 86_400)
    working.drop_old(clock.now())
    with pytest.raises(NotFound):
        service.job(done.job)
    assert jobs.next_open() is None
