"""Decisions of backups: what may be called good, how long it takes, how figures read."""

from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.instruments.backup import estimating, judging, phrasing
from vedette.instruments.backup.types import Saved
from vedette.wire.backup import (
    Aim,
    BackupRun,
    Check,
    DrillRun,
    Entry,
    Failure,
    Goals,
    Manifest,
    Part,
    Progress,
    Snapshot,
    Stage,
    Table,
)

NOW = 1_764_000_000.0


def manifest(*parts: Part) -> Manifest:
    return Manifest(at=NOW, parts=parts)


def rows(**tables: int) -> Part:
    return Part(
        what="postgres", files=3, bytes=9_000, tables=tuple(Table(name, n) for name, n in tables.items())
    )


@given(st.floats(-judging.SKEW, 1e9))
def test_what_is_not_later_than_now_is_right(ago: float) -> None:
    assert judging.clock(NOW, NOW - ago, NOW - ago) is None


@given(st.floats(judging.SKEW + 1, 1e9))
def test_what_is_later_than_now_is_told(ahead: float) -> None:
    for fault in (judging.clock(NOW, NOW + ahead, None), judging.clock(NOW, None, NOW + ahead)):
        assert fault is not None
        assert fault.failure is Failure.CLOCK


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ((), "names no source"),
        ((Part(what="paths"),), "not one byte in 0 files"),
        ((Part(what="paths", files=3),), "not one byte in 3 files"),
        ((rows(a=1), rows(b=0, c=0)), "no row in any of 2 tables"),
    ],
)
def test_what_is_empty_is_told(parts: tuple[Part, ...], words: str) -> None:
    fault = judging.empty(manifest(*parts))
    assert fault is not None
    assert fault.failure is Failure.SOURCE_EMPTY
    assert words in fault.sentence


def test_a_cluster_that_is_known_by_its_bytes_alone_is_not_empty() -> None:
    assert judging.empty(manifest(Part(what="postgres", bytes=5))) is None


@pytest.mark.parametrize(
    ("now", "words"),
    [
        (rows(orders=4, users=5), "21 rows then, 9 now"),
        (rows(users=10), "21 rows then, 10 now"),
        (
            Part(what="postgres", files=1, bytes=9_000, tables=rows(orders=10, users=10).tables),
            "3 files then, 1 now",
        ),
        (msgspec.structs.replace(rows(orders=10, users=10), bytes=100), "9 KB then, 100 bytes now"),
    ],
)
def test_what_shrank_is_told_with_both_figures(now: Part, words: str) -> None:
    before = rows(orders=10, users=11)
    fault = judging.shrunk(manifest(now), manifest(before), 0.5)
    assert fault is not None
    assert fault.failure is Failure.SHRANK
    assert words in fault.sentence


def test_tables_that_vanished_are_named() -> None:
    before, now = rows(a=1, b=1, c=1, users=1_000), rows(users=1_000)
    fault = judging.shrunk(manifest(now), manifest(before), 0.5)
    assert fault is not None
    assert "tables vanished: a, b, c" in fault.sentence


@given(st.integers(0, 1_000), st.floats(0, 1))
def test_what_grows_never_shrank(more: int, share: float) -> None:
    before = Part(what="paths", files=10, bytes=100)
    now = Part(what="paths", files=10 + more, bytes=100 + more)
    assert judging.shrunk(manifest(now), manifest(before), share) is None
    assert judging.shrunk(manifest(now), None, share) is None


def test_what_was_not_read_is_named_up_to_three() -> None:
    part = Part(what="paths", files=2, bytes=2, unread=("a", "b"))
    saved = Saved(snapshot="s", files=2, read=2, stored=2, unread=("b", "c", "d"))
    fault = judging.partial(manifest(part), saved)
    assert fault is not None
    assert fault.sentence == "4 names could not be read: a, b, c, …."


def test_a_few_names_may_go_meanwhile_and_many_may_not() -> None:
    names = tuple(f"/srv/shop/{number}" for number in range(21))
    part = manifest(Part(what="paths", files=2_000, bytes=2))
    saved = Saved(snapshot="s", files=2_000, read=2, stored=2, unread=names)
    assert judging.partial(part, saved, names[:20]) is not None  # one of them is there, and was not read
    few = msgspec.structs.replace(saved, unread=names[:20])
    assert judging.partial(part, few, names[:20]) is None
    fault = judging.partial(part, saved, names)
    assert fault is not None
    assert "21 names went while it was saved" in fault.sentence


def test_far_fewer_files_than_there_were_are_told() -> None:
    saved = Saved(snapshot="s", files=4, read=2, stored=2)
    assert judging.partial(manifest(Part(what="paths", files=8, bytes=2)), saved) is None
    fault = judging.partial(manifest(Part(what="paths", files=9, bytes=2)), saved)
    assert fault is not None
    assert fault.failure is Failure.PARTIAL


