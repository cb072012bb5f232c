"""What is known of backups: how plans stand, what was done, what copies hold, what restores them without us."""

from collections.abc import Mapping, Sequence

import msgspec

from vedette.accounts.permissions import Actor, Verb, require
from vedette.backups import keeping, leaving, sealing, standing, vouching
from vedette.backups.life import Act
from vedette.backups.standing import Past
from vedette.backups.store import listings, orders, plans, refusals, runs, secrets
from vedette.backups.store.runs import Asked
from vedette.backups.types import Known, Listing, Offered, Order, Sheet, Standing, Summary, Wanted
from vedette.core.errors import NotFound
from vedette.hosts import service as hosts
from vedette.instruments.backup.registry import engine_of
from vedette.instruments.backup.types import Failed, Repository, Secret, Tools
from vedette.plumbing.db.sql import transaction
from vedette.plumbing.ports import ports
from vedette.ui import pager
from vedette.wire.backup import Aim, BackupRun, DrillRun, Shelf

MOST = 200  # runs on a page
_GUESSED = 50e6  # bytes a second, where no drill tells


class _Found(msgspec.Struct, frozen=True):
    """Of all plans by their numbers: what runs, when a backup was last begun, how things ended; and why hosts do not take them."""

    running: Mapping[int, Act]
    began: Mapping[int, float]
    refused: Mapping[str, str]
    ends: Mapping[Asked, Act | None]


def standings(now: float) -> tuple[Standing, ...]:
    """Return how every plan stands, the worst first."""
    names = {one.id: one.name for one in hosts.every()}
    found = (standing.standing(one, past, now) for one, past in pasts(plans.every(), names))
    return tuple(sorted(found, key=standing.rank))


def one_standing(plan_id: int, now: float) -> Standing:
    """Return how a plan stands; raises `NotFound`."""
    known = plans.get(plan_id)
    ((_, past),) = pasts([known], {known.host: keeping.host_name(known.host)})
    return standing.standing(known, past, now)


def summary(now: float) -> Summary | None:
    """Return how all backups stand in a sentence, None without plans."""
    return standing.summary(standings(now), now)


def pasts(among: Sequence[Known], names: Mapping[int, str]) -> list[tuple[Known, Past]]:
    """Return plans with what their standing rests on. All is asked at once: a question for each plan is dear beside a server at work."""
    asked = [one for known in among for one in _questions(known)]
    found = _Found(
        running={one.plan: one.act for one in reversed(runs.running())}, began=runs.began(), refused=refusals.every(),
        ends=dict(zip(asked, vouching.lasts(asked), strict=True)),
    )  # fmt: skip
    return [(one, _past(one, names.get(one.host, str(one.host)), found)) for one in among]


def _past(known: Known, host: str, found: _Found) -> Past:
    ends = {each: act for each in _questions(known) if (act := found.ends[each]) is not None}
    backups = {each: act for each, act in ends.items() if isinstance(act, BackupRun)}
    drills = {each.good: act for each, act in ends.items() if isinstance(act, DrillRun)}
    return Past(
        key=f"{host}/{known.plan.name}", good={each.copy: act for each, act in backups.items() if each.good},
        last={each.copy: act for each, act in backups.items() if not each.good}, drill=drills.get(False), proof=drills.get(True),
        running=found.running.get(known.id), began_at=found.began.get(known.id), refused=refusals.told(found.refused, known.id),
        unproved=refusals.told(found.refused, known.id, guest=True) if known.plan.drills.host else "",
    )  # fmt: skip


def _questions(known: Known) -> list[Asked]:
    """Return which ends a plan's standing rests on: of each copy and of drills, the last and the last good one."""
    kinds = [(runs.RUN, copy.name) for copy in known.plan.copies] + [(runs.DRILL, "")]
    return [Asked(known.id, kind, copy, good) for kind, copy in kinds for good in (False, True)]


def plan(plan_id: int) -> Known:
    """Return a plan; raises `NotFound`."""
    return plans.get(plan_id)


def every_plan() -> tuple[Known, ...]:
    """Return all plans, by host and name."""
    return tuple(plans.every())


def plans_of(host: int) -> tuple[Known, ...]:
    """Return the plans of a host, by name."""
    return tuple(plans.of_host(host))


def newest(wanted: Wanted, count: int) -> tuple[Act, ...]:
    """Return what was done last, the newest first."""
    return tuple(runs.page(wanted, None, max(1, min(count, MOST))))


def listed(wanted: Wanted, cursor: str, n: int) -> pager.Page[Act]:
    """Return a page of what was done, the newest first; raises `Invalid` for a cursor that is not ours."""
    before = pager.decode(cursor, tuple[float, str]) if cursor else None
    found = runs.page(wanted, before, n + 1)
    more = pager.encode(found[n - 1].began_at, found[n - 1].id) if len(found) > n else None
    return pager.Page(found[:n], more)


