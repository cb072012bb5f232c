"""Plans that another host proves: who that is, what it is told, and what may not be, for one host knows plans by their names."""

import difflib
from collections.abc import Iterable

import msgspec

from vedette.backups import sealing, vouching
from vedette.backups.store import plans, runs
from vedette.backups.store.runs import Asked
from vedette.backups.types import Known
from vedette.core.errors import Conflict, Invalid
from vedette.hosts import service as hosts
from vedette.wire.backup import BackupRun, Copy, Guest, Plan

PLACE = "drills.host"


def of(name: str) -> list[Known]:
    """Return the plans that a host proves for others, by its name."""
    return plans.proven_on(name) if name else []


def guest(known: Known, host: str) -> Guest:
    """Return a plan as the host is told it that proves it: with the copies it can read, and when each was saved as it is now."""
    plan = known.plan
    copies = tuple(copy for copy in plan.copies if plan.is_proven_elsewhere(copy))
    saved = {copy.name: at for copy in copies if (at := _saved(known, copy)) is not None}
    told = msgspec.structs.replace(plan, copies=copies, before=(), after=())
    return Guest(host=host, plan=told, saved=saved)


def secrets(known: Known) -> dict[str, dict[str, str]]:
    """Return the secrets of the copies that another host proves, as it is told them."""
    names = {
        f"{known.plan.name}/{copy.name}" for copy in known.plan.copies if known.plan.is_proven_elsewhere(copy)
    }
    return {name: held for name, held in sealing.opened(known).items() if name in names}


def prover(known: Known, copy: str) -> int:
    """Return the host that drills a copy of a plan; raises `Conflict` where it is gone."""
    found = sealing.copy_of(known, copy)
    if not known.plan.is_proven_elsewhere(found):
        return known.host
    number = next((one.id for one in hosts.every() if one.name == known.plan.drills.host), None)
    if number is None:
        raise Conflict(f"{known.plan.drills.host}, which proves {known.plan.name}, is no host any more.")
    return number


def check(host: int, plan: Plan, plan_id: int | None) -> None:
    """Refuse a plan whose prover is not there or knows another plan of that name; raises `Invalid` by place, `Conflict`."""
    names = {one.id: one.name for one in hosts.every()}
    here, there = names.get(host, ""), plan.drills.host
    if any(one.id != plan_id and one.plan.name == plan.name for one in of(here)):
        raise Conflict(f"{here} proves a plan {plan.name} of another host; call this one otherwise.")
    if not there:
        return
    if there == here:
        raise Invalid(f"{here} is this host itself: leave it empty.", {PLACE: "the same host"})
    if there not in names.values():
        raise Invalid(_no_such(there, names.values()), {PLACE: "no such host"})
    number = next(key for key, name in names.items() if name == there)
    taken = [*plans.of_host(number), *of(there)]
    if any(one.id != plan_id and one.plan.name == plan.name for one in taken):
        raise Conflict(
            f"{there} knows a plan {plan.name} already, its own or another host's; call this one otherwise."
        )


def _no_such(given: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(given, [*known], 1)
    return f"There is no host {given[:60]!r} to prove it on; {f'did you mean {near[0]!r}?' if near else 'let it in first.'}"


def _saved(known: Known, copy: Copy) -> float | None:
    last = vouching.last(Asked(known.id, runs.RUN, copy.name, good=True))
    if not isinstance(last, BackupRun) or last.began_at < known.changed_at:
        return None
    return last.ended_at