def test_a_snapshot_that_is_not_whole_is_none() -> None:
    saved = Saved(snapshot="s", files=1, read=1, stored=1)
    assert judging.stored(saved, [Snapshot(name="s", at=NOW)]) is None
    assert judging.stored(saved, [Snapshot(name="s", at=NOW, whole=False)]) is not None
    assert (
        judging.stored(msgspec.structs.replace(saved, snapshot=""), [Snapshot(name="", at=NOW)]) is not None
    )


def test_a_pattern_that_leaves_out_a_dump_is_told() -> None:
    dump = Path("/state/plans/shop/staging/postgres/shop.dump")
    assert judging.left_out(("*.log", "/srv/shop/*.dump"), [dump]) is None
    fault = judging.left_out(("*.dump",), [dump])
    assert fault is not None
    assert "leaves out shop.dump" in fault.sentence


def test_nothing_looked_at_proves_nothing() -> None:
    assert judging.proven([]) is not None
    assert judging.proven([Check(name="a", passed=True)]) is None
    fault = judging.proven([Check(name="a", passed=True), Check(name="b", passed=False, text="2 of 3.")])
    assert fault is not None
    assert fault.sentence == "1 of 2 checks failed: b: 2 of 3."


def test_goals_of_nothing_are_none() -> None:
    assert judging.late(Goals(rpo=0, rto=0), 1e9, 1e9) == ()
    assert judging.late(Goals(rpo=60, rto=60), None, None) == ()
    assert len(judging.late(Goals(rpo=60, rto=60), 61, 61)) == 2


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (0.44, "0.4 s"), (9.96, "10 s"), (59.6, "1 min"), (252, "4 min 12 s"), (3_600, "1 h"), (11_100, "3 h 5 min"), (187_200, "2 d 4 h"), (86_430, "1 d")],
)  # fmt: skip
def test_spans_read_as_people_say_them(seconds: float, text: str) -> None:
    assert phrasing.span(seconds) == text


@pytest.mark.parametrize(
    ("amount", "text"),
    [(0, "0 bytes"), (1, "1 byte"), (999, "999 bytes"), (1_500, "1.5 KB"), (15_000_000, "15 MB"), (999_999, "1 MB"), (2 * 10**18, "2000 PB")],
)  # fmt: skip
def test_sizes_read_as_people_say_them(amount: int, text: str) -> None:
    assert phrasing.size(amount) == text


def test_what_is_left_follows_from_what_is_done() -> None:
    half = Progress(step="", bytes=50, of_bytes=100)
    assert estimating.with_eta(half, 10.0).eta == 10.0
    assert estimating.with_eta(half, 1.0).eta is None
    assert estimating.with_eta(Progress(step="", files=9, of_files=10), 9.0).eta == 1.0
    assert estimating.with_eta(Progress(step="", bytes=200, of_bytes=100), 9.0).eta == 0.0
    assert estimating.with_eta(Progress(step=""), 9.0).eta is None


RUN = BackupRun(
    id="1", plan="shop", copy="here", engine="borg", began_at=NOW, snapshot="new",
    manifest=manifest(Part(what="paths", bytes=1_000), Part(what="postgres", bytes=3_000)),
)  # fmt: skip
DRILL = DrillRun(
    id="2", plan="shop", copy="here", engine="borg", snapshot="new", saved_at=NOW, began_at=NOW, stage=Stage.DONE, rto=400.0, bytes=4_000,
)  # fmt: skip


def test_a_restore_takes_what_the_last_drill_measured() -> None:
    told = estimating.restore_of(Aim(), [RUN], [DRILL])
    assert (told.bytes, told.seconds, told.measured) == (4_000, 400.0, True)
    assert "the last drill brought 4 KB back in 6 min 40 s" in told.sentence
    assert estimating.restore_of(Aim(what="postgres"), [RUN], [DRILL]).seconds == 300.0


def test_single_files_take_their_share() -> None:
    entries = [Entry("/srv/a", "file", 40, NOW)]
    assert estimating.restore_of(Aim(paths=("/srv/a",)), [RUN], [DRILL], entries).seconds == 4.0


def test_without_a_drill_it_is_a_guess_and_says_so() -> None:
    told = estimating.restore_of(
        Aim(snapshot="new"), [RUN], [msgspec.structs.replace(DRILL, stage=Stage.FAILED)]
    )
    assert not told.measured
    assert "a guess" in told.sentence
    assert estimating.restore_of(Aim(snapshot="other"), [RUN], []).bytes == 0
