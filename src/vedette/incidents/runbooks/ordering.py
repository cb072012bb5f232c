"""Steps that an agent does: the action is ordered on its host, and its end looked for there."""

import msgspec

from vedette.accounts.permissions import Actor
from vedette.core.errors import Conflict, NotFound
from vedette.hosts import service as hosts
from vedette.hosts.types import Action, ActionState
from vedette.incidents.runbooks import reading
from vedette.incidents.types import StepRun


class Ended(msgspec.Struct, frozen=True):
    """How an action ended: whether it did what it was for, and what it said."""

    done: bool
    said: str


def order(actor: Actor, run: StepRun, now: float) -> None:
    """Order the action of a step, in the caller's transaction; raises `Conflict` that says why it cannot be."""
    named = reading.action(run.step.target)
    if named is None:
        raise Conflict(
            f"“{run.step.target}” names no action on a host; correct the runbook and attach it anew."
        )
    name, host = named
    try:
        hosts.order_action(actor, host, name, _about(run), now)
    except NotFound:
        raise Conflict(f"There is no host {host}; correct the runbook and attach it anew.") from None


def ended(run: StepRun) -> Ended | None:
    """Return how the action of a step ended that runs; None while it goes on."""
    found = hosts.action(_about(run))
    if found is None:
        return Ended(False, "The action is not known any more; whether it was done is not known.")
    if found.state in {ActionState.ASKED, ActionState.RUNNING}:
        return None
    return Ended(found.state is ActionState.DONE, _said(found))


def expire(now: float) -> None:
    """End the actions whose hosts were away, or never told the end."""
    hosts.end_actions(now)


def _about(run: StepRun) -> str:
    return f"incident:{run.incident}:step:{run.id}"


def _said(found: Action) -> str:
    status = "" if found.code is None else f"Exit status {found.code}."
    first = " ".join(part for part in (status, found.why) if part) or "It ended without an exit status."
    return f"{first}\n{found.output}".strip()
