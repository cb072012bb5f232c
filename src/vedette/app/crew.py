"""Which roles there are, and what one step of each is."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence

from django.db import connections

from vedette.alerts import service as alerts
from vedette.alerts.types import GROUP as ALERTS
from vedette.app import consuming, logs, wiring
from vedette.app.jobs import jobs
from vedette.app.live_key import LIVE_ALL
from vedette.app.roles import Role
from vedette.app.schedule import Job, Schedule
from vedette.app.usage import UsageCarrier
from vedette.core.clock import monotonic
from vedette.errors import service as errors
from vedette.intrusions import service as intrusions
from vedette.intrusions.types import GROUP as INTRUSIONS
from vedette.notify import service as notify
from vedette.notify.types import TOPIC as NOTIFY
from vedette.oncall import service as oncall
from vedette.oncall.types import TOPIC as ONCALL
from vedette.plumbing.log.port import Message
from vedette.plumbing.ports import Ports
from vedette.signals.types import TOPIC as SIGNALS
from vedette.vitals import service as vitals
from vedette.vitals.types import GROUP as VITALS

LOG = logs.logger("vedette.roles")
_BATCH = 128
# Under load, small batches wait for more: a commit costs the same for one event as for many.
_SMALL, _GATHER = 64, 0.02
_WAIT = 0.25  # what a role waits for in one step, and so about what it takes to stop
_WATCH = 0.5
_LONG_WAIT = 5.0
_RUN_BYTES = 128 * 1024  # of pushed alerts in one transaction: some three hundred
_TICK = 1.0
LEASE, _LEASE_SECONDS, _RENEW = "scheduler", 15.0, 5.0


def watcher(ports: Ports, refresh: Mapping[str, Callable[[], None]]) -> Role:
    """Follow what other processes write: what is kept in memory is read anew (by KV key), live pages look again."""
    seen = 0

    def step() -> None:
        nonlocal seen
        for entry in ports.kv.watch("", seen, _WATCH):
            seen = max(seen, entry.revision)
            if entry.key in refresh:
                refresh[entry.key]()
            elif entry.key == LIVE_ALL:
                ports.bus.wake("live:db")

    return _role(ports, "watcher", step, topic="kv")


def digester(ports: Ports, act: Callable[[Sequence[Message], float], int] = errors.digest) -> Role:
    """Turn accepted deliveries into issues, in batches, in order; a batch that fails is handed out again."""

    def digest(wait: float) -> int:
        n = consuming.consume(ports, "errors", act, _BATCH, wait)
        if 1 < n < _SMALL:
            time.sleep(_GATHER)
        return n

    return _role(
        ports, "digester", lambda: _ignore(digest(_WAIT)), drain=lambda: consuming.drain(lambda: digest(0.0))
    )


def measurer(ports: Ports) -> Role:
    """Take what browsers measured; a batch that fails is handed out again."""

    def take(wait: float) -> int:
        return consuming.consume(ports, VITALS, vitals.digest, _BATCH, wait)

    return _role(
        ports, "measurer", lambda: _ignore(take(_WAIT)), drain=lambda: consuming.drain(lambda: take(0.0))
    )


def detector(ports: Ports) -> Role:
    """Take what guards told of attackers; a batch that fails is handed out again."""
    knows = wiring.knows()

    def digest(messages: Sequence[Message], now: float) -> int:
        return intrusions.digest(messages, now, knows)

    def take(wait: float) -> int:
        return consuming.consume(ports, INTRUSIONS, digest, _BATCH, wait)

    return _role(
        ports, "detector", lambda: _ignore(take(_WAIT)), drain=lambda: consuming.drain(lambda: take(0.0))
    )


def alerter(ports: Ports) -> Role:
    """Judge new signals and thresholds as soon as something was published; let groups look when their time has come."""
    resumed = False

    def process(now: float) -> int:
        nonlocal resumed
        if not resumed:
            alerts.resume(now)
            resumed = True
        return take_pushed(ports) + alerts.process(ports.clock.now())

    def wait() -> float:
        due = alerts.next_due()
        return _LONG_WAIT if due is None else max(0.0, min(_LONG_WAIT, due - ports.clock.now()))

    def drain() -> None:
        if resumed:
            consuming.drain(lambda: take_pushed(ports))

    step = _process_then_wait(ports, SIGNALS, process, wait)
    return _role(ports, "alerter", step, topic=SIGNALS, drain=drain)


def take_pushed(ports: Ports) -> int:
    """Take in pushed alerts that wait in the journal, in order; return how many deliveries there were.

    Each run is one transaction, acknowledged after its commit; from one that fails on all are handed out again.
    """
    batch = ports.log.pull(ALERTS, _BATCH, ports.clock.now())
    waiting = [message.seq for message in batch]
    try:
        for run in _runs(batch, _RUN_BYTES):
            alerts.take(run, ports.clock.now())
            ports.log.ack(ALERTS, [message.seq for message in run])
            waiting = waiting[len(run) :]
    except BaseException:  # also a thread that is told to end: nobody else knows of these deliveries
        ports.log.nak(ALERTS, waiting, ports.clock.now(), 0.0)
        raise
    return len(batch)


def _runs(batch: Sequence[Message], most: int) -> Iterator[list[Message]]:
    """Yield runs of about `most` bytes, so that none holds the write lock for long."""
    run: list[Message] = []
    size = 0
    for message in batch:
        if run and size + len(message.body) > most:
            yield run
            run, size = [], 0
        run.append(message)
        size += len(message.body)
    if run:
        yield run


def notifier(ports: Ports) -> Role:
    """Send what is due; sleep until more is queued or the next try is due."""

    def wait() -> float:
        due = notify.next_due()
        return _LONG_WAIT if due is None else max(0.0, min(_LONG_WAIT, due - ports.clock.now()))

    def deliver(now: float) -> int:
        return notify.deliver_due(now, alerts.settled)

    return _role(ports, "notifier", _process_then_wait(ports, NOTIFY, deliver, wait), topic=NOTIFY)


def escalator(ports: Ports) -> Role:
    """Let escalations go on as soon as they may, and call the webhooks of their steps, one between two looks.

    A thread of its own: no slow channel and no storm of signals holds a page up.
    """

    def work(now: float) -> int:
        return alerts.escalate(now) + oncall.deliver_webhook(ports.clock.now())

    def wait() -> float:
        waits = [at for at in (oncall.next_due(), oncall.next_webhook()) if at is not None]
        return max(0.0, min(_LONG_WAIT, min(waits) - ports.clock.now())) if waits else _LONG_WAIT

    return _role(ports, "escalator", _process_then_wait(ports, ONCALL, work, wait), topic=ONCALL)


def scheduler(ports: Ports, carrier: UsageCarrier, *, leads: bool = True) -> Role:
    """Run the jobs that are due; of several processes only the one that holds the lease runs the shared ones.

    Without `leads` this process never asks for the lease and only carries its own counts.
    """
    schedule = Schedule(jobs(ports, carrier), monotonic(), seen=ports.bus.seen)
    lease = Leadership(ports)

    def step() -> None:
        seen = ports.bus.seen("scheduler")
        job = schedule.due(monotonic(), leading=leads and lease.held())
        if job is None:
            ports.bus.wait("scheduler", seen, _TICK)
        else:
            _run(job)

    def drain() -> None:
        lease.release()
        carrier.drain()

    return _role(ports, "scheduler", step, topic="scheduler", drain=drain)


class Leadership:
    """This process's hold on a lease: the scheduler's, or another role's that runs once."""

    def __init__(self, ports: Ports, name: str = LEASE) -> None:
        self._ports, self._name = ports, name
        self._token: int | None = None
        self._renewed = 0.0

    def held(self) -> bool:
        """Take or renew the lease, a while before its time is up; False while another process holds it."""
        now, lease = self._ports.clock.now(), self._ports.lease
        if self._token is not None and 0 <= now - self._renewed < _RENEW:
            return True
        self._renewed = now
        if self._token is not None and lease.renew(self._name, self._token, _LEASE_SECONDS, now):
            return True
        self._token = lease.acquire(self._name, _LEASE_SECONDS, now)
        return self._token is not None

    def release(self) -> None:
        """Give the lease back."""
        if self._token is not None:
            self._ports.lease.release(self._name, self._token)
            self._token = None


def _process_then_wait(
    ports: Ports, topic: str, process: Callable[[float], int], wait: Callable[[], float] = lambda: _LONG_WAIT
) -> Callable[[], None]:
    def step() -> None:
        seen = ports.bus.seen(topic)
        if not process(ports.clock.now()):
            ports.bus.wait(topic, seen, wait())

    return step


def _role(
    ports: Ports,
    name: str,
    step: Callable[[], None],
    *,
    topic: str = "",
    drain: Callable[[], None] = lambda: None,
) -> Role:
    return Role(
        name=name, step=step, wake=lambda: ports.bus.wake(topic), drain=drain, recover=connections.close_all
    )


def _run(job: Job) -> None:
    began = monotonic()
    job.run()
    LOG.debug("job done", job=job.name, seconds=round(monotonic() - began, 3))


def _ignore(_: int) -> None:
    """Drop a count that only the drain needs."""
