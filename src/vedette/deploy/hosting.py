"""Hosts against what hardening set: what they tell is kept and told on, and what people ask is theirs to do."""

from collections.abc import Sequence
from hashlib import sha256

import msgspec

from vedette.accounts.permissions import Actor, Verb, require
from vedette.accounts.service import audit
from vedette.core import ids
from vedette.core.errors import Conflict, Invalid
from vedette.deploy import hardening, signal
from vedette.deploy.store import hosts as store
from vedette.deploy.store import runs
from vedette.deploy.trying import Trying
from vedette.deploy.types import LIVE_TOPIC, Deed, DeployRun, HardenedHost, RunState, RunStep
from vedette.hosts import service as hosts
from vedette.hosts.types import Host, HostState, Infrastructure
from vedette.instruments.harden import registry
from vedette.plumbing.db.sql import on_commit, transaction
from vedette.plumbing.ports import ports
from vedette.signals import service as signals
from vedette.signals.types import Moment, Signal
from vedette.wire.hardened import (
    EVERY,
    MOST_DRIFT,
    HardeningAct,
    HardeningOrder,
    HardeningRun,
    HardeningTold,
    InfraOrders,
    Witnessed,
)

BEGINS = 3_600.0  # seconds within which a host begins what it was asked, else never
SILENT = 1_800.0  # seconds after which what a host does and tells nothing of is interrupted
_ACTS = {Deed.REVERT: HardeningAct.REVERT, Deed.ADOPT: HardeningAct.ADOPT}
_LATE = "The host did not begin it in time: it was away, or its agent is older than this."
_BROKEN = "Nothing was heard of it any more: the agent, or the host, went down. What it changed is taken back by a timer there."


class Keeper:
    """Implements `hosts.types.Infra`."""

    def __init__(self) -> None:
        self._trying = Trying()

    def accept(self, host: int, name: str, reports: Sequence[Infrastructure], now: float) -> None:
        """Take what a host told, in the caller's transaction."""
        taking = _Taking(host, name, now)
        for one in reports:
            taking.take(one)
        signals.publish(taking.signals, now)
        signals.record(taking.moments)
        on_commit(lambda: ports().bus.wake(LIVE_TOPIC))

    def mark(self, host: int, now: float) -> str:
        """Return what changes with what a host is told."""
        return sha256(msgspec.json.encode(self.orders(host, now))).hexdigest()[:10]

    def orders(self, host: int, now: float) -> InfraOrders:
        """Return all that a host is told."""
        name = next((one.name for one in hosts.every() if one.id == host), "")
        asked = tuple(
            _order(one)
            for one in _open_of(host)
            if one.state is RunState.ASKED and now < one.asked_at + BEGINS
        )
        return InfraOrders(looks=self._trying.looks(name), every=EVERY, asked=asked)


def ask_host(actor: Actor, host_id: int, deed: Deed, keys: Sequence[str], now: float) -> DeployRun:
    """Have a host put back what hardening set, or take what is there for what should be; `keys` of its drifts, none means all.

    Raises `NotFound`, `Conflict` for what waits already, drifts no more, or a host that hears nothing, `Invalid`, `Forbidden`.
    """
    require(actor, Verb.INFRA_APPLY)
    if deed not in _ACTS:
        raise Invalid(
            "A host reverts or adopts what drifted; to change more, run `vedette harden`.",
            {"act": "not of hosts"},
        )
    found = hosts.find(str(host_id))
    with transaction():
        _refuse(found, keys)
        run = DeployRun(
            id=ids.new_id(), project=0, deed=deed, by=(actor.name or actor.kind.value)[:80], asked_at=now,
            targets=(hardening.target(found.id), *keys),
        )  # fmt: skip
        runs.add(run)
        audit(
            actor, f"infra.{deed}", found.name, {"targets": ", ".join(keys)[:200] or "all", "id": run.id}, now
        )
        signals.record([_moment(found.id, found.name, f"{run.by} asked to {deed} what drifted.", now, run)])
        hosts.tell_changed(now)
        on_commit(lambda: ports().bus.wake(LIVE_TOPIC))
    return run


def host_runs(host_id: int) -> tuple[DeployRun, ...]:
    """Return what waits or runs on a host, the oldest first."""
    return tuple(_open_of(host_id))


def end_host_runs(now: float) -> int:
    """End what hosts did not begin in time, or tell nothing of any more; return how many."""
    named = {one.id: one.name for one in hosts.every()}
    over = [(one, why) for one in runs.open_of_hosts() if (why := _overdue(one, now))]
    for one, why in over:
        state = RunState.FAILED if one.state is RunState.ASKED else RunState.INTERRUPTED
        host = hardening.host_of(one.targets) or 0
        with transaction():
            runs.end(one.id, state, why, now)
            signals.record([_moment(host, named.get(host, str(host)), f"{one.deed} failed: {why}", now, one)])
    return len(over)


