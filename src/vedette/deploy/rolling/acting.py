"""Rolling out: who would be taken out when, and to do it. What was begun stands in a journal on this machine."""

from collections.abc import Callable, Mapping
from pathlib import Path

from vedette.core.errors import Conflict, Invalid
from vedette.deploy.rolling import executing, keeping, machine, planning, telling
from vedette.deploy.rolling.ports import Fleet
from vedette.deploy.types import Event, Happened, Progress, Roll, Rolled, RollPlanned, Target
from vedette.instruments.hetzner import balancing
from vedette.instruments.hetzner.types import Asks

_BY_HAND = "It was asked to go back."


def targets(cloud: Asks | None, balancer: str, hosts: Mapping[str, str]) -> tuple[Target, ...]:
    """Return the servers behind a load balancer; without one, those of `hosts` (addresses by name). Raises `Invalid`, `CloudError`."""
    if cloud is None or not balancer:
        return tuple(Target(name=name, address=address) for name, address in hosts.items())
    return planning.targets(balancing.servers(cloud), balancing.balancers(cloud), balancer, hosts)


def roll(
    wanted: Roll, folder: Path, find: Callable[[], tuple[Target, ...]], fleet: Fleet, now: Callable[[], float], *,
    name: str, agree: Callable[[RollPlanned], bool], tell: Callable[[Event], None], back: bool = False,
) -> Rolled | None:  # fmt: skip
    """Roll out, or go on with a roll that was stopped (`back`: take it back). Returns None where `agree` says no.

    `folder` holds the journal, by the roll's `name`. Raises `Invalid` for a roll that cannot be, `Conflict` where another one was
    stopped half-way or is at work.
    """
    with keeping.opened(folder / f"roll-{name}.journal") as kept:
        found, progress = _standing(kept, wanted, find, back=back)
        planning.fit(wanted, found)
        if not agree(
            RollPlanned(targets=found, progress=progress, text=telling.plan(wanted, found, progress))
        ):
            return None
        if not kept.targets:
            kept.begin(wanted, found)
        if back and not progress.back:
            kept.add(Event(what=Happened.TURNED, reason=_BY_HAND, at=now()))
        ground = executing.Ground(
            fleet=fleet, targets={each.name: each for each in found}, journal=kept, now=now, tell=tell
        )
        rolled = executing.carry_out(wanted, ground)
        kept.forget()
        return rolled


def _standing(
    kept: keeping.Kept, wanted: Roll, find: Callable[[], tuple[Target, ...]], *, back: bool
) -> tuple[tuple[Target, ...], Progress]:
    """Return the targets as they stood when a stopped roll began: Hetzner no longer tells those it has taken out."""
    if kept.targets and not kept.is_of(wanted):
        raise Conflict(
            "Another roll was stopped half-way; end that one first, by the same words as before (with --back to take it back)."
        )
    if kept.targets:
        return kept.targets, kept.progress
    if back:
        raise Invalid("No roll was stopped here: there is nothing to take back.")
    found = find()
    return found, machine.begun([each.name for each in found])
