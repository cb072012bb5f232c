"""What people have the server do with a project: what it would do is shown first, and only that is done."""

from collections.abc import Sequence

import msgspec

from vedette.accounts.permissions import Actor, Verb, require
from vedette.core import ids
from vedette.core.errors import Conflict, Invalid
from vedette.deploy import agreeing, judging, keeping, looking, signal
from vedette.deploy.adopting import adopting
from vedette.deploy.desired.catalogue import SHIPPED
from vedette.deploy.desired.reading import File
from vedette.deploy.planning import making
from vedette.deploy.planning.choosing import fitting
from vedette.deploy.registry import all_kinds
from vedette.deploy.store import drifts, projects
from vedette.deploy.store import runs as store
from vedette.deploy.types import Adopted, CloudProject, Deed, DeployRun, Drift, KeptDrift, Planned, RunPlanned
from vedette.plumbing.db.sql import transaction
from vedette.signals import service as signals
from vedette.wire.ascode import filed
from vedette.wire.infra import Live

LONGEST = 200  # targets
_HERE = frozenset({Deed.PLAN, *agreeing.WRITES})


def planned(
    project_id: int, deed: Deed, targets: Sequence[str], now: float, *, unprotect: bool = False
) -> RunPlanned:
    """Return what a deed would do, by what was last read: nothing is asked of Hetzner.

    Raises `NotFound`, `Conflict` where nobody can tell (never read, no files, wrong files), `Invalid` for a target that nothing fits.
    """
    known = projects.get(project_id)
    wanted = _targets(known, deed, targets)
    found = _plan(known, deed, wanted, now, unprotect=unprotect)
    return RunPlanned(
        planned=judging.bare(found), typed=deed is Deed.DESTROY or agreeing.typed(found), mark=agreeing.mark(agreeing.agreed(found))
    )  # fmt: skip


def adoption(project_id: int, targets: Sequence[str]) -> Adopted:
    """Return the files as they would be if they said what is there of drifts (all, or `firewall/web`); nothing is written.

    Raises `NotFound`, `Conflict`, `Invalid`.
    """
    known = projects.get(project_id)
    seen = looking.last_seen(known)
    if seen is None:
        raise Conflict(f"{known.name} was not read yet; that takes a minute.")
    return adopted(known, seen.live, targets)


def adopted(known: CloudProject, live: Live, targets: Sequence[str]) -> Adopted:
    """Return the files of a project that say what is there of drifts."""
    files = [File(name, known.files[name], "") for name in judging.named_files(known.files)]
    ground = adopting.Ground(
        opener=judging.opener(known.files), catalogue=SHIPPED.with_live(live), live=live, kinds=all_kinds()
    )
    found = fitting([_drift(one) for one in drifts.open_of(known.id)], lambda each: each.ref, targets)
    return adopting.adopted(files, found, ground, named=bool(targets))


def ask(
    actor: Actor, project_id: int, deed: Deed, targets: Sequence[str], now: float, *, mark: str = "", confirmed: str = "",
    unprotect: bool = False,
) -> DeployRun:  # fmt: skip
    """Have the server do something; it is carried out in the background. `mark` is that of the plan that was shown, `confirmed` the
    project's name where something is removed or made anew.

    Raises `NotFound`, `Conflict` for what waits already or is not as it was shown, `Invalid` by field, `Forbidden`.
    """
    require(actor, Verb.INFRA_LOOK if deed is Deed.PLAN else Verb.INFRA_APPLY)
    with transaction():
        known = projects.get(project_id)
        _refuse(known, deed)
        wanted = _targets(known, deed, targets)
        run = DeployRun(
            id=ids.new_id(), project=project_id, deed=deed, by=(actor.name or actor.kind.value)[:80], asked_at=now, targets=wanted,
            unprotect=unprotect,
        )  # fmt: skip
        if deed in agreeing.WRITES:
            run = _agreed(known, run, mark, confirmed, now)
        store.add(run)
        detail = {"targets": ", ".join(wanted)[:200], "id": run.id}
        keeping.told(actor, f"infra.{deed}", known, detail, now)
        signals.record(
            [
                signal.moment(
                    known, f"infra.{deed}", f"{run.by} asked to {deed} it.", now, signal.link_of(run.id)
                )
            ]
        )
    return run


def _refuse(known: CloudProject, deed: Deed) -> None:
    if deed not in {*_HERE, Deed.ADOPT}:
        raise Invalid(f"{deed} is asked of hosts, not of a project.", {"act": "of hosts"})
    if not known.has_token:
        raise Conflict(f"{known.name} has no token; give it one first.")
    if store.open_of(known.id):
        raise Conflict("Something of this project waits or runs already; wait for its end.")
    if deed is Deed.ADOPT:
        filed.refuse(f"What should be of {known.name} is", known.source)


def _agreed(known: CloudProject, run: DeployRun, mark: str, confirmed: str, now: float) -> DeployRun:
    found = _plan(known, run.deed, run.targets, now, unprotect=run.unprotect)
    changes = agreeing.agreed(found)
    if not changes:
        raise Conflict(f"Nothing is to be done: {known.name} is as the files say.")
    if mark != agreeing.mark(changes):
        raise Conflict(
            "What is at Hetzner, or what the files say, is not as it was when this plan was shown; look at it again."
        )
    keyed = [each.ref for each in found.changes if judging.needs_key(each.after)]
    if keyed:
        raise Conflict(
            f"{keyed[0]} is made with a private key that lies beside the files and never comes here: apply it there, by `vedette deploy apply`."
        )
    if (run.deed is Deed.DESTROY or agreeing.typed(found)) and confirmed.strip() != known.name:
        raise Invalid(f"Something is removed or made anew: type {known.name}.", {"confirmed": "another name"})
    return msgspec.structs.replace(run, agreed=changes)


def _targets(known: CloudProject, deed: Deed, targets: Sequence[str]) -> tuple[str, ...]:
    if len(targets) > LONGEST or any(len(each) > 300 for each in targets):
        raise Invalid(f"At most {LONGEST} things are named.", {"targets": "too many"})
    if deed is Deed.REVERT:
        return agreeing.revertible(drifts.open_of(known.id), targets)
    return tuple(targets)


def _plan(known: CloudProject, deed: Deed, targets: Sequence[str], now: float, *, unprotect: bool) -> Planned:
    seen = looking.last_seen(known)
    found = looking.outcome_of(known, seen)
    if seen is None:
        raise Conflict(f"{known.name} was not read yet; that takes a minute.")
    if found is None:
        raise Conflict(f"Nobody says what should be of {known.name}; say it first.")
    if found.desired is None:
        raise Conflict(f"Its files are wrong, so nothing is done: {found.faults[0]}")
    return making.planned(
        found.desired, seen.live, all_kinds(), now, agreeing.wish(deed, targets, unprotect=unprotect)
    )


def _drift(one: KeptDrift) -> Drift:
    return Drift(
        ref=one.ref, way=one.way, side=one.side, lines=one.lines, after=one.since, until=one.until, command=one.command, by=one.by
    )  # fmt: skip
