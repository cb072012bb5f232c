"""What people do with plans: make, change, switch, take away; each in the audit log, and told to the host at once."""

from collections.abc import Mapping

import msgspec

from vedette.accounts.permissions import Actor, Verb, require
from vedette.accounts.service import audit
from vedette.backups import guesting, leaving, planning, sealing
from vedette.backups.store import plans as store
from vedette.backups.store import runs
from vedette.backups.store.runs import Asked
from vedette.backups.types import LIVE_TOPIC, Known
from vedette.core.errors import Conflict, Invalid
from vedette.hosts import service as hosts
from vedette.instruments.backup.registry import engines, sources
from vedette.plumbing.db.sql import on_commit, transaction
from vedette.plumbing.ports import ports
from vedette.wire.ascode import filed
from vedette.wire.backup import Plan, Stage

MOST = 500


def put_plan(  # noqa: PLR0917 - who plans what for which host, in order
    actor: Actor,
    host: int,
    plan: Plan,
    now: float,
    plan_id: int | None = None,
    project: int = 0,
    *,
    source: str = "",
) -> Known:
    """Keep a new plan of a host, or change one; passwords of new copies are made. Raises `Invalid` by place, `NotFound`, `Conflict`.

    `source` is the file it comes from: a plan that is written in a file is changed there alone.
    """
    require(actor, Verb.BACKUP_WRITE)
    planning.check(plan, engines(), sources())
    name = hosts.find(str(host)).name
    with transaction():
        before = None if plan_id is None else store.get(plan_id)
        _refuse(before, host, plan, source)
        guesting.check(host, plan, plan_id)
        after = Known(
            id=plan_id or 0, host=host, project=project, plan=plan, by=_name(actor), source=source, changed_at=now,
            revision=before.revision + 1 if before else 1,
        )  # fmt: skip
        if before is not None:
            leaving.leave(before, plan, name, actor, now)
        kept = _kept(before, after)
        leaving.take_up(kept)
        sealing.provide(kept, before.plan if before else None, now)
        tell(actor, "backup.plan.change" if before else "backup.plan.add", kept, name, _detail(plan), now)
    return kept


def remove_plan(actor: Actor, plan_id: int, now: float, *, filed_too: bool = False) -> None:
    """Take a plan away with its runs; what it stored stays where it is, and its passwords here (`leaving`).

    Raises `NotFound`, `Conflict`.
    """
    require(actor, Verb.BACKUP_WRITE)
    with transaction():
        known = store.get(plan_id)
        if not filed_too:
            filed.refuse(f"The plan {known.plan.name} is", known.source)
        host = host_name(known.host)
        leaving.leave(known, None, host, actor, now)
        store.remove(plan_id)
        tell(actor, "backup.plan.remove", known, host, {}, now)


def set_enabled(actor: Actor, plan_id: int, on: bool, now: float) -> None:
    """Switch a plan on or off; raises `NotFound`, `Conflict`."""
    require(actor, Verb.BACKUP_WRITE)
    with transaction():
        known = store.get(plan_id)
        filed.refuse(f"The plan {known.plan.name} is", known.source)
        if known.plan.enabled is on:
            return
        plan = msgspec.structs.replace(known.plan, enabled=on)
        after = msgspec.structs.replace(
            known, plan=plan, changed_at=now, revision=known.revision + 1, by=_name(actor)
        )
        store.put(after)
        tell(actor, "backup.plan.on" if on else "backup.plan.off", after, host_name(known.host), {}, now)


def set_secret(actor: Actor, plan_id: int, copy: str, name: str, value: str, now: float) -> None:  # noqa: PLR0917 - which secret of what
    """Keep a secret that a copy needs (`access_key`), or the `password` of a repository that exists already.

    Raises `NotFound`, and `Invalid` for one that the copy does not name, or a password that would lose the one in use.
    """
    require(actor, Verb.BACKUP_WRITE)
    with transaction():
        known = store.get(plan_id)
        if name == sealing.PASSWORD:
            _refuse_to_lose(known, copy, value)
        sealing.take(known, copy, name, value, now)
        tell(
            actor, "backup.secret", known, host_name(known.host), {"copy": copy[:60], "which": name[:60]}, now
        )


def _refuse_to_lose(known: Known, copy: str, value: str) -> None:
    """Refuse another password than the one that opens a repository: nothing else knows that one, unless its sheet was printed."""
    held = sealing.opened(known).get(f"{known.plan.name}/{copy}", {})
    if held.get(sealing.PASSWORD, value) == value:
        return
    if sealing.PREVIOUS in held:
        raise Invalid(
            f"The password of {copy} is being changed; wait for the host.", {"value": "is being changed"}
        )
    last = runs.last(Asked(known.id, runs.RUN, copy))
    if last is not None and last.act.stage is Stage.DONE:
        raise Invalid(
            f"The password that is kept opens {copy}: its last backup is good. New password… changes it, in the repository as well.",
            {"value": "would lose the one in use"},
        )


def tell(actor: Actor, what: str, known: Known, host: str, detail: Mapping[str, str], now: float) -> None:  # noqa: PLR0917 - an entry's parts
    """Write an audit entry, and have the host and the pages look again after the commit."""
    audit(actor, what, f"{host}: {known.plan.name}"[:200], detail, now)
    hosts.tell_changed(now)
    on_commit(lambda: ports().bus.wake(LIVE_TOPIC))


def host_name(host: int) -> str:
    """Return the name of a host, its number where it was removed."""
    return next((one.name for one in hosts.every() if one.id == host), str(host))


def _refuse(before: Known | None, host: int, plan: Plan, source: str) -> None:
    if before is not None and not source:
        filed.refuse(f"The plan {before.plan.name} is", before.source)
    if before is not None and before.host != host:
        raise Invalid("A plan stays with its host; make one for the other host.", {"host": "another"})
    other = store.find(host, plan.name)
    if other is not None and (before is None or other.id != before.id):
        raise Conflict(f"This host has a plan {plan.name} already.")
    if before is None and store.count() >= MOST:
        raise Invalid(f"There are {MOST} plans already; remove one that is not needed.")


def _kept(before: Known | None, after: Known) -> Known:
    if before is None:
        return store.add(after)
    store.put(after)
    return after


def _detail(plan: Plan) -> Mapping[str, str]:
    return {
        "what": ", ".join(one.kind for one in plan.what)[:200],
        "copies": ", ".join(f"{one.name} ({one.engine})" for one in plan.copies)[:200],
        "when": plan.schedule.cron,
    }


def _name(actor: Actor) -> str:
    return (actor.name or actor.kind.value)[:80]
