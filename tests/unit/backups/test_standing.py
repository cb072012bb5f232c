"""Could it be restored now? The worst that is true is said, and green is only what was restored within its goals."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.backed import BOX, DAY, DISK, HOUR, drilled, failed, plan, saved
from tests.support.rooms import NOW

from vedette.backups import life, standing
from vedette.backups.standing import Past
from vedette.backups.types import Health, Known
from vedette.wire import due
from vedette.wire.backup import BackupRun, Check, Failure, Goals, Schedule, Stage

KNOWN = Known(
    id=1, host=1, project=0, plan=plan(copies=(BOX, DISK)), by="anna", source="", changed_at=NOW - 90 * DAY
)
RUN, DRILL = saved(NOW - 3 * HOUR), drilled(NOW - DAY)
HERE = saved(NOW - 3 * HOUR, copy="disk")
FINE = Past(
    key="web1/shop", good={"box": RUN, "disk": HERE}, last={"box": RUN, "disk": HERE}, drill=DRILL, proof=DRILL, began_at=NOW - 3 * HOUR,
)  # fmt: skip


def told(known: Known = KNOWN, at: float = NOW, **changes: object) -> tuple[Health, str]:
    found = standing.standing(known, msgspec.structs.replace(FINE, **changes), at)
    return found.health, found.sentence


def test_what_was_restored_within_its_goals_is_green() -> None:
    assert told() == (
        Health.GREEN,
        "Could be restored now: saved 3 h ago, restored 23 h 56 min ago in 4 min 12 s.",
    )


@pytest.mark.parametrize(
    ("changes", "health", "said"),
    [
        ({"good": {}, "last": {}}, Health.RED, "it was never saved"),
        ({"good": {}, "last": {"box": failed(NOW)}}, Health.RED, "the first run failed: There is no room"),
        (
            {"last": {"box": failed(NOW), "disk": failed(NOW, copy="disk")}},
            Health.RED,
            "The last backup failed",
        ),
        ({"last": {"box": failed(NOW), "disk": HERE}}, Health.AMBER, "The copy box failed"),
        ({"proof": None, "drill": None}, Health.RED, "never restored"),
        ({"drill": drilled(NOW, stage=Stage.FAILED, sentence="3 rows lack.")}, Health.RED, "3 rows lack."),
        (
            {
                "drill": drilled(NOW, stage=Stage.FAILED, sentence="3 rows lack."),
                "good": {"box": saved(NOW - 9 * DAY)},
            },
            Health.RED,
            "The last drill failed",
        ),
        ({"proof": drilled(NOW - 30 * DAY)}, Health.RED, "longer ago than the goal"),
        ({"proof": drilled(NOW - 7.5 * DAY)}, Health.AMBER, "soon longer ago"),
        ({"proof": drilled(NOW - DAY, rto=2 * HOUR)}, Health.AMBER, "The last drill took 2 h"),
        (
            {"good": {"box": RUN}, "last": {"box": RUN}},
            Health.AMBER,
            "The copy disk lags: it was last saved never",
        ),
        ({"refused": "No plans are taken."}, Health.RED, "The host does not take this plan"),
        ({"began_at": NOW - 3 * DAY}, Health.AMBER, "The last run is late"),
    ],
)
def test_the_worst_that_is_true_is_said(changes: dict[str, object], health: Health, said: str) -> None:
    found = told(**changes)
    assert found[0] is health, found
    assert said in found[1]


def test_what_is_switched_off_saves_nothing_and_misses_nothing() -> None:
    off = msgspec.structs.replace(KNOWN, plan=msgspec.structs.replace(KNOWN.plan, enabled=False))
    assert told(off)[0] is Health.OFF
    assert not [*standing.missing(off, FINE, NOW + 99 * DAY)]


def test_goals_are_missed_one_by_one() -> None:
    assert not [*standing.missing(KNOWN, FINE, NOW)]
    slow = msgspec.structs.replace(FINE, proof=drilled(NOW, rto=2 * HOUR))
    assert [mark for mark, _ in standing.missing(KNOWN, slow, NOW)] == ["t"]
    assert {mark for mark, _ in standing.missing(KNOWN, FINE, NOW + 99 * DAY)} == {"l", "p", "u"}
    new = msgspec.structs.replace(KNOWN, changed_at=NOW - HOUR)
    assert not [*standing.missing(new, Past(key="web1/shop"), NOW)]


def test_a_summary_begins_with_the_worst() -> None:
    good = standing.standing(KNOWN, FINE, NOW)
    bad = standing.standing(KNOWN, Past(key="x"), NOW)
    found = standing.summary(sorted([good, bad, bad], key=standing.rank), NOW)
    assert found is not None
    assert (found.health, found.plans) == (Health.RED, 3)
    assert found.sentence.endswith("(1 more)")
    assert standing.summary([], NOW) is None


@given(
    st.builds(
        BackupRun, id=st.text(max_size=3), plan=st.just("shop"), copy=st.just("box"), engine=st.just("memory"), began_at=st.floats(0, 1e9),
        ended_at=st.none() | st.floats(0, 1e9), stage=st.sampled_from(Stage), failure=st.none() | st.sampled_from(Failure),
        snapshot=st.sampled_from(["", "a"]), verified=st.booleans(), manifest=st.just(RUN.manifest) | st.none(),
    )
)  # fmt: skip
def test_green_is_only_what_was_stored_and_read_back(run: BackupRun) -> None:
    shown = life.judged(run)
    if shown.stage is Stage.DONE:
        assert run.snapshot
        assert run.verified
        assert run.manifest is not None
        assert run.failure is None
    assert (shown.stage is Stage.RUNNING) == (run.stage is Stage.RUNNING)


def test_a_drill_is_what_its_checks_are() -> None:
    bad = drilled(NOW, checks=(Check(name="rows", passed=False, text="3 of 5"),))
    assert life.verdict(bad)[1] is Failure.NOT_PROVEN
    assert life.verdict(drilled(NOW, checks=()))[0] is Stage.FAILED


def test_what_is_over_stays_as_it_was() -> None:
    running = saved(NOW, stage=Stage.RUNNING, ended_at=None)
    assert life.step(None, running) is life.Step.BEGAN
    assert life.step(running, running) is life.Step.WENT_ON
    assert life.step(running, RUN) is life.Step.ENDED
    assert life.step(RUN, failed(NOW)) is life.Step.STALE
    assert life.step(life.silenced(running, NOW), RUN) is life.Step.ENDED


def test_jitter_spreads_and_stays() -> None:
    schedule = Schedule(cron="0 3 * * *", jitter=600.0)
    shifts = {due.spread(schedule, f"web{n}/shop") for n in range(50)}
    assert len(shifts) == 50
    assert all(0 <= one <= 600 for one in shifts)
    at = due.next_at(schedule, "web1/shop", NOW)
    assert at is not None
    assert due.last_at(schedule, "web1/shop", at) == at
    assert due.last_at(schedule, "web1/shop", at - 1) == pytest.approx(at - DAY)


def test_what_was_missed_is_caught_up_once_or_left() -> None:
    schedule = Schedule(cron="0 3 * * *", jitter=0.0)
    slot = due.last_at(schedule, "k", NOW)
    assert slot is not None
    assert due.due(schedule, "k", slot - 3 * DAY, 0.0, NOW).at == slot
    assert due.due(schedule, "k", slot, 0.0, NOW).at is None
    assert due.due(schedule, "k", None, NOW - 1, NOW).at is None
    left = msgspec.structs.replace(schedule, catch_up=False)
    assert "not caught up" in due.due(left, "k", slot - DAY, 0.0, slot + 7_200).reason
    assert due.due(left, "k", slot - DAY, 0.0, slot + 60).at == slot
    assert due.due(schedule, "k", NOW + 99 * DAY, 0.0, NOW).at == slot, "begun by a clock that was wrong"
    assert due.next_at(Schedule(cron="no"), "k", NOW) is None


def test_a_night_with_two_hours_alike_runs_once() -> None:
    schedule = Schedule(cron="30 2 * * *", zone="Europe/Berlin", jitter=0.0)
    night = 1_792_882_800.0  # 2026-10-25 01:00 in Berlin: 03:00 becomes 02:00
    first = due.next_at(schedule, "k", night)
    assert first is not None
    assert due.next_at(schedule, "k", first) == pytest.approx(first + 25 * HOUR, abs=HOUR)


def test_goals_of_a_plan_stand_for_themselves() -> None:
    strict = msgspec.structs.replace(KNOWN, plan=msgspec.structs.replace(KNOWN.plan, goals=Goals(rpo=HOUR)))
    assert told(strict)[0] is Health.RED
