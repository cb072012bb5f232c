"""A new version of grouping takes no event away from an issue that has it."""

from hypothesis import given
from hypothesis import strategies as st
from tests.support.migrating import as_before
from tests.unit.errors.conftest import Journal, error

from vedette.core.clock import ManualClock
from vedette.errors import grouping, service, succession
from vedette.errors.store import lineage
from vedette.errors.tallying import Digested
from vedette.errors.types import Event, Fingerprint
from vedette.plumbing.db import sql
from vedette.projects.types import Project

_EVENT = Event(id="0" * 32, project=1, at=0.0, received=0.0)


def _of(hash_: bytes, version: int) -> Fingerprint:
    return Fingerprint(hash_, "message", (), version)


def _one(new: bytes, *old: bytes) -> Digested:
    elders = tuple(_of(hash_, n) for n, hash_ in enumerate(old, 1))
    return Digested(_EVENT, _of(new, len(old) + 1), (), b"", elders)


def _told(settled: succession.Settled) -> list[bytes]:
    return [one.fingerprint.hash for one in settled.digested]


def test_the_oldest_hash_that_leads_to_an_issue_decides() -> None:
    batch = [_one(b"N", b"A", b"B"), _one(b"N", b"C", b"B"), _one(b"M", b"C", b"D")]
    settled = succession.settle(batch, {b"A", b"B"})
    assert _told(settled) == [b"A", b"B", b"M"]
    assert settled.heirs == {b"N": b"A"}
    assert set(succession.older_hashes(batch)) == {b"A", b"B", b"C", b"D"}


def test_without_known_hashes_the_newest_version_decides() -> None:
    settled = succession.settle([_one(b"N", b"A"), _one(b"M")], set())
    assert (_told(settled), settled.heirs) == ([b"N", b"M"], {})


@given(
    st.lists(st.tuples(st.sampled_from(b"NMO"), st.sampled_from(b"ABC")), max_size=20),
    st.sets(st.sampled_from(b"ABC")),
)
def test_an_event_that_an_issue_had_stays_with_it(events: list[tuple[int, int]], known: set[int]) -> None:
    hashes = {bytes([one]) for one in known}
    settled = succession.settle([_one(bytes([new]), bytes([old])) for new, old in events], hashes)
    for (new, old), told in zip(events, _told(settled), strict=True):
        assert told == bytes([old if old in known else new])
    assert set(settled.heirs) == {bytes([new]) for new, old in events if old in known}
    assert set(settled.heirs.values()) <= hashes


def deep(turns: int, **more: object) -> dict[str, object]:
    """Return an error of a recursion over two functions: version 1 tells its depth apart, version 2 does not."""
    frames = [{"module": "shop", "function": name, "in_app": True} for name in ("walk", "visit") * turns]
    return {
        "platform": "python",
        "exception": [{"type": "RecursionError", "stacktrace": {"frames": frames}}],
        **more,
    }


def as_version_1(journal: Journal, *events: dict[str, object]) -> None:
    """Leave the store as version 1 would have: issues whose only hashes are its own."""
    with sql.transaction():
        for event in events:
            journal.send(event)
            found = service.find_event(f"{journal.seq:032x}")[1].event
            new, old = grouping.fingerprint(found), grouping.fingerprint(found, 1)
            sql.execute("UPDATE errors_hash SET hash = %s, version = 1 WHERE hash = %s", (old.hash, new.hash))


def counts() -> dict[str, int]:
    return {issue.short_id: issue.events for issue in service.issues().issues}


def test_known_issues_keep_their_events_and_new_ones_follow_the_new_version(
    journal: Journal, shop: Project
) -> None:
    assert lineage.oldest_version() == grouping.VERSION
    as_version_1(journal, deep(2), deep(3))
    assert counts() == {"SHOP-1": 1, "SHOP-2": 1}
    assert lineage.oldest_version() == 1
    journal.send(deep(2), deep(3), deep(3))
    assert counts() == {"SHOP-1": 2, "SHOP-2": 3}
    assert journal.send(deep(7), deep(8), error()) == 3
    assert counts() == {"SHOP-1": 4, "SHOP-2": 3, "SHOP-3": 1}


def test_in_one_batch_an_issue_inherits_before_a_new_one_is_made(journal: Journal) -> None:
    as_version_1(journal, deep(2))
    journal.send(deep(5), deep(2))
    assert counts() == {"SHOP-1": 3}


def test_a_replay_after_an_inheritance_changes_nothing(journal: Journal, clock: ManualClock) -> None:
    as_version_1(journal, deep(2))
    batch = [journal.message(deep(2)), journal.message(deep(4))]
    assert service.digest(batch, clock.now()) == 2
    assert service.digest(batch, clock.now()) == 0
    assert counts() == {"SHOP-1": 3}


def test_events_are_found_under_the_issue_that_kept_them(journal: Journal) -> None:
    as_version_1(journal, deep(2))
    journal.send(deep(2), event_id="ab" * 16)
    journal.send(deep(9), event_id="cd" * 16)
    assert {service.find_event(one * 16)[0].short_id for one in ("ab", "cd")} == {"SHOP-1"}
    assert len(service.events(service.issue("SHOP-1")).events) == 3


def test_the_index_of_old_hashes_is_used(shop: Project) -> None:
    asked = "EXPLAIN QUERY PLAN SELECT min(version) FROM errors_hash WHERE version < 2"
    assert "errors_hash_old" in str(sql.query(asked))


def test_two_versions_stand_side_by_side_in_the_store(journal: Journal) -> None:
    as_version_1(journal, deep(2))
    journal.send(deep(2), error())
    rows = sql.query(
        "SELECT i.number, h.version FROM errors_hash h JOIN errors_issue i ON i.id = h.issue ORDER BY i.number, h.version"
    )
    assert [(int(number or 0), int(version or 0)) for number, version in rows] == [
        (1, 1),
        (1, grouping.VERSION),
        (2, grouping.VERSION),
    ]


def test_hashes_from_before_versions_are_of_the_first(shop: Project) -> None:
    with as_before("errors", "0001_initial"):
        sql.execute("INSERT INTO errors_hash (hash, issue) VALUES (%s, 7)", (b"h" * 16,))
    assert sql.query("SELECT hash, issue, version FROM errors_hash") == [(b"h" * 16, 7, 1)]
    assert "WITHOUT ROWID" in str(sql.query("SELECT sql FROM sqlite_master WHERE name = 'errors_hash'"))