class _Taking:
    """What one host tells, in the caller's transaction."""

    def __init__(self, host: int, name: str, now: float) -> None:
        self.signals: list[Signal] = []
        self.moments: list[Moment] = []
        self._host, self._name, self._now = host, name, now

    def take(self, told: Infrastructure) -> None:
        """Take one report."""
        if isinstance(told, HardeningTold):
            self._hardened(told)
        elif isinstance(told, Witnessed):
            seen = msgspec.structs.replace(told.witness, at=told.at)  # by our clock
            store.put(hardening.witnessed(store.find(self._host), seen))
        else:
            self._ran(told)

    def _hardened(self, told: HardeningTold) -> None:
        before = store.find(self._host)
        after = hardening.after(before, told, registry.areas())
        store.put(after)
        found = hardening.changed(before, after)
        if found.new:
            text = hardening.drifted(found.new)
            self.signals.append(self._signal(signal.HOST_DRIFT, hardening.drifted(after.drift), over=False))
            self._tell(signal.HOST_DRIFT, text)
        elif found.over and not found.left:
            text = "as hardening set it again."
            self.signals.append(self._signal(signal.HOST_DRIFT, text, over=True))
            self._tell(signal.HOST_DRIFT, text)
        self._of_hardening(found, after)

    def _of_hardening(self, found: hardening.Changed, after: HardenedHost) -> None:
        if found.hardened:
            scores = f"{after.score_before:g} of 100 before, {after.score_after:g} now"
            self._tell("infra.harden", f"hardened by {after.profile}: {scores}.")
        if found.reverted:
            text = "a run of hardening took itself back: nobody got in anew in time, or a step failed."
            self.signals.append(self._signal(signal.HOST_REVERTED, text, over=None))
            self._tell(signal.HOST_REVERTED, text)

    def _ran(self, told: HardeningRun) -> None:
        """Take how an act fares that this very host was asked; of what it was not asked, nothing counts."""
        run = next((one for one in _open_of(self._host) if one.id == told.id), None)
        if run is None:
            return
        runs.begin(run.id, self._now)
        if told.state == "running":
            return
        done = told.state == "done"
        steps = [
            RunStep(at=self._now, text=hardening.line(each), good=True) for each in told.lines[:MOST_DRIFT]
        ]
        sentence = hardening.line(told.sentence) or ("It is done." if done else "It failed.")
        runs.add_steps(run.id, steps, self._now)
        runs.end(run.id, RunState.DONE if done else RunState.FAILED, sentence, self._now)
        text = f"{run.by} had it {'put back' if run.deed is Deed.REVERT else 'adopted'}: {sentence}"
        self.moments.append(_moment(self._host, self._name, text, self._now, run))
        if not done:
            self.signals.append(self._signal(signal.HOST_REVERTED, sentence, over=None))

    def _signal(self, kind: str, text: str, *, over: bool | None) -> Signal:
        return signal.of_host(
            self._name, kind, f"{self._name}: {text}", self._now, number=self._host, over=over
        )

    def _tell(self, kind: str, text: str) -> None:
        self.moments.append(_moment(self._host, self._name, text, self._now, kind=kind))


def _moment(
    host: int, name: str, text: str, now: float, run: DeployRun | None = None, *, kind: str = ""
) -> Moment:
    """Return a line of the story of a host."""
    return signal.host_moment(
        host, name, kind or f"infra.{run.deed if run else 'host'}", text, now, run.id if run else ""
    )


def _open_of(host: int) -> list[DeployRun]:
    return [one for one in runs.open_of_hosts() if hardening.host_of(one.targets) == host]


def _refuse(host: Host, keys: Sequence[str]) -> None:
    if host.state is HostState.REVOKED:
        raise Conflict(f"{host.name} is revoked: it is told nothing any more.")
    known = {one.key for one in store.find(host.id).drift}
    if not known:
        raise Conflict(f"Nothing of {host.name} drifts.")
    unknown = [one for one in keys if one not in known]
    if unknown:
        raise Invalid(f"{unknown[0][:200]} does not drift on {host.name}.", {"targets": "drifts no more"})
    if _open_of(host.id):
        raise Conflict(f"Something waits or runs on {host.name} already; wait for its end.")


def _order(run: DeployRun) -> HardeningOrder:
    return HardeningOrder(
        id=run.id, act=_ACTS[run.deed], until=run.asked_at + BEGINS, keys=tuple(run.targets[1:]), by=run.by
    )


def _overdue(run: DeployRun, now: float) -> str:
    if run.state is RunState.ASKED:
        return _LATE if now >= run.asked_at + BEGINS else ""
    return _BROKEN if now - (run.heard_at or run.asked_at) >= SILENT else ""
