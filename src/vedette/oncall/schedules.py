"""Who is on call by which schedule (until schedules are there: nobody)."""

from vedette.core.errors import NotFound
from vedette.oncall.types import Schedule


def schedules() -> tuple[Schedule, ...]:
    """Return every schedule by name."""
    return ()


def schedule(schedule_id: int) -> Schedule:
    """Return one schedule; raises `NotFound`."""
    raise NotFound(f"There is no schedule {schedule_id}; it may have been deleted.")


def on_call(schedule_id: int, at: float) -> tuple[int, ...]:  # noqa: ARG001 - the face of schedules
    """Return the ids of those who are on in a schedule at an instant; raises `NotFound`."""
    raise NotFound(f"There is no schedule {schedule_id}; it may have been deleted.")