def run(number: str) -> tuple[Known | None, Act]:
    """Return something that was done, with its plan where that is still there; raises `NotFound`."""
    found = runs.find(number)
    if found is None:
        raise NotFound("There is no such run.")
    return plans.find_by(found.plan), vouching.judged(found)


def signed(number: str) -> bool | None:
    """Tell whether a report is as its host's key signed it; None for one without a signature. Raises `NotFound`."""
    found = runs.find(number)
    if found is None:
        raise NotFound("There is no such run.")
    return vouching.signed(found.host, found.told)


def waiting(plan_id: int) -> tuple[Order, ...]:
    """Return what waits of a plan, the oldest first."""
    return tuple(orders.open_of(plan_id))


def order(number: str) -> Order:
    """Return an order; raises `NotFound`."""
    found = orders.find(number)
    if found is None:
        raise NotFound("There is no such order.")
    return found


def listing(plan_id: int, copy: str) -> Listing | None:
    """Return what a copy held when it was last listed."""
    return listings.find(plan_id, copy)


def browsed(order_id: str) -> Shelf | None:
    """Return what an order to look into a snapshot brought."""
    return listings.browsed(order_id)


def offered(host: int) -> Offered | None:
    """Return what an agent proposes to save on its host."""
    return listings.offered(host)


def missing(plan_id: int) -> tuple[tuple[str, str], ...]:
    """Return the secrets of a plan that nobody gave yet: copy and name."""
    return sealing.missing(plans.get(plan_id))


def sheet(actor: Actor, plan_id: int, copy: str, now: float) -> Sheet:
    """Return the recovery sheet of a copy, also of one that was left, and note who had it; raises `NotFound`, `Forbidden`."""
    require(actor, Verb.BACKUP_SHEET)
    with transaction():
        known = leaving.holding(plan_id, copy)
        kept = sealing.copy_of(known, copy)
        opened = sealing.opened(known).get(f"{known.plan.name}/{copy}", {})
        secrets.printed(known.id, copy, now)
        host = keeping.host_name(known.host)
        keeping.tell(actor, "backup.sheet", known, host, {"copy": copy}, now)
        made = secrets.find(known.id, copy, sealing.PASSWORD)
    return Sheet(
        plan=known.plan.name, host=host, copy=copy, engine=kept.engine, at=kept.at, words=opened.get(sealing.PASSWORD, ""),
        commands=_commands(known, copy, opened, now), secrets=_others(opened, kept.secrets),
        made_at=made.made_at if made else now,
    )  # fmt: skip


def _others(opened: dict[str, str], named: Sequence[str]) -> dict[str, str]:
    """Return the other secrets of a sheet; while a password is being changed also the one before, which may still be the one."""
    before = {"password_before": opened[sealing.PREVIOUS]} if sealing.PREVIOUS in opened else {}
    return {name: text for name, text in opened.items() if name in named} | before


def _commands(known: Known, copy: str, opened: dict[str, str], now: float) -> tuple[str, ...]:
    """Return the lines that restore with bare tools; none where the copy lacks a secret yet."""
    kept = sealing.copy_of(known, copy)
    repository = Repository(
        name=f"{known.plan.name}/{copy}", at=kept.at, password=Secret(opened.get(sealing.PASSWORD, "")), settings=kept.settings,
        secrets={name: Secret(opened[name]) for name in kept.secrets if name in opened},
    )  # fmt: skip
    tools = Tools(now=lambda: now, state=ports().settings.data / "backups")
    try:
        store = engine_of(kept.engine).open(repository, tools)
        return tuple(store.by_hand(""))  # the newest, whenever it is used
    except Failed:
        return ()


def estimate(plan_id: int, copy: str, aim: Aim) -> tuple[int, float] | None:
    """Return how many bytes a restore brings back and how many seconds it takes, from drills; None where nothing was saved."""
    known = plans.get(plan_id)
    saved = vouching.last(Asked(known.id, runs.RUN, copy, good=True))
    if not isinstance(saved, BackupRun):
        return None
    size = _size(saved, aim)
    proof = vouching.last(Asked(known.id, runs.DRILL, good=True))
    if isinstance(proof, DrillRun) and proof.rto and proof.bytes:
        return size, proof.rto * max(0.05, size / proof.bytes)
    return size, size / _GUESSED


def _size(saved: BackupRun, aim: Aim) -> int:
    parts = saved.manifest.parts if saved.manifest else ()
    return sum(one.bytes for one in parts if not aim.what or one.what == aim.what) or saved.read
