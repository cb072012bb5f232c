"""`vedette oncall …`."""

from typing import TYPE_CHECKING

from vedette.cli.out import emit, table
from vedette.core.clock import iso
from vedette.core.errors import NotFound

if TYPE_CHECKING:
    from vedette.oncall.types import Schedule

_DAY = 86_400.0


def who(*, json: bool = False) -> None:
    """Tell who is on call by each schedule now, until when, and who then."""
    from vedette.app import tools

    with tools.opened() as ports:
        from vedette.accounts import service as accounts
        from vedette.oncall import service

        turns = service.turns(ports.clock.now())
        names = {one.ref.id: one.ref.name for one in accounts.users()}
    rows = [
        {
            "schedule": turn.schedule.name, "on call": ", ".join(names[user] for user in turn.now.people) or "nobody",
            "until": iso(turn.now.ends) if turn.then else "",
            "then": ", ".join(names[user] for user in turn.then.people) or "nobody" if turn.then else "",
        }
        for turn in turns
    ]  # fmt: skip
    emit(rows, table(rows, "No schedule yet: make one at /on-call/."), json=json)


def shifts(schedule: str, *, days: int = 14, json: bool = False) -> None:
    """List the shifts of a schedule, gaps included.

    Parameters
    ----------
    schedule
        Its name or id.
    days
        How many days from now on, 400 at most.
    json
        Print JSON.
    """
    from vedette.app import tools

    with tools.opened() as ports:
        from vedette.accounts import service as accounts
        from vedette.oncall import service

        now = ports.clock.now()
        found = service.shifts(_find(schedule, service.schedules()).id, now, now + days * _DAY)
        names = {one.ref.id: one.ref.name for one in accounts.users()}
    rows = [
        {
            "from": iso(one.starts), "until": iso(one.ends),
            "who": ", ".join(names[user] for user in one.people) or "nobody", "by": one.layer,
        }
        for one in found
    ]  # fmt: skip
    emit(rows, table(rows, ""), json=json)


def _find(key: str, among: "tuple[Schedule, ...]") -> "Schedule":
    found = next((one for one in among if key in {one.name, str(one.id)}), None)
    if found is None:
        raise NotFound(f"There is no schedule {key!r}; `vedette oncall who` lists them.")
    return found
