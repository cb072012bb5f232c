"""Acts that people ask of a host: back up, drill, restore, unlock, list, change the password; and what a host is told."""

from hashlib import sha256

import msgspec

from vedette.accounts.permissions import Actor, Verb, require
from vedette.backups import guesting, keeping, sealing
from vedette.backups.store import orders as store
from vedette.backups.store import plans, runs, secrets
from vedette.backups.types import Known, Order
from vedette.core import ids, names
from vedette.core.errors import Conflict, Invalid
from vedette.hosts import service as hosts
from vedette.instruments.backup.restoring import live_name
from vedette.plumbing.db.sql import transaction
from vedette.wire.backup import Aim, BackupAct, BackupOrder, BackupOrders

BEGINS = 3_600.0  # seconds within which an act begins, else never
MOST = 20  # that wait on one host
_LONGEST = 4_096
_VERBS = {BackupAct.RESTORE: Verb.BACKUP_RESTORE, BackupAct.REKEY: Verb.BACKUP_WRITE}


def ask(
    actor: Actor, plan_id: int, act: BackupAct, now: float, *, copy: str = "", aim: Aim = Aim(), into: str = "",  # noqa: B008 - frozen
    confirmed: str = "", below: str = "",
) -> Order:  # fmt: skip
    """Have a host do something with a plan at once; without `copy` with each (a backup), else with the first.

    Raises `NotFound`, `Conflict` for what waits or runs already, `Invalid` by field, `Forbidden`.
    """
    require(actor, _VERBS.get(act, Verb.BACKUP_RUN))
    with transaction():
        known = plans.get(plan_id)
        if act is BackupAct.REKEY:
            raise Invalid("A new password is made by changing the key, which prints a new recovery sheet.")
        return place(actor, known, _order(known, act, copy, aim, into, confirmed, below), now)


def rekey(actor: Actor, plan_id: int, copy: str, now: float) -> Order:
    """Make a new password for a copy's repository and have the host change it; print the sheet anew then."""
    require(actor, Verb.BACKUP_WRITE)
    with transaction():
        known = plans.get(plan_id)
        sealing.renew(known, copy, now)
        return place(actor, known, BackupOrder(id=ids.new_id(), act=BackupAct.REKEY, plan=known.plan.name, copy=copy), now)  # fmt: skip


def place(actor: Actor, known: Known, order: BackupOrder, now: float) -> Order:
    """Let an order wait for its host, in the caller's transaction; raises `Conflict`."""
    host = guesting.prover(known, order.copy) if order.act is BackupAct.DRILL else known.host
    waiting = store.open_of_host(host)
    same = [one for one in waiting if _kind(one.order) == _kind(order) and order.act is not BackupAct.LIST]
    if same:
        raise Conflict("That waits on the host already.")
    if len(waiting) >= MOST:
        raise Conflict(f"{MOST} acts wait on this host already; wait for some of them.")
    whole = msgspec.structs.replace(order, until=now + BEGINS, by=(actor.name or actor.kind.value)[:80])
    made = Order(id=order.id, host=host, plan=known.id, order=whole, asked_at=now)
    store.add(made)
    detail = {
        "copy": order.copy,
        "into": order.into[:200],
        "snapshot": order.aim.snapshot[:100],
        "id": order.id,
    }
    keeping.tell(actor, f"backup.{order.act}", known, keeping.host_name(known.host), detail, now)
    return made


def mark(host: int, now: float) -> str:
    """Return what changes with all that a host is told of backups; empty for one without plans."""
    found, others = plans.of_host(host), _others(host)
    if not found and not others:
        return ""
    waits = [one.id for one in store.open_of_host(host) if now < one.order.until]
    secret_at = secrets.changed_at([one.id for one in (*found, *others)])
    saved = [(one.id, guesting.guest(one, "").saved) for one in others]
    said = ([(one.id, one.revision) for one in (*found, *others)], waits, secret_at, saved)
    return sha256(msgspec.json.encode(said)).hexdigest()[:10]


def orders(host: int, now: float) -> BackupOrders:
    """Return all that a host is told: its plans, what opens their repositories, and what waits."""
    found, others = plans.of_host(host), _others(host)
    opened = {name: held for one in found for name, held in sealing.opened(one).items()}
    opened |= {name: held for one in others for name, held in guesting.secrets(one).items()}
    asked = tuple(one.order for one in store.open_of_host(host) if now < one.order.until)
    guests = tuple(guesting.guest(one, keeping.host_name(one.host)) for one in others)
    return BackupOrders(plans=tuple(one.plan for one in found), guests=guests, secrets=opened, asked=asked)


def _others(host: int) -> list[Known]:
    """Return the plans of other hosts that this one proves."""
    if not plans.provers():
        return []
    name = next((one.name for one in hosts.every() if one.id == host), "")
    return [one for one in guesting.of(name) if one.host != host]


def is_running(known: Known) -> bool:
    """Tell whether something of a plan runs."""
    return bool(runs.running(known.id))


def _order(  # noqa: PLR0917 - an order's parts
    known: Known, act: BackupAct, copy: str, aim: Aim, into: str, confirmed: str, below: str
) -> BackupOrder:
    if copy or act is not BackupAct.RUN:
        copy = sealing.copy_of(known, copy or known.plan.copies[0].name).name
    if act is BackupAct.RESTORE:
        _check_restore(known, aim, into, confirmed)
    return BackupOrder(
        id=ids.new_id(), act=act, plan=known.plan.name, copy=copy, aim=aim, into=into, confirmed=confirmed, below=below[:_LONGEST],
    )  # fmt: skip


def _check_restore(known: Known, aim: Aim, into: str, confirmed: str) -> None:
    """Refuse what the host would refuse, while the person is still there to read why."""
    called = live_name(known.plan, aim)
    if not into and confirmed != called:
        raise Invalid(f"Live data is overwritten: type its name, {called}.", {"confirmed": f"not {called}"})
    if into and (not names.read(into).startswith("/") or len(into) > _LONGEST or ".." in into.split("/")):
        raise Invalid("Name a folder on the host by its whole path.", {"into": "no whole path"})
    if aim.before is not None and aim.transaction is not None:
        raise Invalid("Aim before an instant or before a transaction, not both.", {"before": "two aims"})


def _kind(order: BackupOrder) -> tuple[str, str, str]:
    return order.plan, order.act.value, order.copy
