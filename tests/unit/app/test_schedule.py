"""Jobs are due by their period; shared ones only where the lease is."""

from vedette.app.schedule import Job, Schedule
from vedette.plumbing.bus.local import LocalBus


def quietly() -> None:
    """Do nothing."""


OWN = Job("own", 10.0, quietly, shared=False)
SHARED = Job("shared", 60.0, quietly)


def names(schedule: Schedule, tick: float, *, leading: bool = True) -> list[str]:
    found = []
    while (job := schedule.due(tick, leading=leading)) is not None:
        found.append(job.name)
    return found


def test_a_job_is_due_once_a_period() -> None:
    schedule = Schedule([OWN, SHARED], tick=0.0, first=5.0)
    assert names(schedule, 4.9) == []
    assert names(schedule, 5.0) == ["own", "shared"]
    assert names(schedule, 14.9) == []
    assert names(schedule, 15.0) == ["own"]
    assert names(schedule, 65.0) == ["own", "shared"]


def test_a_shared_job_waits_for_the_lease_and_is_then_due_at_once() -> None:
    schedule = Schedule([OWN, SHARED], tick=0.0)
    assert names(schedule, 100.0, leading=False) == ["own"]
    assert names(schedule, 101.0) == ["shared"]


def test_who_waits_the_longest_comes_first() -> None:
    schedule = Schedule([OWN, SHARED], tick=0.0, first=50.0)
    first = schedule.due(1000.0, leading=True)
    assert first == OWN


def test_a_job_with_a_topic_is_due_when_that_was_woken_and_else_rarely() -> None:
    bus = LocalBus()
    work = Job("work", 30.0, quietly, topic="work")
    schedule = Schedule([work], tick=0.0, seen=bus.seen)
    assert names(schedule, 5.0) == ["work"]
    assert names(schedule, 34.9) == []
    bus.wake("other")
    assert names(schedule, 34.9) == []
    bus.wake("work")
    assert names(schedule, 6.0, leading=False) == []
    assert names(schedule, 6.0) == ["work"]
    assert names(schedule, 35.9) == []
    assert names(schedule, 36.0) == ["work"], "what another process began is found too"


def test_a_job_woken_while_it_runs_is_due_again() -> None:
    bus = LocalBus()
    schedule = Schedule([Job("work", 30.0, quietly, topic="work")], tick=0.0, seen=bus.seen)
    bus.wake("work")
    assert schedule.due(1.0, leading=True) is not None
    bus.wake("work")
    assert schedule.due(1.0, leading=True) is not None
    assert schedule.due(1.0, leading=True) is None
