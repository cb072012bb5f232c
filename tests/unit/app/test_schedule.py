"""Jobs are due by their period; shared ones only where the lease is."""

from vedette.app.schedule import Job, Schedule


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
