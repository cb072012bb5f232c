"""What hosts tell of backups: each report judged, kept, and told on where people have to know. A host speaks of its own plans alone."""

import re
from collections.abc import Sequence

import msgspec

from vedette.backups import asking, guesting, life, sealing, signal, vouching
from vedette.backups.life import Act, Step
from vedette.backups.store import listings, orders, plans, refusals, runs
from vedette.backups.store.runs import Asked
from vedette.backups.types import LIVE_TOPIC, Known
from vedette.plumbing.db.sql import on_commit, transaction
from vedette.plumbing.ports import ports
from vedette.signals import service as signals
from vedette.signals.types import Moment, Signal
from vedette.wire.agent.types import BackupTold
from vedette.wire.backup import (
    BackupAct,
    BackupOrders,
    BackupRun,
    DrillRun,
    Proposals,
    RestoreRun,
    Settled,
    Shelf,
)

_ID = re.compile(r"[0-9a-f]{32}")
_MOST_FOUND, _MOST_SNAPSHOTS = 200, 5_000


class Keeper:
    """Implements `hosts.types.Backups`."""

    def accept(self, host: int, name: str, reports: Sequence[BackupTold], now: float) -> None:
        """Take what a host told, in the caller's transaction; of one act the last counts."""
        take(host, name, [one.told for one in reports], now)

    def mark(self, host: int, now: float) -> str:
        """Return what changes with what a host is told."""
        return asking.mark(host, now)

    def orders(self, host: int, now: float) -> BackupOrders:
        """Return all that a host is told."""
        return asking.orders(host, now)


def take(host: int, name: str, told: Sequence[object], now: float) -> None:
    """Record what a host tells; of an act that is told several times the last counts, what it has no plan for counts for nothing."""
    taking = _Taking(host, name, now)
    for one in _last(told):
        taking.take(one)
    signals.publish(taking.signals, now)
    signals.record(taking.moments)
    on_commit(lambda: ports().bus.wake(LIVE_TOPIC))


def interrupt(now: float) -> int:
    """End what runs and of which nothing was heard for long: it was interrupted. Return how much."""
    silent = [one for one in runs.running() if now - one.heard_at > life.SILENT]
    for one in silent:
        known = plans.find_by(one.plan)
        if known is not None:
            with transaction():
                take(one.host, "", [life.silenced(one.told, one.heard_at)], now)
    return len(silent)


class _Taking:
    """What one host tells, in the caller's transaction."""

    def __init__(self, host: int, name: str, now: float) -> None:
        self.signals: list[Signal] = []
        self.moments: list[Moment] = []
        self._host, self._now = host, now
        self._name = name or signal.host_name(host)
        self._plans = {one.plan.name: one for one in plans.of_host(host)}
        self._guests = {one.plan.name: one for one in guesting.of(self._name) if one.host != host}

    def take(self, told: object) -> None:
        """Take one report."""
        if isinstance(told, Proposals):
            found = told.found[:_MOST_FOUND]
            listings.offer(self._host, msgspec.structs.replace(told, found=found), self._now)
        elif isinstance(told, BackupRun | DrillRun | RestoreRun | Shelf | Settled):
            known = self._plans.get(told.plan)
            guest = None if known is not None else self._guest(told)
            if known is not None:
                self._of_plan(known, told)
            elif guest is not None and isinstance(told, DrillRun | Settled):
                self._of_plan(guest, told)

    def _guest(self, told: Act | Shelf | Settled) -> Known | None:
        """Return the plan of another host that this one proves, or proved when it began to."""
        known = self._guests.get(told.plan)
        before = runs.find(told.id) if known is None and isinstance(told, DrillRun) else None
        if before is None or before.host != self._host:
            return known
        return plans.find_by(before.plan)

    def _of_plan(self, known: Known, told: Act | Shelf | Settled) -> None:
        if isinstance(told, Shelf):
            self._shelf(known, told)
        elif isinstance(told, Settled):
            self._settled(known, told)
        elif _ID.fullmatch(told.id):
            self._act(known, told)

    def _shelf(self, known: Known, told: Shelf) -> None:
        kept = msgspec.structs.replace(told, snapshots=told.snapshots[:_MOST_SNAPSHOTS])
        if not told.why and not told.below and any(one.name == told.copy for one in known.plan.copies):
            listings.put(known.id, told.copy, self._now, kept.snapshots)
        if told.id and self._is_ours(told.id):
            listings.browse(told.id, kept)
            orders.end(told.id, self._now, told.why)

    def _settled(self, known: Known, told: Settled) -> None:
        if not told.id:
            why = f"{told.sentence} {told.fix}".strip() if told.failure else ""
            refusals.put(known.id, why, guest=known.host != self._host)
            return
        order = orders.find(told.id)
        if order is None or order.host != self._host or not orders.end(told.id, self._now, told.sentence):
            return
        if order.order.act is BackupAct.REKEY:
            sealing.renewed(order.plan, order.order.copy, self._now, done=told.failure is None)
        self.moments.append(signal.of_settled(known, self._whose(known), order.order, told, self._now))

    def _act(self, known: Known, told: Act) -> None:
        before = runs.find(told.id)
        if before is not None and (before.host != self._host or before.plan != known.id):
            return
        step = life.step(before.told if before else None, told)
        if step is Step.STALE:
            return
        vouching.note(self._host, told, self._now)
        last = self._last(known, told) if step is Step.ENDED else None
        runs.put(known.id, self._host, told, self._now)
        if self._is_ours(told.id):
            orders.end(told.id, self._now)
        if step is Step.ENDED:
            self._ended(known, life.judged(told, signed=vouching.signed(self._host, told)), last)

    def _last(self, known: Known, told: Act) -> Act | None:
        """Return what ended before of its kind; of a backup to the same copy."""
        if isinstance(told, RestoreRun):
            return None
        backup = isinstance(told, BackupRun)
        return vouching.last(Asked(known.id, runs.RUN if backup else runs.DRILL, told.copy if backup else ""))

    def _ended(self, known: Known, act: Act, last: Act | None) -> None:
        name = self._whose(known)
        self.signals += signal.of_ended(known, name, act, last, self._now)
        self.moments.append(signal.moment(known, name, act, self._now))

    def _whose(self, known: Known) -> str:
        """Return the name of the host whose plan it is."""
        return self._name if known.host == self._host else signal.host_name(known.host)

    def _is_ours(self, number: str) -> bool:
        order = orders.find(number)
        return order is not None and order.host == self._host


def _last(told: Sequence[object]) -> list[object]:
    """Return reports in order, of one act the last."""
    kept: dict[object, object] = {}
    for place, one in enumerate(told):
        key: object = place
        if isinstance(one, BackupRun | DrillRun | RestoreRun):
            key = one.id
        kept.pop(key, None)
        kept[key] = one
    return [*kept.values()]


def end_orders(now: float) -> int:
    """End orders that their hosts did not begin in time; return how many."""
    late = orders.over(now)
    for one in late:
        with transaction():
            orders.end(one.id, now, "The host did not begin it in time: it was away, or busy.")
            if one.order.act is BackupAct.REKEY:
                sealing.renewed(one.plan, one.order.copy, now, done=False)
    return len(late)
